"""Reads durations such as "1h 30m" as seconds."""

import re

UNITS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
PARTS = re.compile(r"(\d+)\s*([dhms])")


def parse_duration(text):
    compact = text.strip()
    if not re.fullmatch(r"(\d+\s*[dhms]\s*)+", compact):
        raise ValueError(f"not a duration: {text!r}")
    units = [unit for _, unit in PARTS.findall(compact)]
    if len(set(units)) != len(units):
        raise ValueError(f"a unit is given twice: {text!r}")
    return sum(int(number) * UNITS[unit] for number, unit in PARTS.findall(compact))
