import { deepEqual } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openJournal } from "../store/journal.ts";
import { withStore } from "../store/_temp_store.ts";
import { watchCommands } from "./command_watch.ts";

Deno.test("watchCommands() says whether it looked at all files", () =>
  withStore(async ({ store, root, session }) => {
    const { signal } = new AbortController();
    const journal = openJournal(store, { session, root, turn: () => 1, step: () => 1 });
    const watch = watchCommands({ root, store, journal, env: {}, jobs: () => 0, written: () => undefined });
    const few = await watch.around(signal);
    writeFileSync(join(root, "new.txt"), "x");
    const created = {
      path: "new.txt",
      kind: "created",
      linesAdded: 0,
      linesRemoved: 0,
      by: "command",
    } as const;
    deepEqual(await few(), { changes: [created], isWhole: true });

    mkdirSync(join(root, "many"));
    for (let i = 0; i < 20_001; i++) writeFileSync(join(root, "many", `${i}`), "");
    const many = await watch.around(signal);
    writeFileSync(join(root, "other.txt"), "x");
    deepEqual(await many(), { changes: [], isWhole: false });
  }));
