import assert from "node:assert/strict";
import { startScriptedServer } from "./scripted.ts";

const say = (role: string, content: string) => ({ role, content });
const LONG = "x".repeat(400);
const MESSAGES = [
  say("system", "Be short."),
  say("user", `the task ${LONG}`),
  say("assistant", LONG),
  say("user", "the result"),
];

/** Sends one request and gives the status with what the model saw. */
async function send(
  overflow: "refuse" | "truncate",
  path: string,
  body: Readonly<Record<string, unknown>>,
  window = 130,
) {
  const server = await startScriptedServer({ replies: [{ text: "ok" }], window, overflow });
  try {
    const response = await fetch(server.url.replace("/v1", path), {
      method: "POST",
      body: JSON.stringify({ model: "scripted", stream: false, ...body }),
    });
    await response.text();
    const [request] = server.requests;
    return { status: response.status, seen: request?.messages, tokens: request?.promptTokens ?? 0 };
  } finally {
    await server.close();
  }
}

for (const path of ["/v1/chat/completions", "/api/chat"]) {
  Deno.test(`startScriptedServer() leaves out the oldest messages silently where it truncates: ${path}`, async () => {
    const { status, seen, tokens } = await send("truncate", path, { messages: MESSAGES });
    assert.deepEqual([status, seen], [200, [MESSAGES[0], MESSAGES[2], MESSAGES[3]]]);
    assert.ok(tokens <= 130);
  });
}

Deno.test("startScriptedServer() refuses what is too long unless it truncates, and where the request forbids that", async () => {
  assert.equal((await send("refuse", "/api/chat", { messages: MESSAGES })).status, 400);
  assert.equal((await send("truncate", "/api/chat", { messages: MESSAGES, truncate: false })).status, 400);
  assert.equal((await send("truncate", "/api/chat", { messages: MESSAGES }, 1_000)).seen?.length, 4);
});

Deno.test("startScriptedServer() keeps the end of a last message that does not fit alone", async () => {
  const messages = [say("system", "Be short."), say("user", `${LONG} ${LONG} the end`)];
  const { status, seen, tokens } = await send("truncate", "/api/chat", { messages });
  assert.equal(status, 200);
  assert.deepEqual(seen?.[0], messages[0]);
  assert.match(String(seen?.[1]?.content), /^x+ x+ the end$/);
  assert.ok(tokens > 120 && tokens <= 130, `${tokens}`);
});
