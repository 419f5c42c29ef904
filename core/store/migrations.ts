/** The store's schema. A database carries its version in `user_version`; migration N leads from version N-1 to N. */

import type { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../errors.ts";
import { rollBack } from "./transact.ts";

const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    cwd TEXT NOT NULL,
    model TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    turns INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  );
  CREATE INDEX sessions_by_time ON sessions (updated_at);

  CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    session TEXT NOT NULL,
    body TEXT NOT NULL
  );
  CREATE INDEX events_by_session ON events (session, seq);

  CREATE TABLE messages (
    session TEXT NOT NULL,
    position INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (session, position)
  );

  CREATE TABLE results (
    session TEXT NOT NULL,
    number INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (session, number)
  );

  CREATE TABLE turns (
    session TEXT NOT NULL,
    turn INTEGER NOT NULL,
    root TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    pid INTEGER NOT NULL,
    process_started_at INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    PRIMARY KEY (session, turn)
  );
  CREATE INDEX turns_open ON turns (root) WHERE ended_at IS NULL;

  CREATE TABLE blobs (
    hash TEXT PRIMARY KEY,
    content BLOB NOT NULL
  );

  CREATE TABLE edits (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    turn INTEGER NOT NULL,
    step INTEGER NOT NULL,
    root TEXT NOT NULL,
    path TEXT NOT NULL,
    before TEXT,
    after TEXT,
    mode INTEGER,
    at INTEGER NOT NULL,
    undone_at INTEGER
  );
  CREATE INDEX edits_by_session ON edits (session, turn, seq);

  CREATE TABLE undos (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    session TEXT NOT NULL,
    path TEXT NOT NULL,
    before TEXT,
    after TEXT,
    at INTEGER NOT NULL
  );
  `,
  `
  CREATE TABLE scores (
    model TEXT NOT NULL,
    tool TEXT NOT NULL,
    kind TEXT NOT NULL,
    good REAL NOT NULL,
    bad REAL NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (model, tool, kind)
  );
  `,
  `
  ALTER TABLE edits ADD COLUMN made TEXT;
  ALTER TABLE undos ADD COLUMN told_at INTEGER;
  UPDATE undos SET told_at = at;
  `,
];

/** The schema this program reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length;

/**
 * Brings a database to `SCHEMA_VERSION`, in one transaction, so that a crash leaves the old schema whole.
 * @param file named in the error
 * @throws {ConfigError} when a newer smallcode wrote the database
 */
export function migrate(db: DatabaseSync, file: string): void {
  if (versionOf(db) === SCHEMA_VERSION) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = versionOf(db);
    if (version > SCHEMA_VERSION) {
      throw new ConfigError(
        `Cannot open "${file}": a newer smallcode wrote it (schema ${version}, this one knows ${SCHEMA_VERSION}). ` +
          "Update smallcode, or choose another data folder",
      );
    }
    for (const step of MIGRATIONS.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    db.exec("COMMIT");
  } catch (error) {
    rollBack(db);
    throw error;
  }
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.user_version ?? 0);
}
