import hashlib
import os
import re
import unittest
from pathlib import Path


class Answer(unittest.TestCase):
    def test_number(self):
        answer = Path(os.environ["ANSWER_FILE"]).read_text(encoding="utf-8")
        numbers = {float(n) for n in re.findall(r"\d+(?:\.\d+)?", answer)}
        self.assertIn(155.0, numbers, answer)
        # Steps on the way may be named; other final prices may not.
        self.assertFalse(numbers & {205.0, 195.0, 145.0, 55.0}, answer)

    def test_nothing_changed(self):
        text = Path("discount.py").read_bytes().replace(b"\r\n", b"\n")
        self.assertEqual(hashlib.sha256(text).hexdigest(), "6514dd1262597c2f947a80f90f851314dcf9e837e3188e0ad28259ab1f9ec00c")


unittest.main()
