/**
 * What commands change in the workspace: seen by a scan before and after each, and journaled where the old content is known for certain. It is
 * where the journal or git's last commit holds a content with the very hash that the file had before the command.
 */

import { execFile } from "node:child_process";
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { lineDelta } from "../edit/line_delta.ts";
import { textOf } from "../store/diff.ts";
import { hashOf, type Journal, knownContent } from "../store/journal.ts";
import { compareScans, type Scan, scanWorkspace } from "../store/scan.ts";
import type { Store } from "../store/store.ts";
import type { FileChange } from "../types.ts";

/** More changed files than this come from a generator: they are told, not journaled. */
const MAX_FILES = 200;
/** A larger file is told, not journaled. */
const MAX_BYTES = 1_000_000;
/** git reads a few objects; one that takes longer hangs. */
const GIT_MS = 5_000;

/** Called before a command; what it gives is called after, and gives what the command changed. */
export type CommandWatch = (signal: AbortSignal) => Promise<() => Promise<WatchedChanges>>;

export interface WatchedChanges {
  readonly changes: readonly FileChange[];
  /** `false`: the workspace was too large to look at all of it; there may be more. */
  readonly isWhole: boolean;
}

/** @param options `root`: absolute real path of the workspace; `env`: with `PATH`, for git */
export function watchCommands(options: {
  readonly root: string;
  readonly store: Store;
  readonly journal: Journal;
  readonly env: Readonly<Record<string, string>>;
}): CommandWatch {
  const { root } = options;
  const git = (args: readonly string[]) => runGit(args, options);
  let newest: Scan | undefined;
  const scan = async (signal: AbortSignal) => {
    newest = await scanWorkspace(root, { signal, ...(newest ? { earlier: newest } : {}) });
    return newest;
  };
  return async (signal) => {
    const before = await scan(signal);
    // The command may commit.
    const head = textOf(await git(["rev-parse", "--verify", "HEAD"]) ?? null)?.trim();
    return async () => {
      const { created, edited, deleted, isWhole } = compareScans(before, await scan(signal));
      const changed = [...edited, ...deleted];
      const isMany = changed.length > MAX_FILES;
      const told = (kind: FileChange["kind"]) => (path: string) =>
        ({ path, kind, linesAdded: 0, linesRemoved: 0, by: "command" }) as const;
      const changes: FileChange[] = created.map(told("created"));
      for (const path of changed) {
        const kind = edited.includes(path) ? "edited" as const : "deleted" as const;
        const hash = isMany ? undefined : before.files.get(path)?.hash;
        const old = hash === undefined ? undefined : await oldContent(hash, path, head, { ...options, git });
        const delta = old && await journalChange(path, old, options);
        changes.push({ ...told(kind)(path), ...delta });
      }
      return { changes, isWhole };
    };
  };
}

interface Old {
  readonly content: Uint8Array;
  /** Permission bits, where they are not those of the file as it is now. */
  readonly mode?: number;
}

/** The content with this hash, from the journal or from the commit. */
async function oldContent(
  hash: string,
  path: string,
  head: string | undefined,
  from: { readonly store: Store; readonly git: (args: readonly string[]) => Promise<Uint8Array | undefined> },
): Promise<Old | undefined> {
  const known = knownContent(from.store, hash);
  if (known) return { content: known };
  if (head === undefined || head === "") return undefined;
  const entry = await from.git(["ls-tree", head, "--", path]);
  const [, mode, object] = /^(100\d{3}) blob ([0-9a-f]{40,64})\t/.exec(textOf(entry ?? null) ?? "") ?? [];
  if (object === undefined) return undefined;
  const content = await from.git(["cat-file", "blob", object]);
  if (!content || hashOf(content) !== hash) return undefined;
  return { content, ...(mode === "100755" ? { mode: 0o755 } : {}) };
}

/** The entry that an undo needs. `undefined` where the file is too large now, or is no plain file. */
async function journalChange(
  path: string,
  old: Old,
  { root, journal }: { readonly root: string; readonly journal: Journal },
): Promise<Pick<FileChange, "linesAdded" | "linesRemoved"> | undefined> {
  const file = join(root, path);
  const found = await lstat(file).catch(ifGone);
  if (found && (!found.isFile() || found.size > MAX_BYTES)) return undefined;
  const after = found ? new Uint8Array(await readFile(file)) : null;
  const mode = found ? found.mode & 0o7777 : old.mode;
  journal.record({ path, before: old.content, after, ...(mode === undefined ? {} : { mode }) });
  const [before, now] = [textOf(old.content), textOf(after)];
  if (before === undefined || now === undefined) return { linesAdded: 0, linesRemoved: 0 };
  const { added, removed } = lineDelta(before, now);
  return { linesAdded: added, linesRemoved: removed };
}

function ifGone(error: { code?: string }): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}

/** Output of a git command that only reads objects: no hook, filter or monitor of the repository runs. `undefined` where it fails. */
function runGit(
  args: readonly string[],
  { root, env }: { readonly root: string; readonly env: Readonly<Record<string, string>> },
): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    execFile("git", ["--no-optional-locks", ...args], {
      cwd: root,
      env: { ...env, GIT_TERMINAL_PROMPT: "0" },
      encoding: "buffer",
      maxBuffer: 2 * MAX_BYTES,
      timeout: GIT_MS,
    }, (error, stdout) => resolve(error ? undefined : new Uint8Array(stdout)));
  });
}
