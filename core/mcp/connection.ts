/** One MCP server for as long as a session lasts: started, asked, started once more when it ended, and ended. */

import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { McpServer } from "../config/config.ts";
import { ToolError } from "../errors.ts";
import type { EventBody } from "../events.ts";
import { cleanLine } from "../sandbox/clean_text.ts";
import type { CommandSandbox } from "../sandbox/command_sandbox.ts";
import { programEnvironment } from "../sandbox/plugin_command.ts";
import type { CallResult, Exchange } from "./client.ts";
import { ServerProcess } from "./server_process.ts";

/** How a server is reached that is a program. */
export type CommandWay = Extract<McpServer["way"], { kind: "command" }>;

/** What servers are started in. */
export interface ServerWorld {
  /** Absolute real path of the workspace, where programs start. */
  readonly root: string;
  /** The environment of commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly platform: "linux" | "darwin" | "windows";
  /** What holds a program; found anew for each. */
  readonly sandbox: (network: boolean | undefined) => Promise<CommandSandbox>;
  /** Kept from session to session: where `npx` and `uvx` put what they fetched. One folder a server is made in it. */
  readonly cacheFolder: string;
  /** Of this program, as servers are told. */
  readonly version: string;
  readonly emit: (event: EventBody) => void;
  readonly now: () => number;
}

export interface Connection {
  /** Starts or reaches the server. @returns its tools, unchecked @throws {ToolError} @throws the signal's reason */
  readonly open: (signal: AbortSignal) => Promise<readonly unknown[]>;
  /** @throws {ToolError} whose message the model reads @throws the signal's reason */
  readonly call: (
    tool: string,
    args: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
  ) => Promise<CallResult>;
  /** Whether a call can be made or tried. */
  readonly isUsable: () => boolean;
  readonly close: () => Promise<void>;
}

/** Times that a program may end without having answered a call in between. */
const MAX_LOST = 2;
const WHY_CHARS = 400;

/** Nothing is started yet. */
export function openConnection(server: McpServer, world: ServerWorld): Connection {
  let current: { readonly exchange: Exchange; readonly process?: ServerProcess } | undefined;
  let lost = 0;
  let isClosed = false;
  let base: string | undefined;
  const tell = (action: "started" | "failed" | "stopped", what: string, since: number) =>
    world.emit({ type: "mcp", server: server.name, action, what, ms: world.now() - since });

  async function begin(signal: AbortSignal): Promise<Exchange> {
    const started = world.now();
    // The protocol's library is loaded with the first server.
    const { faultOf, openExchange, urlTransport } = await import("./client.ts");
    const { way } = server;
    const process = way.kind === "command" ? await makeProcess(way) : undefined;
    const transport = process ?? (way.kind === "url" ? urlTransport(way) : undefined);
    if (!transport) throw new ToolError(`MCP server ${server.name} cannot be used`);
    const options = { version: world.version, timeoutMs: server.timeoutMs, signal };
    try {
      const exchange = await openExchange(transport, options);
      current = { exchange, ...(process ? { process } : {}) };
      tell("started", countTools(exchange.tools.length), started);
      return exchange;
    } catch (error) {
      signal.throwIfAborted();
      const { kind, why } = faultOf(error);
      const reason = kind === "timeout"
        ? `no answer within ${server.timeoutMs / 1000} s`
        : cleanLine(process?.why ?? why, WHY_CHARS);
      tell("failed", reason, started);
      throw new ToolError(`MCP server ${server.name} did not start: ${reason}`, { cause: error });
    }
  }

  async function makeProcess(way: CommandWay): Promise<ServerProcess> {
    const sandbox = way.isSandboxed ? await world.sandbox(way.network) : undefined;
    const cache = join(world.cacheFolder, server.name);
    await mkdir(cache, { recursive: true });
    base ??= await realpath(await mkdtemp(join(tmpdir(), "smallcode-mcp-")));
    const folders = { cwd: world.root, state: await realpath(cache), temp: base };
    const isHeld = sandbox !== undefined && sandbox.kind !== "none";
    const caches = { npm_config_cache: join(cache, "npm"), UV_CACHE_DIR: join(cache, "uv") };
    return new ServerProcess({
      argv: isHeld ? sandbox.wrap(way.argv, folders) : way.argv,
      cwd: world.root,
      env: {
        ...programEnvironment(world.env),
        ...(isHeld ? caches : {}),
        ...Object.fromEntries(Object.entries(way.env).map(([name, { value }]) => [name, value])),
      },
      isWindows: world.platform === "windows",
    });
  }

  /** Gives up what does not answer any more; the next call begins anew, or finds that a program ended too often. */
  async function lose(why: string, since: number): Promise<string> {
    const { exchange, process } = current ?? {};
    current = undefined;
    tell("stopped", why, since);
    await exchange?.close();
    if (!process) return "Try it again later";
    lost++;
    return lost < MAX_LOST
      ? "It is started again with the next call: look what this one did before you repeat it"
      : "It is off now: do the task without it";
  }

  return {
    async open(signal) {
      return (await begin(signal)).tools;
    },
    isUsable: () => !isClosed && lost < MAX_LOST,
    async call(tool, args, signal) {
      if (isClosed || lost >= MAX_LOST) {
        throw new ToolError(
          `MCP server ${server.name} is off for this session: it ended again and again. Do the task without it`,
        );
      }
      const { faultOf } = await import("./client.ts");
      const started = world.now();
      // One that ended between two calls was asked nothing: starting it again repeats nothing.
      if (current?.process?.why !== undefined) await lose(current.process.why, started);
      const exchange = current?.exchange ?? await begin(signal).catch((error: unknown) => {
        if (server.way.kind === "command" && !signal.aborted) lost++;
        throw error;
      });
      try {
        const result = await exchange.call(tool, args, { timeoutMs: server.timeoutMs, signal });
        lost = 0;
        return result;
      } catch (error) {
        signal.throwIfAborted();
        const { kind, why } = faultOf(error);
        const of = `MCP server ${server.name}`;
        switch (kind) {
          case "timeout":
            throw new ToolError(
              `${of} gave no answer within ${server.timeoutMs / 1000} s. What the call did is not known`,
            );
          case "refused":
          case "nonsense":
            throw new ToolError(`${of}: ${cleanLine(why, WHY_CHARS)}`);
          case "lost": {
            const reason = cleanLine(current?.process?.why ?? why, WHY_CHARS);
            throw new ToolError(`${of} was lost during the call: ${reason}. ${await lose(reason, started)}`);
          }
        }
      }
    },
    async close() {
      isClosed = true;
      const { exchange } = current ?? {};
      current = undefined;
      await exchange?.close();
      if (base !== undefined) await rm(base, { recursive: true, force: true });
    },
  };
}

function countTools(count: number): string {
  return count === 1 ? "1 tool" : `${count} tools`;
}
