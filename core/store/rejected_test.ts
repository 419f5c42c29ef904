import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { changesOf, openJournal } from "./journal.ts";
import { keepPatch, patchOf } from "./rejected.ts";
import { openStore } from "./store.ts";

const lines = (n: number, mark = "") => Array.from({ length: n }, (_, i) => `line ${i}${mark}\n`).join("");

/** Before and after of a file; `null`: not there. */
const CASES: Readonly<Record<string, readonly [string | null, string | null]>> = {
  "edited.txt": [lines(30), lines(30).replace("line 7\n", "seven\n").replace("line 25\n", "")],
  "created.txt": [null, "new\nfile"],
  "deleted.txt": ["old\n", null],
  "emptied.txt": ["x\n", ""],
  "filled.txt": ["", "x\n"],
  "created empty.txt": [null, ""],
  "no newline.txt": ["a\nb", "a\nc"],
  "newline added.txt": ["a\nb", "a\nb\n"],
  "crlf.txt": ["a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n"],
  "deep/ünïcode.txt": ["ä\n", "ö\n"],
  "long.txt": [lines(4_000, " old"), lines(3_900, " new")],
  "long without newline.txt": [lines(4_000, " old"), `${lines(3_900, " new")}end`],
  "same.txt": ["x\n", "x\n"],
};

Deno.test("patchOf() gives a patch that git applies forward and back, whatever the files", async () => {
  const root = await mkdtemp(join(tmpdir(), "smallcode-rejected-"));
  const store = await openStore({ folder: join(root, ".data"), now: () => 1, sync: "off" });
  const bytes = (text: string | null) => text === null ? null : new TextEncoder().encode(text);
  const journal = openJournal(store, { session: "s", root, turn: () => 1, step: () => 1 });
  for (const [path, [before, after]] of Object.entries(CASES)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    if (before !== null) await writeFile(join(root, path), before);
    // Two edits of one file are one change.
    journal.record({ path, before: bytes(before), after: bytes("between\n") });
    journal.record({ path, before: bytes("between\n"), after: bytes(after) });
  }
  journal.record({ path: "image.png", before: null, after: new Uint8Array([0, 1, 2]) });
  const patch = patchOf(store, changesOf(store, "s", 1));
  store.close();
  assert.match(patch, /^# binary, not in this patch: image\.png$/m);
  const file = await keepPatch(patch, { folder: join(root, ".data"), session: "s", turn: 1 });
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: root, stdio: "pipe" });
  const text = (path: string) => readFile(join(root, path), "utf8").catch(() => null);
  try {
    git("init", "-q");
    git("apply", file);
    for (const [path, [, after]] of Object.entries(CASES)) assert.equal(await text(path), after, path);
    git("apply", "-R", file);
    for (const [path, [before]] of Object.entries(CASES)) assert.equal(await text(path), before, path);
  } finally {
    await rm(root, { recursive: true });
  }
});

Deno.test("keepPatch() keeps the newest 100, at most 20 MB of 60 days, and the new one in any case", async () => {
  const root = await mkdtemp(join(tmpdir(), "smallcode-rejected-"));
  const folder = join(root, "rejected");
  const days = (n: number) => new Date(Date.now() - n * 86_400_000);
  const kept = async (turn: number, patch: string) => {
    await keepPatch(patch, { folder: root, session: "s", turn });
    return (await readdir(folder)).sort();
  };
  try {
    await mkdir(folder);
    for (let i = 0; i < 105; i++) {
      await writeFile(join(folder, `old-${i}.patch`), "x");
      await utimes(join(folder, `old-${i}.patch`), days(1), days(1 + i / 2));
    }
    await writeFile(join(folder, "notes.txt"), "not ours");
    await utimes(join(folder, "notes.txt"), days(99), days(99));
    const first = await kept(1, "y");
    assert.deepEqual([first.length, first.includes("old-98.patch"), first.includes("old-99.patch")], [
      101,
      true,
      false,
    ]);
    await utimes(join(folder, "old-3.patch"), days(61), days(61));
    const second = await kept(2, "z".repeat(10_000_000));
    assert.deepEqual([second.includes("old-3.patch"), second.includes("notes.txt")], [false, true]);
    // Two of them are more than may be kept beside what is there.
    assert.deepEqual(await kept(3, "z".repeat(21_000_000)), ["notes.txt", "s-3.patch"]);
  } finally {
    await rm(root, { recursive: true });
  }
});
