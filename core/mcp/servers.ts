/** The MCP servers of a session: which take part, what they add, and how they stand. */

import type { McpServer } from "../config/config.ts";
import { ToolError } from "../errors.ts";
import { exactLine } from "../sandbox/clean_text.ts";
import { shellWord } from "../sandbox/plugin_command.ts";
import { isSecretName } from "../sandbox/shell.ts";
import type { PermissionRequest, Tool } from "../tool.ts";
import { type CommandWay, type Connection, openConnection, type ServerWorld } from "./connection.ts";
import { readTool, type ServerTool } from "./read_tool.ts";
import { toolsOf } from "./server_tools.ts";

/**
 * `on`: its tools are offered. `off`: switched off. `untrusted`: of a folder that is not trusted. `broken`: cannot be used as it is written.
 * `denied`: nobody permitted its start. `failed`: it did not start, or has ended too often.
 */
export type ServerState = "on" | "off" | "untrusted" | "broken" | "denied" | "failed";

/** A server as it stands. */
export interface ListedServer {
  readonly name: string;
  readonly from: string;
  /** Its command line or address; empty where nothing of it is used. */
  readonly shown: string;
  readonly state: ServerState;
  /** For a person: why it stands so. */
  readonly why: string;
  /** `name`: as the model calls it. */
  readonly tools: readonly (ServerTool & { readonly name: string })[];
  /** What of its tools was left out, in a sentence; empty: nothing. */
  readonly left: string;
}

export interface OpenServers {
  readonly tools: readonly Tool[];
  readonly listed: () => readonly ListedServer[];
  /** What does nothing and why, in sentences for the person. */
  readonly notices: readonly string[];
  readonly close: () => Promise<void>;
}

export interface ServersParts {
  readonly servers: readonly McpServer[];
  readonly world: ServerWorld;
  /** Whether a program may be started. `isHeld`: it is to run in the sandbox. */
  readonly permit: (request: PermissionRequest, isHeld: boolean, signal: AbortSignal) => Promise<boolean>;
  /** Names of the tools that there are already. */
  readonly taken: readonly string[];
}

const COMMAND_CHARS = 1_000;
/** Of those that start; more is a mistake, and would fill a small window with their names alone. */
const MAX_SERVERS = 8;

/** Starts those that take part: each is asked for in turn, then all start at once. What fails is listed, not thrown. @throws the signal's reason */
export async function openServers(parts: ServersParts, signal: AbortSignal): Promise<OpenServers> {
  const standing: Standing[] = [];
  for (const server of parts.servers) {
    const started = standing.filter(({ connection }) => connection !== undefined).length;
    standing.push(await permitServer(server, started, parts, signal));
  }
  const close = async () => {
    await Promise.all(standing.map(({ connection }) => connection?.close()));
  };
  try {
    const open = await startAll(standing, signal);
    const taken = new Set(parts.taken);
    const tooled = open.map((one) => addTools(one, taken));
    return {
      tools: tooled.flatMap(({ tools }) => tools.map(({ tool }) => tool)),
      listed: () => tooled.map(listServer),
      notices: noticesOf(tooled.map(listServer)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A server on its way into the session. */
interface Standing {
  readonly server: McpServer;
  readonly state: ServerState;
  readonly why: string;
  /** Where it may start. */
  readonly connection?: Connection;
  readonly found?: readonly unknown[];
}

async function permitServer(
  server: McpServer,
  started: number,
  { world, permit }: ServersParts,
  signal: AbortSignal,
): Promise<Standing> {
  const { way } = server;
  if (!server.isEnabled) return { server, state: "off", why: `enabled = false at ${server.from}` };
  if (way.kind === "untrusted") {
    return { server, state: "untrusted", why: "this folder is not trusted: smallcode trust" };
  }
  if (way.kind === "broken") return { server, state: "broken", why: way.problem };
  if (started >= MAX_SERVERS) return { server, state: "off", why: `at most ${MAX_SERVERS} take part` };
  if (way.kind === "command" && !await permit(startRequest(server, way), way.isSandboxed, signal)) {
    return { server, state: "denied", why: "its start was not permitted (a yes, an allow rule or --yes)" };
  }
  return { server, state: "on", why: "", connection: openConnection(server, world) };
}

/** Whoever says yes sees every word of it; a change of any is asked for again. */
function startRequest({ name }: McpServer, way: CommandWay): PermissionRequest {
  const how = [
    ...(way.network === true ? ["with network"] : way.network === false ? ["without network"] : []),
    ...(way.isSandboxed ? [] : ["outside the sandbox"]),
  ];
  const what = `start MCP server ${name}: ${exactLine(shownCommand(way), COMMAND_CHARS)}`;
  return {
    effect: "run",
    what: how.length === 0 ? what : `${what} (${how.join(", ")})`,
    command: commandLine(way, ({ value }) => value),
  };
}

/** Secrets by their names; what is taken from the environment as it is written. */
function shownCommand(way: CommandWay): string {
  return commandLine(
    way,
    ({ written }, name) => isSecretName(name) && !written.includes("${") ? "****" : written,
  );
}

function commandLine(
  { argv, env }: CommandWay,
  show: (variable: CommandWay["env"][string], name: string) => string,
): string {
  const set = Object.entries(env).map(([name, variable]) => `${name}=${shellWord(show(variable, name))}`);
  return [...set, ...argv.map(shellWord)].join(" ");
}

/** All at once; where one is given up, so are the others, and each has ended what it started. */
async function startAll(standing: readonly Standing[], signal: AbortSignal): Promise<readonly Standing[]> {
  const started = await Promise.allSettled(standing.map((one) => startServer(one, signal)));
  return started.map((one) => {
    if (one.status === "rejected") throw one.reason;
    return one.value;
  });
}

async function startServer(one: Standing, signal: AbortSignal): Promise<Standing> {
  if (!one.connection) return one;
  try {
    return { ...one, found: await one.connection.open(signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ToolError)) throw error;
    return { ...one, state: "failed", why: error.message };
  }
}

interface Tooled extends Standing {
  readonly tools: readonly { readonly tool: Tool; readonly listed: ServerTool }[];
  readonly left: string;
}

/** @param taken grows by the names that are given */
function addTools(one: Standing, taken: Set<string>): Tooled {
  const { server, connection, found } = one;
  if (!connection || !found) return { ...one, tools: [], left: "" };
  const read = found.map(readTool);
  const wanted = read.filter((tool) => tool !== undefined).filter(({ inner }) =>
    server.tools?.includes(inner) ?? true
  );
  const names = new Set(wanted.map(({ inner }) => inner));
  const unknown = (server.tools ?? []).filter((name) => !names.has(name));
  const unread = read.filter((tool) => tool === undefined).length;
  const left = [
    ...(unread > 0 ? [`${unread} of its tools cannot be called and are left out`] : []),
    ...(unknown.length > 0 ? [`it has no tool ${unknown.join(", ")} (tools)`] : []),
  ].join("; ");
  return { ...one, tools: toolsOf({ server, connection, tools: wanted, taken }), left };
}

function listServer({ server, state, why, connection, tools, left }: Tooled): ListedServer {
  const isLost = state === "on" && connection?.isUsable() === false;
  const { way } = server;
  return {
    name: server.name,
    from: server.from,
    shown: way.kind === "url"
      ? way.url
      : way.kind === "command"
      ? exactLine(shownCommand(way), COMMAND_CHARS)
      : "",
    state: isLost ? "failed" : state,
    why: isLost ? "it ended again and again" : why,
    tools: tools.map(({ tool, listed }) => ({ ...listed, name: tool.name })),
    left,
  };
}

function noticesOf(listed: readonly ListedServer[]): readonly string[] {
  const untrusted = listed.filter(({ state }) => state === "untrusted").map(({ name }) => name);
  return [
    ...(untrusted.length > 0
      ? [
        `MCP servers of this folder do nothing until it is trusted (smallcode trust): ${
          untrusted.join(", ")
        }`,
      ]
      : []),
    ...listed.filter(({ state }) => state === "broken" || state === "denied").map(({ name, from, why }) =>
      `MCP server ${name} (${from}) does nothing: ${why}`
    ),
    ...listed.filter(({ state }) => state === "failed").map(({ why }) => why),
    ...listed.filter(({ left }) => left !== "").map(({ name, left }) => `MCP server ${name}: ${left}`),
  ];
}
