import subprocess
import sys
from pathlib import Path

RIGHT = Path("pager.mjs").read_text(encoding="utf-8")


def passes(code, test="pager.test.mjs"):
    Path("pager.mjs").write_text(code, encoding="utf-8")
    run = subprocess.run(["node", test], capture_output=True, text=True)
    return run.returncode == 0, run.stderr


def body(start, pages):
    return f"export function page(items, number, size) {{\n  const from = {start};\n  return {{ items: items.slice(from, from + size), pages: {pages} }};\n}}\n"


CASES = [
    (RIGHT, "check_pager.mjs", True),
    (RIGHT, "pager.test.mjs", True),
    (body("(number - 1) * size", "Math.ceil(items.length / size)"), "pager.test.mjs", True),
    (body("number * size", "Math.ceil(items.length / size)"), "pager.test.mjs", False),
    (body("(number - 1) * size", "Math.floor(items.length / size)"), "pager.test.mjs", False),
]
for code, test, wanted in CASES:
    got, error = passes(code, test)
    if got != wanted:
        sys.exit(f"{test} {'passes' if got else 'fails'} with\n{code}\n{error}")
