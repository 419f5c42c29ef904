import subprocess
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path("rotate.sh").resolve()


def rotate(*args):
    return subprocess.run(["bash", str(SCRIPT), *map(str, args)], capture_output=True, text=True)


class Rotate(unittest.TestCase):
    def test_rotation(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "my log.txt"
            for text in "abcde":
                file.write_text(text)
                self.assertEqual(rotate(file, 3).returncode, 0)
            found = {p.name: p.read_text() for p in Path(folder).iterdir()}
            self.assertEqual(found, {"my log.txt": "e", "my log.txt.1": "e", "my log.txt.2": "d", "my log.txt.3": "c"})

    def test_default_is_three(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "x"
            for text in "abcde":
                file.write_text(text)
                rotate(file)
            self.assertEqual(sorted(p.name for p in Path(folder).iterdir()), ["x", "x.1", "x.2", "x.3"])

    def test_missing(self):
        run = rotate("/nonexistent/file")
        self.assertNotEqual(run.returncode, 0)
        self.assertNotEqual(run.stderr, "")


unittest.main()
