import unittest
from convert import to_roman


class Roman(unittest.TestCase):
    def test_small(self):
        self.assertEqual([to_roman(n) for n in (1, 3, 4, 5, 9, 10)], ["I", "III", "IV", "V", "IX", "X"])

    def test_large(self):
        self.assertEqual(to_roman(1994), "MCMXCIV")


if __name__ == "__main__":
    unittest.main()
