import assert from "node:assert/strict";
import type { Event, EventBody } from "../core/events.ts";
import { budgetText, tokensText } from "./token_meter.ts";

const events = (bodies: readonly EventBody[]) =>
  bodies.map((body) => ({ at: 0, session: "s", turn: 1, step: 1, ...body }) as Event);
const start = (promptTokens: number): EventBody => ({
  type: "step_start",
  tier: "default",
  model: "m",
  epoch: 1,
  prefixHash: "abc",
  promptTokens,
  exact: false,
  sharedTokens: 70,
  maxTokens: 100,
  harnessMs: 0,
});
const reply = (usage: Partial<Extract<EventBody, { type: "reply" }>>): EventBody => ({
  ...{ type: "reply", text: "", reasoning: "", calls: [], finish: "stop", ms: 1 },
  ...usage,
});

Deno.test("tokensText() sums what the server counted, and takes the estimate where it did not", () => {
  const text = tokensText(events([
    start(90),
    reply({ promptTokens: 100, cachedTokens: 0, outputTokens: 10 }),
    start(150),
    reply({ outputTokens: 5 }),
    start(210),
    reply({ promptTokens: 200, cachedTokens: 150 }),
    { type: "compaction", before: 9, after: 4, how: "masked" },
    { type: "epoch", epoch: 2, reason: "x", prefixHash: "abc" },
  ]));
  assert.equal(
    text,
    [
      "requests      3",
      "prompt        450 tokens sent",
      "from cache    150 (33 %)",
      "read          300 tokens that the server had to read",
      "written       15",
      "compactions   1, epochs 2",
      "last request  210 tokens, 70 shared with the one before, prefix abc",
    ].join("\n"),
  );
});

Deno.test("tokensText() claims nothing of a cache that the server does not speak of, and nothing at all at the start", () => {
  assert.match(
    tokensText(events([start(90), reply({ promptTokens: 100 })])),
    /\nfrom cache {4}the server does not say\nwritten/,
  );
  assert.match(tokensText([]), /^requests {6}0\nprompt {8}0 tokens sent\n/);
});

Deno.test("budgetText() shows each part, what is left, and how long a reply may be", () => {
  const usage = { system: 100, tools: 300, user: 200, model: 100, results: 300 };
  const text = budgetText(usage, { window: 2_000, maxBudgetPct: 70, maxOutputTokens: 4_096 });
  assert.match(text, /^█{25}░{10}\|░{14} 1000 of 2000 tokens \(50 %\); old results are masked over 70 %/);
  assert.match(text, /\n {2}results {6}300 {2}15 %\n {2}left {8}1000 {2}50 %\nA reply may have 936 tokens\./);
});
