import subprocess
import unittest


def greet(*args):
    run = subprocess.run(["bash", "greet.sh", *args], capture_output=True, text=True)
    return run.returncode, run.stdout.rstrip("\n")


class Greet(unittest.TestCase):
    def test_cases(self):
        self.assertEqual(greet("Ada"), (0, "Hello, Ada!"))
        self.assertEqual(greet("Grace Hopper"), (0, "Hello, Grace Hopper!"))
        self.assertEqual(greet(), (0, "Hello, stranger!"))


unittest.main()
