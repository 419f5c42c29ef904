import os
import re
import unittest
from pathlib import Path


class Answer(unittest.TestCase):
    def test_file_and_value(self):
        answer = Path(os.environ["ANSWER_FILE"]).read_text(encoding="utf-8")
        self.assertRegex(answer, r"\brates\.py\b")
        self.assertTrue(re.search(r"\b0?\.19\b|\b19(\.0+)?\s*(%|percent)", answer), answer)
        self.assertNotRegex(answer, r"(defined|set|found|located) in [`'\"*]*(invoice|app)\.py")

    def test_nothing_changed(self):
        self.assertEqual(
            sorted(p.name for p in Path(".").iterdir() if p.suffix == ".py" and not p.name.startswith("check_")),
            ["app.py", "invoice.py", "rates.py"],
        )
        self.assertIn("STANDARD = 0.19", Path("rates.py").read_text(encoding="utf-8"))


unittest.main()
