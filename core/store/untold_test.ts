/** After an undo the model is told, once; what a hard fail put back it is told by the turn. */

import { deepEqual, equal, match, ok } from "node:assert/strict";
import { CALC, call, play, tailOf } from "../_test_play.ts";
import { openJournal, undo } from "./journal.ts";
import { openJournalFiles } from "./journal_files.ts";
import { withStore } from "./_temp_store.ts";
import { untoldUndos } from "./untold.ts";
import { beginTurn, keepTurn, openTurns, restoreTurn } from "./turns.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("untoldUndos() names what was put back, once, after a crash as well", () =>
  withStore(async ({ store, root, session }) => {
    const files = openJournalFiles("off");
    const journal = openJournal(store, { session, root, turn: () => 1, step: () => 1 });
    const edit = async (path: string) => {
      journal.record({ path, before: null, after: bytes(path) });
      await files.write(root, path, { content: bytes(path), mode: undefined });
    };
    deepEqual(untoldUndos(store, session).paths, []);
    for (const path of ["a", "b"]) await edit(path);
    await undo(store, { session, scope: "turn" }, files);
    await edit("b");
    const first = untoldUndos(store, session);
    beginTurn(store, { session, turn: 1, root, snapshot: "" });
    const [open] = await openTurns(store, root);
    await restoreTurn(store, open!, files);
    // What was put back meanwhile is not told with it.
    first.tell();
    deepEqual([first.paths, untoldUndos(store, session).paths], [["a", "b"], ["b"]]);
    untoldUndos(store, session).tell();
    deepEqual(untoldUndos(store, session).paths, []);
    await keepTurn(store, open!, files);
    deepEqual(untoldUndos(store, session).paths, []);
  }));

Deno.test("after an undo the next message says which files went back, and the one after it no more", async () => {
  const { requests, read } = await play({
    files: { "calc.py": CALC },
    tasks: ["change the sign in calc.py", "what does calc.py do?", "is it right?"],
    replies: [
      call("patch", { path: "calc.py", search: "a - b", replace: "a + b" }),
      { text: "I changed the sign." },
      { text: "It subtracts." },
      { text: "No." },
    ],
    async between({ open }) {
      await undo(open.store, { session: open.id, scope: "turn" }, openJournalFiles("off"));
    },
  });
  equal(read("calc.py"), CALC);
  const [, , second, third] = requests;
  match(
    tailOf(second),
    /^Note: the user took your changes of these files back: calc\.py\. They are as they were before\.\n\n[^]*what does calc\.py do\?/,
  );
  ok(!tailOf(third).includes("Note:"), tailOf(third));
});
