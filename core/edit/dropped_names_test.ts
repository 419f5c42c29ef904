import assert from "node:assert/strict";
import { findDropped } from "./dropped_names.ts";

const RANGE = "function lerp(from, to) {\n  return from;\n}\n\nmodule.exports = { lerp };\n";
const ROUTER = `"""Routes."""

from pages import about, index
import unused

# Every page.
ROUTES = {
    "/": index,
    "/about": about,
}


def handle(path):
    return ROUTES[path]
`;

Deno.test("findDropped() gives the function that a rewrite left out, and the file with it", () => {
  const after = "function clamp(v) {\n  return v;\n}\n\nmodule.exports = { lerp, clamp };\n";
  assert.deepEqual(findDropped("range.js", RANGE, after, "Add clamp to range.js"), {
    names: ["lerp"],
    withThem: `function lerp(from, to) {\n  return from;\n}\n\n${after}`,
  });
});

Deno.test("findDropped() keeps a table with the imports that it uses, below the docstring", () => {
  const after = '"""Routes."""\n\n\ndef handle(path):\n    return ROUTES.get(path)\n';
  const dropped = findDropped("router.py", ROUTER, after, "Unknown paths must give None");
  assert.deepEqual(dropped?.names, ["about", "index", "ROUTES"]);
  assert.equal(
    dropped?.withThem,
    '"""Routes."""\nfrom pages import about, index\n\n# Every page.\nROUTES = {\n    "/": index,\n    "/about": about,\n}\n\n\n' +
      "def handle(path):\n    return ROUTES.get(path)\n",
  );
});

Deno.test("findDropped() leaves alone what the message speaks of, what is bound again, and unused imports", () => {
  const cases: readonly (readonly [path: string, before: string, after: string, asked: string])[] = [
    ["shop.py", "def calc():\n    pass\n", "def total():\n    pass\n", "Rename calc to total"],
    ["shop.py", "def calc():\n    pass\n", "calc = sum\n", "Make it shorter"],
    ["a.py", "import os\n\n\ndef f():\n    pass\n", "def f():\n    return 1\n", "f returns 1"],
    ["a.ts", "export const a = 1;\n", "export let a = 2;\n", "a is 2"],
    ["notes.md", "# Title\n", "text\n", "Rewrite"],
    ["style.css", "a {}\n", "", "Empty it"],
  ];
  for (const [path, before, after, asked] of cases) {
    assert.equal(findDropped(path, before, after, asked), undefined, `${path}: ${asked}`);
  }
});

Deno.test("findDropped() names each name once", () => {
  assert.deepEqual(findDropped("a.py", "def f(): pass\n".repeat(3), "x = 1\n", "")?.names, ["f"]);
});
