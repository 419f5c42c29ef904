import importlib.util
import subprocess
import sys
import unittest
from pathlib import Path


class Module(unittest.TestCase):
    def test_moved(self):
        self.assertTrue(Path("text_tools.py").exists())
        self.assertIsNone(importlib.util.find_spec("helpers"))

    def test_program(self):
        run = subprocess.run([sys.executable, "-X", "utf8", "app.py"], capture_output=True, encoding="utf-8")
        self.assertEqual((run.returncode, run.stdout), (0, "a very long…\n"), run.stderr)

    def test_other_user(self):
        from jobs.digest import digest

        self.assertEqual(digest(["short", "a longer line"]), ["short", "a longe…"])


unittest.main()
