import { deepEqual } from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { changesOf, openJournal } from "../store/journal.ts";
import { withStore } from "../store/_temp_store.ts";
import { watchCommands, type WatchedChanges } from "./command_watch.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

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

Deno.test("watchCommands() loses nothing that a background job changes between two commands", () =>
  withStore(async ({ store, root, session }) => {
    const { signal } = new AbortController();
    let jobs = 0;
    const journal = openJournal(store, { session, root, turn: () => 1, step: () => 1 });
    const written = (path: string) =>
      changesOf(store, session, 1).findLast((entry) => entry.path === path)?.after;
    const watch = watchCommands({ root, store, journal, env: {}, jobs: () => jobs, written });
    const write = (path: string, text: string) => writeFileSync(join(root, path), text);
    const told = ({ changes, isWhole }: WatchedChanges) => [
      isWhole,
      ...changes.map(({ kind, path, by }) => `${kind} ${path} by ${by}`),
    ];
    write("a.txt", "old");
    write("mine.txt", "old");
    const start = await watch.around(signal);
    jobs = 1;
    write("b.txt", "begun");
    deepEqual(told(await start()), [true, "created b.txt by command"]);
    // A tool writes one file, the job two others, before the next command is looked at.
    journal.record({ path: "mine.txt", before: bytes("old"), after: bytes("by a tool") });
    write("mine.txt", "by a tool");
    write("a.txt", "by the job");
    write("c.txt", "by the job");
    const poll = await watch.around(signal);
    deepEqual(told(await poll()), [true, "created c.txt by command", "edited a.txt by command"]);
    deepEqual(told(await watch.byJobs()), [true]);
    write("a.txt", "again");
    jobs = 0;
    deepEqual(told(await watch.byJobs()), [true, "edited a.txt by command"]);
    // The job has ended and was looked at: what changes from now on is somebody else's.
    write("a.txt", "by a person");
    deepEqual(told(await watch.byJobs()), [true]);
    const last = await watch.around(signal);
    deepEqual(told(await last()), [true]);
  }));
