import sys

from report.model import load
from report.view import show

print(show(load(sys.argv[1])))
