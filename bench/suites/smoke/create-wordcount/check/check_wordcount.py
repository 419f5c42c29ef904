import subprocess
import sys
import unittest
from pathlib import Path


def top(text):
    Path("input.txt").write_text(text, encoding="utf-8")
    run = subprocess.run([sys.executable, "wordcount.py", "input.txt"], capture_output=True, text=True)
    return run.returncode, run.stdout.splitlines(), run.stderr


class WordCount(unittest.TestCase):
    def test_cases(self):
        for text, wanted in [
            ("The cat and the dog. The end, and a cat.", ["the 3", "and 2", "cat 2"]),
            ("b a c d", ["a 1", "b 1", "c 1"]),
            ("One one, ONE! two", ["one 3", "two 1"]),
            ("x1y x y", ["x 2", "y 2"]),
            ("", []),
        ]:
            self.assertEqual(top(text), (0, wanted, ""))


unittest.main()
