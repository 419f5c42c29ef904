import { deepEqual, equal } from "node:assert/strict";
import type { EventBody } from "../events.ts";
import { openJournal } from "./journal.ts";
import { withStore } from "./_temp_store.ts";
import { cutOffCommand, unkeptChanges } from "./unkept.ts";

Deno.test("unkeptChanges() gives what commands changed and the journal does not have, cutOffCommand() what never ended", () =>
  withStore(({ store, root, session }) => {
    const journal = openJournal(store, { session, root, turn: () => 1, step: () => 1 });
    const tell = (turn: number, body: EventBody) => store.append({ at: 1, session, turn, step: 1, ...body });
    const edited = (path: string, by: "tool" | "command", kind: "created" | "edited" = "edited") =>
      ({ type: "edit", diff: "", change: { path, kind, by, linesAdded: 0, linesRemoved: 0 } }) as const;
    const ran = (id: string, effect: "run" | "write") =>
      ({ type: "tool_start", id, name: "bash", args: { command: `make ${id}` }, effect }) as const;
    const ended = (id: string) =>
      ({ type: "tool_end", id, name: "bash", ok: true, ms: 1, result: "", summary: "" }) as const;
    journal.record({ path: "kept", before: new Uint8Array(), after: null });
    tell(1, ran("a", "run"));
    tell(1, edited("kept", "command"));
    tell(1, edited("dirty", "command"));
    tell(1, edited("dirty", "command"));
    tell(1, edited("ours", "tool"));
    tell(1, ended("a"));
    tell(2, edited("kept", "command", "created"));
    tell(2, ran("b", "run"));
    deepEqual(unkeptChanges(store, session), [
      { turn: 1, path: "dirty", kind: "edited" },
      { turn: 2, path: "kept", kind: "created" },
    ]);
    deepEqual([1, 2, 3].map((turn) => cutOffCommand(store, session, turn)), [undefined, "make b", undefined]);
    tell(2, ended("b"));
    tell(2, ran("c", "write"));
    equal(cutOffCommand(store, session, 2), undefined);
  }));
