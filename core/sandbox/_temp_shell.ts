/** A shell in a temp folder for tests; it and its processes end with the block that holds it. */

import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandResult, Shell } from "../tool.ts";
import type { CommandSandbox } from "./command_sandbox.ts";
import { openShell } from "./shell.ts";

export interface TempShell extends AsyncDisposable {
  readonly root: string;
  readonly shell: Shell;
  /** Runs a command and gives its result without the time it took. */
  run(command: string, timeoutMs?: number): Promise<Omit<CommandResult, "ms">>;
}

export interface TempShellOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly sandbox?: (root: string) => Promise<CommandSandbox>;
}

/** Where the programs that tests use stand on Linux and macOS; the environment itself is read in `core/config` only. */
const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin";

export async function tempShell(options: TempShellOptions = {}): Promise<TempShell> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "shell-test-")));
  const env = { PATH: SYSTEM_PATH, HOME: root, ...options.env };
  const sandbox = await options.sandbox?.(root) ?? { kind: "none", reason: "this test needs none" };
  const shell = openShell({ root, env, sandbox, platform: "linux" });
  return {
    root,
    shell,
    async run(command, timeoutMs = 20_000) {
      const signal = new AbortController().signal;
      const { ms: _ms, ...rest } = await shell.run(command, {
        timeoutMs,
        signal,
        onOutput: () => {},
        background: false,
      });
      return rest;
    },
    async [Symbol.asyncDispose]() {
      await shell.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
