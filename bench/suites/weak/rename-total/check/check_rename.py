import subprocess
import sys
import unittest

import shop


class Rename(unittest.TestCase):
    def test_new_name(self):
        self.assertEqual(shop.total_price([(2, 3), (1, 1)]), 7)

    def test_old_name_is_gone(self):
        self.assertFalse(hasattr(shop, "calc"))

    def test_main_runs(self):
        out = subprocess.run([sys.executable, "main.py"], capture_output=True, text=True)
        self.assertEqual((out.returncode, out.stdout), (0, "20.0\n"), out.stderr)


unittest.main()
