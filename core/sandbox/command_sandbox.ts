/**
 * The operating system's sandbox for commands: they write the workspace and temp only, and have no network.
 *
 * On Linux bubblewrap, with an own process table (without one, `/proc/PID/root` of any other process leads out of the mounts) and
 * nothing of `/run` (the session bus and container sockets start programs outside). On macOS `sandbox-exec`.
 */

import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Folders of one shell that a sandboxed command may write beside the workspace. */
export interface ShellFolders {
  /** Where the command stands. */
  readonly cwd: string;
  /** The shell's own record of variables and folder. */
  readonly state: string;
  /** Becomes the command's temp folder. */
  readonly temp: string;
}

export type CommandSandbox =
  | { readonly kind: "none"; readonly reason: string }
  | {
    readonly kind: "bubblewrap" | "sandbox-exec";
    /** The command line that runs `argv` confined. */
    readonly wrap: (argv: readonly string[], folders: ShellFolders) => readonly string[];
  };

export interface SandboxOptions {
  /** Absolute real path of the workspace. */
  readonly root: string;
  /** Read-only inside the workspace too: SmallCode's own data and configuration. */
  readonly protectedPaths: readonly string[];
  readonly platform: "linux" | "darwin" | "windows";
  readonly env: Readonly<Record<string, string>>;
  /** Whether commands reach the network; default: they do not. */
  readonly network?: boolean;
}

/** Long enough for a cold start on a busy machine; the probe itself takes 10 ms. */
const PROBE_MS = 5_000;

/** Finds a sandbox that really works here: a command is run in it. `none` says why there is not one. */
export async function findSandbox(options: SandboxOptions): Promise<CommandSandbox> {
  if (options.platform === "windows") return { kind: "none", reason: "Windows has no sandbox for commands" };
  if (options.root === "/") return { kind: "none", reason: "the workspace is the whole disk" };
  const protectedPaths = await Promise.all(
    [...gitPaths(options.root), ...options.protectedPaths].map((path) => realpath(path).catch(() => path)),
  );
  const confined = { ...options, protectedPaths };
  const [kind, argv, wrap] = options.platform === "linux"
    ? ["bubblewrap", bubblewrapArgv, "bwrap"] as const
    : ["sandbox-exec", seatbeltArgv, "sandbox-exec"] as const;
  // Bound at /tmp: the workspace's mount point may be made in it.
  const temp = await mkdtemp(join(tmpdir(), "smallcode-sandbox-"));
  const folders = { cwd: options.root, state: options.root, temp };
  const problem = await probe(argv(confined, ["true"], folders), options.env, join(temp, "complaints"))
    .finally(() => rm(temp, { recursive: true, force: true }));
  if (problem !== undefined) return { kind: "none", reason: `${wrap} does not work here: ${problem}` };
  return { kind, wrap: (command, own) => argv(confined, command, own) };
}

/** git runs what stands here outside the sandbox, at the person's next command. */
function gitPaths(root: string): string[] {
  return [join(root, ".git", "hooks"), join(root, ".git", "config")];
}

/** The last of several binds wins, so the narrow ones stand behind the wide ones. */
export function bubblewrapArgv(
  options: SandboxOptions,
  argv: readonly string[],
  folders: ShellFolders,
): readonly string[] {
  const { root, protectedPaths } = options;
  return [
    "bwrap",
    "--die-with-parent",
    "--unshare-pid",
    "--unshare-ipc",
    ...(options.network ? [] : ["--unshare-net"]),
    ...["--cap-drop", "ALL"],
    ...["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc"],
    ...["--tmpfs", "/run", "--ro-bind-try", "/run/systemd/resolve", "/run/systemd/resolve"],
    ...["--bind", folders.temp, "/tmp", "--bind", root, root],
    ...["--bind", folders.state, folders.state],
    ...protectedPaths.flatMap((path) => ["--ro-bind-try", path, path]),
    ...["--setenv", "TMPDIR", "/tmp"],
    // Go refuses to build when its cache cannot be written; npm and pip only warn.
    ...["--setenv", "GOCACHE", "/tmp/go-build"],
    ...["--chdir", folders.cwd, "--", ...argv],
  ];
}

/** In a sandbox profile the last rule that matches wins. */
export function seatbeltArgv(
  options: SandboxOptions,
  argv: readonly string[],
  folders: ShellFolders,
): readonly string[] {
  const subpaths = (paths: readonly string[]) =>
    paths.map((path) => `(subpath ${JSON.stringify(path)})`).join(" ");
  const profile = [
    "(version 1)",
    "(allow default)",
    "(deny file-write*)",
    `(allow file-write* ${subpaths([options.root, folders.state, folders.temp])})`,
    '(allow file-write* (literal "/dev/null") (literal "/dev/stdout") (literal "/dev/stderr") (literal "/dev/tty"))',
    `(deny file-write* ${subpaths(options.protectedPaths)})`,
    ...(options.network ? [] : ["(deny network*)"]),
  ].join("\n");
  return ["sandbox-exec", "-p", profile, "/usr/bin/env", `TMPDIR=${folders.temp}`, ...argv];
}

/**
 * Nothing when the command ends well, else the reason in a few words. Its complaints go into a file: a pipe and its stream would take longer
 * than all else here.
 */
async function probe(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  complaints: string,
): Promise<string | undefined> {
  const [file = "", ...args] = argv;
  const written = openSync(complaints, "w");
  try {
    return await new Promise((resolve) => {
      const child = spawn(file, args, {
        env: { ...env },
        stdio: ["ignore", "ignore", written],
        timeout: PROBE_MS,
        killSignal: "SIGKILL",
      });
      child.on("error", (error) => {
        const isMissing = (error as { code?: string }).code === "ENOENT";
        resolve(isMissing ? `${file} is not installed` : error.message);
      });
      child.on("close", (code) => {
        const complaint = readFileSync(complaints, "utf8").slice(0, 300).trim();
        resolve(code === 0 ? undefined : complaint || `exit code ${code}`);
      });
    });
  } finally {
    closeSync(written);
  }
}
