import unittest

from leap import is_leap


class IsLeap(unittest.TestCase):
    def test_years(self):
        self.assertTrue(is_leap(2024))
        self.assertFalse(is_leap(2023))
