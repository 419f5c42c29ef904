/** The secrets that a configuration holds: what traces, exports and a cloud never get. */

import type { Config } from "./config.ts";

/** Keys of model servers and MCP servers, and what MCP servers are given from the environment. */
export function secretsOf({ endpoints, mcp }: Pick<Config, "endpoints" | "mcp">): readonly string[] {
  const ofModels = Object.values(endpoints).flatMap(({ apiKey }) => apiKey ?? []);
  const ofServers = mcp.flatMap(({ way }) => {
    if (way.kind === "url") return way.apiKey ?? [];
    if (way.kind !== "command") return [];
    return Object.values(way.env).flatMap(({ written, value }) => written === value ? [] : value);
  });
  return [...ofModels, ...ofServers];
}
