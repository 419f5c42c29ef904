/** The checks that a project brings: found in its manifests, or set in smallcode.toml. */

import { ifRefused } from "../errors.ts";
import type { WorkspaceFiles } from "../tool.ts";
import type { CheckKind } from "../types.ts";
import { findMake, type Kind, KINDS, type Project } from "./manifests.ts";
import { quotePath } from "./nearest_tests.ts";
import type { ProjectCheck } from "./project_check.ts";

/** `[checks]` of smallcode.toml: a command; empty: none of that kind; absent: what is found. */
export type CheckSettings = Partial<Readonly<Record<CheckKind, string>>>;

export interface Surroundings {
  readonly files: Pick<WorkspaceFiles, "read" | "exists">;
  /** Files of the project that .gitignore does not exclude, relative to its folder. */
  readonly paths: readonly string[];
  readonly hasProgram: (name: string) => boolean;
  readonly settings: CheckSettings;
}

export const CHECK_KINDS: readonly CheckKind[] = ["test", "types", "lint", "build"];

/** Folders with projects of their own, and how deep they are looked for. */
const MAX_FOLDERS = 4;
const MAX_DEPTH = 3;
/** What lies there is there to be read, or another's. */
const NO_PROJECT =
  /(?:^|\/)(?:(?:__)?fixtures?(?:__)?|testdata|test-data|vendor|third_party|examples?|templates?)(?:\/|$)/i;

/**
 * All checks of a project, those first that its tests are; behind them those of folders in it that are projects of their own and that no check
 * at the top covers. At most one of a kind from each manifest.
 */
export async function findChecks(around: Surroundings): Promise<readonly ProjectCheck[]> {
  const found: ProjectCheck[] = [];
  const below: ProjectCheck[] = [];
  for (const kind of KINDS) {
    const folders = foldersOf(kind, around.paths);
    const apart = around.paths.filter((path) => !folders.some((folder) => path.startsWith(`${folder}/`)));
    const own = firstOfKinds(await kind.find(projectIn("", apart, around)));
    found.push(...own);
    const isCovered = own.some((check) => check.kind === "test") && !kind.isApart;
    for (const folder of isCovered ? [] : folders) {
      below.push(...(await checksIn(folder, kind, around)));
    }
  }
  const hasTests = found.some(({ kind }) => kind === "test");
  const makes = await findMake(projectIn("", around.paths, around));
  found.push(...makes.filter(({ kind }) => kind !== "test" || !hasTests));
  return CHECK_KINDS.flatMap((kind) => {
    const set = around.settings[kind];
    if (set !== undefined) return set.trim() === "" ? [] : [{ kind, command: set, from: "smallcode.toml" }];
    return [...found, ...below].filter((check) => check.kind === kind).map((check) =>
      withMissing(check, around.hasProgram)
    );
  });
}

/** Folders below the workspace that are projects of this kind, the outermost of several in each other. */
function foldersOf({ manifest, isApart }: Kind, paths: readonly string[]): readonly string[] {
  const all = paths.flatMap((path) => {
    const end = path.lastIndexOf("/");
    const folder = path.slice(0, Math.max(end, 0));
    return end > 0 && manifest.test(path.slice(end + 1)) && folder.split("/").length <= MAX_DEPTH
      ? [folder]
      : [];
  });
  const folders = [...new Set(all)].filter((folder) => !/['\n\\]/.test(folder) && !NO_PROJECT.test(folder));
  const outer = isApart
    ? folders
    : folders.filter((folder) => !folders.some((other) => folder.startsWith(`${other}/`)));
  return outer.sort().slice(0, MAX_FOLDERS);
}

/** Tests and types of a folder; its style says little of the whole. */
async function checksIn(folder: string, kind: Kind, around: Surroundings): Promise<readonly ProjectCheck[]> {
  const paths = around.paths.flatMap((path) =>
    path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : []
  );
  const found = firstOfKinds(await kind.find(projectIn(folder, paths, around)));
  const cd = `cd ${quotePath(folder)} && `;
  return found.filter(({ kind }) => kind === "test" || kind === "types").map((check) => ({
    ...check,
    command: cd + check.command,
    from: `${folder}/${check.from}`,
    folder,
    ...check.perFile === undefined ? {} : { perFile: cd + check.perFile },
    ...check.missing === undefined && !isThere(check, around.hasProgram) ? { missing: programOf(check) } : {},
  }));
}

function projectIn(folder: string, paths: readonly string[], around: Surroundings): Project {
  const { files, hasProgram } = around;
  const below = folder === "" ? "" : `${folder}/`;
  const known = new Set(paths);
  return {
    paths,
    top: new Set(paths.filter((path) => !path.includes("/"))),
    read: async (path) =>
      known.has(path) ? (await files.read(below + path).catch(ifRefused))?.text ?? "" : "",
    isFile: async (path) => await files.exists(below + path).catch(() => undefined) === "file",
    hasProgram,
  };
}

/** The checks that the harness runs: a build only where neither tests nor types tell more, or where it was set. */
export function checksToRun(checks: readonly ProjectCheck[]): readonly ProjectCheck[] {
  const there = checks.filter(({ missing }) => missing === undefined);
  const tells = there.some(({ kind }) => kind === "test" || kind === "types");
  return there.filter(({ kind, from }) => kind !== "build" || !tells || from === "smallcode.toml");
}

function firstOfKinds(checks: readonly ProjectCheck[]): readonly ProjectCheck[] {
  return CHECK_KINDS.flatMap((kind) => checks.find((check) => check.kind === kind) ?? []);
}

function withMissing(check: ProjectCheck, hasProgram: (name: string) => boolean): ProjectCheck {
  const isKnown = check.missing !== undefined || check.folder !== undefined || isThere(check, hasProgram);
  return isKnown ? check : { ...check, missing: programOf(check) };
}

function programOf({ command }: ProjectCheck): string {
  return command.split(" ", 1)[0] ?? "";
}

function isThere(check: ProjectCheck, hasProgram: (name: string) => boolean): boolean {
  const program = programOf(check);
  return program.includes("/") || hasProgram(program);
}
