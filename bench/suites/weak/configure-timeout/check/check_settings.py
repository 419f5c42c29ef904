import configparser
import unittest
from pathlib import Path


class Settings(unittest.TestCase):
    def test_values(self):
        settings = configparser.ConfigParser()
        settings.read("settings.ini", encoding="utf-8")
        network = settings["network"]
        self.assertEqual(network.getint("timeout"), 30)
        self.assertIs(network.getboolean("retries"), True)
        self.assertEqual(network["proxy"], "")
        self.assertEqual(dict(settings["files"]), {"folder": "/var/downloads", "timeout": "5"})
        self.assertEqual(settings.sections(), ["network", "files"])

    def test_comment_is_kept(self):
        self.assertIn("; Settings of the downloader", Path("settings.ini").read_text(encoding="utf-8"))


unittest.main()
