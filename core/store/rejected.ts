/** What was put back is kept as a patch: broken code is not delivered, and not thrown away either. */

import { createTwoFilesPatch } from "diff";
import { lstat, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { textOf } from "./diff.ts";
import { changesOf, contentOf, type JournalEntry, undo, type Undone } from "./journal.ts";
import { openJournalFiles } from "./journal_files.ts";
import type { Store } from "./store.ts";
import { untoldUndos } from "./untold.ts";

/** What became of the files, and where the rejected change is kept: a file outside the workspace, and a handle of the session. */
export interface PutBack {
  readonly files: readonly Undone[];
  readonly patch?: { readonly path: string; readonly handle: string };
}

/** Differing lines, at most, for a diff by lines; beyond it the whole file is one hunk. */
const MAX_EDIT_LENGTH = 1_000;

/**
 * The edits of a turn as one patch that `git apply` takes. A binary file is named in a line of its own, which `git apply` passes over.
 * @param entries of one workspace, the oldest first
 */
export function patchOf(store: Store, entries: readonly JournalEntry[]): string {
  const parts: string[] = [];
  for (const own of Map.groupBy(entries, (entry) => entry.path).values()) {
    const { path, before: from, mode } = own[0]!;
    const to = own.at(-1)!.after;
    if (from === to) continue;
    const [before, after] = [textOf(contentOf(store, from)), textOf(contentOf(store, to))];
    parts.push(
      before === undefined || after === undefined
        ? `# binary, not in this patch: ${path}\n`
        : filePatch(path, { before, after, mode }),
    );
  }
  return parts.join("");
}

function filePatch(
  path: string,
  file: { before: string | null; after: string | null; mode: number | undefined },
): string {
  const { before, after } = file;
  const bits = (file.mode ?? 0) & 0o111 ? "100755" : "100644";
  const head = [
    `diff --git a/${path} b/${path}`,
    ...(before === null ? [`new file mode ${bits}`] : after === null ? [`deleted file mode ${bits}`] : []),
  ].join("\n");
  const hunks = hunksOf(path, before ?? "", after ?? "");
  if (hunks === "") return `${head}\n`;
  const names = `--- ${before === null ? "/dev/null" : `a/${path}`}\n+++ ${
    after === null ? "/dev/null" : `b/${path}`
  }`;
  return `${head}\n${names}\n${hunks}`;
}

function hunksOf(path: string, before: string, after: string): string {
  const patch = createTwoFilesPatch(path, path, before, after, undefined, undefined, {
    context: 3,
    maxEditLength: MAX_EDIT_LENGTH,
  });
  if (patch === undefined) return wholeHunk(before, after);
  const start = patch.indexOf("\n@@ ");
  return start < 0 ? "" : patch.slice(start + 1);
}

function wholeHunk(before: string, after: string): string {
  const side = (mark: string, text: string) => {
    const lines = text.split("\n");
    const isOpen = lines.pop() !== "" ? "\n\\ No newline at end of file" : "";
    const all = isOpen === "" ? lines : text.split("\n");
    return { count: all.length, text: all.map((line) => `${mark}${line}`).join("\n") + isOpen };
  };
  const [old, now] = [side("-", before), side("+", after)];
  return `@@ -1,${old.count} +1,${now.count} @@\n${old.text}\n${now.text}\n`;
}

/** Takes a turn's edits back; what was taken back the whole way is kept as a patch. */
export async function rejectTurn(
  what: {
    readonly store: Store;
    readonly session: string;
    readonly turn: number;
    readonly folder: string;
    /** As in `openJournalFiles`. */
    readonly sync?: "full" | "off";
  },
): Promise<PutBack> {
  const { store, session, turn } = what;
  const entries = changesOf(store, session, turn);
  const files = await undo(store, { session, scope: { turn } }, openJournalFiles(what.sync));
  untoldUndos(store, session).tell(); // by the turn itself
  const back = new Set(files.flatMap(({ path, kind, reason }) => kind === "left" || reason ? [] : [path]));
  const patch = patchOf(store, entries.filter(({ path }) => back.has(path)));
  if (patch === "") return { files };
  return { files, patch: { path: await keepPatch(patch, what), handle: store.results(session).keep(patch) } };
}

/** What is kept of rejected changes, the newest first: so many, together so large, and so many days. */
const MAX_KEPT = 100;
const MAX_KEPT_BYTES = 20_000_000;
const KEPT_MS = 60 * 86_400_000;

/** Keeps a patch as a file only its user may read, and removes those that are too old or too many. @returns its absolute path */
export async function keepPatch(
  patch: string,
  at: { readonly folder: string; readonly session: string; readonly turn: number },
): Promise<string> {
  const folder = join(at.folder, "rejected");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${at.session}-${at.turn}.patch`);
  await writeFile(`${path}.tmp`, patch, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
  await pruneKept(folder, path);
  return path;
}

/** The one that was just written gives the time. */
async function pruneKept(folder: string, newest: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /\.patch(?:\.tmp)?$/.test(name));
  const files = await Promise.all(names.map(async (name) => {
    const path = join(folder, name);
    const found = await lstat(path).catch(ifGone);
    return found?.isFile() ? [{ path, bytes: found.size, ms: found.mtimeMs }] : [];
  }));
  const now = files.flat().find(({ path }) => path === newest)?.ms ?? 0;
  let bytes = 0;
  for (const [i, file] of files.flat().sort((a, b) => b.ms - a.ms).entries()) {
    bytes += file.bytes;
    const isOver = i >= MAX_KEPT || bytes > MAX_KEPT_BYTES || now - file.ms > KEPT_MS;
    if (isOver && file.path !== newest) await rm(file.path, { force: true });
  }
}

/** Another process may have removed it. */
function ifGone(error: { code?: string }): undefined {
  if (error.code !== "ENOENT") throw error;
}
