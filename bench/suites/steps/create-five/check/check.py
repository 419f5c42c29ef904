import subprocess
import sys
import unittest
import circle
import rectangle
import square
import triangle


class Areas(unittest.TestCase):
    def test_functions(self):
        self.assertEqual([square.area(3), rectangle.area(2, 7), triangle.area(3, 5)], [9, 14, 7.5])
        self.assertAlmostEqual(circle.area(2), 12.56)

    def test_program(self):
        out = subprocess.run([sys.executable, "areas.py"], capture_output=True, text=True).stdout
        self.assertEqual(out, "4 3.14 6.0 10\n")


unittest.main()
