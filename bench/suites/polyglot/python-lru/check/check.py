import unittest
from lru import Lru


class TestLru(unittest.TestCase):
    def test_get_counts_as_use(self):
        lru = Lru(2)
        lru.put("a", 1)
        lru.put("b", 2)
        self.assertEqual(lru.get("a"), 1)
        lru.put("c", 3)
        self.assertEqual(lru.keys(), ["a", "c"])
        self.assertEqual(lru.get("b", "none"), "none")

    def test_put_again(self):
        lru = Lru(2)
        lru.put("a", 1)
        lru.put("b", 2)
        lru.put("a", 9)
        self.assertEqual((lru.get("b"), lru.get("a")), (2, 9))

    def test_put_the_newest_again(self):
        lru = Lru(2)
        lru.put("a", 1)
        lru.put("b", 2)
        lru.put("b", 3)
        self.assertEqual((lru.keys(), lru.get("a")), (["a", "b"], 1))

    def test_put_again_counts_as_use(self):
        lru = Lru(2)
        lru.put("a", 1)
        lru.put("b", 2)
        lru.put("a", 9)
        lru.put("c", 3)
        self.assertEqual(lru.keys(), ["a", "c"])

    def test_none_is_a_value(self):
        lru = Lru(2)
        lru.put("a", None)
        self.assertIsNone(lru.get("a", "default"))
        self.assertEqual(lru.get("b", "default"), "default")


unittest.main()
