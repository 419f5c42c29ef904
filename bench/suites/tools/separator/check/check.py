import subprocess
import sys
import unittest
from pathlib import Path
from report.model import load


def run(*args):
    done = subprocess.run([sys.executable, "main.py", *args], capture_output=True, text=True)
    return done.returncode, done.stdout


class Separator(unittest.TestCase):
    def test_program(self):
        Path("plain.csv").write_text("a,b\nc;d,e\n", encoding="utf-8")
        self.assertEqual(run("plain.csv"), (0, "a | b\nc;d | e\n"))
        self.assertEqual(run("data.csv", "--separator", ";"), (0, "name | city\nAda | London\nAlan | Wilmslow\n"))

    def test_function(self):
        Path("plain.csv").write_text("a,b\n", encoding="utf-8")
        self.assertEqual(load("plain.csv"), [["a", "b"]])
        self.assertEqual(load("data.csv", ";")[0], ["name", "city"])


unittest.main()
