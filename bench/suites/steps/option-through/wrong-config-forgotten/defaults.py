DEFAULTS = {"host": "localhost", "port": 8000, "retries": 3}
