import unittest
from stats import average, spread


class Stats(unittest.TestCase):
    def test_empty(self):
        self.assertEqual(average([]), 0)

    def test_still_right(self):
        self.assertEqual(average([1, 2, 6]), 3)
        self.assertEqual(average([2, 3]), 2.5)
        self.assertEqual(average([0, 0]), 0)

    def test_neighbour_is_kept(self):
        self.assertEqual(spread([3, 9, 5]), 6)


unittest.main()
