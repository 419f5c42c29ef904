import assert from "node:assert/strict";
import { fileAtFault, firstFailure, lineAtFault, namedPaths, partAtFault } from "./places.ts";

const PYTHON = `FAIL: test_a (test_calc.T.test_a)
Traceback (most recent call last):
  File "/tmp/p/test_calc.py", line 7, in test_a
    self.assertEqual(add(2, 3), 5)
  File "/tmp/p/calc.py", line 2, in add
    return sub(a, b)
  File "/tmp/p/calc.py", line 6, in sub
AssertionError: -1 != 5
FAIL: test_b (test_calc.T.test_b)
AssertionError: 1 != 2`;
const FAILURES = ["test_a (test_calc.T.test_a)", "test_b (test_calc.T.test_b)"];
const OUTLINE = [
  { name: "Calc", kind: "class", from: 1, to: 9 },
  { name: "Calc.add", kind: "method", from: 1, to: 3 },
  { name: "sub", kind: "function", from: 5, to: 7 },
];

Deno.test("firstFailure() ends where the next failure is named", () => {
  assert.equal(firstFailure(PYTHON, FAILURES), PYTHON.slice(0, PYTHON.indexOf("\nFAIL: test_b")));
  assert.equal(firstFailure(PYTHON, FAILURES.slice(0, 1)), PYTHON);
  assert.equal(firstFailure("no names", FAILURES), "no names");
  assert.equal(firstFailure("", []), "");
});

Deno.test("namedPaths() gives each path that is named with a line once", () => {
  assert.deepEqual(namedPaths(PYTHON), ["/tmp/p/test_calc.py", "/tmp/p/calc.py"]);
  assert.deepEqual(namedPaths("src/a.ts:3:1 and src/a.ts(4,2), not b.ts"), ["src/a.ts"]);
});

Deno.test("fileAtFault() prefers code to tests, changed to others, a named line to none", () => {
  assert.equal(fileAtFault(PYTHON, ["calc.py"], ["test_calc.py"]), "calc.py");
  assert.equal(fileAtFault(PYTHON, ["other.py"], ["test_calc.py", "calc.py"]), "calc.py");
  assert.equal(fileAtFault("1 != 2", ["a.py", "b.py"], ["c.py"]), "b.py");
  assert.equal(fileAtFault("1 != 2", ["a.py", "made.txt"], ["c.py"]), "a.py");
  assert.equal(fileAtFault("1 != 2", ["made.txt"], []), "made.txt");
  assert.equal(fileAtFault("1 != 2", [], ["c.py"]), "c.py");
  assert.equal(fileAtFault("1 != 2", ["test_a.py"], []), "test_a.py");
  assert.equal(fileAtFault("1 != 2", [], []), undefined);
});

Deno.test("lineAtFault() is the innermost call: last in Python, first elsewhere", () => {
  assert.equal(lineAtFault(PYTHON, "calc.py"), 6);
  assert.equal(lineAtFault("at f (src/a.ts:3:1)\nat g (src/a.ts:9:1)", "src/a.ts"), 3);
  assert.equal(lineAtFault("nothing", "a.py"), undefined);
});

Deno.test("partAtFault() is the smallest part at the line, else one that is named", () => {
  assert.equal(partAtFault(PYTHON, "calc.py", OUTLINE)?.name, "sub");
  assert.equal(partAtFault("assert add(2, 3) == 5", "calc.py", OUTLINE)?.name, "Calc.add");
  assert.equal(partAtFault("calc.py:8 fails", "calc.py", OUTLINE)?.name, "Calc");
  assert.equal(partAtFault("1 != 2", "calc.py", OUTLINE), undefined);
});
