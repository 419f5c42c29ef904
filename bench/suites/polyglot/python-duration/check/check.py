import unittest
from duration import parse_duration


class Duration(unittest.TestCase):
    def test_good(self):
        for text, seconds in {"1h 30m": 5400, "2d": 172800, "45s": 45, "1m1s": 61, " 10s 1h ": 3610, "0s": 0, "1 h": 3600}.items():
            self.assertEqual(parse_duration(text), seconds, text)

    def test_bad(self):
        for text in ["", "  ", "5", "h", "1x", "1h 2h", "-1s", "1.5h", "1h and 2m", "s1"]:
            with self.assertRaises(ValueError, msg=text):
                parse_duration(text)


unittest.main()
