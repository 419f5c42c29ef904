import re
import subprocess
import sys
import unittest
from pathlib import Path

TEXT = Path("README.md").read_text(encoding="utf-8")


class Readme(unittest.TestCase):
    def test_headings(self):
        outside = re.sub(r"^```.*?^```", "", TEXT, flags=re.S | re.M)
        headings = [line.strip() for line in re.findall(r"^## *(.+)$", outside, re.M)]
        self.assertEqual(headings, ["Install", "Usage", "API", "Licence"])

    def test_example_runs(self):
        blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.S | re.M)
        self.assertEqual(len(blocks) >= 1, True)
        run = subprocess.run([sys.executable, "-c", blocks[0]], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (0, "apple\n"), run.stderr)

    def test_api_names_both_methods(self):
        api = re.search(r"^## API\n(.*?)^## ", TEXT, re.S | re.M).group(1)
        items = re.findall(r"^[-*] .+$", api, re.M)
        self.assertEqual(len(items), 2, api)
        self.assertIn("add(", items[0])
        self.assertIn("top(", items[1])
        self.assertNotIn("most", TEXT)

    def test_code_is_untouched(self):
        self.assertNotIn("most", Path("tally.py").read_text(encoding="utf-8"))


unittest.main()
