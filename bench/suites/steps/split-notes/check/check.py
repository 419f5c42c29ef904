import unittest
from pathlib import Path


def read(path):
    return [line for line in Path(path).read_text(encoding="utf-8").splitlines() if line.strip()]


class Split(unittest.TestCase):
    def test_sections(self):
        self.assertEqual(read("docs/install.md"), ["# Install", "pip install shop"])
        self.assertEqual(read("docs/usage.md"), ["# Usage", "Run `shop sell 3`."])
        self.assertEqual(read("docs/faq.md"), ["# FAQ", "Is it free? Yes."])

    def test_notes(self):
        links = ["- [Install](docs/install.md)", "- [Usage](docs/usage.md)", "- [FAQ](docs/faq.md)"]
        self.assertEqual(read("NOTES.md"), ["# Shop", *links])


unittest.main()
