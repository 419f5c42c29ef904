import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { withStore } from "./_temp_store.ts";
import { changesOf, contentOf, type Journal, openJournal, undo, type UndoScope } from "./journal.ts";
import { openJournalFiles } from "./journal_files.ts";
import type { Store } from "./store.ts";

/** A session that edits as the workspace does: record, then write. */
interface Editor {
  readonly root: string;
  readonly store: Store;
  /** Begins turn `turn`. */
  turn: (turn: number) => void;
  edit: (path: string, text: string | null) => void;
  /** A new file, for which folders were made from `top` on. */
  made: (path: string, top?: string) => void;
  /** Recorded, and never written: what a crash between the two leaves. */
  record: (path: string, text: string | null) => void;
  undo: (scope: UndoScope) => ReturnType<typeof undo>;
  read: (path: string) => string | null;
}

function withEditor(test: (editor: Editor) => Promise<void> | void): Promise<void> {
  return withStore(({ store, root, session }) => {
    const at = { turn: 1 };
    const journal: Journal = openJournal(store, { session, root, turn: () => at.turn, step: () => 1 });
    const read = (path: string) =>
      existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : null;
    const bytes = (text: string | null) => text === null ? null : new TextEncoder().encode(text);
    const record = (path: string, text: string | null) => {
      const before = read(path);
      const mode = before === null ? {} : { mode: statSync(join(root, path)).mode & 0o7777 };
      journal.record({ path, before: bytes(before), after: bytes(text), ...mode });
    };
    return test({
      root,
      store,
      turn: (turn) => at.turn = turn,
      record,
      edit(path, text) {
        record(path, text);
        write(root, path, text);
      },
      made(path, top) {
        journal.record({
          path,
          before: null,
          after: bytes("new"),
          ...(top === undefined ? {} : { made: top }),
        });
        write(root, path, "new");
      },
      undo: (scope) => undo(store, { session, scope }, openJournalFiles("off")),
      read,
    });
  });
}

function write(root: string, path: string, text: string | null): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  if (text === null) rmSync(join(root, path));
  else writeFileSync(join(root, path), text);
}

Deno.test("undo() of a turn restores the oldest state of each file, its mode too", () =>
  withEditor(async (editor) => {
    const { root, edit, read } = editor;
    write(root, "a.sh", "one\r\n");
    chmodSync(join(root, "a.sh"), 0o755);
    write(root, "gone.txt", "gone");
    edit("a.sh", "two");
    edit("a.sh", "three");
    edit("new/deep.txt", "new");
    edit("gone.txt", null);
    edit("same.txt", "x");
    edit("same.txt", null);
    chmodSync(join(root, "a.sh"), 0o600);
    deepEqual(await editor.undo("turn"), [
      { path: "a.sh", kind: "restored" },
      { path: "new/deep.txt", kind: "deleted" },
      { path: "gone.txt", kind: "recreated" },
      { path: "same.txt", kind: "unchanged" },
    ]);
    deepEqual([read("a.sh"), read("gone.txt"), read("new/deep.txt")], ["one\r\n", "gone", null]);
    equal(statSync(join(root, "a.sh")).mode & 0o777, 0o755);
    deepEqual(await editor.undo("turn"), []);
    deepEqual(readdirSync(root).sort(), ["a.sh", "gone.txt", "new"]);
  }));

Deno.test("undo() removes the folders that were made for a file, where nothing else is in them", () =>
  withEditor(async ({ root, made, undo }) => {
    mkdirSync(join(root, "empty"));
    made("new/deep/a.txt", "new");
    made("new/deep/b.txt");
    made("new/other/c.txt", "new/other");
    made("kept/d.txt", "kept");
    made("empty/e.txt");
    write(root, "kept/mine.txt", "mine");
    await undo("turn");
    deepEqual(readdirSync(root).sort(), ["empty", "kept"]);
    deepEqual(readdirSync(join(root, "kept")), ["mine.txt"]);
  }));

Deno.test("undo() takes back the other files where the system refuses one", () =>
  withEditor(async ({ root, edit, read, store }) => {
    for (const path of ["a", "b", "c"]) write(root, path, "old");
    for (const path of ["a", "b", "c"]) edit(path, "ours");
    const session = store.find("last").id;
    const files = openJournalFiles("off");
    const refusing = (code: string): typeof files => ({
      ...files,
      write: (at, path, file) =>
        path === "b" ? Promise.reject(Object.assign(new Error(code), { code })) : files.write(at, path, file),
    });
    deepEqual(await undo(store, { session, scope: "turn" }, refusing("EROFS")), [
      { path: "a", kind: "restored" },
      { path: "b", kind: "left", reason: "it cannot be written: the disk is read-only" },
      { path: "c", kind: "restored" },
    ]);
    deepEqual([read("a"), read("b"), read("c")], ["old", "ours", "old"]);
    await rejects(undo(store, { session, scope: "turn" }, refusing("ERR_SQLITE_ERROR")), /ERR_SQLITE/);
    deepEqual(await undo(store, { session, scope: "turn" }, files), [{ path: "b", kind: "restored" }]);
  }));

Deno.test("undo() goes back edit by edit, turn by turn, and to a point", () =>
  withEditor(async (editor) => {
    const { edit, read } = editor;
    edit("a", "1");
    editor.turn(2);
    edit("a", "2");
    edit("a", "3");
    editor.turn(3);
    edit("a", "4");
    edit("a", "5");
    await editor.undo("edit");
    equal(read("a"), "4");
    await editor.undo("edit");
    equal(read("a"), "3");
    await editor.undo("turn");
    equal(read("a"), "1");
    edit("b", "6");
    deepEqual(await editor.undo({ afterTurn: 0 }), [{ path: "a", kind: "deleted" }, {
      path: "b",
      kind: "deleted",
    }]);
    deepEqual([read("a"), read("b")], [null, null]);
  }));

Deno.test("undo() leaves alone what the user changed, deleted or made since", () =>
  withEditor(async (editor) => {
    const { root, edit, read } = editor;
    write(root, "a", "old");
    write(root, "b", "old");
    edit("a", "ours");
    edit("b", "ours");
    edit("c", "ours");
    write(root, "a", "theirs");
    write(root, "b", null);
    edit("c", null);
    write(root, "c", "theirs");
    const reason = "it was changed since, not by smallcode";
    deepEqual(await editor.undo("turn"), [
      { path: "a", kind: "left", reason },
      { path: "b", kind: "left", reason },
      { path: "c", kind: "left", reason },
    ]);
    deepEqual([read("a"), read("b"), read("c")], ["theirs", null, "theirs"]);
  }));

Deno.test("undo() brings back the user's version that lay between two of our edits", () =>
  withEditor(async (editor) => {
    const { root, edit, read } = editor;
    write(root, "a", "old");
    edit("a", "ours");
    write(root, "a", "theirs");
    edit("a", "theirs and ours");
    deepEqual(await editor.undo("turn"), [{
      path: "a",
      kind: "restored",
      reason: "it was changed between two edits, not by smallcode; that version is back",
    }]);
    equal(read("a"), "theirs");
  }));

Deno.test("undo() of an earlier turn leaves a file alone that a later turn changed", () =>
  withEditor(async (editor) => {
    const { edit, read } = editor;
    edit("a", "1");
    edit("b", "1");
    editor.turn(2);
    edit("a", "2");
    deepEqual(await editor.undo({ turn: 1 }), [
      { path: "a", kind: "left", reason: "a later turn changed it again; undo that one first" },
      { path: "b", kind: "deleted" },
    ]);
    deepEqual([read("a"), read("b")], ["2", null]);
  }));

Deno.test("undo() takes an edit that never reached the disk for undone", () =>
  withEditor(async (editor) => {
    const { root, edit, record, read } = editor;
    write(root, "a", "old");
    record("a", "lost");
    edit("a", "ours");
    record("a", "lost again");
    deepEqual(await editor.undo("turn"), [{ path: "a", kind: "restored" }]);
    equal(read("a"), "old");
    record("n", "never there");
    deepEqual(await editor.undo("edit"), [{ path: "n", kind: "unchanged" }]);
  }));

Deno.test("undo() writes through no symlink that was put in the way since", () =>
  withEditor(async (editor) => {
    const { root, edit } = editor;
    const outside = join(dirname(root), "outside");
    mkdirSync(outside);
    write(root, "dir/a", "old");
    write(root, "f", "old");
    edit("dir/a", "ours");
    edit("f", "ours");
    edit("g", "ours");
    rmSync(join(root, "dir"), { recursive: true });
    symlinkSync(outside, join(root, "dir"));
    writeFileSync(join(outside, "a"), "ours");
    rmSync(join(root, "f"));
    symlinkSync(join(outside, "a"), join(root, "f"));
    rmSync(join(root, "g"));
    mkdirSync(join(root, "g"));
    deepEqual(await editor.undo("turn"), [
      { path: "dir/a", kind: "left", reason: '"dir" is a symlink now' },
      { path: "f", kind: "left", reason: '"f" is a symlink now' },
      { path: "g", kind: "left", reason: "it is not a plain file any more" },
    ]);
    equal(readFileSync(join(outside, "a"), "utf8"), "ours");
  }));

Deno.test("changesOf() lists what was not undone, and contentOf() gives each state", () =>
  withEditor(async (editor) => {
    const { root, store, edit } = editor;
    write(root, "a", "1");
    edit("a", "2");
    edit("a", "");
    const session = store.find("last").id;
    deepEqual(
      changesOf(store, session).map(({ path, turn, step, before, after }) => [
        path,
        turn,
        step,
        ...[before, after].map((hash) => new TextDecoder().decode(contentOf(store, hash)!)),
      ]),
      [["a", 1, 1, "1", "2"], ["a", 1, 1, "2", ""]],
    );
    await editor.undo("edit");
    equal(changesOf(store, session).length, 1);
    deepEqual(changesOf(store, session, 2), []);
    equal(contentOf(store, null), null);
    throws(() => contentOf(store, "00"), RangeError);
  }));

Deno.test("undo() of any edits in any turns gives every file back byte for byte", async () => {
  const path = fc.constantFrom("a", "b", "d/c");
  const content = fc.option(fc.string({ maxLength: 20 }), { nil: null });
  const original = fc.dictionary(path, fc.string({ maxLength: 20 }));
  const step = fc.record({ path, content, isWritten: fc.boolean(), isNewTurn: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      original,
      fc.array(step, { maxLength: 12 }),
      fc.boolean(),
      (files, steps, byTurn) =>
        withEditor(async (editor) => {
          for (const [name, text] of Object.entries(files)) write(editor.root, name, text);
          let turn = 1;
          for (const { path, content, isWritten, isNewTurn } of steps) {
            if (isNewTurn) editor.turn(++turn);
            if (content === editor.read(path)) continue;
            if (isWritten) editor.edit(path, content);
            else editor.record(path, content);
          }
          if (byTurn) { for (let i = 0; i <= steps.length; i++) await editor.undo("turn"); }
          else await editor.undo({ afterTurn: 0 });
          const left = Object.fromEntries(
            ["a", "b", "d/c"].map((name) => [name, editor.read(name)]).filter(([, text]) => text !== null),
          );
          deepEqual(left, { ...files });
        }),
    ),
    { numRuns: 150, seed: 6 },
  );
});
