import assert from "node:assert/strict";
import { openSyntax } from "./syntax.ts";

const GRAMMARS = new URL("../../node_modules/@vscode/tree-sitter-wasm/wasm/", import.meta.url);
const syntax = openSyntax((path) => new URL(path.replace("grammars/", ""), GRAMMARS));

const GOOD: Readonly<Record<string, string>> = {
  "a.py": "def f(x):\n    return [x]\n",
  "a.js": "const f = (x) => ({ x });\n",
  "a.ts": "export type A = { readonly b: string };\n",
  "a.tsx": "const a = <b>{1}</b>;\n",
  "a.go": "package a\n\nfunc f() int { return 1 }\n",
  "a.rs": "fn f() -> i32 { 1 }\n",
  "a.java": "class A { int f() { return 1; } }\n",
  "a.cpp": "int f() { return 1; }\n",
  "a.cs": "class A { int F() { return 1; } }\n",
  "a.rb": "def f\n  1\nend\n",
  "a.php": "<?php function f() { return 1; }\n",
  "a.sh": 'f() { echo "$1"; }\n',
  "a.css": "a { color: red; }\n",
  "a.ps1": "function F { 1 }\n",
  "a.json": '{ "a": [1] }\n',
  "a.yaml": "a:\n  - 1\n",
  "a.toml": 'a = "b"\n',
  "a.html": "<!doctype html><html><body><p>x</p></body></html>\n",
};

const BAD: Readonly<Record<string, readonly [text: string, line: number]>> = {
  "a.py": ["def f(x):\n    return [x\n", 2],
  "a.js": ["const f = (x => {\n", 1],
  "a.ts": ["function f( {\n  return 1;\n}\n", 1],
  "a.go": ["package a\nfunc f() {\n  return (1\n}\n", 3],
  "a.rs": ["fn f() -> i32 {\n  1 +\n}\n", 2],
  "a.json": ['{\n  "a": 1,\n}\n', 3],
  "a.yaml": ["a: [1\nb: 2\n", 2],
  "a.toml": ['a = "b\n', 1],
  "a.html": ["<p>x\n<div></span>\n", 2],
};

Deno.test("parseErrors() is empty for texts that parse", async () => {
  for (const [path, text] of Object.entries(GOOD)) {
    assert.deepEqual(await syntax.parseErrors(path, text), [], path);
  }
});

Deno.test("parseErrors() gives the place of an error", async () => {
  for (const [path, [text, line]] of Object.entries(BAD)) {
    const [problem] = await syntax.parseErrors(path, text) ?? [];
    assert.ok(problem && Math.abs(problem.line - line) <= 1, `${path}: ${JSON.stringify(problem)}`);
  }
});

Deno.test("parseErrors() does not judge what it does not know", async () => {
  assert.equal(await syntax.parseErrors("a.txt", "(("), undefined);
  assert.equal(await syntax.parseErrors("Makefile", "(("), undefined);
  assert.equal(await syntax.parseErrors("a.py", "x".repeat(1_000_001)), undefined);
});

Deno.test("outline() names parts with their lines", async () => {
  const python =
    "import os\n\n\nclass A:\n    def f(self):\n        def inner(): pass\n        return 1\n\n\ndef g():\n    pass\n";
  assert.deepEqual(await syntax.outline("a.py", python), [
    { name: "A", kind: "class", from: 4, to: 7 },
    { name: "f", kind: "function", from: 5, to: 7 },
    { name: "g", kind: "function", from: 10, to: 11 },
  ]);
  const script = "export const f = () => 1;\nconst x = 2;\nclass A {\n  m() {}\n}\n";
  assert.deepEqual((await syntax.outline("a.ts", script))?.map(({ name, kind }) => `${kind} ${name}`), [
    "function f",
    "class A",
    "method m",
  ]);
  const names = async (path: string) =>
    (await syntax.outline(path, GOOD[path] ?? ""))?.map(({ name }) => name);
  assert.deepEqual(await names("a.go"), ["f"]);
  assert.deepEqual(await names("a.rs"), ["f"]);
  assert.deepEqual(await names("a.cpp"), ["f"]);
  assert.deepEqual(await names("a.java"), ["A", "f"]);
});

Deno.test("outline() of Markdown is its headings", async () => {
  assert.deepEqual(await syntax.outline("a.md", "# A\ntext\n## B\nx\n# C\n"), [
    { name: "A", kind: "heading 1", from: 1, to: 4 },
    { name: "B", kind: "heading 2", from: 3, to: 4 },
    { name: "C", kind: "heading 1", from: 5, to: 6 },
  ]);
});
