import assert from "node:assert/strict";
import { startScriptedServer } from "../core/model/scripted.ts";
import { fillTemplate } from "./agent_command.ts";
import { splitLines } from "./bench_agent.ts";
import { countEvent, NO_COUNTERS, parseEvent } from "./counters.ts";
import { type Exchange, readUsage, startProxy } from "./proxy.ts";
import { writeCall } from "./write_call.ts";

const HEAD = { at: 0, session: "s", turn: 1, step: 1 };

Deno.test("fillTemplate() keeps a prompt one argument, whatever is in it", () => {
  assert.deepEqual(
    fillTemplate(`tool --model "{model} x" run '{prompt}' {other}`, {
      prompt: `it's "$HOME"; rm`,
      model: "m",
    }),
    ["tool", "--model", "m x", "run", `it's "$HOME"; rm`, "{other}"],
  );
});

Deno.test("splitLines() gives whole lines over the borders of pieces", () => {
  const lines: string[] = [];
  const read = splitLines((line) => lines.push(line));
  for (const piece of ["a\nb", "c\n", "\nd"]) read(piece);
  assert.deepEqual(lines, ["a", "bc", ""]);
});

Deno.test("countEvent() counts a run that was killed as far as it came", () => {
  const lines = [
    { ...HEAD, type: "step_start" },
    { ...HEAD, type: "reply", promptTokens: 100, cachedTokens: 40, outputTokens: 7 },
    { ...HEAD, type: "verdict", kind: "correct", reason: "x" },
    { ...HEAD, type: "step_start" },
    { ...HEAD, type: "reply", promptTokens: 150 },
    { ...HEAD, type: "tool_start" },
  ].map((event) => JSON.stringify(event));
  const events = [...lines, '{"at":0,"ty', "Deno says something"].flatMap((line) => parseEvent(line) ?? []);
  assert.deepEqual(events.reduce(countEvent, NO_COUNTERS), {
    ...NO_COUNTERS,
    steps: 2,
    toolCalls: 1,
    corrections: 1,
    promptTokens: 250,
    prefilledTokens: 210,
    outputTokens: 7,
  });
});

Deno.test("readUsage() counts tokens and calls in either protocol", () => {
  const openai = [
    'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"name":"a"}}]}}]}',
    'data: {"choices":[{"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}},{"index":1}]}}]}',
    'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}}',
    "data: [DONE]",
  ].join("\n\n");
  assert.deepEqual(readUsage(openai), { promptTokens: 9, cachedTokens: 4, outputTokens: 3, calls: 2 });
  const ollama = '{"message":{"content":"a"}}\n{"done":true,"prompt_eval_count":5,"eval_count":2}\n';
  assert.deepEqual(readUsage(ollama), { promptTokens: 5, cachedTokens: 0, outputTokens: 2, calls: 0 });
});

Deno.test("startProxy() passes a streamed reply on and records what it cost", async () => {
  const server = await startScriptedServer({ replies: [{ text: "hello" }] });
  const proxy = await startProxy(server.url);
  try {
    const exchanges: Exchange[] = [];
    proxy.record((exchange) => exchanges.push(exchange));
    const body = JSON.stringify({
      model: "scripted",
      stream: true,
      messages: [{ role: "user", content: "hi" }],
    });
    const response = await fetch(`${proxy.url}/chat/completions`, { method: "POST", body });
    assert.match(await response.text(), /hello/);
    // The listener is called after the last byte went out.
    await fetch(`${proxy.url}/models`).then((models) => models.text());
    assert.deepEqual(exchanges.map(({ path, status, calls }) => [path, status, calls]), [[
      "/v1/chat/completions",
      200,
      0,
    ]]);
    assert.ok((exchanges[0]?.promptTokens ?? 0) > 0);
  } finally {
    await proxy.close();
    await server.close();
  }
});

Deno.test("writeCall() writes the same call in each dialect", () => {
  const call = { name: "patch", args: { path: "a.py", search: "x = 1", replace: "x = 2\n" } };
  assert.equal(writeCall(call, "raw"), "patch a.py\n<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE");
  assert.equal(writeCall({ name: "bash", args: { command: "ls" } }, "raw"), "bash\n```\nls\n```");
  assert.match(writeCall(call, "hermes"), /^<tool_call>\n\{"name":"patch"/);
  assert.equal(writeCall(call, "native"), "");
});
