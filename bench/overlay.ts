/** Lays the folders of a task over each other. */

import { cp, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** In `solution/` and `wrong-*`: paths that the result no longer has, one a line. */
const DELETED = "_deleted.txt";
/** In `solution/` and `wrong-*`: the agent's last words. */
const ANSWER = "_answer.txt";

/**
 * The compiled binary keeps scripts and data as `name.asset`, since its compiler would take them for modules (`.ci/compile.ts`).
 */
const PACKED = /\.(?:[cm]?[jt]sx?|json|wasm)\.asset$/;

/** Lays the files of `from` over `to`; a missing `from` lays nothing. Files that only describe an overlay are left out. */
export async function layOver(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  if (!existsSync(from)) return;
  for (const entry of await readdir(from, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name === DELETED || entry.name === ANSWER) continue;
    const source = join(entry.parentPath, entry.name);
    const relative = source.slice(from.length + 1);
    const target = join(to, PACKED.test(relative) ? relative.slice(0, -".asset".length) : relative);
    await mkdir(dirname(target), { recursive: true });
    await cp(source, target, { mode: 0 });
  }
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
