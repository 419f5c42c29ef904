import os
import subprocess
import sys
import unittest
from pathlib import Path


class Answer(unittest.TestCase):
    def test_answer(self):
        answer = Path(os.environ["ANSWER_FILE"]).read_text(encoding="utf-8")
        self.assertIn("2 of 3 in stock: screws, bolts", answer)
        self.assertRegex(answer, r"\bline\b\W.*(report|function)|(report|function)[\s\S]*\bline\b")

    def test_nothing_changed(self):
        run = subprocess.run([sys.executable, "main.py"], capture_output=True, text=True)
        self.assertEqual(run.stdout, "2 of 3 in stock: screws, bolts\n")


unittest.main()
