import subprocess
import sys
import unittest


def say(*args):
    run = subprocess.run([sys.executable, "say.py", *args], capture_output=True, text=True)
    return run.returncode, run.stdout.splitlines()


class Say(unittest.TestCase):
    def test_upper(self):
        self.assertEqual(say("hi there", "--upper"), (0, ["HI THERE"]))
        self.assertEqual(say("--upper", "--times", "2", "x"), (0, ["X", "X"]))

    def test_as_before(self):
        self.assertEqual(say("Hi"), (0, ["Hi"]))
        self.assertEqual(say("Hi", "--times", "3"), (0, ["Hi", "Hi", "Hi"]))


unittest.main()
