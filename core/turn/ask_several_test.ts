/** Best of N, end to end: several replies to one message, tried in copies; the check chooses, then the size. */

import assert from "node:assert/strict";
import { CALC, call, play, TEST } from "../_test_play.ts";
import type { ScriptedReply } from "../model/scripted.ts";

const FILES = { "calc.py": CALC, "test_calc.py": TEST };
const DONE: ScriptedReply = { text: "Fixed." };
const patch = (replace: string) => call("patch", { path: "calc.py", search: "return a * b", replace });
const SET = ["planner.max_retries=1", "sampling.temperature=0.2", "sampling.seed=7"];
const candidatesOf = (events: readonly { readonly type: string }[]) =>
  events.flatMap((event) =>
    event.type === "candidate" ? [event as unknown as { state: string; lines: number }] : []
  );

Deno.test("best of N: replies at rising temperature to one message, the smallest green one reaches the workspace", async () => {
  const { result, requests, events, read } = await play({
    files: FILES,
    replies: [
      call("patch", { path: "calc.py", search: "a - b", replace: "a * b" }),
      DONE,
      DONE, // cooler
      DONE, // rewrite_section
      patch("return a / b"),
      patch("c = a + b\n    return c"),
      patch("return a + b"),
      { text: "I do not know." },
      DONE,
    ],
    tasks: ["fix the failing test"],
    options: { set: [...SET, "planner.best_of=4"] },
  });
  assert.deepEqual([result.outcome, read("calc.py")], ["verified", CALC.replace("-", "+")]);
  assert.deepEqual(
    candidatesOf(events).map(({ state, lines }) => `${state} ${lines}`),
    ["red 2", "green 3", "green 2"],
  );
  const asked = requests.slice(4, 8);
  assert.deepEqual(asked.map(({ messages }) => messages), Array(4).fill(asked[0]?.messages));
  assert.deepEqual(asked.map(({ body }) => [body.temperature, body.seed]), [[0.2, 7], [0.4, 8], [0.6, 9], [
    0.8,
    10,
  ]]);
  assert.match(
    String(asked[0]?.messages.at(-1)?.content),
    /\n\nReply with one tool call that mends calc\.py\.$/,
  );
  // Only the chosen reply is in the history.
  assert.deepEqual(requests[8]?.messages.map(({ role }) => role), ["system", "user", "assistant", "tool"]);
  assert.equal(result.toolCalls.length, 2);
});

Deno.test("best of N: where no reply is better, none reaches the workspace, and the turn ends as failed", async () => {
  const { result, events, read } = await play({
    files: FILES,
    replies: [
      call("patch", { path: "calc.py", search: "a - b", replace: "a * b" }),
      DONE,
      DONE,
      DONE,
      patch("return a / b"),
      patch("return a / b"),
      DONE,
    ],
    tasks: ["fix the failing test"],
    options: { set: [...SET, "planner.best_of=2"] },
  });
  assert.equal(result.outcome, "failed");
  assert.deepEqual(candidatesOf(events).map(({ state }) => state), ["red"]);
  assert.equal(read("calc.py"), CALC.replace("-", "*"));
  assert.match(result.report, /tried {4}cooler, then rewrite section, then best of/);
});
