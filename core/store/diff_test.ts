import { deepEqual, match } from "node:assert/strict";
import { withStore } from "./_temp_store.ts";
import { diffOf } from "./diff.ts";
import { changesOf, openJournal } from "./journal.ts";

function diffAfter(edits: readonly [path: string, before: string | null, after: string | null][]) {
  const out: ReturnType<typeof diffOf> = [];
  const bytes = (text: string | null) => text === null ? null : Uint8Array.from(text, (c) => c.charCodeAt(0));
  return withStore(({ store, root, session }) => {
    const journal = openJournal(store, { session, root, turn: () => 1, step: () => 1 });
    for (const [path, before, after] of edits) {
      journal.record({ path, before: bytes(before), after: bytes(after) });
    }
    out.push(...diffOf(store, changesOf(store, session)));
  }).then(() => out);
}

Deno.test("diffOf() joins several edits of a file, and leaves out one that is as before", async () => {
  deepEqual(
    await diffAfter([
      ["a", "1\n2\n3\n", "1\nX\n3\n"],
      ["b", null, "tmp"],
      ["a", "1\nX\n3\n", "1\nY\n3\n"],
      ["b", "tmp", null],
    ]),
    [{
      path: "a",
      kind: "edited",
      added: 1,
      removed: 1,
      text: "--- a/a\n+++ b/a\n@@ -1,3 +1,3 @@\n 1\n-2\n+Y\n 3\n",
    }],
  );
});

Deno.test("diffOf() shows new and deleted files against /dev/null", async () => {
  const diffs = await diffAfter([["n", null, "x\n"], ["d", "y", null]]);
  deepEqual(diffs.map(({ text }) => text), [
    "--- /dev/null\n+++ b/n\n@@ -0,0 +1,1 @@\n+x\n",
    "--- a/d\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-y\n\\ No newline at end of file\n",
  ]);
});

Deno.test("diffOf() says one sentence for binary files and for changes too long to read", async () => {
  const lines = (word: string) => Array.from({ length: 3_000 }, (_, i) => `${word} ${i}\n`).join("");
  const diffs = await diffAfter([["bin", "a\0", "b\0"], ["latin", null, "\xe4"], [
    "long",
    lines("a"),
    lines("b"),
  ]]);
  deepEqual(diffs.slice(0, 2).map(({ text }) => text), [
    "Binary file bin edited\n",
    "Binary file latin created\n",
  ]);
  match(diffs[2]!.text, /^long: \+3000 -3000 lines, too many to show\n$/);
});
