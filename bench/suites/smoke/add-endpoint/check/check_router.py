import unittest
from router import handle


class Router(unittest.TestCase):
    def test_table(self):
        for request, answer in {
            ("GET", "/health"): (200, "ok"),
            ("POST", "/health"): (405, "method not allowed"),
            ("GET", "/"): (200, "welcome"),
            ("GET", "/about"): (200, "about us"),
            ("GET", "/nothing"): (404, "not found"),
            ("GET", "/health/more"): (404, "not found"),
            ("POST", "/"): (405, "method not allowed"),
        }.items():
            self.assertEqual(handle(*request), answer, request)


unittest.main()
