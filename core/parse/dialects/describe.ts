/** The tool list as every text dialect shows it, and arguments for its example. */

import type { JsonSchema, ToolSchema } from "../../types.ts";

/** One line a tool: name, parameters (optional ones with `?`), what it does. */
export function describeTools(tools: readonly ToolSchema[]): string {
  return tools.map((tool) => {
    const required = tool.parameters.required ?? [];
    const parameters = Object.entries(tool.parameters.properties ?? {}).map(([name, schema]) =>
      `${name}${required.includes(name) ? "" : "?"}${
        schema.type && schema.type !== "string" ? `: ${schema.type}` : ""
      }`
    );
    return `- ${tool.name}(${parameters.join(", ")}): ${tool.description}`;
  }).join("\n");
}

/** Words for examples that stand for nothing when copied. */
const SAMPLES: Readonly<Record<string, string>> = {
  path: "README.md",
  command: "ls",
  pattern: "main",
  query: "main",
  url: "http://localhost:8080/",
  content: "Hello\n",
  search: "Hello",
  replace: "Hello, world",
};

/** Arguments of a correct call: required parameters only. */
export function exampleArgs(tool: ToolSchema): Readonly<Record<string, unknown>> {
  const properties = tool.parameters.properties ?? {};
  return Object.fromEntries(
    (tool.parameters.required ?? []).map((name) => [name, sample(name, properties[name] ?? {})]),
  );
}

function sample(name: string, schema: JsonSchema): unknown {
  if (schema.enum && schema.enum.length > 0) return schema.enum[0];
  switch (schema.type) {
    case "integer":
    case "number":
      return 1;
    case "boolean":
      return true;
    case "array":
      return [sample(name, schema.items ?? {})];
    case "object":
      return {};
    default:
      return SAMPLES[name] ?? name.replaceAll("_", " ");
  }
}

/** A call, for an example. */
interface ExampleCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** How calls are written, two examples, the tools. */
export function describeDialect(
  how: string,
  tools: readonly ToolSchema[],
  format: (call: ExampleCall) => string,
): string {
  return [how, ...exampleCalls(tools).map(format), "Tools:", describeTools(tools)].join("\n");
}

/** The first tool's call, and that of the tool with the most required parameters. */
function exampleCalls(tools: readonly ToolSchema[]): readonly ExampleCall[] {
  const count = (tool: ToolSchema) => tool.parameters.required?.length ?? 0;
  const fullest = [...tools].sort((a, b) => count(b) - count(a))[0];
  const shown = tools.filter((tool, index) => index === 0 || tool === fullest);
  return shown.map((tool) => ({ name: tool.name, args: exampleArgs(tool) }));
}
