/**
 * What a server is given so that a reply is a call: a grammar of raw headers with free bodies, so that code stays outside JSON, or a JSON
 * schema. llama.cpp refuses a grammar beside `tools` ("Cannot use custom grammar constraints with tools", tried on build 11434) and takes a
 * schema.
 */

import type { ModelRequest, ServerFacts } from "../model/transport.ts";
import type { JsonSchema, ToolSchema } from "../types.ts";

export type Constraint = NonNullable<ModelRequest["constraint"]>;

/** Whether a constrained reply may also be an answer in plain words. */
export type Answers = "allowed" | "none";

/**
 * The constraint for one call of one of the tools; `undefined` where the server cannot.
 * @param meant the tool that the model tried to call, if that is clear: a schema then holds its parameters
 */
export function constraintFor(
  tools: readonly ToolSchema[],
  meant: string | undefined,
  server: { readonly can: ServerFacts["can"]["constrain"]; readonly withTools: boolean },
  answers: Answers = "none",
): Constraint | undefined {
  if (tools.length === 0) return undefined;
  if (server.can.includes("grammar") && !server.withTools) {
    return { kind: "grammar", grammar: grammarOf(tools, answers) };
  }
  if (answers === "allowed") return undefined;
  if (!server.can.includes("json_schema")) return undefined;
  return { kind: "json_schema", schema: schemaOf(tools, tools.find(({ name }) => name === meant)) };
}

function schemaOf(tools: readonly ToolSchema[], meant: ToolSchema | undefined): JsonSchema {
  return {
    type: "object",
    properties: {
      name: { type: "string", enum: meant ? [meant.name] : tools.map(({ name }) => name) },
      arguments: meant?.parameters ?? { type: "object" },
    },
    required: ["name", "arguments"],
  };
}

/** One alternative a tool, written as `formatRaw()` writes it: required parameters only. */
function grammarOf(tools: readonly ToolSchema[], answers: Answers): string {
  const names = tools.map((_, index) => `tool${index}`);
  return [
    `root ::= ${[...names, ...(answers === "allowed" ? ["answer"] : [])].join(" | ")}`,
    ...tools.map((tool, index) => `${names[index]} ::= ${callRule(tool)}`),
    // A call's first letter is a small one, its body begins with a mark: an answer has neither where they would be.
    ...(answers === "allowed"
      ? [String.raw`answer ::= [^a-z${"`"}<{\[\n ] [^\n]* ("\n" ([^${"`"}<{\n] [^\n]*)?)*`]
      : []),
    String.raw`value ::= "\"" [^"\\\n]+ "\""`,
    String.raw`path ::= [^ "\\\n${"`"}]+`,
    'mark ::= "```" [a-z]* "\\n"',
    // A body's line does not begin as its end mark does; else the grammar could not tell where it ends.
    "fenced ::= " + bodyLine("`", 3),
    "old ::= " + bodyLine("=", 2),
    "new ::= " + bodyLine(">", 2),
  ].join("\n");
}

function callRule(tool: ToolSchema): string {
  const required = tool.parameters.required ?? [];
  const isBody = (key: string) => ["content", "command", "search", "replace"].includes(key);
  const keys = required.filter((key) => !isBody(key));
  const header = keys.length === 1 && keys[0] === "path"
    ? [`" " (path | "path=" value)`]
    : keys.map((key) => `" ${key}=" ${valueRule(tool, key)}`);
  const fences = required.filter((key) => key === "content" || key === "command").map(() =>
    String.raw`"\n" mark fenced+ "${"```"}"`
  );
  const block = required.includes("search")
    ? [String.raw`"\n<<<<<<< SEARCH\n" old+ "=======\n" new* ">>>>>>> REPLACE"`]
    : [];
  return [JSON.stringify(tool.name), ...header, ...fences, ...block].join(" ");
}

function valueRule(tool: ToolSchema, key: string): string {
  switch (tool.parameters.properties?.[key]?.type) {
    case "integer":
    case "number":
      return `[0-9]+`;
    case "boolean":
      return `("true" | "false")`;
    default:
      return "value";
  }
}

/** Any line that does not begin with `count` of the mark. */
function bodyLine(mark: string, count: number): string {
  const starts = Array.from(
    { length: count },
    (_, n) => `${n > 0 ? `"${mark.repeat(n)}" ` : ""}[^${mark}\\n] [^\\n]*`,
  );
  return String.raw`(${starts.join(" | ")})? "\n"`;
}

/** Whether a reply keeps to its constraint as far as its start shows. One that does not came from a server that ignores constraints. */
export function keepsTo(
  constraint: Constraint,
  reply: string,
  tools: readonly ToolSchema[],
  answers: Answers = "none",
): boolean {
  const text = reply.trimStart();
  switch (constraint.kind) {
    case "json_schema":
      return text.startsWith("{");
    case "grammar":
      return tools.some(({ name }) => text.startsWith(name)) ||
        answers === "allowed" && /^[^a-z`<{[]/.test(text);
  }
}
