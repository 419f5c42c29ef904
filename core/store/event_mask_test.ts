import { deepEqual, equal, ok } from "node:assert/strict";
import type { EventBody } from "../events.ts";
import { openEventMask } from "./event_mask.ts";
import { maskSecrets } from "./mask.ts";

const KEY = "sk-proj-abcdEFGH1234567890";
const PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIE+/=\nabcd\n-----END RSA PRIVATE KEY-----";

/** Everything that comes out for these events. */
function all(bodies: readonly EventBody[]): readonly EventBody[] {
  const mask = openEventMask(maskSecrets(["hunter2hunter2"]));
  return bodies.flatMap((body) => [...mask(body)]);
}

const pieces = (text: string, size: number): EventBody[] =>
  (text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? []).map((piece) => ({ type: "token", text: piece }));
const notice = (text: string): EventBody => ({ type: "notice", level: "info", text });
const textOf = (bodies: readonly EventBody[]) =>
  bodies.flatMap((body) => body.type === "token" ? [body.text] : []).join("");

Deno.test("openEventMask() masks each text of an event, however deep", () => {
  deepEqual(
    all([{ type: "tool_start", id: "1", name: "bash", args: { a: [KEY, 1, null] }, effect: "run" }]),
    [
      { type: "tool_start", id: "1", name: "bash", args: { a: ["****", 1, null] }, effect: "run" },
    ],
  );
});

Deno.test("openEventMask() finds a secret that comes in pieces of any size", () => {
  const said = `the key ${KEY} and hunter2hunter2, then ${PEM} and the end`;
  const masked = "the key **** and ****, then ****-----END RSA PRIVATE KEY----- and the end";
  for (let size = 1; size < said.length; size++) {
    equal(textOf(all([...pieces(said, size), notice("")])), masked, `pieces of ${size}`);
  }
});

Deno.test("openEventMask() loses no text, keeps the order, and holds back one word at most", () => {
  const text = "one two three " + "x".repeat(1_000);
  const out = all([...pieces(text, 7), notice("after")]);
  equal(textOf(out), text);
  deepEqual(out.at(-1), notice("after"));
  equal(textOf(all(pieces("one two thr", 3))), "one two ");
  ok(textOf(all(pieces("y".repeat(1_000), 50))).length >= 500);
});

Deno.test("openEventMask() keeps streams apart", () => {
  const out = all([
    { type: "tool_output", id: "1", text: "sk-proj-abcd" },
    { type: "tool_output", id: "2", text: "other " },
    { type: "tool_output", id: "1", text: "EFGH1234567890 " },
  ]);
  deepEqual(out, [
    { type: "tool_output", id: "2", text: "other " },
    { type: "tool_output", id: "1", text: "**** " },
  ]);
});
