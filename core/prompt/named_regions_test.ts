import assert from "node:assert/strict";
import { namedLines, namedRegions } from "./named_regions.ts";

Deno.test("namedLines() reads places as compilers and traces write them", () => {
  const path = "src/cart.py";
  const cases: [task: string, lines: number[]][] = [
    ["fix src/cart.py:12", [12]],
    ['File "/home/u/shop/src/cart.py", line 40, in total', [40]],
    ["at total (./src/cart.py:7:15) and cart.py:9", [7, 9]],
    ["cart.py on line 3 and cart.py(4)", [3, 4]],
    ["src/other_cart.py:5, mail.py:8, version 1.2:3", []],
  ];
  for (const [task, lines] of cases) assert.deepEqual(namedLines(task, path), lines, task);
});

const OUTLINE = [
  { name: "Cart", kind: "class", from: 1, to: 200 },
  { name: "total", kind: "method", from: 20, to: 40 },
  { name: "add", kind: "method", from: 42, to: 50 },
  { name: "Cart.checkout", kind: "method", from: 100, to: 190 },
];
const file = { path: "cart.py", totalLines: 210, outline: OUTLINE };

Deno.test("namedRegions() shows the part around a named line before named symbols, and joins what touches", () => {
  assert.deepEqual(namedRegions("cart.py:45 fails", file, []), [[42, 50]]);
  assert.deepEqual(namedRegions("cart.py:45 fails in `total`", file, ["total"]), [[42, 50], [20, 40]]);
  assert.deepEqual(namedRegions("cart.py:205", file, []), [[193, 210]]);
  assert.deepEqual(namedRegions("cart.py:41 and cart.py:45", file, []), [[29, 53]]);
  assert.deepEqual(namedRegions("nothing of it, cart.py:999", file, []), []);
});

Deno.test("namedRegions() finds a symbol by its last name or a plain word, and cuts a long part", () => {
  assert.deepEqual(namedRegions("the checkout is wrong", file, []), [[100, 159]]);
  assert.deepEqual(namedRegions("an `add` is lost", file, ["add"]), [[42, 50]]);
});
