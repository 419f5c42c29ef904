import subprocess
import sys
import unittest
from pathlib import Path


class Rename(unittest.TestCase):
    def test_names(self):
        for path in ["store.py", "report.py", "export.py", "stats.py", "cli.py"]:
            self.assertNotIn("fetch", Path(path).read_text(encoding="utf-8"), path)
        import store
        self.assertEqual(store.load_rows(), [3, 1, 2])

    def test_program(self):
        ran = subprocess.run([sys.executable, "cli.py"], capture_output=True, text=True)
        self.assertEqual(ran.stdout, "3, 1, 2 2 2.0 3\n", ran.stderr)


unittest.main()
