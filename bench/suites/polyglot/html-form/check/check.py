import json
import unittest
from pathlib import Path


def elements(node, tag):
    found = [node] if node["tag"] == tag else []
    for child in node["children"]:
        if isinstance(child, dict):
            found += elements(child, tag)
    return found


def text(node):
    return "".join(child if isinstance(child, str) else text(child) for child in node["children"])


class Form(unittest.TestCase):
    def setUp(self):
        page = json.loads(Path("contact.html.json").read_text(encoding="utf-8"))
        self.errors, self.form = page["errors"], elements(page["root"], "form")[0]

    def test_parses(self):
        self.assertEqual(self.errors, [])

    def test_labels(self):
        labels = elements(self.form, "label")
        self.assertEqual([" ".join(text(label).split()) for label in labels], ["Your name", "Your mail"])
        for label, name in zip(labels, ["name", "mail"]):
            field = next(i for i in elements(self.form, "input") if i["attrs"].get("name") == name)
            inside = field in elements(label, "input")
            self.assertTrue(inside or label["attrs"].get("for") == field["attrs"].get("id", "?"), name)

    def test_fields(self):
        fields = {i["attrs"]["name"]: i["attrs"] for i in elements(self.form, "input")}
        self.assertEqual(sorted(fields), ["mail", "name"])
        self.assertTrue(all("required" in attrs for attrs in fields.values()))
        self.assertEqual(fields["mail"].get("type"), "email")
        self.assertEqual((self.form["attrs"]["action"], self.form["attrs"]["method"]), ("/send", "post"))
        self.assertEqual(len(elements(self.form, "button")), 1)


unittest.main()
