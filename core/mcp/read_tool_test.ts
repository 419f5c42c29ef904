import assert from "node:assert/strict";
import { readTool } from "./read_tool.ts";

const read = (inputSchema: unknown, more: Record<string, unknown> = {}) =>
  readTool({ name: "go", inputSchema, ...more });

Deno.test("readTool() keeps type, properties, required, enum, items and descriptions, and nothing else", () => {
  const parameters = {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    additionalProperties: false,
    properties: {
      query: { type: "string", minLength: 1, pattern: "(a+)+$", description: "  what to\nlook for " },
      order: { enum: ["asc", "desc"], default: "asc" },
      limit: { anyOf: [{ type: "null" }, { type: "integer", maximum: 10 }], description: "how many" },
      kind: { type: ["null", "string"], const: "fixed" },
      tags: { type: "array", items: { type: "string", format: "uri" } },
    },
    required: ["query"],
  };
  assert.deepEqual(read(parameters, { title: "Goes", annotations: { readOnlyHint: true } }), {
    inner: "go",
    description: "Goes",
    isReadOnly: true,
    parameters: {
      type: "object",
      properties: {
        query: { type: "string", description: "what to look for" },
        order: { enum: ["asc", "desc"] },
        limit: { type: "integer", description: "how many" },
        kind: { type: "string", enum: ["fixed"] },
        tags: { type: "array", items: { type: "string" } },
      },
      required: ["query"],
    },
  });
});

Deno.test("readTool() follows references inside the schema, and a circle to its fourth level", () => {
  const tool = read({
    properties: { node: { $ref: "#/$defs/node" }, far: { $ref: "https://example.com/x" } },
    $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
  });
  const one = { type: "object", properties: { next: { type: "object" } } };
  const two = { type: "object", properties: { next: one } };
  const node = { type: "object", properties: { next: two } };
  assert.deepEqual(tool?.parameters, { type: "object", properties: { node, far: {} } });
});

Deno.test("readTool() says less of a long schema, and leaves nothing of it out that is required", () => {
  const names = Array.from({ length: 20 }, (_, i) => `parameter_${i}`);
  const inside = Object.fromEntries(
    names.map((name) => [name, { type: "string", description: "x".repeat(90) }]),
  );
  const tool = read({ properties: { all: { type: "object", properties: inside } }, required: ["all"] });
  assert.ok(JSON.stringify(tool?.parameters).length < 2_000);
  assert.deepEqual(tool?.parameters.properties?.all?.properties?.parameter_3, { type: "string" });
  const huge = Object.fromEntries(names.map((name) => [name, { type: "object", properties: inside }]));
  const flat = read({ properties: huge, required: ["parameter_0"] });
  assert.deepEqual(flat?.parameters.properties?.parameter_0, { type: "object" });
  assert.ok(JSON.stringify(flat?.parameters).length < 2_000);
});

Deno.test("readTool() gives one short line of a description, cleaned of what a terminal obeys", () => {
  const said = (description: unknown) => read({}, { description })?.description;
  assert.equal(said("Reads\na \u001b[31mticket\u001b[0m.\n\nA long explanation."), "Reads a ticket.");
  assert.equal(said(`${"A sentence of some length. ".repeat(12)}`)?.length, 188);
  assert.equal(said("x".repeat(5_000))?.length, 200);
  assert.equal(said(undefined), "go");
  assert.equal(said(7), "go");
});

Deno.test("readTool() leaves out what is no tool, and what no model can call", () => {
  const required = { properties: { "a b": { type: "string" } }, required: ["a b"] };
  for (const listed of [null, 1, {}, { name: "" }, { name: 7 }, { name: "x".repeat(201) }]) {
    assert.equal(readTool(listed), undefined);
  }
  assert.equal(read(required), undefined);
  assert.equal(read({ required: ["gone"] }), undefined);
  assert.deepEqual(read({ properties: { "a b": {} } })?.parameters, { type: "object", properties: {} });
  assert.deepEqual(read("nonsense")?.parameters, { type: "object", properties: {} });
});

Deno.test("readTool() is not hurt by depth", () => {
  let deep: unknown = { type: "string" };
  for (let i = 0; i < 50_000; i++) deep = { type: "object", properties: { a: deep }, items: deep };
  assert.equal(read({ properties: { a: deep } })?.parameters.properties?.a?.type, "object");
});
