/** Tools for the tests of this folder: a name, a category, a description as long as real ones. */

import type { Tool } from "../tool.ts";
import type { Category } from "../types.ts";

export function sampleTool(name: string, category: Category, group?: string): Tool {
  return {
    name,
    category,
    ...(group === undefined ? {} : { group }),
    effect: category === "write" ? "write" : category === "run" ? "run" : "read",
    isPure: false,
    schema: {
      name,
      description: `Does the ${name} work for a path, and says in one line what came of it.`,
      parameters: {
        type: "object",
        properties: { path: { type: "string", description: "relative to the project folder" } },
        required: ["path"],
      },
    },
    example: { path: "README.md" },
    check: (args) => typeof args.path === "string" ? { args } : { problem: "path: a string is needed" },
    request: (args) => ({ effect: "read", what: `${name}: ${args.path}` }),
    run: (args) => Promise.resolve({ text: `${name} ${args.path}`, summary: name }),
  };
}

/** What a full installation has: the bundled tools, plan, web, code graph, and an MCP server with twenty of its own. */
export const SAMPLE_TOOLS: readonly Tool[] = [
  sampleTool("read_file", "read"),
  sampleTool("patch", "write"),
  sampleTool("write_file", "write"),
  sampleTool("bash", "run"),
  sampleTool("search", "search"),
  sampleTool("find_files", "search"),
  sampleTool("list_files", "search"),
  sampleTool("update_plan", "plan"),
  sampleTool("code_graph", "code-intelligence"),
  sampleTool("web_fetch", "web"),
  sampleTool("web_search", "web"),
  ...Array.from({ length: 20 }, (_, i) => sampleTool(`mcp_tickets_${i + 1}`, "web", "mcp_tickets")),
];

/** 3.6 bytes a token: the starting estimate of `core/model/tokens.ts`. */
export function sampleCost(schemas: readonly unknown[]): number {
  return Math.ceil(JSON.stringify(schemas).length / 3.6);
}
