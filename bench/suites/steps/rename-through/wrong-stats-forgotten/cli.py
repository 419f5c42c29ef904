from export import export
from report import report
from stats import mean
from store import load_rows

print(report(), export().count("\n"), mean(), len(load_rows()))
