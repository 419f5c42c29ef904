import json
import unittest
from pathlib import Path


class People(unittest.TestCase):
    def test_value(self):
        with open("people.json", encoding="utf-8") as file:
            data = json.load(file)
        self.assertEqual(
            data,
            {
                "people": {
                    "1": {"name": "Ada Lovelace", "mail": "ada@example.org"},
                    "2": {"name": "Alan Turing", "mail": "alan@example.org"},
                    "3": {"name": "Zo\u00eb \"Z\" M\u00fcller", "mail": "zoe@example.org"},
                },
                "version": 2,
            },
        )


unittest.main()
