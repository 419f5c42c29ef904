import { deepEqual } from "node:assert/strict";
import { openScores } from "./scores.ts";
import { withStore } from "./_temp_store.ts";

Deno.test("openScores() keeps what was seen of each model apart, once it was flushed", () =>
  withStore(({ store }) => {
    const call = { tool: "patch", kind: "write", isGood: false } as const;
    const first = openScores(store, "small");
    first.note(call);
    first.note({ ...call, isGood: true });
    deepEqual(openScores(store, "small").evidence(), [], "not flushed yet");
    first.flush();
    const [kept] = openScores(store, "small").evidence();
    deepEqual([kept?.tool, kept?.kind, kept && kept.good > 0.9, kept && kept.bad > 0.9], [
      "patch",
      "write",
      true,
      true,
    ]);
    deepEqual(openScores(store, "large").evidence(), []);
  }));
