import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path("count.sh").resolve()


class Count(unittest.TestCase):
    def count(self, files):
        with tempfile.TemporaryDirectory(prefix="a folder ") as folder:
            for name, text in files.items():
                (Path(folder) / name).write_text(text)
            run = subprocess.run(["bash", str(SCRIPT), folder], capture_output=True, text=True)
            return run.returncode, run.stdout.splitlines(), run.stderr

    def test_spaces(self):
        files = {"a b.txt": "1\n2\n", "c.txt": "1\n", "d.md": "1\n"}
        self.assertEqual(self.count(files), (0, ["a b.txt: 2", "c.txt: 1", "total: 3"], ""))

    def test_none(self):
        self.assertEqual(self.count({"d.md": "x\n"}), (0, ["total: 0"], ""))


unittest.main()
