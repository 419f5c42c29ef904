import json
import unittest


class Config(unittest.TestCase):
    def test_whole(self):
        with open("config.json", encoding="utf-8") as file:
            config = json.load(file)
        self.assertEqual(
            config,
            {
                "name": "inventory",
                "port": 8080,
                "database": {"host": "localhost", "pool": 5},
                "debug": False,
            },
        )
        self.assertIs(config["debug"], False)
        self.assertIs(type(config["port"]), int)


unittest.main()
