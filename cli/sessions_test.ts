/** The commands that look back at sessions: one story, since each reads what the one before shows. */

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { findFolders } from "../core/config/folders.ts";
import { openJournal } from "../core/store/journal.ts";
import { lockSession } from "../core/store/session_lock.ts";
import { openStore } from "../core/store/store.ts";
import { beginTurn } from "../core/store/turns.ts";
import { diffCommand } from "./diff.ts";
import { sessionsCommand } from "./sessions.ts";
import { traceCommand } from "./trace.ts";
import { undoCommand, undoIn } from "./undo.ts";
import type { World } from "./world.ts";

interface Place {
  readonly world: World;
  readonly root: string;
  /** The session's id. */
  readonly id: string;
  /** What was written to stdout and stderr since last asked. */
  readonly written: () => { out: string; err: string };
}

/** A session that changed `a.txt` from one to two in turn 1 and to three in turn 2, and made `b.txt`. */
async function withSession(test: (place: Place) => Promise<void>): Promise<void> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "smallcode-look-back-")));
  const root = join(home, "work");
  mkdirSync(root);
  const streams = { out: "", err: "" };
  const world: World = {
    version: "0",
    cwd: root,
    home,
    platform: "linux",
    env: { SMALLCODE_BASE_URL: "http://localhost:9/v1", SMALLCODE_API_KEY: "hunter2hunter2" },
    assets: (path) => pathToFileURL(join(home, path)),
    newAgent: () => {
      throw new Error("no agent here");
    },
    out: (text) => streams.out += text,
    err: (text) => streams.err += text,
    readStdin: () => Promise.resolve(""),
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    colour: false,
    columns: 100,
    signal: new AbortController().signal,
  };
  try {
    const now = 1_700_000_000_000;
    const store = await openStore({ folder: findFolders(world).data, now: () => now, sync: "off" });
    const id = store.create({ cwd: root, model: "qwen" });
    const place = { turn: 1, step: 1 };
    const journal = openJournal(store, { session: id, root, turn: () => place.turn, step: () => place.step });
    const edit = (path: string, before: string | null, after: string) => {
      const bytes = (text: string | null) => text === null ? null : new TextEncoder().encode(text);
      journal.record({ path, before: bytes(before), after: bytes(after) });
      writeFileSync(join(root, path), after);
    };
    store.append({
      at: now,
      session: id,
      ...place,
      type: "turn_start",
      task: "change a.txt",
      wantsChange: true,
    });
    edit("a.txt", "one\n", "two\n");
    place.turn = 2;
    const call = {
      type: "tool_start",
      id: "1",
      name: "bash",
      args: { command: "curl -H hunter2hunter2" },
    } as const;
    store.append({ at: now + 1500, session: id, ...place, ...call, effect: "run" });
    edit("a.txt", "two\n", "three\n");
    edit("b.txt", null, "new\n");
    store.close();
    await test({
      world,
      root,
      id,
      written() {
        const taken = { ...streams };
        streams.out = streams.err = "";
        return taken;
      },
    });
  } finally {
    rmSync(home, { recursive: true });
  }
}

Deno.test("sessionsCommand() lists the folder's sessions, or says that there is none", () =>
  withSession(async ({ world, root, id, written }) => {
    equal(await sessionsCommand({}, world), 0);
    equal(written().out, `${id}  2023-11-14 22:13  1 turn    -           change a.txt\n`);
    await sessionsCommand({ json: true }, world);
    deepEqual(
      JSON.parse(written().out).map((session: { id: string; cwd: string }) => [session.id, session.cwd]),
      [[
        id,
        root,
      ]],
    );
    await sessionsCommand({ cwd: "/" }, world);
    equal(written().out, "there is no session of / yet; --all lists every folder's\n");
  }));

Deno.test("diffCommand() prints a session's diff, or one turn's", () =>
  withSession(async ({ world, id, written }) => {
    const created = "--- /dev/null\n+++ b/b.txt\n@@ -0,0 +1,1 @@\n+new\n";
    equal(await diffCommand({}, world), 0);
    equal(written().out, `--- a/a.txt\n+++ b/a.txt\n@@ -1,1 +1,1 @@\n-one\n+three\n${created}`);
    await diffCommand({ session: id.slice(0, 5), turn: 1 }, world);
    equal(written().out, "--- a/a.txt\n+++ b/a.txt\n@@ -1,1 +1,1 @@\n-one\n+two\n");
    await diffCommand({ turn: 9 }, world);
    equal(written().err, `Session ${id} changed no file in turn 9.\n`);
    await rejects(diffCommand({ session: "zz" }, world), /Cannot find session "zz"/);
  }));

Deno.test("undoCommand() goes back to a point, and leaves a session at work alone", () =>
  withSession(async ({ world, root, id, written }) => {
    const folder = findFolders(world).data;
    const store = await openStore({ folder, now: Date.now, sync: "off" });
    beginTurn(store, { session: id, turn: 3, root, snapshot: "" });
    const lock = await lockSession(folder, id);
    written();
    equal(await undoCommand({ yes: true }, world), 1);
    match(written().err, /is at work in another smallcode/);
    lock?.release();
    store.close();
    await rejects(() => undoCommand({ yes: true, to: NaN }, world), /--to: expected the number of a turn/);
    equal(await undoCommand({ yes: true, to: 1 }, world), 0);
    equal(readFileSync(join(root, "a.txt"), "utf8"), "two\n");
    equal(await undoCommand({ yes: true, to: 0 }, world), 0);
    equal(readFileSync(join(root, "a.txt"), "utf8"), "one\n");
  }));

Deno.test("undoCommand() shows, asks, and takes back the last turn, then the one before", () =>
  withSession(async ({ world, root, id, written }) => {
    const read = () => readFileSync(join(root, "a.txt"), "utf8");
    const shown = `session ${id}, turn 2:\n  edited   a.txt  +1 -1\n  created  b.txt  +1 -0\n`;
    equal(await undoCommand({}, world), 2);
    deepEqual(written(), {
      out: shown,
      err: "Cannot ask whether to take this back: no terminal; --yes does it\n",
    });
    equal(await undoCommand({ confirm: () => Promise.resolve(false) }, world), 1);
    equal(read(), "three\n");
    written();
    equal(await undoCommand({ confirm: () => Promise.resolve(true) }, world), 0);
    equal(written().out, `${shown}restored: a.txt\ndeleted: b.txt\n`);
    equal(read(), "two\n");
    writeFileSync(join(root, "a.txt"), "mine\n");
    equal(await undoCommand({ yes: true }, world), 1);
    match(written().out, /left alone: a\.txt \(it was changed since, not by smallcode\)\n$/);
    equal(read(), "mine\n");
    writeFileSync(join(root, "a.txt"), "two\n");
    equal(await undoCommand({ yes: true, turn: 1 }, world), 0);
    equal(read(), "one\n");
    written();
    equal(await undoCommand({ yes: true }, world), 1);
    equal(written().out, "There is nothing to undo.\n");
  }));

Deno.test("undoCommand() says what stays, and takes no earlier turn for the last where commands changed files since", () =>
  withSession(async ({ world, root, id, written }) => {
    const store = await openStore({ folder: findFolders(world).data, now: Date.now, sync: "off" });
    const tell = (turn: number, path: string, kind: "created" | "edited") => {
      const change = { path, kind, by: "command", linesAdded: 0, linesRemoved: 0 } as const;
      store.append({ at: 1, session: id, turn, step: 1, type: "edit", change, diff: "" });
    };
    tell(2, "notes.txt", "edited");
    tell(3, "made.pyc", "created");
    written();
    const stays = "not taken back: notes.txt (edited by a command)\n";
    equal(await undoCommand({ confirm: () => Promise.resolve(false) }, world), 1);
    match(written().out, new RegExp(`turn 2:\n[^]*b.txt {2}\\+1 -0\n {2}${stays.replace(/[()]/g, "\\$&")}$`));
    tell(3, "late.txt", "edited");
    const later = "Commands of turn 3 changed files that cannot be taken back: late.txt (edited).";
    equal(await undoCommand({ yes: true }, world), 1);
    equal(written().out, `${later} smallcode undo --turn 2 takes turn 2 back.\n`);
    equal(await undoIn(store, id, "turn"), `${later} /undo to 1 takes turn 2 back.`);
    equal(await undoCommand({ yes: true, turn: 3 }, world), 1);
    equal(
      written().out,
      "not taken back: made.pyc (created by a command)\nnot taken back: late.txt (edited by a command)\n",
    );
    equal(await undoIn(store, id, { turn: 2 }), `restored: a.txt\ndeleted: b.txt\n${stays.trimEnd()}`);
    equal(readFileSync(join(root, "a.txt"), "utf8"), "two\n");
    for (let i = 0; i < 300; i++) tell(4, `gen/${i}`, "edited");
    match(
      await undoIn(store, id, "turn"),
      /turn 4 changed .*: gen\/0 \(edited\), .*gen\/9 \(edited\) and 290 more\./,
    );
    store.close();
  }));

Deno.test("traceCommand() shows a timeline, and exports JSON lines without the configured key", () =>
  withSession(async ({ world, root, id, written }) => {
    equal(await traceCommand({ action: "show", id: "last" }, world), 0);
    deepEqual(written().out.split("\n"), [
      `session ${id}  ${root}  qwen`,
      "     0.0 s  1.1   turn_start    change a.txt",
      '     1.5 s  2.1   tool_start    bash {"command":"curl -H hunter2hunter2"}',
      "",
    ]);
    equal(await traceCommand({ action: "export", id, out: "trace.jsonl" }, world), 0);
    const events = readFileSync(join(root, "trace.jsonl"), "utf8").trimEnd().split("\n").map((line) =>
      JSON.parse(line)
    );
    deepEqual(events.map(({ type, args }) => [type, args]), [
      ["turn_start", undefined],
      ["tool_start", { command: "curl -H ****" }],
    ]);
    equal(statSync(join(root, "trace.jsonl")).mode & 0o777, 0o600);
    await traceCommand({ action: "list" }, world);
    match(written().out, /change a\.txt/);
  }));
