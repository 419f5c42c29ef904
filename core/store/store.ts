/**
 * Sessions, events, histories, long results and the journal's tables: one SQLite database in the user's data folder.
 * Nothing is written into the user's project.
 */

import { chmodSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { setTimeout as delay } from "node:timers/promises";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Event } from "../events.ts";
import { ConfigError, DiskFullError, ToolError } from "../errors.ts";
import type { ResultStore } from "../tool.ts";
import type { Message, Outcome } from "../types.ts";
import { migrate } from "./migrations.ts";
import { transact } from "./transact.ts";
import { lockSession, type SessionLock } from "./session_lock.ts";

/** Another process may hold the write lock for one commit; more than this means that it hangs. */
const BUSY_MS = 5_000;
const BUSY_STEP_MS = 50;

/** Sessions that may begin within one second. */
const IDS_PER_SECOND = 36;

/** Seen by a person while a turn runs, and contained in later events: they are not kept. */
const PASSING: ReadonlySet<Event["type"]> = new Set(["token", "tool_output", "reasoning", "prefill"]);

export interface StoreOptions {
  /** Made with mode 0700 if missing. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** `off` (tests only): a power failure may lose what was written; a killed process still loses nothing. Default `full`. */
  readonly sync?: "full" | "off";
}

/** A session without its contents. */
export interface SessionSummary {
  readonly id: string;
  /** Absolute path of the workspace. */
  readonly cwd: string;
  readonly model: string;
  /** The first task, one line, at most 80 characters; empty before the first turn. */
  readonly title: string;
  readonly turns: number;
  /** Of the last turn that ended. */
  readonly outcome: Outcome | undefined;
  /** Milliseconds since 1970, as `updatedAt`. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** A session as it is resumed or shown. */
export interface StoredSession {
  readonly meta: SessionSummary;
  readonly messages: readonly Message[];
  readonly events: readonly Event[];
}

/**
 * Opens or makes the database. One that cannot be read is moved aside, never deleted; `notices` says where to.
 * @throws {ConfigError} when a newer smallcode wrote it
 * @throws {Error} when the folder cannot be written, or the disk is full
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { DatabaseSync } = await import("node:sqlite");
  const file = join(options.folder, "smallcode.db");
  try {
    mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Error(`Cannot make the data folder "${options.folder}": ${(error as Error).message}`, {
      cause: error,
    });
  }
  const open = () => connect(DatabaseSync, file, options.sync ?? "full");
  try {
    return new Store(await whenFree(open), options, []);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (!isCorrupt(error)) {
      throw new Error(`Cannot open the store "${file}": ${(error as Error).message}`, { cause: error });
    }
    const aside = moveAside(file, options.now());
    return new Store(open(), options, [
      `The store could not be read (${
        (error as Error).message
      }); it was moved to "${aside}" and a new one was begun`,
    ]);
  }
}

/** Making a file a WAL database fails at once where another process is just doing it; `busy_timeout` does not cover that. */
async function whenFree(open: () => Connections): Promise<Connections> {
  for (let left = BUSY_MS / BUSY_STEP_MS;; left--) {
    try {
      return open();
    } catch (error) {
      if (left <= 1 || !/database is locked/.test((error as Error).message)) throw error;
      await delay(BUSY_STEP_MS);
    }
  }
}

interface Connections {
  /** A killed process loses nothing; after a power failure the last events may be missing. */
  readonly db: DatabaseSync;
  /** Each commit is on the disk before the call returns. */
  readonly durable: DatabaseSync;
}

function connect(Database: typeof DatabaseSync, file: string, sync: "full" | "off"): Connections {
  const opened: DatabaseSync[] = [];
  const open = (level: "NORMAL" | "FULL") => {
    const db = new Database(file);
    opened.push(db);
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    // A new file has nothing to roll back: its journal need not be on the disk, which takes five flushes.
    if (db.prepare("PRAGMA journal_mode").get()?.journal_mode !== "wal") {
      db.exec("PRAGMA journal_mode = MEMORY; PRAGMA journal_mode = WAL");
    }
    db.exec(`PRAGMA synchronous = ${sync === "off" ? "OFF" : level}`);
    return db;
  };
  try {
    const db = open("NORMAL");
    // Events, histories and the files' old contents can hold what only the user may read.
    chmodSync(file, 0o600);
    migrate(db, file);
    return { db, durable: open("FULL") };
  } catch (error) {
    for (const db of opened) db.close();
    throw error;
  }
}

/** SQLITE_CORRUPT (11) and SQLITE_NOTADB (26); runtimes name the code differently, the texts are SQLite's own. */
function isCorrupt(error: unknown): boolean {
  return error instanceof Error &&
    /file is not a database|disk image is malformed|malformed database schema/.test(error.message);
}

function moveAside(file: string, now: number): string {
  const aside = `${file}.corrupt-${now}`;
  for (const suffix of ["", "-wal", "-shm"]) {
    if (existsSync(file + suffix)) renameSync(file + suffix, aside + suffix);
  }
  return aside;
}

/** Holds the database's connections; `close()` ends it. */
export class Store {
  /** What the user should be told about opening it. */
  readonly notices: readonly string[];
  readonly now: () => number;
  /** Where it lies. */
  readonly folder: string;
  /** For the journal: see `Connections`. */
  readonly durable: DatabaseSync;
  readonly #db: DatabaseSync;
  readonly #insertEvent: StatementSync;
  #lock: SessionLock | undefined;

  constructor(connections: Connections, options: StoreOptions, notices: readonly string[]) {
    this.#db = connections.db;
    this.durable = connections.durable;
    this.now = options.now;
    this.folder = options.folder;
    this.notices = notices;
    this.#insertEvent = this.#db.prepare("INSERT INTO events (session, body) VALUES (?, ?)");
  }

  close(): void {
    this.#lock?.release();
    this.durable.close();
    this.#db.close();
  }

  /** Runs what writes. @throws {DiskFullError} in place of what SQLite says of a full or failing disk */
  write<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isDiskFault(error)) throw error;
      const why = (error as Error).message;
      throw new DiskFullError(
        `Cannot write to "${this.folder}": ${why}. Free some space there. No file was changed without being ` +
          "journaled: `smallcode undo` can take back what was done, `smallcode --resume` goes on",
        { cause: error },
      );
    }
  }

  /** Makes a session this store's own until it is closed; `false` where another has it. At most one session a store. */
  async lock(session: string): Promise<boolean> {
    this.#lock = await lockSession(this.folder, session);
    return this.#lock !== undefined;
  }

  /**
   * Begins a session.
   * @returns its id: seven characters of `0-9a-z`, ascending with time
   */
  create(session: { cwd: string; model: string }): string {
    const at = this.now();
    const insert = this.#db.prepare(
      "INSERT OR IGNORE INTO sessions (id, cwd, model, created_at, updated_at) VALUES (?, ?, ?, ?, ?)",
    );
    const first = Math.floor(at / 1000) * IDS_PER_SECOND;
    for (let i = 0; i < IDS_PER_SECOND; i++) {
      const id = (first + i).toString(36);
      const inserted = this.write(() => insert.run(id, session.cwd, session.model, at, at));
      if (inserted.changes === 1) return id;
    }
    throw new RangeError(`Cannot begin a session: ${IDS_PER_SECOND} began within this second`);
  }

  /** Keeps an event as it is: see `openEventMask`. Tokens, reasoning, running output and prefill progress are not kept. */
  append(event: Event): void {
    if (PASSING.has(event.type)) return;
    this.write(() => this.#append(event));
  }

  #append(event: Event): void {
    this.#insertEvent.run(event.session, JSON.stringify(event));
    if (event.type === "turn_start") {
      this.#db.prepare(
        "UPDATE sessions SET updated_at = ?, turns = ?, title = iif(title = '', ?, title) WHERE id = ?",
      ).run(event.at, event.turn, titleOf(event.task), event.session);
    }
    if (event.type === "turn_end") {
      this.#db.prepare("UPDATE sessions SET updated_at = ?, outcome = ? WHERE id = ?")
        .run(event.at, event.outcome, event.session);
    }
  }

  /**
   * Keeps a history for `load`, word for word: a resumed session must give the server the same prefix.
   * @param from position of the first of `messages`, from 0; what stood there and after is replaced (a compaction saves from 0)
   * @throws {RangeError} when `from` leaves a hole
   */
  saveMessages(session: string, from: number, messages: readonly Message[]): void {
    const kept = Number(
      this.#db.prepare("SELECT count(*) AS n FROM messages WHERE session = ?").get(session)?.n ?? 0,
    );
    if (from > kept) throw new RangeError(`Cannot save messages from ${from}: the history has ${kept}`);
    this.write(() =>
      transact(this.#db, () => {
        if (from < kept) {
          this.#db.prepare("DELETE FROM messages WHERE session = ? AND position >= ?").run(session, from);
        }
        const insert = this.#db.prepare("INSERT INTO messages (session, position, body) VALUES (?, ?, ?)");
        messages.forEach((message, i) => insert.run(session, from + i, JSON.stringify(message)));
      })
    );
  }

  /** The newest sessions first. */
  list(options: { cwd?: string; limit: number }): SessionSummary[] {
    const where = options.cwd === undefined ? "" : "WHERE cwd = ?";
    return this.#db.prepare(`SELECT * FROM sessions ${where} ORDER BY updated_at DESC, id DESC LIMIT ?`)
      .all(...(options.cwd === undefined ? [] : [options.cwd]), options.limit)
      .map(summaryOf);
  }

  /**
   * @param id an id, the beginning of only one, or `last`: the newest, of `cwd` where given
   * @throws {RangeError} when no session, or more than one, is meant
   */
  find(id: string, cwd?: string): SessionSummary {
    if (id === "last") {
      const newest = this.list({ ...(cwd === undefined ? {} : { cwd }), limit: 1 })[0];
      if (newest) return newest;
      throw new RangeError(
        `Cannot find a session${cwd === undefined ? "" : ` of "${cwd}"`}: there is none yet`,
      );
    }
    // "{" comes right after "z"; a range uses the index and needs no escapes.
    const found = this.#db.prepare("SELECT * FROM sessions WHERE id >= ? AND id < ? ORDER BY id LIMIT 6")
      .all(id, `${id}{`).map(summaryOf);
    const exact = found.find((session) => session.id === id) ?? (found.length === 1 ? found[0] : undefined);
    if (exact) return exact;
    const why = found.length === 0
      ? "there is none; `smallcode sessions` lists them"
      : `${found.map((session) => session.id).join(", ")} begin so`;
    throw new RangeError(`Cannot find session "${id}": ${why}`);
  }

  /** A session with all it holds; `id` and errors as in `find`. */
  load(id: string, cwd?: string): StoredSession {
    const meta = this.find(id, cwd);
    return {
      meta,
      messages: this.#bodies("SELECT body FROM messages WHERE session = ? ORDER BY position", meta.id),
      events: this.#bodies("SELECT body FROM events WHERE session = ? ORDER BY seq", meta.id),
    };
  }

  /**
   * How the newest turns ended that a model began, in any session, newest first: `true` where no stronger one had to help, `false` where one
   * did or the turn failed. Other ends tell nothing of the model. Turns over 20,000 events ago are not looked for.
   */
  turnRecord(model: string, most: number): readonly boolean[] {
    const rows = this.#db.prepare(
      `SELECT body ->> '$.solvedBy' AS by FROM events
       WHERE seq > (SELECT max(seq) FROM events) - 20000 AND body LIKE '%"type":"turn_end"%'
         AND body ->> '$.type' = 'turn_end' AND body ->> '$.model' = ?
         AND (body ->> '$.solvedBy' <> 'none' OR body ->> '$.outcome' IN ('failed', 'stopped'))
       ORDER BY seq DESC LIMIT ?`,
    ).all(model, most);
    return rows.map(({ by }) => by === "model" || by === "harness");
  }

  #bodies<T>(sql: string, session: string): T[] {
    return this.#db.prepare(sql).all(session).map((row) => JSON.parse(String(row.body)) as T);
  }

  /** Long results of a session under handles `result:1`, `result:2`, … that survive a resume. */
  results(session: string): ResultStore {
    const db = this.#db;
    const write = <T>(work: () => T) => this.write(work);
    return {
      keep(text) {
        const insert = db.prepare(
          "INSERT INTO results (session, number, content) VALUES (?1, " +
            "(SELECT coalesce(max(number), 0) + 1 FROM results WHERE session = ?1), ?2) RETURNING number",
        );
        const row = write(() => insert.get(session, pack(new TextEncoder().encode(text))));
        return `result:${row?.number}`;
      },
      get(handle) {
        const number = /^result:(\d{1,9})$/.exec(handle)?.[1];
        const row = number === undefined
          ? undefined
          : db.prepare("SELECT content FROM results WHERE session = ? AND number = ?").get(
            session,
            Number(number),
          );
        if (row) return new TextDecoder().decode(unpack(row.content as Uint8Array));
        const last = Number(
          db.prepare("SELECT max(number) AS n FROM results WHERE session = ?").get(session)?.n ?? 0,
        );
        throw new ToolError(
          last === 0
            ? `Cannot read "${handle}": no result is kept in this session. Run the command again`
            : `Cannot read "${handle}": kept results are result:1 to result:${last}`,
        );
      },
    };
  }
}

/** SQLITE_FULL and SQLITE_IOERR; runtimes name the code differently, the texts are SQLite's own. */
function isDiskFault(error: unknown): boolean {
  return error instanceof Error && /database or disk is full|disk I\/O error/.test(error.message);
}

/** Bytes as they are kept: source code takes a third, and the fastest level costs a millisecond for 100 kB. */
export function pack(bytes: Uint8Array): Uint8Array {
  return deflateRawSync(bytes, { level: 1 });
}

/** Undoes `pack`. */
export function unpack(packed: Uint8Array): Uint8Array {
  return new Uint8Array(inflateRawSync(packed));
}

function titleOf(task: string): string {
  const line = task.trimStart().split("\n", 1)[0]!.trimEnd();
  return line.length <= 80 ? line : `${line.slice(0, 79)}…`;
}

function summaryOf(row: Record<string, unknown>): SessionSummary {
  return {
    id: String(row.id),
    cwd: String(row.cwd),
    model: String(row.model),
    title: String(row.title),
    turns: Number(row.turns),
    outcome: row.outcome === null ? undefined : row.outcome as Outcome,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
  };
}
