import assert from "node:assert/strict";
import { withStore } from "../store/_temp_store.ts";
import { NOTHING_DONE } from "../turn/start_turn.ts";
import type { Message, Turn } from "../types.ts";
import { openState } from "./session_state.ts";

const said = (content: string, startsContext?: true): Message => ({
  role: "user",
  content,
  ...(startsContext ? { startsContext } : {}),
});

function turnWith(messages: readonly Message[], more: Partial<Turn> = {}): Turn {
  return { ...NOTHING_DONE, messages, ...more } as Turn;
}

Deno.test("save() adds what is new, and writes again what a compaction changed", async () => {
  await withStore(({ store, session }) => {
    const state = openState(store, session, undefined);
    const [a, b, c] = [said("a"), said("b"), said("c")];
    state.save(turnWith([a, b]));
    state.save(turnWith([a, b, c]));
    assert.deepEqual(store.load(session).messages, [a, b, c]);
    const digest = said("digest");
    state.save(turnWith([a, digest, c]));
    assert.deepEqual(store.load(session).messages, [a, digest, c]);
    assert.deepEqual(state.now().history, [a, digest, c]);
  });
});

Deno.test("save() keeps what was said before a fresh context, which is all that a resumed session shows", async () => {
  await withStore(({ store, session }) => {
    const state = openState(store, session, undefined);
    const anew = said("anew", true);
    state.save(turnWith([said("a"), said("b")]));
    state.save(turnWith([anew]));
    state.save(turnWith([anew, said("c")]));
    assert.deepEqual(store.load(session).messages, [said("a"), said("b"), anew, said("c")]);
    assert.deepEqual(openState(store, session, store.load(session)).now().history, [anew, said("c")]);
    // A compaction that drops the first message of the context: what stands first starts it now.
    state.save(turnWith([said("digest"), said("c")]));
    const resumed = openState(store, session, store.load(session));
    assert.deepEqual(resumed.now().history, [said("digest", true), said("c")]);
  });
});

Deno.test("what is carried on: how edits are asked for (but not from a turn that is away), the contract, what was asked", async () => {
  await withStore(({ store, session }) => {
    const state = openState(store, session, undefined);
    state.addAsked("first");
    state.save(turnWith([said("a")], { editFormat: "whole_file" }));
    assert.deepEqual(state.now().carried, { editFormat: "whole_file" });
    state.save(turnWith([said("a")], { away: {} as NonNullable<Turn["away"]> }));
    assert.deepEqual(state.now().carried, { editFormat: "whole_file" });
    const assertion = { kind: "exists", path: "a.txt" } as const;
    const items = [{ id: 1, by: "user", assertion, state: "pending", detail: "" }] as const;
    state.setContract(items);
    assert.deepEqual(state.now().contract, items);
    assert.deepEqual(state.now().asked, ["first"]);
  });
});
