import { deepEqual, equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { withStore } from "./_temp_store.ts";
import { openJournalFiles } from "./journal_files.ts";
import { lockSession } from "./session_lock.ts";
import { beginTurn, endTurn, keepTurn, openTurns, restoreTurn } from "./turns.ts";

const CHILD = fileURLToPath(new URL("./_crash_child.ts", import.meta.url));
const ORIGINAL: Readonly<Record<string, string>> = { "a.txt": "first\r\n", "b.txt": "second" };

/** Runs the child and kills it once it has made `edits` edits; it works on until the signal arrives, anywhere in an edit. */
async function killAfter(edits: number, args: readonly string[]): Promise<void> {
  const child = spawn(Deno.execPath(), ["run", "-A", "--no-check", "--quiet", CHILD, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let seen = 0;
  child.stdout.on("data", (chunk) => {
    seen += chunk.length;
    if (seen >= edits) child.kill("SIGKILL");
  });
  const [code, signal] = await once(child, "close");
  deepEqual([code, signal], [null, "SIGKILL"]);
}

/** An old or a new state as a whole, never a part of one. */
function isWhole(path: string, text: string): boolean {
  if (text === ORIGINAL[path]) return true;
  const [line = ""] = text.split("\n", 1);
  return line.startsWith(`${path} `) && text === `${line}\n`.repeat(2_000) + "end";
}

for (let seed = 0; seed < 20; seed++) {
  Deno.test(`restoreTurn() gives every file back after kill -9, seed ${seed}`, () =>
    withStore(async ({ store, folder, root, session }) => {
      for (const [path, text] of Object.entries(ORIGINAL)) writeFileSync(join(root, path), text);
      await killAfter(1 + (seed * 7) % 20, [folder, root, session]);

      const db = new DatabaseSync(join(folder, "smallcode.db"));
      equal(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
      db.close();
      for (const path of ["a.txt", "b.txt", "new.txt"]) {
        if (existsSync(join(root, path))) ok(isWhole(path, readFileSync(join(root, path), "utf8")), path);
      }
      const [open, ...others] = await openTurns(store, root);
      deepEqual([open?.session, open?.turn, open?.snapshot, others], [session, 1, "abc123", []]);
      const undone = await restoreTurn(store, open!, openJournalFiles("off"));
      deepEqual(undone.filter(({ kind }) => kind === "left"), []);
      const left = readdirSync(root).map((name) => [name, readFileSync(join(root, name), "utf8")]);
      deepEqual(Object.fromEntries(left), ORIGINAL);
      deepEqual(await openTurns(store, root), []);
    }));
}

Deno.test("restoreTurn() removes the temp file of a first write that the journal does not know of", () =>
  withStore(async ({ store, root, session }) => {
    writeFileSync(join(root, "a.txt"), "first");
    writeFileSync(join(root, `.smallcode-${crypto.randomUUID()}.tmp`), "half");
    beginTurn(store, { session, turn: 1, root, snapshot: "" });
    const [open] = await openTurns(store, root);
    deepEqual(await restoreTurn(store, open!, openJournalFiles("off")), []);
    deepEqual(readdirSync(root), ["a.txt"]);
  }));

Deno.test("openTurns() names no turn that ended, runs in another process, or is of another folder", () =>
  withStore(async ({ store, root, session }) => {
    const numbers = async (of: string, own?: string) =>
      (await openTurns(store, of, own)).map(({ turn }) => turn);
    beginTurn(store, { session, turn: 1, root, snapshot: "" });
    beginTurn(store, { session, turn: 2, root: "/elsewhere", snapshot: "" });
    deepEqual([await numbers(root), await numbers("/elsewhere")], [[1], [2]]);
    const lock = await lockSession(store.folder, session);
    deepEqual([await numbers(root), await numbers(root, session)], [[], [1]]);
    lock?.release();
    endTurn(store, { session, turn: 1, outcome: "verified" });
    deepEqual(await numbers(root), []);
    const [open] = await openTurns(store, "/elsewhere");
    await keepTurn(store, open!, openJournalFiles("off"));
    deepEqual(await numbers("/elsewhere"), []);
  }));
