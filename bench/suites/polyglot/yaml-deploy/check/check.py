import json
import unittest
from pathlib import Path


class Deploy(unittest.TestCase):
    def test_value(self):
        services = json.loads(Path("deploy.yaml.json").read_text(encoding="utf-8"))["services"]
        self.assertEqual(list(services), ["web", "worker", "cache"])
        self.assertEqual(services["web"]["image"], "shop/web:1.5")
        self.assertEqual(services["web"]["ports"], ["8000:80"])
        self.assertEqual(services["web"]["environment"], {"LOG_LEVEL": "info", "REGION": "eu"})
        self.assertEqual(services["worker"]["image"], "shop/worker:1.5")
        self.assertEqual(services["worker"]["environment"]["QUEUE"], "jobs")
        self.assertEqual(
            services["cache"], {"image": "redis:7", "command": ["redis-server", "--save", ""], "restart": "no"}
        )

    def test_anchor_and_comment_are_kept(self):
        text = Path("deploy.yaml").read_text(encoding="utf-8")
        for piece in ["# Deployment of the shop", "&common", "*common"]:
            self.assertIn(piece, text)


unittest.main()
