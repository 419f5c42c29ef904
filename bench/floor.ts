/**
 * What the first request would take if all code of ours were free: no argument is read, no message understood, no tool loaded. The same
 * questions to the server, the same store in the same folder, the sandbox's trial and the looks into the project that `smallcode run` makes
 * before it. `bench:perf` compiles it and runs it in turn with the program; `--base-url` is all it reads of its arguments.
 */

import { spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { readdir, readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";

const api = process.argv[process.argv.indexOf("--base-url") + 1] ?? "";
const root = api.replace(/\/v1$/, "");
/** Where `bench:perf` has the program keep its data, seen from the workspace. */
const data = join("..", "data", "smallcode");

async function ask(path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(root + path, {
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    headers: { accept: "application/json", "content-type": "application/json" },
    signal: AbortSignal.timeout(10_000),
  });
  return await response.json();
}

function trySandbox(): Promise<void> {
  const complaints = openSync(join(data, "complaints"), "w");
  const confined = [
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-net",
    "--ro-bind",
    "/",
    "/",
    "--proc",
    "/proc",
  ];
  return new Promise((resolve) => {
    const child = spawn("bwrap", [...confined, "true"], { stdio: ["ignore", "ignore", complaints] });
    child.on("close", () => resolve());
    child.on("error", () => resolve());
  });
}

function openDatabase(file: string, level: string): DatabaseSync {
  const db = new DatabaseSync(file);
  if (db.prepare("PRAGMA journal_mode").get()?.journal_mode !== "wal") {
    db.exec("PRAGMA journal_mode = MEMORY; PRAGMA journal_mode = WAL");
  }
  db.exec(`PRAGMA synchronous = ${level}`);
  return db;
}

/** Two connections, a few tables, eight events, a turn that is on the disk, a lock. */
function useStore(): void {
  const db = openDatabase(join(data, "smallcode.db"), "NORMAL");
  db.exec(`BEGIN;
    CREATE TABLE sessions (id TEXT PRIMARY KEY, cwd TEXT);
    CREATE TABLE events (seq INTEGER PRIMARY KEY, session TEXT, body TEXT);
    CREATE INDEX events_by_session ON events (session, seq);
    CREATE TABLE messages (session TEXT, position INTEGER, body TEXT, PRIMARY KEY (session, position));
    CREATE TABLE turns (session TEXT, turn INTEGER, root TEXT, PRIMARY KEY (session, turn));
    COMMIT`);
  const durable = openDatabase(join(data, "smallcode.db"), "FULL");
  new DatabaseSync(join(data, "locks", "floor")).exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  const insert = db.prepare("INSERT INTO events (session, body) VALUES ('floor', '{}')");
  for (let i = 0; i < 8; i++) insert.run();
  durable.exec("INSERT INTO turns VALUES ('floor', 1, '/')");
}

mkdirSync(join(data, "locks"), { recursive: true });
const sandbox = trySandbox();
await Promise.all([ask("/props"), ask("/v1/models")]);
const counted = { model: "scripted", messages: [{ role: "user", content: "hi" }] };
const count = "/v1/chat/completions/input_tokens";
await Promise.all([ask(count, counted), ask(count, counted)]);
useStore();
await readdir(await realpath("."));
for (const name of [".env", "smallcode.toml", "AGENTS.md", "CLAUDE.md", ".cursorrules", ".gitignore"]) {
  await readFile(name).catch(() => undefined);
}
await sandbox;
const messages = [{ role: "system", content: "x".repeat(3_000) }, {
  role: "user",
  content: "Create hello.py",
}];
await ask(count, { model: "scripted", messages });
await fetch(`${api}/chat/completions`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ model: "scripted", messages, stream: true }),
}).then((response) => response.text());
process.exit();
