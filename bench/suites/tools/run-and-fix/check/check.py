import unittest
from convert import to_roman


def value(roman):
    values = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
    numbers = [values[letter] for letter in roman] + [0]
    return sum(-a if a < b else a for a, b in zip(numbers, numbers[1:]))


class Roman(unittest.TestCase):
    def test_all(self):
        romans = [to_roman(n) for n in range(1, 4000)]
        self.assertEqual([value(r) for r in romans], list(range(1, 4000)))
        for letters in ["IIII", "VV", "XXXX", "LL", "CCCC", "DD", "MMMM", "VIV", "LXL", "DCD"]:
            self.assertFalse([r for r in romans if letters in r], letters)

    def test_limits(self):
        for number in (0, -1, 4000):
            self.assertRaises(ValueError, to_roman, number)


unittest.main()
