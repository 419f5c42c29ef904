import json
import subprocess
import sys
from pathlib import Path


def read():
    value = json.loads(Path("index.json").read_text(encoding="utf-8"))
    assert list(value) == sorted(value), list(value)
    return value


assert read() == {"alpha": [2, 5], "bravo": [4], "charlie": [3], "delta": [1]}, "index.json is not that of words.txt"
Path("words.txt").write_text("b\n\na\nb\n", encoding="utf-8")
subprocess.run([sys.executable, "make_index.py"], check=True)
assert read() == {"a": [3], "b": [1, 4]}, read()
