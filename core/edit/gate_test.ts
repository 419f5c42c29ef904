import assert from "node:assert/strict";
import type { Syntax } from "../tool.ts";
import { findElision, refuseBroken, shrinks } from "./gate.ts";

/** Says that a text parses unless it holds `BAD`. */
const syntax: Syntax = {
  parseErrors: (path, text) =>
    Promise.resolve(
      path.endsWith(".txt") ? undefined : text.includes("BAD")
        ? [{
          line: text.slice(0, text.indexOf("BAD")).split("\n").length,
          column: 1,
          message: "not understood: BAD",
        }]
        : [],
    ),
  outline: () => Promise.resolve(undefined),
};

Deno.test("refuseBroken() refuses what no longer parses, with the lines around it", async () => {
  assert.equal(
    await refuseBroken("a.py", "x\n", "one\nBAD\nthree\n", syntax),
    "Not written: a.py would no longer parse.\nLine 2: not understood: BAD\n1 | one\n2 | BAD\n3 | three",
  );
  assert.equal(await refuseBroken("a.py", "x\n", "y\n", syntax), undefined);
  assert.equal(await refuseBroken("a.py", "BAD 1\n", "BAD 2\n", syntax), undefined);
  assert.equal(await refuseBroken("a.txt", "x\n", "BAD\n", syntax), undefined);
  assert.match(await refuseBroken("new.py", "", "BAD\n", syntax) ?? "", /no longer parse/);
});

Deno.test("findElision() finds lines that stand for left-out code", () => {
  for (
    const line of [
      "// ... existing code ...",
      "# rest of the code unchanged",
      "    // rest of the file remains the same",
      "# ...",
      "/* ... */",
      "<!-- ... -->",
      "// other methods remain unchanged",
      "# remaining code is unchanged",
      "// (unchanged)".replace("(", "").replace(")", ""),
    ]
  ) assert.equal(findElision("", `a\n${line}\nb`), line.trim(), line);
});

Deno.test("findElision() leaves alone what a person writes", () => {
  for (
    const line of [
      "    ...",
      "def f(*args): ...",
      "// the rest is sorted by name",
      "const { a, ...rest } = b;",
      "# other users are asked first",
      'print("loading ...")',
      "// unchangedFiles is a list".replace("unchangedFiles is", "Unchanging is"),
    ]
  ) assert.equal(findElision("", line), undefined, line);
  assert.equal(findElision("# ...\n", "# ...\nnew\n"), undefined);
});

Deno.test("shrinks() only for files of some length", () => {
  assert.equal(shrinks("x\n".repeat(100), "x\n".repeat(49)), true);
  assert.equal(shrinks("x\n".repeat(100), "x\n".repeat(50)), false);
  assert.equal(shrinks("x\n".repeat(19), "x\n"), false);
});

Deno.test("findElision() knows the comments of JSX and SQL, and leaves a plan to keep behaviour alone", () => {
  const lines = [
    "{/* ... rest of component ... */}",
    "-- ... rest of query",
    "# (rest of the code unchanged)",
  ];
  assert.deepEqual(lines.map((line) => findElision("", line)), lines);
  assert.equal(findElision("", "// keep existing behaviour for old clients"), undefined);
});
