import unittest
from pathlib import Path

HEAD = "# SPDX-License-Identifier: MIT"


class Header(unittest.TestCase):
    def test_all(self):
        for name in ["cart", "order", "price", "stock", "user"]:
            lines = Path(f"{name}.py").read_text(encoding="utf-8").splitlines()
            at = 1 if name == "order" else 0
            self.assertEqual(lines[at], HEAD, name)
            self.assertEqual([line for line in lines if line != HEAD], self.rest(name), name)

    def rest(self, name):
        first = ["#!/usr/bin/env python3"] if name == "order" else []
        return [*first, f'"""The {name} of the shop."""', "", f'{name.upper()} = "{name}"']


unittest.main()
