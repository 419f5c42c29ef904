import argparse

from report.model import load
from report.view import show

parser = argparse.ArgumentParser()
parser.add_argument("path")
parser.add_argument("--separator", default=",")
args = parser.parse_args()
print(show(load(args.path, args.separator)))
