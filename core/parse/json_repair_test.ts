import assert from "node:assert/strict";
import fc from "fast-check";
import { readJson, readLoose } from "./json_repair.ts";
import { Steps } from "./scan.ts";

function read(text: string): unknown {
  return readJson(text, 0, new Steps(text.length))?.value;
}

Deno.test("readJson() reads valid JSON as JSON.parse does, without a repair", () => {
  fc.assert(
    fc.property(fc.oneof(fc.object(), fc.array(fc.jsonValue())), (value) => {
      const text = JSON.stringify(value);
      const result = readJson(`${text} and more`, 0, new Steps(text.length));
      assert.deepEqual(result?.value, JSON.parse(text));
      assert.deepEqual([result?.end, result?.repairs, result?.isCut], [text.length, [], false]);
    }),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("readLoose() agrees with JSON.parse on valid JSON of plain strings", () => {
  const value = fc.dictionary(
    fc.stringMatching(/^[a-z_]{1,8}$/),
    fc.oneof(fc.integer(), fc.boolean(), fc.stringMatching(/^[\w .\\\n'{}()]{0,20}$/)),
  );
  fc.assert(
    fc.property(value, (object) => {
      const text = JSON.stringify(object);
      assert.deepEqual(readLoose(text, 0, new Steps(text.length))?.value, JSON.parse(text));
    }),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("readJson() mends what models break", () => {
  const cases: [string, unknown][] = [
    ["{'a': 'b'}", { a: "b" }],
    ["{a: 1, b: 2,}", { a: 1, b: 2 }],
    ["[1, 2,]", [1, 2]],
    ["{'a': True, 'b': None, 'c': False}", { a: true, b: null, c: false }],
    ['{"a": "x\ny"}', { a: "x\ny" }],
    ['{"a": "say "hi" to"}', { a: 'say "hi" to' }],
    ['{"a": "f("x", 1)", "b": 2}', { a: 'f("x", 1)', b: 2 }],
    ['{"a": "\\d"}', { a: "\\d" }],
    ['{"a": "f("x", [1])", "b": 2}', { a: 'f("x", [1])', b: 2 }],
    ["['a', 'b', {'c': 'd'}]", ["a", "b", { c: "d" }]],
    ['{"a": 1 // one\n, /* two */ "b": 2}', { a: 1, b: 2 }],
    ['{"a": 1 "b": 2}', { a: 1, b: 2 }],
    ['{"a": "1" "b": 2}', { a: "1", b: 2 }],
    ['{"a": """x "y"\nz"""}', { a: 'x "y"\nz' }],
    ['{"a": "b"', { a: "b" }],
    ['{"a": ["b", "c"', { a: ["b", "c"] }],
    ['{"a": "b\n</tool_call>', { a: "b\n</tool_call>" }],
    ["{“a”: “b”}", { a: "b" }],
    ['{"a": (1, 2)}', { a: [1, 2] }],
    ["{not json at all", undefined],
    ['{"a": 4.2.3}', undefined],
    ['{"a": b c}', undefined],
    ["{", {}],
  ];
  for (const [text, expected] of cases) assert.deepEqual(read(text), expected, text);
});

Deno.test("readJson() says when a string was cut, and when only brackets are missing", () => {
  const state = (text: string) => {
    const result = readJson(text, 0, new Steps(text.length));
    return [result?.isCut, result?.isOpen];
  };
  assert.deepEqual(state('{"a": "b'), [true, false]);
  assert.deepEqual(state('{"a": 12'), [true, false]);
  assert.deepEqual(state('{"a"'), [true, false]);
  assert.deepEqual(state('{"a": "b"'), [false, true]);
  assert.deepEqual(state('{"a": "b"}'), [false, false]);
});

Deno.test("readJson() keeps a key named __proto__ as data", () => {
  const value = read("{'__proto__': {'polluted': 1}}") as Record<string, unknown>;
  assert.deepEqual(Object.keys(value), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

Deno.test("readJson() refuses what is nested too deep", () => {
  assert.equal(read("[".repeat(10_000)), undefined);
  assert.equal(read("{'a':".repeat(10_000)), undefined);
});
