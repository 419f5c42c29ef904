DEFAULTS = {"host": "localhost", "port": 8000}
