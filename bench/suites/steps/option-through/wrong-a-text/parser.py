from argparse import ArgumentParser
from defaults import DEFAULTS


def parse(args):
    parser = ArgumentParser()
    parser.add_argument("--host", default=DEFAULTS["host"])
    parser.add_argument("--port", type=int, default=DEFAULTS["port"])
    parser.add_argument("--retries", type=str, default="three")
    return parser.parse_args(args)
