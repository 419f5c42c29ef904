"""The tests must pass on the right function and fail on each broken one."""
import pathlib
import subprocess
import sys

BODIES = {
    "right": ("return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)", True),
    "always": ("return True", False),
    "never": ("return False", False),
    "julian": ("return year % 4 == 0", False),
    "no 400": ("return year % 4 == 0 and year % 100 != 0", False),
}

for name, (body, should_pass) in BODIES.items():
    pathlib.Path("leap.py").write_text(f"def is_leap(year):\n    {body}\n")
    run = subprocess.run(
        [sys.executable, "-m", "unittest", "-v", "test_leap"], capture_output=True, text=True
    )
    output = run.stdout + run.stderr
    ran = "Ran 0 tests" not in output and "NO TESTS RAN" not in output
    passed = run.returncode == 0 and ran
    if passed != should_pass:
        sys.exit(f"with the {name} function the tests {'pass' if passed else 'fail'}:\n{output}")
