from report import line
from store import load

print(line(load()))
