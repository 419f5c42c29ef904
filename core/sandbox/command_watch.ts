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

export interface WatchedChanges {
  readonly changes: readonly FileChange[];
  /** `false`: the workspace was too large to look at all of it; there may be more. */
  readonly isWhole: boolean;
}

/** A file that is different, by nobody in particular. */
export type LookedChange = Pick<FileChange, "path" | "kind">;

export interface CommandWatch {
  /**
   * Called before a command; what it gives is called after, also where the command was aborted or did not run, and gives what the command
   * changed, and what background jobs changed since the last look.
   */
  readonly around: (signal: AbortSignal) => Promise<() => Promise<WatchedChanges>>;
  /**
   * Called before checks; what it gives is called after and gives what is different since, whoever did it: nothing is journaled, for a person
   * may have edited meanwhile.
   */
  readonly look: (signal: AbortSignal) => Promise<() => Promise<readonly LookedChange[]>>;
  /** What background jobs changed since the last look; none where no job ran by then. */
  readonly byJobs: () => Promise<WatchedChanges>;
  /** Before a turn: what a person changed meanwhile is no job's. */
  readonly begin: () => Promise<void>;
}

const NOTHING_CHANGED: WatchedChanges = { changes: [], isWhole: true };

interface WatchOptions {
  /** Absolute real path of the workspace. */
  readonly root: string;
  readonly store: Store;
  readonly journal: Journal;
  /** With `PATH`, for git. */
  readonly env: Readonly<Record<string, string>>;
  /** Background jobs that run. */
  readonly jobs: () => number;
  /** SHA-256 of what tools wrote last to a path in this turn; `null`: they deleted it. */
  readonly written: (path: string) => string | null | undefined;
}

export function watchCommands(options: WatchOptions): CommandWatch {
  const { root, jobs } = options;
  const git = (args: readonly string[]) => runGit(args, options);
  // The command may commit.
  const headOf = async () => textOf(await git(["rev-parse", "--verify", "HEAD"]) ?? null)?.trim();
  let newest: Scan | undefined;
  let hadJobs = false;
  // A look is bounded by itself, and what a command did before it was aborted is to be known.
  const never = new AbortController().signal;
  const scan = async (signal: AbortSignal) => {
    newest = await scanWorkspace(root, { signal, ...(newest ? { earlier: newest } : {}) });
    hadJobs = jobs() > 0;
    return newest;
  };
  const byJobs = async (signal: AbortSignal): Promise<WatchedChanges> => {
    if (!newest || !hadJobs) return NOTHING_CHANGED;
    const before = newest;
    const after = await scan(signal);
    const isOwn = (path: string) => {
      const written = options.written(path);
      const now = after.files.get(path);
      if (written === undefined || written === null) return written === null && !now;
      return now !== undefined && (now.hash === undefined || now.hash === written);
    };
    return await changesBetween(before, after, { ...options, git, head: await headOf(), isOwn });
  };
  return {
    async around(signal) {
      // A look before the command would otherwise take what jobs did meanwhile for how things stood.
      const late = await byJobs(signal);
      const before = late === NOTHING_CHANGED || !newest ? await scan(signal) : newest;
      const head = await headOf();
      return async () => {
        const now = await changesBetween(before, await scan(never), { ...options, git, head });
        return { changes: [...late.changes, ...now.changes], isWhole: late.isWhole && now.isWhole };
      };
    },
    async look(signal) {
      const before = await scanWorkspace(root, { signal, ...(newest ? { earlier: newest } : {}) });
      return async () => {
        const { created, edited, deleted } = compareScans(
          before,
          await scanWorkspace(root, { signal: never, earlier: before }),
        );
        const told = (kind: FileChange["kind"]) => (path: string) => ({ path, kind });
        return [
          ...created.map(told("created")),
          ...edited.map(told("edited")),
          ...deleted.map(told("deleted")),
        ];
      };
    },
    byJobs: () => byJobs(never),
    async begin() {
      if (hadJobs) await scan(never);
    },
  };
}

type Sources = WatchOptions & {
  readonly git: (args: readonly string[]) => Promise<Uint8Array | undefined>;
  readonly head: string | undefined;
  /** Whether a file is as a tool left it. Default: none is. */
  readonly isOwn?: (path: string) => boolean;
};

/** What differs between two scans, journaled where the old content is known. */
async function changesBetween(before: Scan, after: Scan, from: Sources): Promise<WatchedChanges> {
  const { isWhole, ...all } = compareScans(before, after);
  const others = (paths: readonly string[]) =>
    from.isOwn ? paths.filter((path) => !from.isOwn?.(path)) : paths;
  const [created, edited, deleted] = [others(all.created), others(all.edited), others(all.deleted)];
  const changed = [...edited, ...deleted];
  const isMany = changed.length > MAX_FILES;
  const told = (kind: FileChange["kind"]) => (path: string) =>
    ({ path, kind, linesAdded: 0, linesRemoved: 0, by: "command" }) as const;
  const changes: FileChange[] = created.map(told("created"));
  for (const path of changed) {
    const kind = edited.includes(path) ? "edited" as const : "deleted" as const;
    const hash = isMany ? undefined : before.files.get(path)?.hash;
    const old = hash === undefined ? undefined : await oldContent(hash, path, from.head, from);
    const delta = old && await journalChange(path, old, from);
    changes.push({ ...told(kind)(path), ...delta });
  }
  return { changes, isWhole };
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
