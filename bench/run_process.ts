/** Runs a program to its end, with a time limit, and never leaves a child of it behind. */

import { spawn } from "node:child_process";

export interface ProcessOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Called with stdout as it comes; without it stdout is kept with stderr. */
  readonly onStdout?: (text: string) => void;
  /** Characters of output that are kept, from the end. */
  readonly keepChars: number;
}

export interface ProcessResult {
  /** `null`: killed, or it could not be started. */
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly output: string;
  readonly ms: number;
}

/**
 * Becomes the command, beside a shell that reads from a pipe only we hold: it ends when we do, even by `kill -9`, and then the group is killed.
 * The command itself gets an empty stdin.
 */
const GUARDED =
  `exec 3<&0 </dev/null; { read -r _ <&3; kill -9 -$$; } >/dev/null 2>&1 & exec 3<&-; exec "$@"`;

/**
 * Runs `command` in a process group of its own, which is killed when the time is up, at an abort, at its end, and (not on Windows) when this
 * process is killed. A command that cannot be started ends with 127 there, as in a shell.
 * @throws the signal's reason
 */
export async function runProcess(
  command: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  options.signal.throwIfAborted();
  const began = performance.now();
  const isWindows = Deno.build.os === "windows";
  const [program = "", ...args] = isWindows ? command : ["/bin/sh", "-c", GUARDED, "sh", ...command];
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: "pipe",
    detached: !isWindows,
  });
  if (isWindows) child.stdin.end();
  let output = "";
  let timedOut = false;
  const keep = (text: string) => output = (output + text).slice(-options.keepChars);
  child.stdout.setEncoding("utf8").on("data", options.onStdout ?? keep);
  child.stderr.setEncoding("utf8").on("data", keep);
  const kill = () => killGroup(child.pid);
  const timer = setTimeout(() => {
    timedOut = true;
    kill();
  }, options.timeoutMs);
  options.signal.addEventListener("abort", kill, { once: true });
  const exitCode = await new Promise<number | null>((resolve) => {
    // `exit` first: a grandchild that holds the pipes open must not hold us.
    child.once("exit", kill);
    child.once("error", (problem) => {
      keep(problem.message);
      resolve(null);
    });
    child.once("close", (code) => resolve(code));
  });
  clearTimeout(timer);
  options.signal.removeEventListener("abort", kill);
  options.signal.throwIfAborted();
  return { exitCode: timedOut ? null : exitCode, timedOut, output, ms: performance.now() - began };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    Deno.kill(Deno.build.os === "windows" ? pid : -pid, "SIGKILL");
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound ||
      (error instanceof Error && "code" in error && error.code === "ESRCH");
    if (!isGone) throw error;
  }
}
