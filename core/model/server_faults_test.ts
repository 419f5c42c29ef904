/** Everything a server can do wrong, against a real local one, with the message that a user reads. */

import assert from "node:assert/strict";
import type { ToolSchema } from "../types.ts";
import { collecting, connectTo, hello, REQUEST } from "./_test_setup.ts";
import { type Quirk, type ScriptedOptions, type ScriptedReply, startScriptedServer } from "./scripted.ts";

const READ_FILE: ToolSchema = {
  name: "read_file",
  description: "Reads a file",
  parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
};

/** Runs one request; gives the reply's text or the error, the waits, the retries' reasons and the requests that came. */
async function run(
  options: ScriptedOptions,
  more: Parameters<typeof connectTo>[1] & { request?: Partial<typeof REQUEST> } = {},
) {
  const server = await startScriptedServer(options);
  const waits: number[] = [];
  const transport = await connectTo(server, { ...more, waits });
  const chat = collecting();
  const result = await transport.chat({ ...REQUEST, ...more.request }, chat).then(
    (reply) => ({ text: reply.text }),
    (error) => ({ fault: error.fault, message: plain(error.message), tokens: error.tokens }),
  );
  await server.close();
  transport.close();
  const retries = chat.parts.flatMap((part) => part.type === "retry" ? [plain(part.reason)] : []);
  return { result, waits, retries, requests: server.requests, facts: transport.facts, parts: chat.parts };
}

/** Ports differ from run to run. */
function plain(message: string): string {
  return message.replaceAll(/http:\/\/127\.0\.0\.1:\d{1,5}/g, "SERVER");
}

const status = (code: number, message: string, headers: Record<string, string> = {}): ScriptedReply => ({
  fault: { kind: "status", status: code, body: { error: { code, message } }, headers },
});
const answer: ScriptedReply = { text: "all is well" };
const cut: ScriptedReply = { text: "half of this is lost for good", fault: { kind: "cut" } };

for (const provider of ["llamacpp", "ollama"] as const) {
  const url = provider === "ollama" ? "SERVER" : "SERVER/v1";
  const start = provider === "ollama"
    ? "start it (ollama serve)"
    : "start it (llama-server -m MODEL.gguf --jinja -c 16384)";
  const endpoint = { provider };

  Deno.test(`chat() on ${provider} asks again after a cut stream, and says so before the new text`, async () => {
    const { result, waits, retries, parts } = await run({ replies: [cut, answer] }, { endpoint });
    assert.deepEqual(result, { text: "all is well" });
    assert.deepEqual(waits, [500]);
    assert.deepEqual(retries, [
      `${url} broke off in the middle of its reply (connection lost): look into the server's log, it may have run out of memory`,
    ]);
    const shown = parts.filter((part) => part.type !== "prefill").map((part) =>
      part.type === "text" ? part.text : part.type
    );
    assert.deepEqual(shown, ["half of this is lost for", "retry", "all is well"]);
  });

  Deno.test(`chat() on ${provider} gives up after a stream was cut three times`, async () => {
    const { result, waits } = await run({ replies: () => cut }, { endpoint });
    assert.deepEqual(result, {
      fault: "cut",
      message:
        `${url} broke off in the middle of its reply (connection lost): look into the server's log, it may have run out of memory`,
      tokens: undefined,
    });
    assert.deepEqual(waits, [500, 1_000]);
  });

  Deno.test(`chat() on ${provider} survives two 500s`, async () => {
    const failure = status(500, "CUDA error");
    const { result, waits, retries } = await run({ replies: [failure, failure, answer] }, { endpoint });
    const reason = `${url} failed (500: CUDA error): look into the server's log, then see "smallcode doctor"`;
    assert.deepEqual([result, waits, retries], [{ text: "all is well" }, [500, 1_000], [reason, reason]]);
  });

  Deno.test(`chat() on ${provider} ends after five 500s`, async () => {
    const { result, waits } = await run({ replies: () => status(500, "CUDA error") }, { endpoint });
    assert.deepEqual(result, {
      fault: "overloaded",
      message: `${url} failed (500: CUDA error): look into the server's log, then see "smallcode doctor"`,
      tokens: undefined,
    });
    assert.deepEqual(waits, [500, 1_000, 2_000, 4_000]);
  });

  Deno.test(`chat() on ${provider} waits as long as a 429 asks, at most a minute`, async () => {
    const now = () => Date.parse("2026-11-01T00:00:00Z");
    const busy = (after: string) => status(429, "slow down", { "retry-after": after });
    const replies = [busy("7"), busy("Sun, 01 Nov 2026 00:00:09 GMT"), busy("3600"), answer];
    const { result, waits, retries } = await run({ replies }, { endpoint, now });
    assert.deepEqual([result, waits], [{ text: "all is well" }, [7_000, 9_000, 60_000]]);
    assert.equal(
      retries[0],
      `${url} takes no more requests for now (429: slow down): wait a little, or choose another with "smallcode provider"`,
    );
  });

  Deno.test(`chat() on ${provider} waits without limit for the first byte`, async () => {
    const slow: ScriptedReply = { text: "at last", fault: { kind: "silence", ms: 150 } };
    const { result, retries } = await run({ replies: [slow] }, { endpoint, idleMs: 20 });
    assert.deepEqual([result, retries], [{ text: "at last" }, []]);
  });

  Deno.test(`chat() on ${provider} asks again when a begun reply falls silent`, async () => {
    const stalled: ScriptedReply = { text: "I was saying", fault: { kind: "stall" } };
    const { result, retries } = await run({ replies: [stalled, answer] }, { endpoint, idleMs: 100 });
    assert.deepEqual(result, { text: "all is well" });
    assert.deepEqual(retries, [
      `${url} broke off in the middle of its reply (silent for 0.1 s): look into the server's log, it may have run out of memory`,
    ]);
  });

  Deno.test(`chat() on ${provider} names a web page as what it is`, async () => {
    const { result, waits } = await run({ replies: [{ fault: { kind: "html" } }] }, { endpoint });
    assert.deepEqual(result, {
      fault: "unreadable",
      message:
        `${url} answered with a web page (200), not as a model server: check host, port and path of the base URL with "smallcode provider"`,
      tokens: undefined,
    });
    assert.deepEqual(waits, []);
  });

  Deno.test(`chat() on ${provider} says how to start a server that died in the middle of a reply`, async () => {
    const dying: ScriptedReply = { text: "these are my last words", fault: { kind: "die" } };
    const { result, waits, requests } = await run({ replies: [dying] }, { endpoint });
    assert.deepEqual(result, {
      fault: "unreachable",
      message:
        `Cannot reach the model server at ${url} (connection refused): ${start}, or choose another with "smallcode provider"`,
      tokens: undefined,
    });
    assert.deepEqual([waits.length, requests.length], [4, 1]);
  });

  Deno.test(`chat() on ${provider} never resends what the server could not parse`, async () => {
    const failure = status(500, "Failed to parse tool call arguments as JSON");
    const { result, requests } = await run({ replies: () => failure }, { endpoint });
    assert.deepEqual(result, {
      fault: "unreadable",
      message:
        `${url} could not read the model's own reply (500: Failed to parse tool call arguments as JSON): the same request would fail again; a text dialect avoids the server's parser`,
      tokens: undefined,
    });
    assert.equal(requests.length, 1);
  });

  Deno.test(`chat() on ${provider} tells an error inside the stream`, async () => {
    const failing: ScriptedReply = {
      text: "one moment",
      fault: { kind: "error_in_stream", message: "out of memory" },
    };
    const { result, retries } = await run({ replies: [failing, answer] }, { endpoint });
    assert.deepEqual(result, { text: "all is well" });
    assert.deepEqual(retries, [
      `${url} failed (500: out of memory): look into the server's log, then see "smallcode doctor"`,
    ]);
  });

  Deno.test(`chat() on ${provider} asks again after a stream of garbage`, async () => {
    for (const body of ["data: {broken\n\n", "data: null\n\n", "[1]\n", "\u0000\n"]) {
      const garbage: ScriptedReply = {
        fault: { kind: "status", status: 200, body, headers: { "content-type": "text/event-stream" } },
      };
      const { result, retries } = await run({ replies: [garbage, answer] }, { endpoint });
      assert.deepEqual([result, retries.length], [{ text: "all is well" }, 1]);
    }
  });

  Deno.test(`chat() on ${provider} says how to get a larger window when the request overflows it`, async () => {
    const messages = [{ role: "user", content: "x".repeat(4_000) } as const];
    const options = { replies: [answer], window: 512 };
    const { result, requests } = await run(options, { endpoint, request: { messages } });
    const overflow = provider === "ollama"
      ? {
        message:
          "The request has 1114 tokens, the window that SERVER has loaded holds 512: start a new session, or set a larger window in smallcode.toml ([context] window = 16384)",
        tokens: { prompt: 1114, window: 512 },
      }
      : {
        message:
          "The request has 1002 tokens, the window that SERVER/v1 has loaded holds 512: start a new session, or start llama-server with a larger window (-c 16384)",
        tokens: { prompt: 1002, window: 512 },
      };
    assert.deepEqual(result, { fault: "window_exceeded", ...overflow });
    assert.equal(requests.length, 1);
  });

  Deno.test(`chat() on ${provider} goes without tools for the session where they are refused`, async () => {
    const { result, requests, facts, retries } = await run({
      replies: [answer],
      rejects: ["tools"],
      capabilities: ["completion", "tools"],
    }, { endpoint, request: { tools: [READ_FILE] } });
    assert.deepEqual(result, { text: "all is well" });
    assert.deepEqual(requests.map(({ tools }) => tools), [["read_file"], []]);
    assert.deepEqual([facts.can.nativeTools, retries.length], [false, 1]);
  });
}

Deno.test("chat() tells a prompt that an old Ollama has silently cut", async () => {
  const replies = [{ text: "what?", usage: { promptTokens: 2_048, outputTokens: 2 } }];
  const { result } = await run({ replies, window: 2_048 }, { endpoint: { provider: "ollama" } });
  assert.deepEqual(result, {
    fault: "window_exceeded",
    message:
      "The request has 2049 tokens, the window that SERVER has loaded holds 2048: start a new session, or set a larger window in smallcode.toml ([context] window = 16384)",
    tokens: { prompt: 2_049, window: 2_048 },
  });
});

const OVERFLOWS = [
  [
    "LM Studio",
    "The number of tokens to keep from the initial prompt is greater than the context length.",
    undefined,
  ],
  [
    "vLLM",
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens in the messages.",
    { prompt: 5_000, window: 4_096 },
  ],
  [
    "OpenAI",
    "This model's maximum context length is 128000 tokens. However, your messages resulted in 131072 tokens.",
    { prompt: 131_072, window: 128_000 },
  ],
] as const;

for (const [server, message, tokens] of OVERFLOWS) {
  Deno.test(`chat() understands ${server}'s words for an overflowing window`, async () => {
    const { result } = await run({ replies: [status(400, message)] });
    assert.ok("fault" in result);
    assert.deepEqual([result.fault, result.tokens], ["window_exceeded", tokens]);
  });
}

Deno.test("chat() says that the server is still loading its model", async () => {
  const { result, retries } = await run({ replies: [status(503, "Loading model"), answer] });
  assert.deepEqual([result, retries], [
    { text: "all is well" },
    ["SERVER/v1 is still loading its model: try again in a moment"],
  ]);
});

Deno.test("chat() limits the output under the name that OpenAI's newer models take", async () => {
  const { result, requests } = await run({
    replies: ({ body }) =>
      "max_tokens" in body
        ? status(400, "Unsupported parameter: 'max_tokens' is not supported with this model.")
        : answer,
  });
  assert.deepEqual(result, { text: "all is well" });
  assert.deepEqual(requests.map(({ body }) => [body.max_tokens, body.max_completion_tokens]), [
    [100, undefined],
    [undefined, 100],
  ]);
});

const KEYS = [[401, "unauthorized"], [403, "unauthorized"]] as const;
for (const [code, fault] of KEYS) {
  Deno.test(`chat() says what to do about a ${code}`, async () => {
    const { result } = await run({ replies: [status(code, "bad key")] });
    assert.deepEqual(result, {
      fault,
      message: `SERVER/v1 refused the API key (${code}: bad key): set it with "smallcode provider"`,
      tokens: undefined,
    });
  });
}

Deno.test("chat() says which model is gone when the server lost it in the middle of a session", async () => {
  const { result } = await run({ replies: [status(404, "model 'scripted' not found")] });
  assert.deepEqual(result, {
    fault: "unknown_model",
    message:
      `SERVER/v1 has no model "scripted" (model 'scripted' not found): choose one with "smallcode provider"`,
    tokens: undefined,
  });
});

const CONVERSATION = [
  { role: "system", content: "Be brief." },
  hello,
  hello,
  {
    role: "assistant",
    content: "",
    calls: [{ id: "c", name: "read_file", args: { path: "a" } }],
    via: "native",
  },
  { role: "tool", callId: "c", name: "read_file", content: "x" },
  { role: "system", content: "late" },
] as const;

/** What each habit costs: refused requests before one is taken. */
const HABITS: readonly (readonly [Quirk, number])[] = [
  ["developer", 0],
  ["late_system", 0],
  ["two_users", 0],
  ["empty_tools", 0],
  ["tool_choice", 0],
  ["schema_keywords", 0],
  ["system", 1],
  ["unknown_fields", 1],
  ["stream_options", 1],
  ["tool_role", 1],
];

for (const [quirk, refusals] of HABITS) {
  Deno.test(`chat() works with a server that rejects ${quirk}`, async () => {
    const { result, requests, waits } = await run({ replies: [answer], rejects: [quirk] }, {
      request: { messages: CONVERSATION, tools: quirk === "empty_tools" ? [] : [READ_FILE] },
    });
    assert.deepEqual(result, { text: "all is well" });
    assert.deepEqual([requests.length, waits], [1 + refusals, []]);
  });
}

Deno.test("chat() remembers for the session what the server refused", async () => {
  const server = await startScriptedServer({ replies: () => answer, rejects: ["system", "unknown_fields"] });
  const transport = await connectTo(server);
  const messages = [{ role: "system", content: "Be brief." } as const, hello];
  await transport.chat({ ...REQUEST, messages }, collecting());
  const asked = server.requests.length;
  await transport.chat({ ...REQUEST, messages }, collecting());
  await server.close();
  assert.deepEqual([asked, server.requests.length], [3, 4]);
  assert.deepEqual(server.requests.at(-1)?.messages, [{ role: "user", content: "Be brief.\n\nhello" }]);
});

Deno.test("chat() does not resend a rejected request in which nothing could be left out", async () => {
  const { result, requests } = await run({ replies: () => status(400, "I will not") });
  assert.deepEqual(result, {
    fault: "rejected",
    message: `SERVER/v1 rejected the request (400: I will not): see "smallcode doctor"`,
    tokens: undefined,
  });
  assert.equal(requests.length, 1);
});
