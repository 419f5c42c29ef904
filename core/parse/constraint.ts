/**
 * What a server is given so that a reply is a call: a grammar of raw headers with free bodies, so that code stays outside JSON, or a JSON
 * schema of the header alone, whose body is asked for in a second request (`core/turn/call_header.ts`). llama.cpp refuses a grammar beside `tools` ("Cannot use custom grammar constraints with tools", tried on build 11434) and takes a
 * schema.
 */

import type { ModelRequest, ServerFacts } from "../model/transport.ts";
import type { Args, JsonSchema, ToolSchema } from "../types.ts";
import { readJson } from "./json_repair.ts";
import { Steps } from "./scan.ts";

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
  if (!server.can.includes("json_schema")) return undefined;
  return {
    kind: "json_schema",
    schema: headerSchema(tools, tools.find(({ name }) => name === meant), answers),
  };
}

/** The name that stands for no tool: the reply is to be words. */
export const ANSWER = "answer";

/** Parameters that hold code or text of a file: never asked for inside JSON. */
const BODIES: readonly string[] = ["content", "search", "replace"];

/** The required parameters of a tool that are written outside its header. */
export function bodiesOf(tool: ToolSchema): readonly string[] {
  return (tool.parameters.required ?? []).filter((key) => BODIES.includes(key));
}

/** The parameters of a tool that stand in its header: with code below it only those that it needs. */
export function headerKeys({ parameters }: ToolSchema): readonly string[] {
  const { required = [], properties = {} } = parameters;
  const hasBody = required.some((key) => BODIES.includes(key));
  return hasBody ? required.filter((key) => !BODIES.includes(key)) : Object.keys(properties);
}

/** Name and arguments without code; those of all tools where it is not clear which is meant. */
function headerSchema(
  tools: readonly ToolSchema[],
  meant: ToolSchema | undefined,
  answers: Answers,
): JsonSchema {
  const offered = meant ? [meant] : tools;
  const entries = offered.flatMap((tool) =>
    headerKeys(tool).map((key): [string, JsonSchema] => [key, tool.parameters.properties?.[key] ?? {}])
  );
  const required = meant ? headerKeys(meant).filter((key) => meant.parameters.required?.includes(key)) : [];
  return {
    type: "object",
    properties: {
      name: {
        type: "string",
        enum: [...offered.map(({ name }) => name), ...(answers === "allowed" ? [ANSWER] : [])],
      },
      arguments: {
        type: "object",
        properties: Object.fromEntries(entries),
        ...(required.length > 0 && answers === "none" ? { required } : {}),
      },
    },
    required: ["name", "arguments"],
  };
}

/** A header as a constrained reply gives it; `undefined` where it is none. */
export function readHeader(
  text: string,
  tools: readonly ToolSchema[],
): { readonly name: string; readonly args: Args } | undefined {
  const read = readJson(text.trim(), 0, new Steps(text.length))?.value;
  if (typeof read !== "object" || read === null) return undefined;
  const { name, arguments: args = {} } = read as Readonly<Record<string, unknown>>;
  if (typeof name !== "string" || typeof args !== "object" || args === null || Array.isArray(args)) {
    return undefined;
  }
  return name === ANSWER || tools.some((tool) => tool.name === name)
    ? { name, args: args as Args }
    : undefined;
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
      return readHeader(text, tools) !== undefined;
    case "grammar":
      return tools.some(({ name }) => text.startsWith(name)) ||
        answers === "allowed" && /^[^a-z`<{[]/.test(text);
  }
}
