/** A plugin's `run`: command and arguments word by word as granted, without a shell, in the sandbox for commands. */

import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import process from "node:process";
import type { PluginWorld } from "../plugin_host.ts";
import { keepOutput } from "./kept_output.ts";
import { HostRefusal, judgePath, listOf } from "./plugin_paths.ts";
import { startGroup } from "./process_group.ts";
import { commandEnvironment } from "./shell.ts";

const RUN_MS = 60_000;
const MAX_OUTPUT_CHARS = 200_000;
const MAX_FILES = 50;
const MAX_ARGUMENT_CHARS = 20_000;

type RunWorld = Pick<PluginWorld, "root" | "home" | "protectedPaths" | "env" | "confine">;

/**
 * @param permit asked with the command line as a shell would be given it, before it starts
 * @throws {HostRefusal}
 */
export async function runForPlugin(
  argv: readonly string[],
  entries: readonly string[],
  world: RunWorld,
  permit: (commandLine: string) => Promise<void>,
  signal: AbortSignal,
): Promise<{ readonly exitCode: number | null; readonly output: string }> {
  const line = argv.map(shellWord).join(" ");
  if (!await isGranted(argv, entries, world)) {
    const shown = line.length > 300 ? `${line.slice(0, 300)}...` : line;
    throw new HostRefusal("denied", `Not granted: run ${shown}. Granted: ${listOf(entries)}`);
  }
  await permit(line);
  signal.throwIfAborted();
  const base = await realpath(await mkdtemp(join(tmpdir(), "smallcode-plugin-")));
  try {
    const folders = { cwd: world.root, state: join(base, "state"), temp: join(base, "tmp") };
    await mkdir(folders.state);
    await mkdir(folders.temp);
    const output = keepOutput(MAX_OUTPUT_CHARS);
    const group = startGroup(world.confine(argv, folders), {
      cwd: world.root,
      env: programEnvironment(world.env),
      isWindows: process.platform === "win32",
      onOutput: (text) => output.add(text),
    });
    const end = () => group.end();
    const timer = setTimeout(end, RUN_MS);
    const kill = () => group.kill();
    signal.addEventListener("abort", kill, { once: true });
    if (signal.aborted) kill();
    try {
      const { exitCode } = await group.ended.catch((cause: unknown) => {
        throw new HostRefusal("failed", `Cannot run ${argv[0]}: it could not be started`, cause);
      });
      signal.throwIfAborted();
      return { exitCode, output: output.text() };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
    }
  } finally {
    await rm(base, { recursive: true, force: true });
  }
}

/** What programs see that are named without a shell: a relative folder in PATH would let the workspace say what `git` is. */
export function programEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  const kept = commandEnvironment(env);
  const name = Object.keys(kept).find((key) => key.toUpperCase() === "PATH");
  if (name === undefined) return kept;
  return {
    ...kept,
    [name]: kept[name]!.split(delimiter).filter((folder) => isAbsolute(folder)).join(delimiter),
  };
}

async function isGranted(
  argv: readonly string[],
  entries: readonly string[],
  world: RunWorld,
): Promise<boolean> {
  const isPlain = argv.length > 0 && argv[0] !== "" &&
    argv.every((word) => word.length <= MAX_ARGUMENT_CHARS && !word.includes("\0") && word.isWellFormed());
  if (!isPlain) return false;
  for (const entry of entries) {
    if (await isCovered(entry.split(/\s+/).filter((word) => word !== ""), argv, world)) return true;
  }
  return false;
}

async function isCovered(
  rule: readonly string[],
  argv: readonly string[],
  world: RunWorld,
): Promise<boolean> {
  let at = 0;
  for (const [i, word] of rule.entries()) {
    // The program itself is never a placeholder.
    if (i > 0 && word === "<files>") {
      const files = argv.slice(at, argv.length - (rule.length - i - 1));
      if (files.length === 0 || files.length > MAX_FILES) return false;
      for (const file of files) if (!await isFileOfWorkspace(file, world)) return false;
      at += files.length;
      continue;
    }
    const own = argv[at++];
    if (own === undefined) return false;
    const fits = i > 0 && word === "<text>"
      ? !own.startsWith("-")
      : i > 0 && word === "<file>"
      ? await isFileOfWorkspace(own, world)
      : own === word;
    if (!fits) return false;
  }
  return at === argv.length && rule.length > 0;
}

async function isFileOfWorkspace(word: string, world: RunWorld): Promise<boolean> {
  if (word.startsWith("-")) return false;
  try {
    await judgePath(word, ["."], "write", world); // as writing: a command may write its file, so not `.git`
    return true;
  } catch (error) {
    if (error instanceof HostRefusal) return false;
    throw error;
  }
}

/** As a shell would need it, for rules and people; nothing is given to a shell. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
