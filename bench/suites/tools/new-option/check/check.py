import json
import unittest
from pathlib import Path
from server import load


class Option(unittest.TestCase):
    def test_default(self):
        Path("empty.json").write_text("{}", encoding="utf-8")
        self.assertEqual(load("empty.json"), {"port": 8000, "workers": 2, "timeout": 30})

    def test_config(self):
        self.assertEqual(json.loads(Path("config.json").read_text(encoding="utf-8")), {"port": 9000, "timeout": 10})
        self.assertEqual(load("config.json"), {"port": 9000, "workers": 2, "timeout": 10})

    def test_readme(self):
        items = [line for line in Path("README.md").read_text(encoding="utf-8").splitlines() if line.startswith("- ")]
        self.assertEqual(sorted(items), ["- `port`: default 8000", "- `timeout`: default 30", "- `workers`: default 2"])


unittest.main()
