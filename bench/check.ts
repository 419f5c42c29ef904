/** Executes a task's hidden check on a result, in a clean copy that the agent never saw. */

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { copyWorkspace, layOver } from "./overlay.ts";
import { parseForCheck } from "./parse_for_check.ts";
import { type ProcessOptions, runProcess } from "./run_process.ts";
import type { Task } from "./task.ts";

/** How a check is kept from the network: bubblewrap, a network namespace of its own, or not at all (said in each report). */
export type Isolation = "bwrap" | "unshare" | "none";

/** What a check gave. */
export interface CheckResult {
  readonly passed: boolean;
  /** Output of the check, its end, at most 4,000 characters. */
  readonly output: string;
  readonly timedOut: boolean;
  readonly ms: number;
}

export interface CheckOptions {
  /** The process' environment: only its PATH and the places of toolchains reach the check. */
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly isolation: Isolation;
  readonly signal: AbortSignal;
}

const KEEP_CHARS = 4_000;

/** The strongest isolation that works here; tried, not guessed. */
export async function findIsolation(options: Omit<CheckOptions, "isolation">): Promise<Isolation> {
  if (Deno.build.os !== "linux") return "none";
  for (const isolation of ["bwrap", "unshare"] as const) {
    const command = isolate(["true"], { isolation, writable: [], folder: tmpdir() });
    const { exitCode } = await runProcess(command, {
      cwd: tmpdir(),
      env: { PATH: options.env.PATH ?? "" },
      timeoutMs: 5_000,
      signal: options.signal,
      keepChars: KEEP_CHARS,
    });
    if (exitCode === 0) return isolation;
  }
  return "none";
}

/**
 * Runs the check of a task on the workspace that an agent left.
 *
 * The result is copied, the hidden files are laid over it, and the check's command runs there with a clean environment and a time limit.
 * The agent's last words lie in the file that `ANSWER_FILE` names, outside the copy.
 * @param workspace the whole folder after the agent's work; it is only read
 */
export async function runCheck(
  task: Task,
  result: { readonly workspace: string; readonly answer: string },
  options: CheckOptions,
): Promise<CheckResult> {
  const root = await mkdtemp(join(tmpdir(), "smallcode-check-"));
  try {
    const copy = join(root, "copy");
    const home = join(root, "home");
    const cache = join(tmpdir(), "smallcode-check-cache");
    await Promise.all([mkdir(home), mkdir(cache, { recursive: true })]);
    await copyWorkspace(result.workspace, copy);
    await layOver(join(task.folder, "check"), copy);
    const answerFile = join(root, "answer.txt");
    await writeFile(answerFile, result.answer);
    for (const path of task.parsed) {
      const problem = await layParsed(copy, path);
      if (problem) return { passed: false, output: problem, timedOut: false, ms: 0 };
    }
    const process: ProcessOptions = {
      cwd: copy,
      env: { ...checkEnvironment(options, home, cache), ANSWER_FILE: answerFile },
      timeoutMs: task.checkSeconds * 1000,
      signal: options.signal,
      keepChars: KEEP_CHARS,
    };
    const command = isolate(task.check, {
      isolation: options.isolation,
      writable: [root, cache],
      folder: copy,
    });
    const { exitCode, timedOut, output, ms } = await runProcess(command, process);
    return {
      passed: exitCode === 0,
      output: timedOut ? `${output}\nthe check was killed after ${task.checkSeconds} s` : output,
      timedOut,
      ms,
    };
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Lays `path.json` beside a file of the copy, or says why it could not. */
async function layParsed(copy: string, path: string): Promise<string | undefined> {
  const file = join(copy, path);
  if (!existsSync(file)) return `${path} is missing`;
  try {
    await writeFile(`${file}.json`, JSON.stringify(await parseForCheck(file)));
    return undefined;
  } catch (error) {
    if (error instanceof Error) return `${path} does not parse: ${error.message}`;
    throw error;
  }
}

function checkEnvironment(
  { env, home }: CheckOptions,
  checkHome: string,
  cache: string,
): Record<string, string> {
  return {
    PATH: env.PATH ?? "",
    HOME: checkHome,
    TMPDIR: checkHome,
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    PYTHONDONTWRITEBYTECODE: "1",
    DENO_NO_UPDATE_CHECK: "1",
    DENO_NO_PROMPT: "1",
    // Toolchains live in the real home; their caches are kept from check to check, builds are not.
    RUSTUP_HOME: env.RUSTUP_HOME ?? join(home, ".rustup"),
    CARGO_HOME: join(cache, "cargo"),
    CARGO_NET_OFFLINE: "true",
    GOCACHE: join(cache, "go"),
    GOPATH: join(cache, "gopath"),
    GOPROXY: "off",
    GOTOOLCHAIN: "local",
    GOTELEMETRY: "off",
    ...(Deno.build.os === "windows" ? { SystemRoot: env.SystemRoot ?? "C:\\Windows" } : {}),
  };
}

function isolate(
  command: readonly string[],
  { isolation, writable, folder }: {
    readonly isolation: Isolation;
    readonly writable: readonly string[];
    readonly folder: string;
  },
): readonly string[] {
  switch (isolation) {
    case "none":
      return command;
    case "unshare":
      return ["unshare", "--net", "--map-root-user", ...command];
    case "bwrap":
      return [
        "bwrap",
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
        "--proc",
        "/proc",
        ...writable.flatMap((path) => ["--bind", path, path]),
        "--unshare-net",
        "--unshare-pid",
        "--die-with-parent",
        "--new-session",
        "--chdir",
        folder,
        ...command,
      ];
  }
}
