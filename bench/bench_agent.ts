/** Who does the tasks: this program as a child process, or another agent (`agent_command.ts`). */

import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { ConfigError, ProviderError } from "../core/errors.ts";
import type { BenchWorld } from "./bench_world.ts";
import { type Counters, countEvent, NO_COUNTERS, parseEvent } from "./counters.ts";
import { writeAtomic } from "./record.ts";
import { runProcess } from "./run_process.ts";
import type { Task } from "./task.ts";

/** One run of one task. */
export interface Attempt {
  readonly task: Task;
  /** The copy of the task's start that the agent works in. */
  readonly workspace: string;
  /** An empty folder for the agent's own state. */
  readonly state: string;
  /** Path of the event log to write. */
  readonly log: string;
  readonly seed: number;
  readonly signal: AbortSignal;
}

/** How an attempt ended. */
export interface Attempted {
  readonly counters: Counters;
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly ms: number;
}

export interface BenchAgent {
  /** As results name it. */
  readonly name: string;
  /** @throws {ProviderError | ConfigError} when no task can be tried, so that nothing is recorded as failed. */
  attempt(attempt: Attempt): Promise<Attempted>;
  close(): Promise<void>;
}

/** The model that is measured. */
export interface Subject {
  readonly model: string;
  readonly baseUrl: string;
  /** Keys of the `[harness]` section that are set to false. */
  readonly off: readonly string[];
  /** Further keys of smallcode.toml, as `--set` takes them. */
  readonly set: readonly string[];
}

/** Kilobytes of stderr kept for a message. */
const KEEP_CHARS = 4_000;

/** Seconds after the task's own limit until the child is killed. */
const GRACE_S = 30;

/** Events that are not logged: all they hold comes again in `reply`. */
const UNLOGGED = new Set(["token", "reasoning", "prefill", "tool_output"]);

/** This program, started anew for each attempt with empty configuration and data folders. */
export function openOwnAgent(subject: Subject, world: BenchWorld): BenchAgent {
  return {
    name: `smallcode ${world.version}`,
    attempt: (attempt) => runOwnAgent(attempt, subject, world),
    close: () => Promise.resolve(),
  };
}

async function runOwnAgent(attempt: Attempt, subject: Subject, world: BenchWorld): Promise<Attempted> {
  const { task, workspace, state, signal } = attempt;
  const folders = {
    XDG_CONFIG_HOME: join(state, "config"),
    XDG_DATA_HOME: join(state, "data"),
    XDG_CACHE_HOME: join(state, "cache"),
    XDG_STATE_HOME: join(state, "state"),
    APPDATA: join(state, "config"),
    LOCALAPPDATA: join(state, "data"),
  };
  await Promise.all(Object.values(folders).map((folder) => mkdir(folder, { recursive: true })));
  const settings = [
    `limits.steps=${task.steps}`,
    `limits.minutes=${task.minutes}`,
    `sampling.seed=${attempt.seed}`,
    ...subject.set,
  ];
  await writeAtomic(join(folders.XDG_CONFIG_HOME, "smallcode", "smallcode.toml"), harnessToml(subject.off));
  const command = [
    ...ownCommand(world),
    "run",
    "--json",
    "--yes",
    ...(subject.model === "" ? [] : ["--model", subject.model]),
    ...(subject.baseUrl === "" ? [] : ["--base-url", subject.baseUrl]),
    ...settings.flatMap((setting) => ["--set", setting]),
    "--cwd",
    workspace,
    "--",
    task.prompt,
  ];
  const log = createWriteStream(attempt.log);
  let counters = NO_COUNTERS;
  const read = splitLines((line) => {
    const event = parseEvent(line);
    if (!event) return;
    counters = countEvent(counters, event);
    if (!UNLOGGED.has(event.type)) log.write(`${line}\n`);
  });
  const { exitCode, timedOut, output, ms } = await runProcess(command, {
    cwd: workspace,
    env: { ...withoutOwnVariables(world.env), ...denoFolder(world), ...folders },
    timeoutMs: (task.minutes * 60 + GRACE_S) * 1000,
    signal,
    onStdout: read,
    keepChars: KEEP_CHARS,
  }).finally(() => new Promise<void>((resolve) => log.end(resolve)));
  if (exitCode === 2) throw new ConfigError(`The agent refused its configuration: ${output.trim()}`);
  if (exitCode === 3) {
    throw new ProviderError("unreachable", `The model server cannot be used: ${output.trim()}`);
  }
  return { counters, exitCode, timedOut, ms };
}

/** The command line of this program: the binary itself, or Deno with `main.ts`. */
export function ownCommand(world: Pick<BenchWorld, "assets">): readonly string[] {
  const isDeno = /^deno(\.exe)?$/.test(basename(process.execPath));
  return isDeno
    ? [process.execPath, "run", "-A", "--no-prompt", "--no-check", fileURLToPath(world.assets("main.ts"))]
    : [process.execPath];
}

/** Deno keeps its cache where the user's XDG folders say; the child's are empty. */
function denoFolder({ env, home }: BenchWorld): Readonly<Record<string, string>> {
  if (env.DENO_DIR) return { DENO_DIR: env.DENO_DIR };
  switch (Deno.build.os) {
    case "darwin":
      return { DENO_DIR: join(home, "Library", "Caches", "deno") };
    case "windows":
      return { DENO_DIR: join(env.LOCALAPPDATA ?? home, "deno") };
    default:
      return { DENO_DIR: join(env.XDG_CACHE_HOME ?? join(home, ".cache"), "deno") };
  }
}

/** The environment without the user's own settings of this program. */
function withoutOwnVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.startsWith("SMALLCODE_") && name !== "OLLAMA_HOST"),
  );
}

function harnessToml(off: readonly string[]): string {
  return `[harness]\n${off.map((part) => `${part} = false\n`).join("")}`;
}

/** Gives whole lines to `onLine` as pieces of text come; an unfinished last line is never given. */
export function splitLines(onLine: (line: string) => void): (text: string) => void {
  let rest = "";
  return (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) onLine(line);
  };
}
