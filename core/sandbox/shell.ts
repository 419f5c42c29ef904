/** Runs commands for the agent: own process group, no terminal, bounded output, nothing left behind. */

import { mkdir, mkdtemp, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ToolError } from "../errors.ts";
import type { CommandResult, Shell } from "../tool.ts";
import type { CommandSandbox, ShellFolders } from "./command_sandbox.ts";
import { keepOutput, type KeptOutput } from "./kept_output.ts";
import { type Ended, type Group, startGroup } from "./process_group.ts";
import { findShell, type ShellKind } from "./shell_kind.ts";

export interface ShellOptions {
  /** Absolute real path of the workspace, where the first command starts. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: CommandSandbox;
  readonly platform: "linux" | "darwin" | "windows";
  /** `fresh`: each command starts in `root` with the first variables, so several can run at once; default `carried`. */
  readonly state?: "carried" | "fresh";
  /** Another shell's temp folder, so that what a compiler keeps there is not built twice; default: one of its own. */
  readonly temp?: () => Promise<string>;
}

/** Characters of one command's output that are kept: enough for any report that is read, and bounded for `yes`. */
const MAX_OUTPUT_CHARS = 400_000;
/** How long a background job is watched before its first answer: most that fail at all fail at once. */
const FIRST_LOOK_MS = 1_000;
const MAX_JOBS = 8;

/** Secrets by the names that are in use for them; the agent's own settings too. */
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|^SMALLCODE_/i;

/** Ends questions, pagers, editors, colours and buffering, each of which hides output or waits for a person. */
const QUIET_ENV: Readonly<Record<string, string>> = {
  CI: "1",
  DEBIAN_FRONTEND: "noninteractive",
  GIT_EDITOR: "true",
  GIT_PAGER: "cat",
  GIT_TERMINAL_PROMPT: "0",
  NO_COLOR: "1",
  PAGER: "cat",
  PYTHONUNBUFFERED: "1",
  TERM: "dumb",
};

interface Job {
  readonly group: Group;
  readonly output: KeptOutput;
  readonly started: number;
  ended?: Ended;
}

/**
 * Opens a shell whose folder and exported variables are carried from call to call.
 *
 * A command ends when its own process ends; what it left running in its group is ended then, and the output says so.
 * `run` rejects with the signal's reason when aborted, with ToolError when it cannot start.
 */
export function openShell(
  options: ShellOptions,
): Shell & { readonly temp: () => Promise<string>; close(): Promise<void> } {
  const kind = findShell(options.platform, options.env);
  const env = commandEnvironment(options.env);
  const isFresh = options.state === "fresh";
  const running = new Set<Group>();
  const jobs = new Map<string, Job>();
  let cwd = options.root;
  let folder: Promise<string> | undefined;
  let runs = 0;

  const scratch = () => folder ??= makeScratch();
  const temp = options.temp ?? (async () => join(await scratch(), "tmp"));

  async function start(command: string, output: KeptOutput, onOutput: (text: string) => void, state: string) {
    const base = await scratch();
    const folders = { cwd, state: join(base, state), temp: await temp() };
    await mkdir(folders.state, { recursive: true });
    await refuseLostFolder();
    const group = startGroup(argvFor(command, folders), {
      cwd,
      env,
      isWindows: options.platform === "windows",
      onOutput: (text) => {
        output.add(text);
        onOutput(text);
      },
    });
    running.add(group);
    group.ended.then(() => running.delete(group), () => running.delete(group));
    return { group, folders };
  }

  function argvFor(command: string, folders: ShellFolders): readonly string[] {
    const text = command.replaceAll("\r\n", "\n");
    refuseUnknownSyntax(kind, text);
    const argv = kind.argv(text, folders);
    return options.sandbox.kind === "none" ? argv : options.sandbox.wrap(argv, folders);
  }

  /** Says once that the folder is gone; the next command then starts in the workspace. */
  async function refuseLostFolder(): Promise<void> {
    if (await isFolder(cwd)) return;
    const lost = cwd;
    cwd = options.root;
    if (lost === options.root) {
      throw new ToolError(`Cannot run commands: the workspace folder "${lost}" no longer exists`);
    }
    throw new ToolError(
      `Cannot run the command: the current folder "${lost}" no longer exists. Commands start in "${options.root}" again; send the command once more`,
    );
  }

  /** Takes over folder and variables that the command wrote down; a killed command has not, and changes nothing. */
  async function carryState(state: string): Promise<{ leftRunning: boolean }> {
    const read = (name: string) => readFile(join(state, name), "utf8").catch(() => "");
    const written = (await read("cwd.new")).replace(/\r?\n$/, "");
    const leftRunning = (await read("jobs.new")).trim() !== "";
    if (written !== "" && !isFresh) {
      await rename(join(state, "env.new"), join(state, "env"));
      await rm(join(state, "cwd.new"));
      cwd = written;
    }
    await rm(join(state, "jobs.new"), { force: true });
    return { leftRunning };
  }

  return {
    name: kind.name,
    temp,
    cwd: () => cwd,
    jobs: () => [...jobs.values()].filter((job) => !job.ended).length,
    async run(command, { timeoutMs, signal, onOutput, background }) {
      signal.throwIfAborted();
      if (background) return await startJob(command, signal, onOutput);
      const started = performance.now();
      const output = keepOutput(MAX_OUTPUT_CHARS);
      const { group, folders } = await start(command, output, onOutput, isFresh ? `run${++runs}` : "state");
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        group.end();
      }, timeoutMs);
      const abort = () => group.kill();
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) abort();
      try {
        const ended = await group.ended;
        signal.throwIfAborted();
        const { leftRunning } = await carryState(folders.state);
        if (leftRunning && !timedOut) output.add(LEFT_RUNNING);
        return {
          exitCode: timedOut ? null : ended.exitCode,
          output: output.text(),
          timedOut,
          ms: performance.now() - started,
        };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      }
    },
    poll: (id) => reportJob(id, jobOf(id)),
    async stop(id) {
      const job = jobOf(id);
      job.group.end();
      await job.group.ended;
      return reportJob(id, job);
    },
    async close() {
      for (const group of running) group.kill();
      await Promise.allSettled([...running].map((group) => group.ended));
      if (folder) await rm(await folder, { recursive: true, force: true });
    },
  };

  async function startJob(
    command: string,
    signal: AbortSignal,
    onOutput: (text: string) => void,
  ): Promise<CommandResult> {
    const alive = [...jobs].filter(([, job]) => !job.ended).map(([id]) => id);
    if (alive.length >= MAX_JOBS) {
      throw new ToolError(`${MAX_JOBS} background jobs run already: ${alive.join(", ")}. Stop one first`);
    }
    const id = `job${jobs.size + 1}`;
    const started = performance.now();
    const output = keepOutput(MAX_OUTPUT_CHARS);
    // A job has a state folder of its own: it must not write over what a later command has carried on.
    const { group } = await start(command, output, onOutput, id);
    const job: Job = { group, output, started };
    jobs.set(id, job);
    const ended = group.ended.then((how) => void (job.ended = how));
    const abort = () => group.kill();
    signal.addEventListener("abort", abort, { once: true });
    const timer = Promise.withResolvers<void>();
    const timeout = setTimeout(timer.resolve, FIRST_LOOK_MS);
    try {
      await Promise.race([ended, timer.promise]);
      signal.throwIfAborted();
      return reportJob(id, job);
    } finally {
      clearTimeout(timeout);
      signal.removeEventListener("abort", abort);
    }
  }

  function jobOf(id: string): Job {
    const job = jobs.get(id);
    if (job) return job;
    const known = [...jobs.keys()];
    throw new ToolError(
      `There is no background job "${id}"; ${
        known.length > 0 ? `jobs: ${known.join(", ")}` : "none was started"
      }`,
    );
  }
}

const LEFT_RUNNING =
  "\n[Processes left running with & were ended. Start a server with background: true instead.]\n";

function reportJob(id: string, job: Job): CommandResult {
  return {
    exitCode: job.ended?.exitCode ?? null,
    output: job.output.fresh(),
    timedOut: false,
    ms: performance.now() - job.started,
    ...(job.ended ? {} : { job: id }),
  };
}

/** Whether a variable holds a secret, as far as its name tells. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** What commands see of the environment: no secrets, and nothing that asks. */
export function commandEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(env).filter(([name]) => !isSecretName(name) && name !== "BASH_ENV");
  return { ...Object.fromEntries(kept), ...QUIET_ENV };
}

/** PowerShell 5.1 reads `&&` as an error about a token, which no model understands. */
function refuseUnknownSyntax(kind: ShellKind, command: string): void {
  if (kind.name === "powershell" && /&&|\|\|/.test(command)) {
    throw new ToolError("Cannot run the command: PowerShell 5.1 has no && and ||; use ; between commands");
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then((found) => found.isDirectory(), () => false);
}

async function makeScratch(): Promise<string> {
  // Resolved, since macOS names its temp folder by a symlink and its sandbox compares real paths.
  const base = await realpath(await mkdtemp(join(tmpdir(), "smallcode-shell-")));
  await mkdir(join(base, "tmp"));
  return base;
}
