/** A command and everything it starts, as one thing that can be ended. */

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import type { Readable } from "node:stream";
import { ToolError } from "../errors.ts";

export interface Ended {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
}

export interface Group {
  /** Settles when the command itself has ended and its output was read. @throws {ToolError} when it could not start. */
  readonly ended: Promise<Ended>;
  /** Asks the group to end, and kills what is left after 2 s. */
  end(): void;
  /** Kills the group at once. */
  kill(): void;
  /** Writes to the command's standard input, where `input` is `open`; an ended command reads nothing, and that is no error here. */
  write(text: string): void;
}

export interface GroupOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly isWindows: boolean;
  readonly onOutput: (text: string) => void;
  /** What comes on standard error; absent: `onOutput` takes both. */
  readonly onError?: (text: string) => void;
  /** Default: `empty`. */
  readonly input?: "empty" | "open";
}

/** As long as `docker stop` would be patient is too long for a person who waits; programs that clean up need less than this. */
const GRACE_MS = 2_000;
/** After the command's end: output still in the pipes, or of a process substitution, comes within this pause. */
const QUIET_MS = 100;
/** A process left behind may write for ever; its output is not waited for longer than this. */
const DRAIN_MS = 1_000;

/**
 * Starts a command in a process group and session of its own: no terminal, standard input empty unless it is asked for.
 *
 * Ends with the command's own process, not when the last holder of its pipes does; then the rest of the group is killed.
 */
export function startGroup(argv: readonly string[], options: GroupOptions): Group {
  const [file = "", ...args] = argv;
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...options.env },
    detached: !options.isWindows,
    stdio: [options.input === "open" ? "pipe" : "ignore", "pipe", "pipe"],
    windowsHide: true,
  }) as ChildProcess & { readonly stdout: Readable; readonly stderr: Readable };
  // A command that has ended while it was written to: its end is told by `ended`.
  child.stdin?.on("error", () => {});
  const { promise: ended, resolve, reject } = Promise.withResolvers<Ended>();
  let forced: ReturnType<typeof setTimeout> | undefined;
  let lastOutput = 0;
  let open = 2;
  // A program that is not there has no pipes on Deno 2.6, and Node's types do not say so.
  const pipes: [Readable | null, (text: string) => void][] = [
    [child.stdout, options.onOutput],
    [child.stderr, options.onError ?? options.onOutput],
  ];
  for (const [stream, take] of pipes) {
    if (stream === null) continue;
    const decoder = new TextDecoder();
    stream.on("data", (data: Uint8Array) => {
      lastOutput = performance.now();
      take(decoder.decode(data, { stream: true }));
    });
    stream.on("close", () => {
      open--;
      const rest = decoder.decode();
      if (rest !== "") take(rest);
    });
  }
  child.on("error", (cause) => {
    reject(new ToolError(`Cannot start ${JSON.stringify(file)}: ${cause.message}`, { cause }));
  });
  child.on("exit", (exitCode) => {
    const exited = performance.now();
    lastOutput = exited;
    const finish = () => {
      const now = performance.now();
      if (open > 0 && now - lastOutput < QUIET_MS && now - exited < DRAIN_MS) {
        setTimeout(finish, 10);
        return;
      }
      clearTimeout(forced);
      kill();
      child.stdout.destroy();
      child.stderr.destroy();
      resolve({ exitCode });
    };
    finish();
  });

  function kill(): void {
    signalGroup("SIGKILL");
  }

  function signalGroup(signal: "SIGTERM" | "SIGKILL"): void {
    if (child.pid === undefined) return;
    if (options.isWindows) {
      spawn("taskkill", ["/pid", String(child.pid), "/T", "/F"], { stdio: "ignore" }).on(
        "error",
        () => child.kill(),
      );
      return;
    }
    try {
      process.kill(-child.pid, signal);
    } catch (error) {
      // Nobody is left in the group; macOS says EPERM where only zombies are.
      const { code } = error as { code?: string };
      if (code !== "ESRCH" && code !== "EPERM") throw error;
    }
  }

  return {
    ended,
    end() {
      signalGroup("SIGTERM");
      forced ??= setTimeout(kill, GRACE_MS);
    },
    kill,
    write(text) {
      if (child.stdin?.writable) child.stdin.write(text);
    },
  };
}
