import subprocess
import sys
from pathlib import Path

assert Path("data/b.txt").read_text(encoding="utf-8") == "# drinks of the season\n\nmulled wine = 4.2\n", "data was changed"
Path("data/d.txt").write_text("  \n#x=1\njuice = 3.25\n\n", encoding="utf-8")
run = subprocess.run([sys.executable, "run.py"], capture_output=True, text=True)
wanted = "tea: 2.50\ncoffee: 3.00\nmulled wine: 4.20\nwater: 1.00\njuice: 3.25\n"
assert (run.returncode, run.stdout) == (0, wanted), run.stdout + run.stderr
