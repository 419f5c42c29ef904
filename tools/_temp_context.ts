/** What a tool is given, in a temp folder, for tests. */

import { openSeen } from "../core/guard/seen.ts";
import { openShell } from "../core/sandbox/shell.ts";
import { tempWorkspace } from "../core/sandbox/_temp_workspace.ts";
import type { OutlineEntry, Tool, ToolContext } from "../core/tool.ts";
import type { Args } from "../core/types.ts";

export interface TempContext extends AsyncDisposable {
  readonly root: string;
  readonly context: ToolContext;
  /** Checks and runs a call as the loop does, and gives what the model reads. */
  call(tool: Tool, args: Args): Promise<string>;
}

export interface TempContextOptions {
  readonly limits?: Partial<ToolContext["limits"]>;
  readonly readGuard?: boolean;
  readonly outline?: readonly OutlineEntry[];
  readonly asked?: string;
  readonly signal?: AbortSignal;
  readonly contract?: ToolContext["contract"]["items"];
}

/** Where the programs that tests use stand on Linux and macOS; the environment itself is read in `core/config` only. */
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";

export async function tempContext(
  content: Readonly<Record<string, string | Uint8Array>> = {},
  options: TempContextOptions = {},
): Promise<TempContext> {
  const space = await tempWorkspace(content);
  const shell = openShell({
    root: space.root,
    env: { PATH: SYSTEM_PATH, HOME: space.root },
    sandbox: { kind: "none", reason: "this test needs none" },
    platform: "linux",
  });
  const results: string[] = [];
  const context: ToolContext = {
    files: space.files,
    shell,
    seen: openSeen(),
    results: {
      keep: (text) => `result:${results.push(text)}`,
      get: (handle) => results[Number(handle.slice("result:".length)) - 1] ?? "",
    },
    syntax: {
      parseErrors: () => Promise.resolve(undefined),
      outline: () => Promise.resolve(options.outline),
    },
    contract: {
      items: options.contract ?? [],
      check: (items) => Promise.resolve({ items, commands: [] }),
    },
    asked: options.asked ?? "",
    signal: options.signal ?? new AbortController().signal,
    output: () => {},
    limits: {
      resultChars: 8_000,
      bashTimeoutMs: 20_000,
      roomTokens: 20_000,
      windowTokens: 32_768,
      ...options.limits,
    },
    switches: { fuzzyEdit: true, syntaxGate: true, keepNames: true, readGuard: options.readGuard ?? true },
  };
  return {
    root: space.root,
    context,
    async call(tool, args) {
      const checked = await tool.check(args);
      if ("problem" in checked) throw new TypeError(checked.problem);
      return (await tool.run(checked.args, context)).text;
    },
    async [Symbol.asyncDispose]() {
      await shell.close();
      await space[Symbol.asyncDispose]();
    },
  };
}
