/** The tools of an MCP server as tools like any other. What they do is not known here, so each call is asked for as the mode says. */

import type { McpServer } from "../config/config.ts";
import { ToolError } from "../errors.ts";
import { argsProblem } from "../guard/check_args.ts";
import { exampleArgs } from "../parse/dialects/describe.ts";
import { fromServer } from "../prompt/text/results.ts";
import { exactLine } from "../sandbox/clean_text.ts";
import type { Tool } from "../tool.ts";
import type { Effect } from "../types.ts";
import type { Connection } from "./connection.ts";
import type { ServerTool } from "./read_tool.ts";
import { resultText } from "./result_text.ts";

/** As for plugins' tools. */
const NAME_CHARS = 40;
const SERVER_CHARS = 16;

interface Of {
  readonly server: McpServer;
  readonly connection: Connection;
  readonly tools: readonly ServerTool[];
  /** Names that are given away; grows. */
  readonly taken: Set<string>;
}

export function toolsOf(
  { server, connection, tools, taken }: Of,
): readonly { readonly tool: Tool; readonly listed: ServerTool }[] {
  return tools.map((listed) => {
    const name = nameOf(server.name, listed.inner, taken);
    taken.add(name);
    return { tool: toolOf(name, listed, { server, connection }), listed };
  });
}

/** What the tools of a server go by in the menu. */
function groupOf(server: string): string {
  return `mcp_${wordOf(server).slice(0, SERVER_CHARS)}`;
}

/** `mcp_SERVER_TOOL` in the letters that every model's server takes; a second one of that name is numbered. */
function nameOf(server: string, tool: string, taken: ReadonlySet<string>): string {
  const own = wordOf(server);
  const word = wordOf(tool) || "tool";
  const short = word.startsWith(`${own}_`) ? word.slice(own.length + 1) : word; // github_create_issue of github
  const whole = `${groupOf(server)}_${short}`.slice(0, NAME_CHARS);
  if (!taken.has(whole)) return whole;
  for (let number = 2;; number++) {
    const numbered = `${whole.slice(0, NAME_CHARS - 3)}_${number}`;
    if (!taken.has(numbered)) return numbered;
  }
}

function wordOf(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase().replace(/[^a-z0-9]+/g, "_")
    .replace(/^_|_$/g, "");
}

function toolOf(
  name: string,
  { inner, description, parameters, isReadOnly }: ServerTool,
  { server, connection }: Pick<Of, "server" | "connection">,
): Tool {
  const schema = { name, description, parameters };
  const onlyReads = server.trustReadOnly && isReadOnly;
  return {
    name,
    category: "web",
    group: groupOf(server.name),
    // A program's changes of the workspace are seen as those of a command.
    effect: onlyReads ? "read" : server.way.kind === "command" ? "run" : "network",
    isPure: false,
    schema,
    example: exampleArgs(schema),
    check(args) {
      const problem = argsProblem(args, parameters);
      return problem === undefined ? { args } : { problem };
    },
    request: () => ({
      effect: onlyReads ? "read" : callEffect(server),
      what: `call ${exactLine(inner, 200)} of MCP server ${placeOf(server)}`,
    }),
    async run(args, { signal }) {
      const result = await connection.call(inner, args, signal);
      const text = resultText(result);
      if (result.isError) {
        throw new ToolError(`MCP server ${server.name} says: ${text || "it failed"}`);
      }
      const lines = text.split("\n").length;
      return {
        text: fromServer(server.name, text || "(nothing)"),
        summary: `${lines} ${lines === 1 ? "line" : "lines"} of ${server.name}`,
      };
    },
  };
}

/** An address is named, so that a yes that is kept holds for no other host; a program was asked about when it was started. */
function placeOf({ name, way }: McpServer): string {
  return way.kind === "url" ? `${name} at ${new URL(way.url).origin}` : name;
}

/** What is held as commands are is free where they are; what reaches further is asked for in every mode. */
function callEffect({ way }: McpServer): Effect {
  const isHeld = way.kind === "command" && way.isSandboxed && way.network !== true;
  return isHeld ? "run" : "network";
}
