import assert from "node:assert/strict";
import type { JsonSchema } from "../types.ts";
import { fitArgs } from "./args.ts";

const SCHEMA: JsonSchema = {
  type: "object",
  properties: {
    path: { type: "string" },
    line: { type: "integer" },
    all: { type: "boolean" },
    tags: { type: "array", items: { type: "string" } },
    mode: { type: "string", enum: ["fast", "slow"] },
    content: { type: "string" },
    command: { type: "string" },
  },
  required: ["path"],
};

function fit(raw: unknown, schema: JsonSchema = SCHEMA, isUntyped = false): unknown {
  const fitted = fitArgs(raw, { name: "tool", description: "", parameters: schema }, isUntyped);
  return "args" in fitted ? { ...fitted.args } : fitted.problem.kind;
}

Deno.test("fitArgs() gives arguments the schema's names and types", () => {
  const cases: [unknown, unknown][] = [
    [{ path: "a" }, { path: "a" }],
    ['{"path": "a"}', { path: "a" }],
    ['"{\\"path\\": \\"a\\"}"', { path: "a" }],
    ["a", { path: "a" }],
    [["a"], { path: "a" }],
    [[{ path: "a" }], { path: "a" }],
    [{ args: { path: "a" } }, { path: "a" }],
    [{ Path: "a" }, { path: "a" }],
    [{ filePath: "a" }, { path: "a" }],
    [{ path: "a", file: "b" }, { path: "a" }],
    [{ path: 7 }, { path: "7" }],
    [{ path: "a", line: "3", all: "True" }, { path: "a", line: 3, all: true }],
    [{ path: "a", line: null, all: "" }, { path: "a" }],
    [{ path: "a", tags: "x" }, { path: "a", tags: ["x"] }],
    [{ path: "a", tags: "['x', 'y']" }, { path: "a", tags: ["x", "y"] }],
    [{ path: "a", mode: "FAST" }, { path: "a", mode: "fast" }],
    [{ path: { a: 1 } }, "wrong_type"],
    [{ path: ["x", "y"] }, "wrong_type"],
    [{ path: "a", content: ["x", "y"] }, { path: "a", content: "x\ny" }],
    [{ path: "a", content: { x: 1 } }, { path: "a", content: '{"x":1}' }],
    [{ path: "a", command: ["npm", "test"] }, { path: "a", command: "npm test" }],
    [{ path: "a", command: ["bash", "-lc", "ls | wc -l"] }, { path: "a", command: "ls | wc -l" }],
    [{ path: "a", command: ["npm test", "rm x"] }, "wrong_type"],
  ];
  for (const [raw, expected] of cases) assert.deepEqual(fit(raw), expected, JSON.stringify(raw));
});

Deno.test("fitArgs() guesses nothing", () => {
  const cases: [unknown, string][] = [
    [{}, "missing_argument"],
    [{ path: null }, "missing_argument"],
    [{ line: 3 }, "missing_argument"],
    [{ path: "a", line: "top" }, "wrong_type"],
    [{ path: "a", line: "9".repeat(400) }, "wrong_type"],
    [{ path: "a", mode: "odd" }, "wrong_type"],
    [3, "unreadable"],
    [{ path: "a", ["constructor"]: {} }, "unreadable"],
    [JSON.parse('{"path": "a", "__proto__": {}}'), "unreadable"],
  ];
  for (const [raw, expected] of cases) assert.deepEqual(fit(raw), expected, JSON.stringify(raw));
});

Deno.test("fitArgs() never takes bare text for what is to be written", () => {
  const schema = { type: "object", properties: { content: { type: "string" } }, required: ["content"] };
  assert.equal(fit("hello", schema), "unreadable");
});

Deno.test("fitArgs() leaves text that cannot be typed to the tool where a dialect has text only", () => {
  assert.deepEqual(fit({ path: "a", line: "top" }, SCHEMA, true), { path: "a", line: "top" });
});

Deno.test("fitArgs() keeps unknown parameters where the schema is open", () => {
  assert.deepEqual(fit({ a: 1 }, { type: "object" }), { a: 1 });
  const open = { type: "object", properties: {}, additionalProperties: true } as JsonSchema;
  assert.deepEqual(fit({ a: 1 }, open), { a: 1 });
});

Deno.test("fitArgs() takes exactly one of a schema's forms", () => {
  const form = (key: string) => ({
    type: "object",
    properties: { [key]: { type: "string" } },
    required: [key],
  });
  const schema = { oneOf: [form("city"), form("zip")] } as JsonSchema;
  assert.deepEqual(fit({ city: "Oslo" }, schema), { city: "Oslo" });
  assert.equal(fit({ city: "Oslo", zip: "0150" }, schema), "wrong_type");
  assert.equal(fit({}, schema), "wrong_type");
});
