import assert from "node:assert/strict";
import type { Parsed } from "../types.ts";
import { readDoneAgain } from "./done_again.ts";
import { callKey } from "./repetition.ts";

const CALL = { name: "write_file", args: { path: "a.txt", content: "A" } };
const reply = (...calls: (typeof CALL)[]): Parsed => ({
  kind: "calls",
  calls,
  text: "",
  via: "text",
  dialect: "raw",
  repairs: [],
});
const record = (ok: boolean, effect: "write" | "read" = "write") => ({
  ...{ step: 1, name: CALL.name, key: callKey(CALL), ok, result: "x", effect },
});

Deno.test("readDoneAgain() takes the third sending of a write that stands for the end", () => {
  const done = { kind: "final", text: "It stands." };
  assert.deepEqual(readDoneAgain(reply(CALL), [record(true), record(false)], "It stands."), done);
});

Deno.test("readDoneAgain() leaves other replies as they are", () => {
  const other = { ...CALL, args: { path: "b.txt", content: "B" } };
  for (
    const [parsed, records] of [
      [reply(CALL), [record(true)]],
      [reply(CALL), [record(false), record(false)]],
      [reply(CALL, other), [record(true), record(false)]],
      [reply(CALL), [record(true, "read"), record(false, "read")]],
    ] as const
  ) assert.equal(readDoneAgain(parsed, records, ""), parsed);
});
