import assert from "node:assert/strict";
import { argsProblem } from "./check_args.ts";

const SCHEMA = {
  type: "object",
  properties: {
    path: { type: "string" },
    depth: { type: "integer" },
    kind: { type: "string", enum: ["file", "folder"] },
    list: { type: "array", items: { type: "number" } },
    inner: { type: "object", properties: { on: { type: "boolean" } }, required: ["on"] },
  },
  required: ["path"],
};

for (
  const [claim, args, problem] of [
    ["accepts what fits, and what the schema does not name", { path: "a", depth: 1, other: [] }, undefined],
    ["misses what is required", {}, "path: it is missing"],
    ["refuses another type", { path: 1 }, "path: string is needed"],
    ["refuses a fraction", { path: "a", depth: 1.5 }, "depth: integer is needed"],
    [
      "refuses a word that is not in the list",
      { path: "a", kind: "x" },
      'kind: one of "file", "folder" is needed',
    ],
    ["looks into lists", { path: "a", list: [1, "2"] }, "list[1]: number is needed"],
    ["looks into objects", { path: "a", inner: {} }, "inner.on: it is missing"],
    ["takes no list for an object", { path: "a", inner: [] }, "inner: object is needed"],
  ] as const
) {
  Deno.test(`argsProblem() ${claim}`, () => assert.equal(argsProblem(args, SCHEMA), problem));
}

Deno.test("argsProblem() ends in a schema that is deeper than any", () => {
  const deep = Array.from({ length: 50 }).reduce<object>((items) => ({ type: "array", items }), {
    type: "string",
  });
  const value = Array.from({ length: 50 }).reduce<unknown>((inner) => [inner], "x");
  assert.match(argsProblem({ a: value }, { properties: { a: deep } }) ?? "", /nested too deep/);
});
