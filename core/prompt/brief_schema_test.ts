import assert from "node:assert/strict";
import type { ToolSchema } from "../types.ts";
import { bareSchema, briefSchema } from "./brief_schema.ts";

const text = { type: "string", description: "words" };
const WHOLE: ToolSchema = {
  name: "patch",
  description: "All that it can do.",
  parameters: {
    type: "object",
    properties: { path: text, search: text, replace: text, line: { type: "integer" } },
    required: ["path", "search", "replace"],
  },
  mayLack: { search: ["line"] },
  brief: {
    description: "Replace lines.",
    parameters: ["path", "search", "replace"],
    forms: { line_range: ["path", "line", "replace"] },
  },
};

Deno.test("briefSchema() shows the parameters of the edit form that is asked for, without their descriptions", () => {
  const shown = (keys: Record<string, unknown>, required: readonly string[]) => ({
    name: "patch",
    description: "Replace lines.",
    parameters: { type: "object", properties: keys, required },
  });
  const bare = { type: "string" };
  for (const format of ["search_replace", "whole_file", "symbol"] as const) {
    const keys = { path: bare, search: bare, replace: bare };
    assert.deepEqual(briefSchema(WHOLE, format), shown(keys, ["path", "search", "replace"]));
  }
  assert.deepEqual(
    briefSchema(WHOLE, "line_range"),
    shown({ path: bare, line: { type: "integer" }, replace: bare }, ["path", "replace"]),
  );
});

Deno.test("a schema without a brief form is shown whole, and nothing but what the protocol names is sent", () => {
  const { brief: _, ...other } = WHOLE;
  const { name, description, parameters } = WHOLE;
  assert.deepEqual(briefSchema(other, "search_replace"), { name, description, parameters });
  assert.deepEqual(bareSchema(WHOLE), { name, description, parameters });
});
