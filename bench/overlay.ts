/** Lays the folders of a task over each other. */

import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { readAsset } from "../core/assets.ts";

/** In `solution/` and `wrong-*`: paths that the result no longer has, one a line. */
const DELETED = "_deleted.txt";
/** In `solution/` and `wrong-*`: the agent's last words. */
const ANSWER = "_answer.txt";

/** The compiled binary keeps scripts and data packed, since its compiler would take them for modules (`.ci/make_bundle.ts`). */
const PACKED = /\.(?:[cm]?[jt]sx?|json|wasm)\.gz$/;

/** The name that a bundled file has outside the binary. */
export function unpackedName(path: string): string {
  return PACKED.test(path) ? path.slice(0, -".gz".length) : path;
}

/** Lays the files of a task's folder over `to`; a missing folder lays nothing. Files that only describe an overlay are left out. */
export async function layOver(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  if (!existsSync(from)) return;
  for (const path of await filesIn(from)) {
    if (basename(path) === DELETED || basename(path) === ANSWER) continue;
    const target = join(to, unpackedName(path));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, await readAsset(pathToFileURL(join(from, path))));
  }
}

/** Copies a workspace as it is, without links and without `.git`. */
export async function copyWorkspace(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const path of await filesIn(from)) {
    if (path.split(sep).includes(".git")) continue;
    await mkdir(dirname(join(to, path)), { recursive: true });
    await copyFile(join(from, path), join(to, path));
  }
}

/** Paths of the plain files below a folder, relative to it. */
export async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) =>
    relative(folder, join(entry.parentPath, entry.name))
  );
}

/** What an agent would leave whose result is this overlay on the task's start: files in `to`, and its last words. */
export async function layResult(start: string, overlay: string, to: string): Promise<string> {
  await layOver(start, to);
  await layOver(overlay, to);
  for (const path of (await readText(join(overlay, DELETED))).split("\n").filter((line) => line !== "")) {
    await rm(join(to, path), { recursive: true });
  }
  return await readText(join(overlay, ANSWER));
}

/** A small text file, or nothing. */
async function readText(path: string): Promise<string> {
  return existsSync(path) ? await readFile(path, "utf8") : "";
}
