import json

DEFAULTS = {"port": 8000, "workers": 2, "timeout": 30}


def load(path):
    with open(path, encoding="utf-8") as file:
        return {**DEFAULTS, **json.load(file)}
