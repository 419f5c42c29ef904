import unittest
from slug import slugify


class Slug(unittest.TestCase):
    def test_cases(self):
        for text, wanted in [
            ("Hello, World!", "hello-world"),
            ("  spaces   everywhere ", "spaces-everywhere"),
            ("a--b", "a-b"),
            ("Already-fine", "already-fine"),
            ("2 + 2 = 4", "2-2-4"),
            ("!!!", ""),
            ("", ""),
        ]:
            self.assertEqual(slugify(text), wanted, text)


unittest.main()
