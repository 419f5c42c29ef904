/**
 * One process a session. The lock is the operating system's, taken by SQLite on an empty file of its own: it ends with the process that
 * holds it, however that ends, so no stale lock can block.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** A lock that is held until `release`. */
export interface SessionLock {
  release(): void;
}

/**
 * Takes the lock of a session; `undefined` where another process, or another conversation of this one, holds it.
 * @param folder the store's folder
 * @throws {Error} when the folder cannot be written
 */
export async function lockSession(folder: string, session: string): Promise<SessionLock | undefined> {
  const { DatabaseSync } = await import("node:sqlite");
  const locks = join(folder, "locks");
  mkdirSync(locks, { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(join(locks, session));
  try {
    // Held by this one transaction, which writes nothing: the file stays empty, and is left where it is, since another may wait on it.
    db.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return { release: () => db.close() };
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Whether the lock of a session is held, by whomever. */
export async function isSessionLocked(folder: string, session: string): Promise<boolean> {
  const lock = await lockSession(folder, session);
  lock?.release();
  return lock === undefined;
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && /database is locked/.test(error.message);
}
