"""Checks the schema by a small validator of the keywords that it may use."""
import json
import unittest

TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
KNOWN = {"$schema", "$id", "title", "description", "examples", "type", "properties", "required", "additionalProperties",
         "minLength", "minimum", "exclusiveMinimum", "items", "uniqueItems"}


def is_type(value, name):
    if name == "integer":
        return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    return isinstance(value, TYPES[name])


def valid(schema, value):
    if isinstance(schema, bool):
        return schema
    assert set(schema) <= KNOWN, f"keywords that this check does not know: {set(schema) - KNOWN}"
    if "type" in schema and not is_type(value, schema["type"]):
        return False
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        if not all(name in value for name in schema.get("required", [])):
            return False
        rest = schema.get("additionalProperties", True)
        return all(valid(properties.get(name, rest), item) for name, item in value.items())
    if isinstance(value, list):
        unique = not schema.get("uniqueItems") or len({json.dumps(item) for item in value}) == len(value)
        return unique and all(valid(schema.get("items", True), item) for item in value)
    if isinstance(value, str):
        return len(value) >= schema.get("minLength", 0)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value >= schema.get("minimum", value) and ("exclusiveMinimum" not in schema or value > schema["exclusiveMinimum"])
    return True


class Schema(unittest.TestCase):
    def test_books(self):
        with open("book.schema.json", encoding="utf-8") as file:
            schema = json.load(file)
        self.assertIn("2020-12", schema["$schema"])
        for book, good in [
            ({"title": "Emma", "pages": 474}, True),
            ({"title": "Emma", "pages": 1, "tags": []}, True),
            ({"title": "Emma", "pages": 474, "tags": ["a", "b"]}, True),
            ({"title": "", "pages": 474}, False),
            ({"title": "Emma"}, False),
            ({"pages": 3}, False),
            ({"title": "Emma", "pages": 0}, False),
            ({"title": "Emma", "pages": 1.5}, False),
            ({"title": "Emma", "pages": "474"}, False),
            ({"title": "Emma", "pages": 474, "tags": ["a", "a"]}, False),
            ({"title": "Emma", "pages": 474, "tags": [1]}, False),
            ({"title": "Emma", "pages": 474, "author": "Austen"}, False),
            (["Emma"], False),
        ]:
            self.assertEqual(valid(schema, book), good, book)


unittest.main()
