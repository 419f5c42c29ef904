import unittest
from html.parser import HTMLParser

from page import page


class Reader(HTMLParser):
    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.items, self.tags, self.declared = [], [], [], ""
        self.feed(text)
        self.close()

    def handle_decl(self, decl):
        self.declared = decl.lower()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "meta":
            return
        self.open.append(tag)
        if tag == "li":
            self.items.append("")

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, f"</{tag}> closes nothing; open: {self.open}"
        self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "li":
            self.items[-1] += data


class Page(unittest.TestCase):
    def test_names(self):
        for names in [["Ada & Alan", "Grace"], ["<Bob>", "O'Neil", 'says "hi"', "&amp;"], []]:
            reader = Reader(page(names))
            self.assertEqual([item.strip() for item in reader.items], names)
            self.assertEqual(reader.open, [])
            self.assertEqual(reader.declared, "doctype html")
            self.assertEqual([t for t in reader.tags if t != "li"], ["html", "head", "meta", "title", "body", "h1", "ul"])

    def test_as_the_example(self):
        with open("example.html", encoding="utf-8") as file:
            self.assertEqual(page(["Ada & Alan", "Grace"]).split(), file.read().split())


unittest.main()
