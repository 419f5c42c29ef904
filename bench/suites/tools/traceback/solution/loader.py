from pathlib import Path

from entry import parse


def load_all(folder):
    entries = []
    for path in sorted(Path(folder).glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                entries.append(parse(line))
    return entries
