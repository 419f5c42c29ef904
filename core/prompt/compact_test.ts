import assert from "node:assert/strict";
import type { Message } from "../types.ts";
import { compact } from "./compact.ts";

const step = (id: string, path: string, content: string): Message[] => [
  {
    role: "assistant",
    content: `read ${path}`,
    calls: [{ id, name: "read_file", args: { path } }],
    via: "text",
  },
  { role: "tool", callId: id, name: "read_file", content },
];
const LONG = `first line\n${"x".repeat(4000)}`;
const HISTORY: Message[] = [
  { role: "user", content: "read them all" },
  ...step("1", "a.ts", LONG),
  ...step("2", "b.ts", LONG),
  ...step("3", "c.ts", "short"),
  ...step("4", "d.ts", LONG),
  ...step("5", "e.ts", LONG),
];
const options = (targetTokens: number) => ({
  headTokens: 100,
  targetTokens,
  estimate: (text: string) => Math.ceil(text.length / 4),
  start: 0,
});

Deno.test("compact() masks old long results and keeps the two newest and the short ones", () => {
  const result = compact(HISTORY, options(3000));
  assert.equal(result?.how, "masked");
  assert.equal(result?.start, 0);
  const stub = (path: string) =>
    `[Old result of read_file ${path}, 2 lines, left out to save room. Its first line: first line. Call it again if you need it.]`;
  assert.deepEqual(result?.messages.map((m) => m.content), [
    "read them all",
    "read a.ts",
    stub("a.ts"),
    "read b.ts",
    stub("b.ts"),
    "read c.ts",
    "short",
    "read d.ts",
    LONG,
    "read e.ts",
    LONG,
  ]);
});

Deno.test("compact() digests the oldest steps when masking is not enough, and the history stays valid", () => {
  const result = compact(HISTORY, options(10));
  assert.equal(result?.how, "digest");
  assert.deepEqual(result?.messages.map((m) => m.role), [
    "user",
    "user",
    "assistant",
    "tool",
    "assistant",
    "tool",
  ]);
  assert.equal(result?.messages[0], HISTORY[0]);
  assert.match(
    result?.messages[1]?.content ?? "",
    /^Done so far .*\n- read_file a\.ts: .*\n- read_file b\.ts: .*\n- read_file c\.ts: short$/,
  );
});

Deno.test("compact() gives nothing when under a fifth would be freed", () => {
  assert.equal(compact(HISTORY.slice(0, 3), options(10)), undefined);
  const small = [
    HISTORY[0]!,
    ...step("1", "a.ts", "tiny"),
    ...step("2", "b.ts", LONG),
    ...step("3", "c.ts", LONG),
  ];
  assert.equal(compact(small, options(2000)), undefined);
});

Deno.test("compact() leaves as many of the newest results whole as it is told, and writes what is known of the others", () => {
  const notes = new Map([["1", "Content 12ab."]]);
  const masked = (keep: number) =>
    compact(HISTORY, { ...options(3000), keep, notes })?.messages.filter(({ content }) =>
      content.startsWith("[Old")
    );
  assert.deepEqual(masked(1)?.map(({ content }) => content.split(". ").at(-1)), [
    "Content 12ab.]",
    "Call it again if you need it.]",
    "Call it again if you need it.]",
  ]);
});

Deno.test("compact() carries an earlier digest on, tells what the user asked, and keeps a digest short", () => {
  const again = (messages: readonly Message[], start: number, asked: readonly string[]) =>
    compact(messages, { ...options(900), keep: 1, start, asked });
  const once = again(HISTORY, 0, []);
  const next: Message[] = [
    ...once?.messages ?? [],
    { role: "assistant", content: "They are long.", calls: [], via: "text" },
    { role: "user", content: "Files:\n...\n\nTask: and g?\n\nReply with one tool call." },
    ...step("6", "g.ts", LONG),
    ...step("7", "h.ts", LONG),
  ];
  const twice = again(next, next.length - 5, ["read them all"]);
  assert.match(
    twice?.messages[1]?.content ?? "",
    /^The user asked before: read them all\nDone so far .*\n- read_file a\.ts: .*\n- read_file b\.ts: .*\n- read_file c\.ts: .*\n- read_file d\.ts: .*\n- read_file e\.ts: .*\n- read_file g\.ts: [^\n]*$/,
  );
  const many = [
    HISTORY[0]!,
    ...Array.from({ length: 60 }, (_, n) => step(String(n), `long/path/${n}.ts`, LONG)).flat(),
  ];
  const digest = again(many, 0, [])?.messages[1]?.content ?? "";
  assert.ok(digest.length / 4 < 900 * 0.35, String(digest.length));
  assert.match(digest, /long\/path\/58\.ts/);
});
