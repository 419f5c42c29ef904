import assert from "node:assert/strict";
import type { Assertion, ContractItem } from "../types.ts";
import {
  addItem,
  contractLines,
  describeAssertion,
  lastContract,
  MAX_ITEMS,
  openItems,
  readAssertion,
  unsettle,
} from "./contract.ts";

Deno.test("readAssertion() reads what a user writes after /contract add", () => {
  const cases: Readonly<Record<string, Assertion>> = {
    "command: npm test": { kind: "command", command: "npm test" },
    "  Command:  grep -q 'a b' x && ls ": { kind: "command", command: "grep -q 'a b' x && ls" },
    "file: README.md": { kind: "exists", path: "README.md" },
    "file: README.md exists": { kind: "exists", path: "README.md" },
    "file: README.md contains Usage": { kind: "contains", path: "README.md", text: "Usage" },
    'file: "my notes.md" contains "two words"': { kind: "contains", path: "my notes.md", text: "two words" },
    "file: app.py lacks TODO": { kind: "lacks", path: "app.py", text: "TODO" },
    "file: app.py does not contain print(": { kind: "lacks", path: "app.py", text: "print(" },
    "file: app.py not contains x": { kind: "lacks", path: "app.py", text: "x" },
    "file: old.py is gone": { kind: "gone", path: "old.py" },
    "file: old.py doesn't exist": { kind: "gone", path: "old.py" },
  };
  for (const [text, assertion] of Object.entries(cases)) {
    assert.deepEqual(readAssertion(text), assertion, text);
  }
  for (const text of ["", "npm test", "command:", "file:", "file: a.md has b", "file: a.md contains"]) {
    assert.throws(() => readAssertion(text), /Forms: command: npm test \| file:/, text);
  }
});

Deno.test("addItem() numbers on, adds nothing twice, and ends at its limit", () => {
  const one = addItem([], { kind: "exists", path: "a" }, "user");
  const two = addItem(one, { kind: "command", command: "npm test" }, "model");
  assert.deepEqual(two.map(({ id, by, state }) => [id, by, state]), [[1, "user", "pending"], [
    2,
    "model",
    "pending",
  ]]);
  assert.equal(addItem(two, { kind: "exists", path: "a" }, "model"), two);
  assert.equal(addItem(two.slice(1), { kind: "gone", path: "b" }, "user").at(-1)?.id, 3);
  const full = Array.from({ length: MAX_ITEMS }, (_, i): Assertion => ({ kind: "exists", path: `f${i}` }))
    .reduce((items, assertion) => addItem(items, assertion, "user"), [] as readonly ContractItem[]);
  assert.throws(() => addItem(full, { kind: "exists", path: "z" }, "user"), RangeError);
});

Deno.test("unsettle() makes all of it pending, lastContract() brings it back so", () => {
  const items: readonly ContractItem[] = [
    { id: 1, by: "user", assertion: { kind: "exists", path: "a" }, state: "passed", detail: "" },
    {
      id: 2,
      by: "model",
      assertion: { kind: "lacks", path: "a", text: "x" },
      state: "failed",
      detail: "it is in it",
    },
  ];
  assert.deepEqual(openItems(items).map(({ id }) => id), [2]);
  assert.deepEqual(openItems(unsettle(items)).map(({ id, detail }) => [id, detail]), [[1, ""], [2, ""]]);
  assert.deepEqual(
    lastContract([{ type: "contract", items: [] }, { type: "contract", items }]),
    unsettle(items),
  );
  assert.deepEqual(lastContract([]), []);
  assert.deepEqual(contractLines(items), [
    "1. passed  a exists",
    '2. failed  a lacks "x" (by the model): it is in it',
  ]);
});

Deno.test("describeAssertion() puts each kind in words", () => {
  assert.equal(describeAssertion({ kind: "command", command: "npm test" }), "`npm test` succeeds");
  assert.equal(
    describeAssertion({ kind: "contains", path: "a", text: 'say "hi"' }),
    'a contains "say \\"hi\\""',
  );
});
