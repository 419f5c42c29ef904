/** Edits files without end, as the workspace does, until the test kills it. Arguments: data folder, workspace, session. */

import { writeSync } from "node:fs";
import process from "node:process";
import { openJournal } from "./journal.ts";
import { openJournalFiles } from "./journal_files.ts";
import { openStore } from "./store.ts";
import { beginTurn } from "./turns.ts";

const [folder, root, session] = process.argv.slice(2) as [string, string, string];
const store = await openStore({ folder, now: Date.now });
const files = openJournalFiles();
const journal = openJournal(store, { session, root, turn: () => 1, step: () => 1 });
beginTurn(store, { session, turn: 1, root, snapshot: "abc123" });
const LIMIT = 10_000;
for (let i = 0; i < LIMIT; i++) {
  const path = ["a.txt", "b.txt", "new.txt"][i % 3]!;
  const before = await files.read(root, path);
  if (before.kind === "blocked") throw new Error(before.why);
  const isRemoval = i % 7 === 6 && before.content !== null;
  const after = isRemoval ? null : new TextEncoder().encode(`${path} ${i}\n`.repeat(2_000) + "end");
  journal.record({ path, before: before.content, after });
  if (after === null) await files.remove(root, path);
  else await files.write(root, path, { content: after, mode: undefined });
  store.append({ at: i, session, turn: 1, step: 1, type: "notice", level: "info", text: path });
  writeSync(1, ".");
}
