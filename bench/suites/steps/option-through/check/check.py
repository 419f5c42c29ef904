import json
import unittest
from pathlib import Path
from client import connect
from defaults import DEFAULTS
from parser import parse


class Option(unittest.TestCase):
    def test_default(self):
        self.assertEqual(DEFAULTS, {"host": "localhost", "port": 8000, "retries": 3})
        self.assertEqual(connect(parse([])), "localhost:8000 (3 retries)")

    def test_given(self):
        self.assertEqual(connect(parse(["--port", "1", "--retries", "7"])), "localhost:1 (7 retries)")

    def test_files(self):
        self.assertEqual(json.loads(Path("config.json").read_text(encoding="utf-8")), {"host": "example.org", "retries": 5})
        items = [line for line in Path("README.md").read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
        self.assertEqual(items[-1], "- `--retries`: default 3")
        self.assertEqual(len(items), 3)


unittest.main()
