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
 * Runs `command` in a process group of its own, which is killed when the time is up, at an abort, and at its end.
 * @throws the signal's reason
 */
export async function runProcess(
  command: readonly string[],
  options: ProcessOptions,
): Promise<ProcessResult> {
  options.signal.throwIfAborted();
  const began = performance.now();
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: Deno.build.os !== "windows",
  });
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
