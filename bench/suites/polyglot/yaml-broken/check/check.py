import json
from pathlib import Path

value = json.loads(Path("ci.yaml.json").read_text(encoding="utf-8"))
steps = [{"uses": "actions/checkout@v4"}, {"run": "echo version: 3"}, {"run": "make test"}]
assert value == {
    "name": "check",
    "on": {"push": {"branches": ["main"]}},
    "jobs": {"test": {"runs-on": "ubuntu-latest", "steps": steps}},
}, value
