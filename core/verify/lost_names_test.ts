import assert from "node:assert/strict";
import { createTwoFilesPatch } from "diff";
import type { FileEntry, WorkspaceFiles } from "../tool.ts";
import { findLost } from "./lost_names.ts";

/** A workspace in memory. */
function filesOf(texts: Readonly<Record<string, string>>): Pick<WorkspaceFiles, "read" | "exists" | "walk"> {
  return {
    exists: (path) => Promise.resolve(path in texts ? "file" : undefined),
    read: (path) =>
      Promise.resolve({
        path,
        text: texts[path] ?? "",
        hasBom: false,
        hash: path,
        bytes: texts[path]?.length ?? 0,
      }),
    async *walk(): AsyncIterable<FileEntry> {
      for (const path of Object.keys(texts)) {
        yield await Promise.resolve({ path, kind: "file" });
      }
    },
  };
}

/** Uses of names that the change from `before` to the text in `texts` took away, as `name path:line`. */
async function lostBy(path: string, before: string, texts: Readonly<Record<string, string>>) {
  const diff = createTwoFilesPatch(path, path, before, texts[path] ?? "");
  const found = await findLost([], [{ path, diff }], filesOf(texts), new AbortController().signal);
  return found.map(({ name, path, line }) => `${name} ${path}:${line}`);
}

Deno.test("lost names: a function that a whole-file write dropped and the exports still name", async () => {
  const before = "function lerp(a, b, t) {\n  return a;\n}\n\nmodule.exports = { lerp };\n";
  const after = "function clamp(v) {\n  return v;\n}\n\nmodule.exports = { lerp, clamp };\n";
  assert.deepEqual(await lostBy("range.js", before, { "range.js": after }), ["lerp range.js:5"]);
});

Deno.test("lost names: a table and an import that are gone", async () => {
  const before =
    'from pages import about, index\n\nROUTES = {"/": index}\n\n\ndef handle(path):\n    return ROUTES[path]\n';
  const after = "def handle(path):\n    return ROUTES[path]\n";
  assert.deepEqual(await lostBy("router.py", before, { "router.py": after }), ["ROUTES router.py:2"]);
});

Deno.test("lost names: a rename is followed to the files that take the name", async () => {
  const before = "def calc(items):\n    return 0\n";
  const shop = "def total_price(items):\n    return 0\n";
  const texts = {
    "shop.py": shop,
    "main.py": "from shop import calc\n\nprint(calc([]))\n",
    "report.py": "import shop\n\nprint(shop.calc([]))\n",
    "other.py": "from till import calc\n",
    "done.py": "from shop import total_price\n",
  };
  assert.deepEqual(await lostBy("shop.py", before, texts), ["calc main.py:1", "calc report.py:3"]);
  const scripts = {
    "src/cart.ts": "export function sum() {}\n",
    "src/app.ts": 'import { total } from "./cart.ts";\n',
    "src/old.ts": 'const { total } = require("./basket");\n',
  };
  assert.deepEqual(await lostBy("src/cart.ts", "export function total() {}\n", scripts), [
    "total src/app.ts:1",
  ]);
});

Deno.test("lost names: what is bound again, or only a word, is no use", async () => {
  const before = "count = 0\n\n\ndef total(items):\n    return 0\n";
  const silent = [
    "def sum_of(count):\n    return count\n",
    "def f():\n    count = 1\n    return count\n",
    "def f(x):\n    return g(total=x)\n",
    '# count and total\nprint("total", "count")\n',
    "def f(x):\n    return x.total() + x.count\n",
    "for count in range(3):\n    print(count)\n",
    "class A:\n    def total(self):\n        return 0\n",
    "from lib import total, count\n\nprint(total(count))\n",
  ];
  for (const text of silent) assert.deepEqual(await lostBy("a.py", before, { "a.py": text }), [], text);
});

Deno.test("lost names: a file whose name no import can say is imported by none", async () => {
  const texts = { "a(1.py": "y = 2\n", "b.py": "# a(1 has x\nprint(1)\n" };
  assert.deepEqual(await lostBy("a(1.py", "x = 1\n", texts), []);
});

Deno.test("lost names: what was open is open until it is bound or unused", async () => {
  const open = [{ name: "calc", from: "shop.py", path: "main.py", line: 1 }];
  const texts = { "shop.py": "def total():\n    pass\n", "main.py": "from shop import calc\n" };
  const { signal } = new AbortController();
  assert.deepEqual(await findLost(open, [], filesOf(texts), signal), open);
  const mended = { ...texts, "main.py": "from shop import total\n" };
  assert.deepEqual(await findLost(open, [], filesOf(mended), signal), []);
});
