import re
import unittest
from pathlib import Path


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


class Table(unittest.TestCase):
    def test_table(self):
        lines = Path("prices.md").read_text(encoding="utf-8").split("\n")
        at = [i for i, line in enumerate(lines) if line.lstrip().startswith("|")]
        self.assertEqual(len(at), 5)
        self.assertEqual(at, list(range(at[0], at[0] + 5)))
        self.assertEqual(lines[at[0] - 1].strip(), "")
        self.assertEqual(cells(lines[at[0]]), ["Fruit", "Price", "Unit"])
        rule = cells(lines[at[1]])
        self.assertTrue(all(re.fullmatch(r":?-+:?", cell) for cell in rule), rule)
        self.assertEqual([cell.endswith(":") and not cell.startswith(":") for cell in rule], [False, True, False])
        rows = [cells(lines[i]) for i in at[2:]]
        self.assertEqual(rows, [["apple", "2.40", "kg"], ["banana", "1.15", "kg"], ["kiwi", "0.35", "piece"]])

    def test_rest_is_kept(self):
        lines = Path("prices.md").read_text(encoding="utf-8").split("\n")
        rest = [line for line in lines if line.strip() and not line.lstrip().startswith("|")]
        self.assertEqual(rest, ["# Prices", "Fruit is sold by weight.", "Prices are in euro."])


unittest.main()
