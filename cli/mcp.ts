/** `smallcode mcp list`, `/mcp`: the MCP servers of a folder, how they stand and what they add. */

import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import type { SmallCodeOptions } from "../core/api.ts";
import { type Flags, loadConfig } from "../core/config/load.ts";
import { ConfigError } from "../core/errors.ts";
import type { ListedServer, ServerState } from "../core/mcp/servers.ts";
import { openFolderServers } from "../core/session/add_servers.ts";
import { openRules } from "../core/session/open_permission.ts";
import { findSandbox } from "../core/sandbox/command_sandbox.ts";
import { answerYes, askLine, askPerson } from "./ask_person.ts";
import { plainText } from "./terminal_text.ts";
import type { World } from "./world.ts";

export interface McpOptions {
  readonly flags: Flags & { readonly cwd?: string };
  /** One JSON list on stdout instead of lines. */
  readonly json: boolean;
}

const STATES: Readonly<Record<ServerState, string>> = {
  on: "on",
  off: "off",
  untrusted: "not trusted",
  broken: "broken",
  denied: "not started",
  failed: "failed",
};

/**
 * Starts the servers as a session would, shows them and ends them again.
 * @returns exit code 0; 1 when one failed, is broken, or was not permitted to start
 * @throws {ConfigError}
 */
export async function mcpCommand(action: string, options: McpOptions, world: World): Promise<number> {
  if (action !== "list") throw new ConfigError(`There is no "smallcode mcp ${plainText(action)}": list`);
  const root = await realpath(resolve(world.cwd, options.flags.cwd ?? "."));
  const { config, warnings } = await loadConfig({
    ...world,
    cwd: root,
    flags: options.flags,
    isTerminal: world.stdinIsTerminal,
  });
  for (const warning of warnings) world.err(`${plainText(warning)}\n`);
  const { platform, env, version, home } = world;
  const { mode = "ask", network } = config.permissions;
  const confine = { root, protectedPaths: [config.paths.config, config.paths.data], platform, env, network };
  const sandbox = await findSandbox(confine);
  const open = await openFolderServers({
    servers: config.mcp,
    confine,
    home,
    version,
    taken: [],
    now: () => performance.now(),
    permission: {
      emit: () => {},
      ask: askerOf(options, world),
      ...await openRules({ root, config, mode: () => mode, isSandboxed: sandbox.kind !== "none" }),
    },
  }, world.signal);
  try {
    const listed = open.listed();
    world.out(options.json ? `${JSON.stringify(listed, null, 2)}\n` : `${serverLines(listed)}\n`);
    const bad = listed.some(({ state }) => ["broken", "denied", "failed"].includes(state));
    return bad ? 1 : 0;
  } finally {
    await open.close();
  }
}

function askerOf({ flags }: McpOptions, world: World): SmallCodeOptions["ask"] & object {
  if (flags.yes) return answerYes(undefined);
  if (!world.stdinIsTerminal) return () => Promise.resolve("no");
  return (question, signal) => askPerson({ ask: (text) => askLine(text, signal), show: world.err }, question);
}

/** Each server with its state, then its tools as the model calls them. */
export function serverLines(listed: readonly ListedServer[]): string {
  if (listed.length === 0) return "There is no MCP server here: [mcp.NAME] in smallcode.toml, or .mcp.json";
  return listed.flatMap(({ name, state, from, shown, why, tools, left }) => [
    [name.padEnd(16), STATES[state].padEnd(12), from.padEnd(24), shown].join(" ").trimEnd(),
    ...[why, left].filter((text) => text !== "").map((text) => `${" ".repeat(17)}${text}`),
    ...tools.map((tool) =>
      `  ${tool.name}${tool.isReadOnly ? " (says it only reads)" : ""}: ${tool.description}`
    ),
  ]).map(plainText).join("\n");
}
