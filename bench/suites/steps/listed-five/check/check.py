import subprocess
import sys
import unittest
from pathlib import Path
from colors import COLORS
from lookup import lookup


def run(*command):
    return subprocess.run([sys.executable, *command], capture_output=True, text=True)


class Colors(unittest.TestCase):
    def test_modules(self):
        self.assertEqual(COLORS["blue"], "#0000ff")
        self.assertEqual([lookup("GREEN"), lookup("pink")], ["#00ff00", None])

    def test_program(self):
        self.assertEqual(run("main.py", "Red").stdout + run("main.py", "x").stdout, "#ff0000\nunknown\n")

    def test_tests(self):
        ran = [run("-m", "unittest", "test_lookup"), run("test_lookup.py")]
        self.assertTrue(any(one.returncode == 0 and "OK" in one.stderr for one in ran), ran[0].stderr)
        tests = Path("test_lookup.py").read_text(encoding="utf-8")
        self.assertGreaterEqual(tests.count("def test"), 2)

    def test_readme(self):
        lines = Path("README.md").read_text(encoding="utf-8").splitlines()
        self.assertEqual([lines[0], lines[-1]], ["# colors", "Usage: `python3 main.py red`"])


if __name__ == "__main__":
    unittest.main()
