/** Both transports against a real local server. */

import assert from "node:assert/strict";
import process from "node:process";
import type { Message, ToolSchema } from "../types.ts";
import { collecting, connectTo, hello, REQUEST } from "./_test_setup.ts";
import { type ScriptedOptions, startScriptedServer } from "./scripted.ts";
import type { Transport } from "./transport.ts";

const READ_FILE: ToolSchema = {
  name: "read_file",
  description: "Reads a file",
  parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
};

type Served = { server: Awaited<ReturnType<typeof startScriptedServer>>; transport: Transport };

async function withServer(
  options: ScriptedOptions,
  more: Parameters<typeof connectTo>[1],
  use: (served: Served) => Promise<void>,
): Promise<void> {
  const server = await startScriptedServer(options);
  const transport = await connectTo(server, more);
  try {
    await use({ server, transport });
  } finally {
    transport.close();
    await server.close();
  }
}

for (const provider of ["llamacpp", "ollama"] as const) {
  Deno.test(`chat() on ${provider} gives text, reasoning, calls and usage as they came`, async () => {
    const reply = {
      text: "I read it.",
      reasoning: "Which file?",
      calls: [{ name: "read_file", args: { path: "a.ts" } }, { name: "read_file", args: { path: "b.ts" } }],
      usage: { promptTokens: 40, cachedTokens: 10, outputTokens: 7 },
    };
    await withServer({ replies: [reply] }, { endpoint: { provider } }, async ({ server, transport }) => {
      const got = await transport.chat({ ...REQUEST, tools: [READ_FILE] }, collecting());
      assert.deepEqual(got, {
        text: "I read it.",
        reasoning: "Which file?",
        calls: [
          { id: "call_0_0", name: "read_file", arguments: '{"path":"a.ts"}' },
          { id: "call_0_1", name: "read_file", arguments: '{"path":"b.ts"}' },
        ],
        finish: "tool_calls",
        usage: { promptTokens: 40, outputTokens: 7, ...(provider === "ollama" ? {} : { cachedTokens: 10 }) },
        timings: { prefillMs: 30, outputMs: 70 },
      });
      assert.equal(server.requests[0]?.protocol, provider === "ollama" ? "ollama" : "openai");
    });
  });

  Deno.test(`chat() on ${provider} gives what the server cut at the limit as length`, async () => {
    await withServer(
      { replies: [{ text: "x".repeat(4_000) }] },
      { endpoint: { provider } },
      async ({ transport }) => {
        const { text, finish } = await transport.chat(REQUEST, collecting());
        assert.deepEqual({ length: text.length, finish }, { length: 400, finish: "length" });
      },
    );
  });

  Deno.test(`chat() on ${provider} ends a reply when onPart says stop, and closes the connection`, async () => {
    await withServer(
      { replies: [{ text: "abc ".repeat(500), fault: { kind: "stall" } }] },
      { endpoint: { provider } },
      async ({ server, transport }) => {
        let seen = "";
        const reply = await transport.chat(REQUEST, {
          signal: new AbortController().signal,
          onPart: (part) => {
            if (part.type === "text") seen += part.text;
            return seen.length > 100 ? "stop" : undefined;
          },
        });
        assert.deepEqual([reply.finish, reply.text], ["stopped", seen]);
        assert.ok(seen.length < 200);
        await server.aborted;
      },
    );
  });

  Deno.test(`chat() on ${provider} closes the socket at once when aborted before the first byte`, async () => {
    await withServer(
      { replies: [{ text: "late", fault: { kind: "silence", ms: 60_000 } }] },
      { endpoint: { provider } },
      async ({ server, transport }) => {
        const controller = new AbortController();
        const reason = new Error("person said so");
        const asked = transport.chat(REQUEST, { signal: controller.signal, onPart: () => {} });
        while (server.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
        controller.abort(reason);
        await assert.rejects(asked, reason);
        await server.aborted;
      },
    );
  });

  Deno.test(`chat() on ${provider} passes on what onPart throws, and does not ask again`, async () => {
    await withServer(
      { replies: [{ text: "hi" }] },
      { endpoint: { provider } },
      async ({ server, transport }) => {
        const problem = new TypeError("body of a bug");
        const onPart = () => {
          throw problem;
        };
        await assert.rejects(
          transport.chat(REQUEST, { signal: new AbortController().signal, onPart }),
          problem,
        );
        assert.equal(server.requests.length, 1);
      },
    );
  });

  for (const echoes of [true, false]) {
    Deno.test(`chat() on ${provider} gives the prefill once, whether the server repeats it (${echoes})`, async () => {
      const prefill = '<tool_call>\n{"name": "write_file", ';
      const rest = '"arguments": {}}\n</tool_call>';
      await withServer(
        { replies: [{ text: echoes ? prefill + rest : rest }] },
        { endpoint: { provider } },
        async ({ server, transport }) => {
          const chat = collecting();
          const reply = await transport.chat({ ...REQUEST, prefill }, chat);
          assert.equal(reply.text, prefill + rest);
          assert.equal(
            chat.parts.map((part) => part.type === "text" ? part.text : "").join(""),
            prefill + rest,
          );
          assert.deepEqual(server.requests[0]?.messages.at(-1), { role: "assistant", content: prefill });
        },
      );
    });
  }
}

Deno.test("chat() shows how far the server has read the prompt", async () => {
  await withServer({ replies: [{ text: "hi" }, { text: "hi" }] }, {}, async ({ transport }) => {
    await transport.chat(REQUEST, collecting());
    const chat = collecting();
    await transport.chat(REQUEST, chat);
    assert.deepEqual(chat.parts, [
      { type: "prefill", done: 4, total: 4, cached: 3, ms: 1 },
      { type: "text", text: "hi" },
    ]);
  });
});

Deno.test("chat() writes an OpenAI request with sampling, schema, thinking and stop under llama.cpp's names", async () => {
  const thinking = {
    supported: true,
    control: "template",
    enabled: true,
    budgetTokens: 0,
    replay: true,
  } as const;
  await withServer(
    { replies: [{ text: "ok" }] },
    { profile: { thinking } },
    async ({ server, transport }) => {
      const messages: Message[] = [
        { role: "system", content: "Be brief." },
        hello,
        {
          role: "assistant",
          content: "",
          reasoning: "hm",
          calls: [{ id: "c", name: "x", args: { a: 1 } }],
          via: "native",
        },
        { role: "tool", callId: "c", name: "x", content: "done" },
      ];
      await transport.chat({
        messages,
        tools: [READ_FILE],
        sampling: {
          temperature: 0.2,
          topP: 0.9,
          topK: 20,
          minP: 0.05,
          repeatPenalty: 1.1,
          presencePenalty: 0.5,
          seed: 7,
        },
        maxTokens: 300,
        stop: ["END"],
        thinking: false,
        constraint: { kind: "json_schema", schema: { type: "object" } },
      }, collecting());
      assert.deepEqual(server.requests[0]?.body, {
        model: "scripted",
        messages: [
          { role: "system", content: "Be brief." },
          { role: "user", content: "hello" },
          {
            role: "assistant",
            content: "",
            reasoning_content: "hm",
            tool_calls: [{ id: "c", type: "function", function: { name: "x", arguments: '{"a":1}' } }],
          },
          { role: "tool", tool_call_id: "c", content: "done" },
        ],
        tools: [{ type: "function", function: READ_FILE }],
        temperature: 0.2,
        top_p: 0.9,
        presence_penalty: 0.5,
        seed: 7,
        top_k: 20,
        min_p: 0.05,
        repeat_penalty: 1.1,
        max_tokens: 300,
        stop: ["END"],
        chat_template_kwargs: { enable_thinking: false },
        response_format: {
          type: "json_schema",
          json_schema: { name: "reply", strict: true, schema: { type: "object" } },
        },
        return_progress: true,
        stream: true,
        stream_options: { include_usage: true },
      });
      assert.equal(server.requests[0]?.headers.authorization, undefined);
    },
  );
});

Deno.test("chat() writes an Ollama request with one constant num_ctx and no truncation", async () => {
  const thinking = {
    supported: true,
    control: "template",
    enabled: true,
    budgetTokens: 0,
    replay: false,
  } as const;
  await withServer(
    { replies: [{ text: "ok" }], capabilities: ["completion", "tools", "thinking"], isLoaded: false },
    { endpoint: { provider: "ollama" }, profile: { thinking }, window: 8_192 },
    async ({ server, transport }) => {
      await transport.chat({
        messages: [hello, {
          role: "assistant",
          content: "",
          calls: [{ id: "c", name: "x", args: { a: 1 } }],
          via: "native",
        }, { role: "tool", callId: "c", name: "x", content: "done" }],
        tools: [READ_FILE],
        sampling: { temperature: 0.2, topK: 20 },
        maxTokens: 300,
        stop: ["END"],
        thinking: true,
        constraint: { kind: "json_schema", schema: { type: "object" } },
      }, collecting());
      assert.deepEqual(server.requests[0]?.body, {
        model: "scripted",
        messages: [
          { role: "user", content: "hello" },
          { role: "assistant", content: "", tool_calls: [{ function: { name: "x", arguments: { a: 1 } } }] },
          { role: "tool", tool_name: "x", content: "done" },
        ],
        tools: [{ type: "function", function: READ_FILE }],
        think: true,
        format: { type: "object" },
        stream: true,
        keep_alive: "30m",
        truncate: false,
        shift: false,
        options: { num_ctx: 8_192, num_predict: 300, temperature: 0.2, top_k: 20, stop: ["END"] },
      });
    },
  );
});

Deno.test("chat() sends the key to the endpoint and never with a redirect", async () => {
  const reply = {
    fault: { kind: "status", status: 307, headers: { location: "http://127.0.0.1:9/elsewhere" } },
  } as const;
  await withServer(
    { replies: [reply] },
    { endpoint: { apiKey: "secret" } },
    async ({ server, transport }) => {
      await assert.rejects(transport.chat(REQUEST, collecting()), {
        name: "ProviderError",
        fault: "rejected",
        message:
          `${server.url} answered with a redirect to http://127.0.0.1:9/elsewhere, which is not followed: set the final address as base URL with "smallcode provider"`,
      });
      assert.equal(server.requests[0]?.headers.authorization, "Bearer secret");
    },
  );
});

Deno.test("chat() sends nothing that stands in OPENAI_* variables, and nothing about this machine", async () => {
  const names = [
    "OPENAI_API_KEY",
    "OPENAI_ORG_ID",
    "OPENAI_ADMIN_KEY",
    "OPENAI_CUSTOM_HEADERS",
    "OPENAI_BASE_URL",
  ];
  const before = names.map((name) => process.env[name]);
  for (const name of names) process.env[name] = "x-secret: leaked";
  try {
    await withServer({ replies: [{ text: "ok" }] }, {}, async ({ server, transport }) => {
      await transport.chat(REQUEST, collecting());
      const { headers } = server.requests[0] ?? {};
      assert.deepEqual(Object.keys(headers ?? {}).sort(), [
        "accept",
        "accept-encoding",
        "accept-language",
        "content-length",
        "content-type",
        "host",
        "user-agent",
      ]);
      assert.doesNotMatch(JSON.stringify(headers), /leaked|openai/i);
    });
  } finally {
    for (const [index, name] of names.entries()) {
      const value = before[index];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
});

const THINKING = {
  supported: true,
  control: "template",
  enabled: true,
  budgetTokens: 0,
  replay: false,
} as const;
const EFFORT = { ...THINKING, control: "effort" } as const;
/** Fields that a profile's thinking switch puts into a request, on and off. */
const SWITCHES = [
  ["llamacpp", THINKING, true, { chat_template_kwargs: { enable_thinking: true } }],
  ["llamacpp", EFFORT, false, { chat_template_kwargs: { reasoning_effort: "low" } }],
  ["llamacpp", { ...THINKING, supported: false }, true, {}],
  ["llamacpp", { ...THINKING, control: "none" }, true, {}],
  ["ollama", THINKING, false, { think: false }],
  ["ollama", EFFORT, true, { think: "medium" }],
] as const;

for (const [provider, thinking, isOn, fields] of SWITCHES) {
  Deno.test(`chat() on ${provider} turns thinking ${isOn ? "on" : "off"} by ${JSON.stringify(fields)}`, async () => {
    const options = { replies: [{ text: "ok" }], capabilities: ["completion", "thinking"] };
    await withServer(
      options,
      { endpoint: { provider }, profile: { thinking } },
      async ({ server, transport }) => {
        await transport.chat({ ...REQUEST, thinking: isOn }, collecting());
        const body = server.requests[0]?.body ?? {};
        const sent = ["chat_template_kwargs", "reasoning_effort", "think"].filter((field) => field in body);
        assert.deepEqual(Object.fromEntries(sent.map((field) => [field, body[field]])), fields);
      },
    );
  });
}

Deno.test("chat() keeps a family's roles and replays its reasoning as the profile says", async () => {
  const profile = {
    roles: { system: "user", toolResult: "tool" },
    thinking: { ...THINKING, replay: true },
  } as const;
  const calls = [{ id: "c", name: "x", args: {} }];
  await withServer({ replies: [{ text: "ok" }] }, { profile }, async ({ server, transport }) => {
    await transport.chat({
      ...REQUEST,
      messages: [
        { role: "system", content: "Be brief." },
        hello,
        { role: "assistant", content: "x()", reasoning: "hm", calls, via: "text" },
        { role: "tool", callId: "c", name: "x", content: "done" },
      ],
    }, collecting());
    assert.deepEqual(server.requests[0]?.messages, [
      { role: "user", content: "Be brief.\n\nhello" },
      { role: "assistant", content: "x()", reasoning_content: "hm" },
      { role: "tool", tool_call_id: "c", content: "done" },
    ]);
  });
});

Deno.test("countTokens() is exact where the server counts, and learned from usage where it does not", async () => {
  await withServer({ replies: [] }, {}, async ({ transport }) => {
    const messages = [{ role: "user", content: "x".repeat(400) } as const];
    const counted = await transport.countTokens({ messages, tools: [] }, new AbortController().signal);
    assert.deepEqual(counted, { tokens: 102, exact: true });
  });
  const options = { replies: [{ text: "ok", usage: { promptTokens: 200, outputTokens: 1 } }] };
  await withServer(options, { endpoint: { provider: "ollama" } }, async ({ transport }) => {
    const messages = [{ role: "user", content: "x".repeat(400) } as const];
    const { signal } = new AbortController();
    const before = await transport.countTokens({ messages, tools: [] }, signal);
    await transport.chat({ ...REQUEST, messages }, collecting());
    const after = await transport.countTokens({ messages, tools: [] }, signal);
    assert.deepEqual([before, after], [{ tokens: 114, exact: false }, { tokens: 200, exact: false }]);
  });
});

Deno.test("startScriptedServer() answers without streaming when it was not asked to", async () => {
  const server = await startScriptedServer({ replies: [{ text: "hi" }] });
  const response = await fetch(`${server.url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model: "scripted", messages: [hello] }),
  });
  const { choices } = await response.json();
  await server.close();
  assert.deepEqual(choices, [{
    index: 0,
    message: { role: "assistant", content: "hi" },
    finish_reason: "stop",
  }]);
});
