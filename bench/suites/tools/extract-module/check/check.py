import ast
import subprocess
import sys
import unittest
import stock


def functions(path):
    with open(path, encoding="utf-8") as file:
        return sorted(node.name for node in ast.parse(file.read()).body if isinstance(node, ast.FunctionDef))


class Extract(unittest.TestCase):
    def test_places(self):
        self.assertEqual(functions("app.py"), ["main"])
        self.assertEqual(functions("stock.py"), ["missing", "read_stock", "value"])
        self.assertEqual(stock.missing([{"name": "x", "price": 1, "amount": 0}]), ["x"])

    def test_output(self):
        run = subprocess.run([sys.executable, "app.py", "stock.json"], capture_output=True, text=True)
        self.assertEqual((run.returncode, run.stdout), (0, "value: 6.00\nmissing: ink\n"), run.stderr)


unittest.main()
