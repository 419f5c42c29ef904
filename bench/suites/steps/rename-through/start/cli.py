from export import export
from report import report
from stats import mean
from store import fetch

print(report(), export().count("\n"), mean(), len(fetch()))
