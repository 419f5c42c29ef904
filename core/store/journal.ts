/**
 * The record of every file state before we changed it, and undo from it.
 *
 * Contents lie in the database, keyed by their SHA-256: one commit, one fsync, makes content and entry durable together,
 * where files beside the database would need two syncs each and an order between them. An edit stores its `after` too, so the
 * next edit's `before` costs nothing, a diff needs no disk, and no undo can lose a state that we made.
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { DiskFullError } from "../errors.ts";
import type { JournalFiles } from "./journal_files.ts";
import { pack, type Store, unpack } from "./store.ts";
import { transact } from "./transact.ts";

/** The write side, as the workspace uses it: an entry is on the disk when `record` returns, before the edit happens. */
export interface Journal {
  /**
   * @param entry `path` relative to the root, `/` separated, no symlink in it; `null`: no file; `mode`: the file's before; `made`: the
   * topmost folder that was made for a new file, as `path`
   */
  record(entry: {
    readonly path: string;
    readonly before: Uint8Array | null;
    readonly after: Uint8Array | null;
    readonly mode?: number;
    readonly made?: string;
  }): void;
}

/** An edit that was not undone. Hashes are SHA-256, hex; `null`: no file. */
export interface JournalEntry {
  /** Ascending over all sessions. */
  readonly seq: number;
  readonly turn: number;
  readonly step: number;
  /** Absolute path of the workspace. */
  readonly root: string;
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly mode: number | undefined;
  /** The topmost folder that was made for the file; its path begins with it. */
  readonly made: string | undefined;
  readonly at: number;
}

/** What to undo: the last edit, the last turn that changed a file, a certain turn, or all turns after one (0: all). */
export type UndoScope = "edit" | "turn" | { readonly turn: number } | { readonly afterTurn: number };

/** What became of a file. `unchanged`: it was as before already. */
export interface Undone {
  readonly path: string;
  readonly kind: "restored" | "recreated" | "deleted" | "unchanged" | "left";
  /** Why it was left alone, or not taken back the whole way. */
  readonly reason?: string;
}

/** Opens the write side for a session in a workspace. */
export function openJournal(
  store: Store,
  options: {
    readonly session: string;
    /** Absolute real path of the workspace. */
    readonly root: string;
    readonly turn: () => number;
    readonly step: () => number;
  },
): Journal {
  const insert = store.durable.prepare(
    "INSERT INTO edits (session, turn, step, root, path, before, after, mode, made, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  );
  return {
    record(entry) {
      store.write(() =>
        transact(store.durable, () =>
          insert.run(
            options.session,
            options.turn(),
            options.step(),
            options.root,
            entry.path,
            keepContent(store, entry.before),
            keepContent(store, entry.after),
            entry.mode ?? null,
            entry.made ?? null,
            store.now(),
          ))
      );
    },
  };
}

/** Edits of a session, or of one of its turns, that were not undone; the oldest first. */
export function changesOf(store: Store, session: string, turn?: number): JournalEntry[] {
  const ofTurn = turn === undefined ? "" : "AND turn = ?";
  return store.durable.prepare(
    `SELECT * FROM edits WHERE session = ? AND undone_at IS NULL ${ofTurn} ORDER BY seq`,
  ).all(session, ...(turn === undefined ? [] : [turn])).map((row) => ({
    seq: Number(row.seq),
    turn: Number(row.turn),
    step: Number(row.step),
    root: String(row.root),
    path: String(row.path),
    before: row.before as string | null,
    after: row.after as string | null,
    mode: row.mode === null ? undefined : Number(row.mode),
    made: row.made === null ? undefined : String(row.made),
    at: Number(row.at),
  }));
}

/** The content with this hash; `null` for `null`. @throws {RangeError} when the journal never had it */
export function contentOf(store: Store, hash: string | null): Uint8Array | null {
  if (hash === null) return null;
  const content = knownContent(store, hash);
  if (!content) throw new RangeError(`Cannot read the content ${hash}: the journal does not have it`);
  return content;
}

/** The content with this hash, where the journal ever had it. */
export function knownContent(store: Store, hash: string): Uint8Array | undefined {
  const row = store.durable.prepare("SELECT content FROM blobs WHERE hash = ?").get(hash);
  return row && unpack(row.content as Uint8Array);
}

/** SHA-256 in hex, as the journal names contents. */
export function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The entries that a scope means; the oldest first. */
export function entriesIn(store: Store, session: string, scope: UndoScope): JournalEntry[] {
  const all = changesOf(store, session);
  const last = all.at(-1);
  if (last === undefined) return [];
  if (scope === "edit") return [last];
  if (scope === "turn") return all.filter((entry) => entry.turn === last.turn);
  if ("turn" in scope) return all.filter((entry) => entry.turn === scope.turn);
  return all.filter((entry) => entry.turn > scope.afterTurn);
}

/**
 * Takes our edits back, file by file. Only states that we made are replaced: a file that is neither as one of the undone edits
 * left it nor as it was before is left alone. Where somebody else changed it between two of our edits, their version comes back.
 * Folders that were made for files are removed where they are empty. What is done is on record before it is done, so undo can be repeated
 * after a crash.
 * @returns one entry per file, in the order of the first edit
 */
export async function undo(
  store: Store,
  what: { readonly session: string; readonly scope: UndoScope },
  files: JournalFiles,
): Promise<Undone[]> {
  const entries = entriesIn(store, what.session, what.scope);
  const all = changesOf(store, what.session);
  const byFile = Map.groupBy(entries, (entry) => join(entry.root, entry.path));
  const result: Undone[] = [];
  for (const own of byFile.values()) {
    const newest = own.at(-1)!;
    const isCovered = all.some((entry) =>
      entry.root === newest.root && entry.path === newest.path && entry.seq > newest.seq
    );
    result.push(
      isCovered
        ? { path: newest.path, kind: "left", reason: "a later turn changed it again; undo that one first" }
        : await undoFile(store, { session: what.session, entries: own }, files).catch((error) =>
          leaveAlone(newest.path, error)
        ),
    );
  }
  const gone = new Set(result.flatMap(({ path, kind }) => kind === "left" ? [] : [path]));
  for (const { root, path, made } of entries.toReversed()) {
    if (made !== undefined && gone.has(path)) await files.prune(root, path, made);
  }
  return result;
}

/** What the system refuses for one file keeps no other from being taken back. @throws what is no word of the system */
function leaveAlone(path: string, error: unknown): Undone {
  const { code } = error as { code?: unknown };
  if (error instanceof DiskFullError || typeof code !== "string" || !/^E[A-Z]+$/.test(code)) throw error;
  return { path, kind: "left", reason: `it cannot be written: ${WRITE_FAULTS[code] ?? code}` };
}

const WRITE_FAULTS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
};

async function undoFile(
  store: Store,
  { session, entries }: { session: string; entries: readonly JournalEntry[] },
  files: JournalFiles,
): Promise<Undone> {
  const { oldest, states, isWhole } = chainOf(entries);
  const { root, path, before: target } = oldest;
  const now = await files.read(root, path);
  if (now.kind === "blocked") return { path, kind: "left", reason: now.why };
  const current = now.content === null ? null : hashOf(now.content);
  if (!states.has(current)) return { path, kind: "left", reason: "it was changed since, not by smallcode" };

  const partly = isWhole
    ? {}
    : { reason: "it was changed between two edits, not by smallcode; that version is back" };
  if (current === target) {
    markUndone(store, entries);
    return { path, kind: "unchanged", ...partly };
  }
  const insert = store.durable.prepare(
    "INSERT INTO undos (session, path, before, after, at) VALUES (?, ?, ?, ?, ?)",
  );
  store.write(() => insert.run(session, path, current, target, store.now()));
  const content = contentOf(store, target);
  if (content === null) await files.remove(root, path);
  else await files.write(root, path, { content, mode: oldest.mode });
  markUndone(store, entries);
  return {
    path,
    kind: content === null ? "deleted" : current === null ? "recreated" : "restored",
    ...partly,
  };
}

/**
 * Goes back from the newest edit as long as each began where the one before it ended, or where that one began (then it was
 * recorded and never reached the disk).
 */
function chainOf(entries: readonly JournalEntry[]) {
  let oldest = entries.at(-1)!;
  const states = new Set([oldest.after, oldest.before]);
  for (const entry of entries.slice(0, -1).reverse()) {
    if (entry.after !== oldest.before && entry.before !== oldest.before) {
      return { oldest, states, isWhole: false };
    }
    oldest = entry;
    states.add(entry.before).add(entry.after);
  }
  return { oldest, states, isWhole: true };
}

function markUndone(store: Store, entries: readonly JournalEntry[]): void {
  const mark = store.durable.prepare("UPDATE edits SET undone_at = ? WHERE seq = ?");
  store.write(() =>
    transact(store.durable, () => {
      for (const entry of entries) mark.run(store.now(), entry.seq);
    })
  );
}

function keepContent(store: Store, content: Uint8Array | null): string | null {
  if (content === null) return null;
  const hash = hashOf(content);
  if (!store.durable.prepare("SELECT 1 FROM blobs WHERE hash = ?").get(hash)) {
    store.durable.prepare("INSERT INTO blobs (hash, content) VALUES (?, ?)").run(hash, pack(content));
  }
  return hash;
}
