import assert from "node:assert/strict";
import fc from "fast-check";
import type { Message } from "../types.ts";
import { renderTools, renderWire, resultAsText, toWire, type WriteRules } from "./wire.ts";

const RULES: WriteRules = {
  system: "system",
  toolResult: "user",
  replayReasoning: false,
  nativeCalls: "native",
};

const READ = { id: "c1", name: "read_file", args: { path: "a.ts" } };
const SYSTEM: Message = { role: "system", content: "Be brief." };
const TASK: Message = { role: "user", content: "Fix it" };
const RESULT: Message = { role: "tool", callId: "c1", name: "read_file", content: "1 x" };

Deno.test("toWire() sends a call that was written as text as it stands, and its result as a user message", () => {
  const raw = '```json\n{"name":"read_file"}\n```';
  const wire = toWire([
    SYSTEM,
    TASK,
    { role: "assistant", content: raw, calls: [READ], via: "text" },
    RESULT,
  ], RULES);
  assert.deepEqual(wire, [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Fix it" },
    { role: "assistant", content: raw, calls: [] },
    { role: "user", content: "Result of read_file:\n1 x" },
  ]);
});

Deno.test("toWire() sends a native call and its result in the protocol's own fields", () => {
  const wire = toWire([
    TASK,
    { role: "assistant", content: "", reasoning: "hm", calls: [READ], via: "native" },
    RESULT,
  ], RULES);
  assert.deepEqual(wire, [
    { role: "user", content: "Fix it" },
    { role: "assistant", content: "", calls: [READ] },
    { role: "tool", callId: "c1", name: "read_file", content: "1 x" },
  ]);
});

Deno.test("toWire() replays reasoning where the profile says so", () => {
  const answer: Message = { role: "assistant", content: "Done", reasoning: "hm", calls: [], via: "native" };
  assert.deepEqual(toWire([TASK, answer], { ...RULES, replayReasoning: true })[1], {
    role: "assistant",
    content: "Done",
    reasoning: "hm",
    calls: [],
  });
});

Deno.test("toWire() writes native calls as text for a server that takes no tools", () => {
  const wire = toWire([TASK, { role: "assistant", content: "", calls: [READ], via: "native" }, RESULT], {
    ...RULES,
    nativeCalls: "text",
  });
  assert.deepEqual(wire.slice(1), [
    {
      role: "assistant",
      content: '<tool_call>\n{"name":"read_file","arguments":{"path":"a.ts"}}\n</tool_call>',
      calls: [],
    },
    { role: "user", content: resultAsText("read_file", "1 x") },
  ]);
});

Deno.test("toWire() puts the system text before the first user message for a family without that role", () => {
  assert.deepEqual(toWire([SYSTEM, TASK], { ...RULES, system: "user" }), [
    { role: "user", content: "Be brief.\n\nFix it" },
  ]);
});

Deno.test("toWire() never sends a late system message nor two users in a row", () => {
  assert.deepEqual(toWire([SYSTEM, TASK, { role: "system", content: "late" }, TASK], RULES), [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Fix it\n\nlate\n\nFix it" },
  ]);
});

/** Random valid histories: user messages, answers and calls with their results. */
const histories = fc.array(
  fc.oneof(
    fc.string().map((content): Message[] => [{ role: "user", content }]),
    fc.record({ content: fc.string(), reasoning: fc.string() }).map((answer): Message[] => [
      { role: "assistant", ...answer, calls: [], via: "native" },
    ]),
    fc.record({
      via: fc.constantFrom("native" as const, "text" as const),
      content: fc.string(),
      args: fc.dictionary(fc.string(), fc.string()),
      result: fc.string(),
    }).map(({ via, content, args, result }): Message[] => [
      { role: "assistant", content, calls: [{ id: "x", name: "bash", args }], via },
      { role: "tool", callId: "x", name: "bash", content: result },
    ]),
  ),
  { maxLength: 12 },
).map((groups) =>
  groups.flatMap((group, index) =>
    group.map((message): Message => {
      if (message.role === "tool") return { ...message, callId: `c${index}` };
      if (message.role !== "assistant") return message;
      return { ...message, calls: message.calls.map((call) => ({ ...call, id: `c${index}` })) };
    })
  )
);

const allRules = fc.record<WriteRules>({
  system: fc.constantFrom("system", "user"),
  toolResult: fc.constantFrom("tool", "user"),
  replayReasoning: fc.boolean(),
  nativeCalls: fc.constantFrom("native", "text"),
});

Deno.test("toWire() sends no half of a character, wherever one was cut", () => {
  const half = "a\ud83d";
  const whole = "a\ufffd";
  const args = { path: half, list: [half, "\u{1F600}"], deep: { text: "\\ud83d" } };
  const messages: Message[] = [
    { role: "system", content: half },
    { role: "user", content: half },
    {
      role: "assistant",
      content: half,
      reasoning: half,
      via: "native",
      calls: [{ id: "1", name: "bash", args }],
    },
    { role: "tool", callId: "1", name: "bash", content: `${half}\n\u{1F600}` },
  ];
  const rules = { ...RULES, replayReasoning: true };
  const sent = { path: whole, list: [whole, "\u{1F600}"], deep: { text: "\\ud83d" } };
  assert.deepEqual(toWire(messages, rules), [
    { role: "system", content: whole },
    { role: "user", content: whole },
    { role: "assistant", content: whole, reasoning: whole, calls: [{ id: "1", name: "bash", args: sent }] },
    { role: "tool", callId: "1", name: "bash", content: `${whole}\n\u{1F600}` },
  ]);
  const asText = JSON.stringify(toWire(messages, { ...rules, nativeCalls: "text" }));
  assert.doesNotMatch(asText.replaceAll("\\\\", ""), /\\ud83d/);
});

Deno.test("toWire() keeps every byte of what was sent when messages are appended", () => {
  fc.assert(
    fc.property(histories, allRules, fc.nat(), (tail, rules, cut) => {
      const messages = [SYSTEM, ...tail];
      const before = toWire(messages.slice(0, 1 + cut % messages.length), rules);
      const after = toWire(messages, rules);
      assert.deepEqual(after.slice(0, before.length - 1), before.slice(0, -1));
      assert.ok(renderWire(after, []).startsWith(renderWire(before, [])));
    }),
    { seed: 1, numRuns: 300 },
  );
});

Deno.test("toWire() gives a history in which no two users follow each other and the system comes first", () => {
  fc.assert(
    fc.property(histories, allRules, (tail, rules) => {
      const roles = toWire([SYSTEM, ...tail], rules).map(({ role }) => role);
      assert.ok(roles.every((role, i) => role !== "user" || roles[i - 1] !== "user"));
      assert.ok(roles.lastIndexOf("system") <= 0);
    }),
    { seed: 2, numRuns: 300 },
  );
});

Deno.test("renderTools() writes a schema as templates do: one line, a blank after each colon and comma, strings untouched", () => {
  const schema = {
    name: "note",
    description: 'A "line",\n [ then: another ]',
    parameters: { type: "object", properties: { a: { type: "string" } }, required: ["a"] },
    mayLack: { a: ["b"] },
  };
  assert.equal(
    renderTools([schema]),
    '\n{"type": "function", "function": {"name": "note", "description": "A \\"line\\",\\n [ then: another ]", "parameters": {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}}}',
  );
  assert.equal(renderTools([]), "");
});

Deno.test("toWire() sends no half of a surrogate pair", () => {
  const [message] = toWire([{ role: "user", content: "cut \ud83d" }], RULES);
  assert.equal(message?.content, "cut \ufffd");
});
