/** Turns that began, so that one that a crash cut off is found at the next start. */

import process from "node:process";
import type { Outcome } from "../types.ts";
import { changesOf, undo, type Undone } from "./journal.ts";
import type { JournalFiles } from "./journal_files.ts";
import { isSessionLocked } from "./session_lock.ts";
import type { Store } from "./store.ts";
import { cutOffCommand, unkeptChanges } from "./unkept.ts";

/** A turn whose process is gone and which never ended. */
export interface OpenTurn {
  readonly session: string;
  readonly turn: number;
  /** Absolute path of the workspace. */
  readonly root: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** What `beginTurn` was given. */
  readonly snapshot: string;
  /** Files that it changed, or was about to change, relative to the workspace. */
  readonly paths: readonly string[];
  /** Files that its commands changed, whose old content nobody has: they stay as they are. */
  readonly unkept: readonly string[];
  /** The command that was running when it was cut off: what it changed is not known. */
  readonly command?: string;
}

/**
 * Marks a turn as begun, on the disk when it returns.
 * @param turn `snapshot` is kept as it is for `openTurns`, e.g. the git commit
 */
export function beginTurn(
  store: Store,
  turn: { readonly session: string; readonly turn: number; readonly root: string; readonly snapshot: string },
): void {
  const insert = store.durable.prepare(
    "INSERT OR REPLACE INTO turns (session, turn, root, snapshot, pid, process_started_at, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const { session, root, snapshot } = turn;
  store.write(() =>
    insert.run(session, turn.turn, root, snapshot, process.pid, processStartedAt(), store.now())
  );
}

/** Marks a turn as ended. */
export function endTurn(store: Store, turn: { session: string; turn: number; outcome: Outcome }): void {
  const update = store.durable.prepare(
    "UPDATE turns SET ended_at = ?, outcome = ? WHERE session = ? AND turn = ?",
  );
  store.write(() => update.run(store.now(), turn.outcome, turn.session, turn.turn));
}

/**
 * Turns in a workspace that never ended, the oldest first. One that still runs in another process is not among them: its session is locked.
 * @param own the session that this process has locked itself, where no turn runs yet
 */
export async function openTurns(store: Store, root: string, own?: string): Promise<OpenTurn[]> {
  const rows = store.durable.prepare(
    "SELECT * FROM turns WHERE root = ? AND ended_at IS NULL ORDER BY started_at, turn",
  ).all(root);
  const sessions = new Set(rows.map((row) => String(row.session)));
  const live = new Set<string>();
  for (const session of sessions) {
    if (session !== own && await isSessionLocked(store.folder, session)) live.add(session);
  }
  return rows.filter((row) => !live.has(String(row.session))).map((row) => {
    const session = String(row.session);
    const turn = Number(row.turn);
    const command = cutOffCommand(store, session, turn);
    return {
      session,
      turn,
      root,
      startedAt: Number(row.started_at),
      snapshot: String(row.snapshot),
      paths: [...new Set(changesOf(store, session, turn).map((entry) => entry.path))],
      unkept: unkeptChanges(store, session).flatMap((one) => one.turn === turn ? [one.path] : []),
      ...(command === undefined ? {} : { command }),
    };
  });
}

/** Whether a turn of the session has begun and not ended; it runs where the session is locked. */
export function hasOpenTurn(store: Store, session: string): boolean {
  return store.durable.prepare("SELECT 1 FROM turns WHERE session = ? AND ended_at IS NULL").get(session) !==
    undefined;
}

/** Lets the files of an open turn stand as they are, removes temp files left beside them, and ends it as `stopped`. */
export async function keepTurn(store: Store, turn: OpenTurn, files: JournalFiles): Promise<void> {
  // At the top too: the first write may have been cut off before the journal knew of it.
  for (const path of [".", ...turn.paths]) await files.sweep(turn.root, path);
  endTurn(store, { session: turn.session, turn: turn.turn, outcome: "stopped" });
}

/** Puts the files of an open turn back, removes temp files left beside them, and ends it as `stopped`. */
export async function restoreTurn(
  store: Store,
  turn: OpenTurn,
  files: JournalFiles,
): Promise<Undone[]> {
  const undone = await undo(store, { session: turn.session, scope: { turn: turn.turn } }, files);
  await keepTurn(store, turn, files);
  return undone;
}

function processStartedAt(): number {
  return Math.round(performance.timeOrigin);
}
