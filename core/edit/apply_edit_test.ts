import assert from "node:assert/strict";
import fc from "fast-check";
import { applyEdit, type Edit, type Replacement } from "./apply_edit.ts";
import { joinLines, splitLines } from "./source_lines.ts";

const SEED = 20261124;

const edit = (original: string, search: string, replace: string, more: Partial<Replacement> = {}) =>
  applyEdit(original, { kind: "search_replace", replacements: [{ search, replace, ...more }] }, {
    fuzzy: true,
  });
const text = (result: ReturnType<typeof applyEdit>) =>
  result.kind === "applied" ? result.text : `${result.why}: ${result.message}`;

Deno.test("applyEdit() replaces one exact hit literally", () => {
  assert.deepEqual(edit("a = 1\nb = 2\n", "b = 2", "b = $& $1 $$"), {
    kind: "applied",
    text: "a = 1\nb = $& $1 $$\n",
    regions: [{ from: 2, to: 2 }],
    relaxed: [],
  });
});

Deno.test("applyEdit() overlooks what the ladder documents, and says so", () => {
  const cases: readonly [string, string, string, string, string, string][] = [
    ["trailing space", "a();  \nb();\n", "a();\nb();", "c();\nb();", "c();\nb();\n", ""],
    ["one shift", "  if x:\n    y()\n", "if x:\n  y()", "if x:\n  z()", "  if x:\n    z()\n", "indentation"],
    [
      "shift to the left",
      "if x:\n  y()\n",
      "    if x:\n      y()",
      "    if x:\n      z()",
      "if x:\n  z()\n",
      "indentation",
    ],
    [
      "tabs for spaces",
      "\tif (x) {\n\t\ty();\n\t}\n",
      "    if (x) {\n        y();\n    }",
      "    if (x) {\n        z();\n    }",
      "\tif (x) {\n\t\tz();\n\t}\n",
      "indentation",
    ],
    ["line numbers", "x\n  y\nz\n", "2 |   y\n3 | z", "2 |   w\n3 | z", "x\n  w\nz\n", "line numbers"],
    ["smart quotes", "say(‘hi’);\n", "say('hi');", "say('ho');", "say('ho');\n", "characters"],
    ["inner space", "f( a,  b )\n", "f(a, b)", "f(b, a)", "f(b, a)\n", "inner space"],
    ["blank lines", "a\n\n\nb\n", "a\nb", "a\nc", "a\nc\n", "blank lines"],
    [
      "a missing comma",
      "x = {\n  enable: true,\n  n: 3\n}\n",
      "x = {\n  enable: true\n  n: 3\n}",
      "x = {\n  n: 5\n}",
      "x = {\n  n: 5\n}\n",
      "anchors",
    ],
    ["line breaks as text", "f('a\nb')\n", "f('a\\nb')", "f('a\nc')", "f('a\nc')\n", "characters"],
  ];
  for (const [name, original, search, replace, expected, relaxed] of cases) {
    const result = edit(original, search, replace);
    assert.equal(text(result), expected, name);
    assert.equal(result.kind === "applied" ? result.relaxed.join() : "", relaxed, name);
  }
});

Deno.test("applyEdit() takes lines that say the same at another nesting for others", () => {
  // The call after the loop is meant; the file has it inside.
  const inside = "def f(xs):\n    for x in xs:\n        log(x)\n        send(x)\n";
  assert.match(text(edit(inside, "    for x in xs:\n        log(x)\n    send(x)", "    pass")), /^not_found/);
  // Two places say the same; one has the nesting that is meant.
  const both = "def f(x):\n  if x:\n    log(x)\n    send(x)\n\ndef g(x):\n  if x:\n    log(x)\n  send(x)\n";
  assert.equal(
    text(edit(both, "if x:\n  log(x)\nsend(x)", "if x:\n  log(x)\nsave(x)")),
    both.replace(/send(?=\(x\)\n$)/, "save"),
  );
  assert.equal(
    text(edit(both, "if x:\n  log(x)\n  send(x)", "if x:\n  log(x)\n  save(x)")),
    both.replace("send", "save"),
  );
  // Blank lines and inner space overlooked: the nesting counts all the same.
  assert.match(text(edit(inside, "for x in xs:\n\n    log( x )\nsend(x)", "pass")), /^not_found/);
  assert.match(
    text(edit(inside, "def f(xs):\n    for x in xs:\n        log(y)\n    send(x)", "pass")),
    /^not_found/,
  );
  // Without any indentation a search text says nothing of the nesting; each line keeps its own.
  assert.equal(
    text(edit(inside, "for x in xs:\nlog(x)\nsend(x)", "for x in xs:\nlog(x)\nsave(x)")),
    inside.replace("send", "save"),
  );
  // Only the first line has lost its indentation: it is quoted from its first word on.
  assert.equal(
    text(edit(inside, "for x in xs:\n        log(x)\n", "for x in ys:\n        log(x)\n")),
    inside.replace("in xs", "in ys"),
  );
});

Deno.test("applyEdit() keeps line endings, BOM and a missing final newline", () => {
  assert.equal(text(edit("\ufeffa\r\nb\r\n", "a", "x\ny")), "\ufeffx\r\ny\r\nb\r\n");
  assert.equal(text(edit("a\r\nb\r\nc", "b\nc", "b\nd")), "a\r\nb\r\nd");
  assert.equal(text(edit("a\r\nb\rc\n", "a\nb\nc", "a\nX\nc")), "a\r\nX\r\nc\n");
});

Deno.test("applyEdit() refuses several hits with their lines, unless all are meant", () => {
  assert.match(
    text(edit("x\ny\nx\n", "x", "z")),
    /^ambiguous: The search text stands 2 times \(lines 1, 3\)/,
  );
  assert.equal(text(edit("x\ny\nx\n", "x", "z", { replaceAll: true })), "z\ny\nz\n");
  assert.equal(text(edit("x\ny\nx\n", "x", "z", { line: 3 })), "x\ny\nz\n");
  assert.match(text(edit("  a\nb\n\ta\n", "a ", "z")), /^ambiguous/);
});

Deno.test("applyEdit() refuses with the nearest region as it stands", () => {
  const file = Array.from({ length: 40 }, (_, i) => `line ${i + 1} = value(${i});`).join("\n");
  const refusal = text(edit(file, "const other = value(20) + 1;", "x"));
  assert.match(refusal, /^not_found: The search text is not in the file\. Copy it exactly from these lines/);
  assert.match(refusal, /\n21 \| line 21 = value\(20\);\n/);
  assert.match(text(edit("a\n", "b", "b")), /^no_change/);
  assert.match(text(edit("a\n", "", "b")), /^empty_search/);
  assert.equal(text(edit("", "", "b\n")), "b\n");
});

Deno.test("applyEdit() matches nothing but exact text where the ladder is off", () => {
  const strict = (search: string) =>
    applyEdit("  a\n", { kind: "search_replace", replacements: [{ search, replace: "b" }] }, { fuzzy: false })
      .kind;
  assert.deepEqual([strict("a"), strict("a "), strict("  a")], ["applied", "refused", "applied"]);
});

Deno.test("applyEdit() does several edits or none", () => {
  const several = (...replacements: Replacement[]) =>
    text(applyEdit("one\ntwo\nthree\n", { kind: "search_replace", replacements }, { fuzzy: true }));
  assert.equal(several({ search: "three", replace: "3" }, { search: "one", replace: "1" }), "1\ntwo\n3\n");
  assert.match(several({ search: "one", replace: "1" }, { search: "four", replace: "4" }), /^not_found/);
  assert.match(several({ search: "one\ntwo", replace: "1" }, { search: "two", replace: "2" }), /^overlap/);
});

Deno.test("applyEdit() replaces, inserts and deletes lines by number", () => {
  const lines = (from: number, to: number, replace: string) =>
    text(applyEdit("a\nb\nc", { kind: "line_range", from, to, replace }, { fuzzy: true }));
  assert.equal(lines(2, 2, "x\ny"), "a\nx\ny\nc");
  assert.equal(lines(2, 1, "x"), "a\nx\nb\nc");
  assert.equal(lines(1, 2, ""), "c");
  assert.equal(lines(4, 3, "d"), "a\nb\nc\nd");
  assert.match(lines(3, 5, "x"), /^bad_range: There are no lines 3-5: the file has 3 lines/);
});

const line = fc.stringMatching(/^[ \t]{0,4}[a-z(){};=]{0,12}$/);
const file = fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { minLength: 1, maxLength: 12 })
  .map((lines) => lines.map(([text, end]) => text + end).join(""));

Deno.test("applyEdit() never changes bytes outside the replaced stretch, and its inverse gives the original", () => {
  fc.assert(
    fc.property(file, fc.nat(), fc.nat(), line, (original, at, size, replace) => {
      const lines = splitLines(original);
      const from = at % lines.length;
      const to = Math.min(lines.length, from + 1 + size % 3);
      const search = joinLines(lines.slice(from, to));
      const change: Edit = { kind: "search_replace", replacements: [{ search, replace: `<${replace}>\n` }] };
      const result = applyEdit(original, change, { fuzzy: true });
      if (result.kind === "refused") return;
      assert.ok(result.text.startsWith(joinLines(lines.slice(0, from))));
      assert.ok(result.text.endsWith(joinLines(lines.slice(to))));
      const inserted = result.text.slice(
        joinLines(lines.slice(0, from)).length,
        result.text.length - joinLines(lines.slice(to)).length,
      );
      const back = applyEdit(result.text, {
        kind: "search_replace",
        replacements: [{ search: inserted, replace: search }],
      }, { fuzzy: false });
      if (new Set(lines.map(({ end }) => end)).size === 1) assert.equal(text(back), original);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

Deno.test("applyEdit() on random texts keeps every line outside its regions", () => {
  fc.assert(
    fc.property(file, fc.array(line, { minLength: 1, maxLength: 3 }), line, (original, search, replace) => {
      const result = edit(original, search.join("\n"), replace);
      if (result.kind === "refused") return;
      const [region] = result.regions;
      const before = splitLines(original);
      const after = splitLines(result.text);
      const head = (region?.from ?? 1) - 1;
      assert.deepEqual(after.slice(0, head), before.slice(0, head));
    }),
    { seed: SEED, numRuns: 500 },
  );
});

Deno.test("applyEdit() keeps a table keyed by numbers, and takes off numbers as files are shown", () => {
  const range = (replace: string) =>
    applyEdit("a\nb\nc\n", { kind: "line_range", from: 2, to: 2, replace }, { fuzzy: true });
  const texts = ['1: "x",\n2: "y",', "2: x", "2 | x\n3 | y", "7 | x"].map((replace) => {
    const result = range(replace);
    return result.kind === "applied" ? result.text : result.message;
  });
  assert.deepEqual(texts, ['a\n1: "x",\n2: "y",\nc\n', "a\n2: x\nc\n", "a\nx\ny\nc\n", "a\n7 | x\nc\n"]);
});

Deno.test("applyEdit() writes in the endings of the text that it replaces", () => {
  const rows = [
    ["a\nb\n", "a", "x\r\ny", "x\ny\nb\n"],
    ["a\r\nb\r\n", "a", "x\ny", "x\r\ny\r\nb\r\n"],
    ["a\nb\r\nc\r\n", "a\nb", "a\nd", "a\nd\r\nc\r\n"],
    ["a\r\nb\nc\n", "a\r\nb", "a\r\nd", "a\r\nd\nc\n"],
  ] as const;
  for (const [before, search, replace, after] of rows) {
    const result = applyEdit(before, { kind: "search_replace", replacements: [{ search, replace }] }, {
      fuzzy: true,
    });
    assert.deepEqual(result.kind === "applied" ? result.text : result.message, after);
  }
});

Deno.test("applyEdit() replaces a symbol by name, indented as it was, or says which there are", () => {
  const before = "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n";
  const outline = [
    { name: "A", kind: "class", from: 1, to: 6 },
    { name: "f", kind: "method", from: 2, to: 3 },
    { name: "g", kind: "method", from: 5, to: 6 },
  ];
  const symbol = (name: string, more = outline) =>
    text(
      applyEdit(before, { kind: "symbol", name, replace: "def g(self):\n    return 3\n", outline: more }, {
        fuzzy: true,
      }),
    );
  assert.equal(symbol("g"), before.replace("return 2", "return 3"));
  assert.equal(symbol("h"), 'not_found: There is no "h" in the file. It has: A, f, g.');
  assert.equal(symbol("g", [...outline, ...outline]).startsWith("ambiguous: "), true);
  assert.deepEqual([symbol("A.g"), symbol("g()")], [symbol("g"), symbol("g")]);
  assert.match(symbol("B.g"), /^not_found/);
});
