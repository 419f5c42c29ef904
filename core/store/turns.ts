/** Turns that began, so that one that a crash cut off is found at the next start. */

import process from "node:process";
import type { Outcome } from "../types.ts";
import { changesOf, undo, type Undone } from "./journal.ts";
import type { JournalFiles } from "./journal_files.ts";
import type { Store } from "./store.ts";

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
}

/**
 * Marks a turn as begun, on the disk when it returns.
 * @param turn `snapshot` is kept as it is for `openTurns`, e.g. the git commit
 */
export function beginTurn(
  store: Store,
  turn: { readonly session: string; readonly turn: number; readonly root: string; readonly snapshot: string },
): void {
  store.durable.prepare(
    "INSERT OR REPLACE INTO turns (session, turn, root, snapshot, pid, process_started_at, started_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
  ).run(turn.session, turn.turn, turn.root, turn.snapshot, process.pid, processStartedAt(), store.now());
}

/** Marks a turn as ended. */
export function endTurn(store: Store, turn: { session: string; turn: number; outcome: Outcome }): void {
  store.durable.prepare("UPDATE turns SET ended_at = ?, outcome = ? WHERE session = ? AND turn = ?")
    .run(store.now(), turn.outcome, turn.session, turn.turn);
}

/** Turns in a workspace that never ended, the oldest first. One that still runs in another process is not among them. */
export function openTurns(store: Store, root: string): OpenTurn[] {
  return store.durable.prepare(
    "SELECT * FROM turns WHERE root = ? AND ended_at IS NULL ORDER BY started_at, turn",
  )
    .all(root)
    .filter((row) => !isRunning(Number(row.pid), Number(row.process_started_at)))
    .map((row) => {
      const session = String(row.session);
      const turn = Number(row.turn);
      return {
        session,
        turn,
        root,
        startedAt: Number(row.started_at),
        snapshot: String(row.snapshot),
        paths: [...new Set(changesOf(store, session, turn).map((entry) => entry.path))],
      };
    });
}

/** Puts the files of an open turn back, removes temp files left beside them, and ends it as `stopped`. Keeping them is `endTurn`. */
export async function restoreTurn(
  store: Store,
  turn: OpenTurn,
  files: JournalFiles,
): Promise<Undone[]> {
  const undone = await undo(store, { session: turn.session, scope: { turn: turn.turn } }, files);
  for (const path of turn.paths) await files.sweep(turn.root, path);
  endTurn(store, { session: turn.session, turn: turn.turn, outcome: "stopped" });
  return undone;
}

/** In a container the next process often has the same id: the start time tells them apart. */
function isRunning(pid: number, startedAt: number): boolean {
  if (pid === process.pid) return startedAt === processStartedAt();
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives and belongs to another user.
    return (error as { code?: string }).code === "EPERM";
  }
}

function processStartedAt(): number {
  return Math.round(performance.timeOrigin);
}
