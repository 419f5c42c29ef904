import unittest
from billing.part_09 import amount_9, with_late_fee
from billing.part_03 import amount_3


class Fee(unittest.TestCase):
    def test_fee(self):
        self.assertEqual([with_late_fee(100, d) for d in (0, 14, 15, 30, 31)], [100, 100, 100, 100, 105.0])
        self.assertEqual((amount_9(100), amount_3(100)), (109.0, 103.0))


unittest.main()
