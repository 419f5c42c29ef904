import unittest
from lookup import lookup


class Lookup(unittest.TestCase):
    def test_known(self):
        self.assertEqual(lookup("Red"), "#ff0000")

    def test_unknown(self):
        self.assertIsNone(lookup("pink"))


if __name__ == "__main__":
    unittest.main()
