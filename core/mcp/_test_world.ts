/** A world for servers of tests: a folder that is removed, no sandbox, and what happened kept. */

import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { McpServer } from "../config/config.ts";
import type { EventBody } from "../events.ts";
import type { ToolContext } from "../tool.ts";
import { serverArgv } from "./_test_server.ts";
import type { ServerWorld } from "./connection.ts";

/** Looked at by no tool of a server but for its signal. */
export const CONTEXT = { signal: new AbortController().signal } as ToolContext;

export async function testWorld() {
  const root = await realpath(await mkdtemp(join(tmpdir(), "smallcode-mcp-test-")));
  const events: EventBody[] = [];
  const { PATH = "", HOME = "" } = Deno.env.toObject();
  const world: ServerWorld = {
    root,
    env: { PATH, HOME, OPENAI_API_KEY: "sk-of-the-model", PLAIN: "seen" },
    platform: "linux",
    sandbox: () => Promise.resolve({ kind: "none", reason: "a test" }),
    cacheFolder: join(root, "cache"),
    version: "1.2.3",
    emit: (event) => void events.push(event),
    now: () => 0,
  };
  /** What happened to servers, e.g. `failed: no answer within 1 s`. */
  const told = () => events.flatMap((event) => event.type === "mcp" ? `${event.action}: ${event.what}` : []);
  return { root, world, told, [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }) };
}

/** One of the servers of `_test_server.ts`, as a file would name it. */
export function testServer(
  kind: string,
  { env = {}, ...more }: Partial<McpServer> & { readonly env?: Readonly<Record<string, string>> } = {},
): McpServer {
  return {
    name: "Tickets",
    from: "./smallcode.toml:1",
    isProject: true,
    isEnabled: true,
    timeoutMs: 20_000,
    trustReadOnly: false,
    way: {
      kind: "command",
      argv: serverArgv(kind),
      env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, { written: value, value }])),
      isSandboxed: true,
    },
    ...more,
  };
}
