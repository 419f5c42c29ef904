import unittest

from leap import is_leap


class IsLeap(unittest.TestCase):
    def test_years(self):
        for year in (2024, 2023, 1900, 2000):
            is_leap(year)
