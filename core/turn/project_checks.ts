/** The project's checks of one session: found in the workspace, run in a shell of their own, or in a copy. */

import type { ProjectChecks } from "./baselines.ts";
import { type CommandSandbox, findSandbox, type SandboxOptions } from "../sandbox/command_sandbox.ts";
import { copyWorkspace, removeCopy, sweepCopies } from "../sandbox/scratch.ts";
import { openShell } from "../sandbox/shell.ts";
import { findProgram } from "../sandbox/shell_kind.ts";
import type { WorkspaceFiles } from "../tool.ts";
import { type CheckSettings, checksToRun, findChecks } from "../verify/checks.ts";
import type { ProjectCheck } from "../verify/project_check.ts";

/** As many files are looked at for manifests and tests. */
const MAX_FILES = 20_000;

export interface ChecksOptions {
  readonly files: WorkspaceFiles;
  readonly settings: CheckSettings;
  /** The sandbox that commands of the model run in. */
  readonly sandbox: CommandSandbox;
  /** The temp folder of the model's commands. */
  readonly temp?: () => Promise<string>;
  /** How a sandbox for a copy is made. */
  readonly confine: SandboxOptions;
}

/** With what only the session needs. */
export interface OpenChecks extends ProjectChecks {
  /** Every check that the project brings, those that cannot be run here too. */
  readonly all: (signal: AbortSignal) => Promise<readonly ProjectCheck[]>;
  close(): Promise<void>;
}

/** Opens them; what a killed program left in the temp folder is removed meanwhile. */
export function openProjectChecks(options: ChecksOptions): OpenChecks {
  const { files, settings, sandbox, confine } = options;
  const shared = options.temp ? { temp: options.temp } : {};
  const { root } = files;
  const { env, platform } = confine;
  const shell = openShell({ root, env, sandbox, platform, state: "fresh", ...shared });
  const sweeping = sweepCopies();
  let known: readonly ProjectCheck[] = [];
  const paths = (signal: AbortSignal) => listPaths(files, signal);
  const all = async (signal: AbortSignal, walked?: readonly string[]) =>
    await listChecks({ files, settings, env, platform }, walked ?? await paths(signal));
  return {
    shell,
    slow: new Set(),
    hung: new Set(),
    confirmed: new Set(),
    looks: new Map(),
    hasProgram: (name) => hasProgram(name, { env, platform }),
    paths,
    all,
    find: async (signal, walked) => known = checksToRun(await all(signal, walked)),
    known: () => known,
    openScratch: async (signal) => {
      const copy = await copyWorkspace(root, signal);
      if (copy === undefined) return undefined;
      // The workspace holds the packages that are linked into the copy: it is there to be read.
      const protectedPaths = [...confine.protectedPaths, root];
      const confined = await findSandbox({ ...confine, root: copy, protectedPaths });
      const own = openShell({ root: copy, env, sandbox: confined, platform, state: "fresh", ...shared });
      return {
        root: copy,
        shell: own,
        close: async () => {
          await own.close();
          await removeCopy(copy);
        },
      };
    },
    close: async () => {
      await shell.close();
      await sweeping;
    },
  };
}

/** Every check that a project brings, those that cannot be run here too. */
export async function listChecks(
  about: Pick<ChecksOptions, "files" | "settings"> & Pick<SandboxOptions, "env" | "platform">,
  paths: readonly string[],
): Promise<readonly ProjectCheck[]> {
  const { files, settings, env, platform } = about;
  const isThere = (name: string) => hasProgram(name, { env, platform });
  return await findChecks({ files, paths, settings, hasProgram: isThere });
}

function hasProgram(name: string, { env, platform }: Pick<SandboxOptions, "env" | "platform">): boolean {
  const endings = platform === "windows" ? [".exe", ".cmd", ".bat", ""] : [""];
  return endings.some((ending) => findProgram(name + ending, env) !== undefined);
}

/** One line for a person. */
export function describeCheck({ kind, command, perFile, from, missing }: ProjectCheck): string {
  const also = missing === undefined
    ? perFile === undefined ? "" : ", also per file"
    : `, not run: ${missing} is not there`;
  return `${kind.padEnd(5)} ${command} (${from}${also})`;
}

/** Files of the project, relative to its folder. */
export async function listPaths(files: WorkspaceFiles, signal: AbortSignal): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const { path, kind } of files.walk(".", { signal, maxEntries: MAX_FILES, isBroad: true })) {
    if (kind === "file") paths.push(path);
  }
  return paths;
}
