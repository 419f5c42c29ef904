import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectTo, endpointOf, PROFILE } from "./_test_setup.ts";
import { connect } from "./connect.ts";
import { startScriptedServer } from "./scripted.ts";

/** A server with fixed answers to GET and POST paths; anything else gives `rest`. */
async function withAnswers(
  answers: Readonly<Record<string, unknown>>,
  rest: { readonly status: number; readonly body: string; readonly type: string },
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const known = answers[request.url ?? ""];
    response.writeHead(known === undefined ? rest.status : 200, {
      "content-type": known === undefined ? rest.type : "application/json",
    });
    response.end(known === undefined ? rest.body : JSON.stringify(known));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const MISSING = { status: 404, body: '{"error":"not found"}', type: "application/json" };

Deno.test("connect() reads what llama.cpp has loaded", async () => {
  const server = await startScriptedServer({ replies: [], window: 8_192, model: "qwen" });
  const { facts } = await connectTo(server);
  await server.close();
  assert.deepEqual(facts, {
    kind: "llamacpp",
    baseUrl: server.url,
    version: "scripted",
    model: "qwen",
    models: ["qwen"],
    window: 8_192,
    windowSource: "llama.cpp /props n_ctx",
    windowIsLoaded: true,
    can: {
      nativeTools: true,
      countTokens: true,
      constrain: ["json_schema", "grammar"],
      prefill: true,
      prefillProgress: true,
      thinkingSwitch: true,
    },
  });
});

Deno.test("connect() takes Ollama's address with and without /v1, and reads what it has loaded", async () => {
  const server = await startScriptedServer({ replies: [], window: 4_096 });
  const root = server.url.replace(/\/v1$/, "");
  const found = [];
  for (const baseUrl of [root, `${root}/`, server.url]) {
    const transport = await connect({
      endpoint: endpointOf(baseUrl, { provider: "ollama" }),
      profileOf: () => PROFILE,
      signal: new AbortController().signal,
    });
    const { kind, window, windowSource } = transport.facts;
    found.push([kind, transport.facts.baseUrl, window, windowSource]);
  }
  await server.close();
  assert.deepEqual(found, Array(3).fill(["ollama", server.url, 4_096, "Ollama /api/ps context_length"]));
});

const WINDOWS: readonly (readonly [string, Parameters<typeof connectTo>[1], number, string])[] = [
  ["a configured window", { window: 6_000 }, 6_000, "context.window"],
  ["the constant where the model was trained for more", {}, 16_384, "num_ctx 16384, set by smallcode"],
  [
    "the profile's trained window",
    { profile: { trainedWindow: 9_000 } },
    9_000,
    "num_ctx 9000, set by smallcode",
  ],
];

for (const [what, more, window, source] of WINDOWS) {
  Deno.test(`connect() sends Ollama ${what} when the model is not loaded`, async () => {
    const server = await startScriptedServer({ replies: [], window: 40_960, isLoaded: false });
    const { facts } = await connectTo(server, { ...more, endpoint: { provider: "ollama" } });
    await server.close();
    assert.deepEqual([facts.window, facts.windowSource], [window, source]);
  });
}

Deno.test("connect() does not believe a configured window larger than llama.cpp has loaded", async () => {
  const server = await startScriptedServer({ replies: [], window: 8_192 });
  const windows = [];
  for (const window of [4_096, 16_384]) windows.push((await connectTo(server, { window })).facts.window);
  await server.close();
  assert.deepEqual(windows, [4_096, 8_192]);
});

Deno.test("connect() lists the nearest models for an unknown name", async () => {
  const models = ["llama3.1:8b", "qwen2.5-coder:7b", "gemma3:4b"];
  const answers = {
    "/api/version": { version: "0.17.4" },
    "/api/tags": { models: models.map((name) => ({ name })) },
    "/api/ps": { models: [] },
  };
  await withAnswers(answers, MISSING, async (url) => {
    await assert.rejects(connectTo({ url }, { endpoint: { model: "qwen2.5-codr" } }), {
      name: "ProviderError",
      fault: "unknown_model",
      message:
        `${url}/v1 has no model "qwen2.5-codr"; it has "qwen2.5-coder:7b", "llama3.1:8b", "gemma3:4b": set one with --model, or choose with "smallcode provider"`,
    });
  });
});

Deno.test("connect() says how to get a model where there is none", async () => {
  const answers = { "/api/version": { version: "0.17.4" }, "/api/tags": { models: [] } };
  await withAnswers(answers, MISSING, async (url) => {
    await assert.rejects(connectTo({ url }), {
      fault: "unknown_model",
      message: `${url}/v1 has no model: get one (ollama pull qwen2.5-coder:7b)`,
    });
  });
});

Deno.test("connect() knows a model by its file's name and without :latest", async () => {
  const answers = {
    "/props": { default_generation_settings: { n_ctx: 8_192 } },
    "/v1/models": { data: [{ id: "/models/Qwen2.5-Coder-Q4.gguf" }] },
  };
  await withAnswers(answers, MISSING, async (url) => {
    const { facts } = await connectTo({ url: `${url}/v1` }, { endpoint: { model: "qwen2.5-coder-q4" } });
    assert.equal(facts.model, "/models/Qwen2.5-Coder-Q4.gguf");
  });
});

Deno.test("connect() is not fooled by LM Studio's 200 with an error body on other servers' paths", async () => {
  const answers = {
    "/api/v0/models": {
      data: [
        { id: "idle", type: "llm", state: "not-loaded", max_context_length: 32_768 },
        {
          id: "qwen",
          type: "llm",
          state: "loaded",
          max_context_length: 32_768,
          loaded_context_length: 8_192,
        },
      ],
    },
  };
  const rest = { status: 200, body: '{"error":"Unexpected endpoint or method."}', type: "application/json" };
  await withAnswers(answers, rest, async (url) => {
    const { facts } = await connectTo({ url: `${url}/v1` });
    assert.deepEqual(
      [facts.kind, facts.model, facts.window, facts.windowSource],
      ["lmstudio", "qwen", 8_192, "LM Studio loaded_context_length"],
    );
  });
});

Deno.test("connect() reads the instance that LM Studio has loaded", async () => {
  const answers = {
    "/api/v1/models": {
      models: [
        { key: "idle", type: "llm", loaded_instances: [], max_context_length: 32_768 },
        {
          key: "qwen",
          type: "llm",
          loaded_instances: [{ id: "qwen", config: { context_length: 6_000 } }],
          max_context_length: 32_768,
          capabilities: { trained_for_tool_use: true },
        },
      ],
    },
  };
  await withAnswers(answers, MISSING, async (url) => {
    const { facts } = await connectTo({ url });
    assert.deepEqual([facts.model, facts.window, facts.baseUrl, facts.can.nativeTools], [
      "qwen",
      6_000,
      `${url}/v1`,
      true,
    ]);
  });
});

Deno.test("connect() finds a server whose base URL was given without its /v1", async () => {
  await withAnswers({ "/v1/models": { data: [{ id: "some-model" }] } }, MISSING, async (url) => {
    assert.equal((await connectTo({ url })).facts.baseUrl, `${url}/v1`);
  });
});

Deno.test("connect() shows Anthropic its key in the header that its list of models takes", async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    seen.push([request.url, request.headers["x-api-key"], request.headers.authorization]);
    response.writeHead(200, { "content-type": "application/json" });
    response.end('{"data":[{"id":"claude"}]}');
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  const { facts } = await connectTo({ url }, { endpoint: { provider: "anthropic", apiKey: "secret" } });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  assert.deepEqual([facts.kind, seen], ["openai", [["/v1/models", "secret", undefined]]]);
});

Deno.test("connect() reads vLLM's max_model_len", async () => {
  const answers = { "/v1/models": { data: [{ id: "qwen", owned_by: "vllm", max_model_len: 12_000 }] } };
  await withAnswers(answers, MISSING, async (url) => {
    const { facts } = await connectTo({ url: `${url}/v1` });
    assert.deepEqual([facts.kind, facts.window, facts.windowIsLoaded], ["vllm", 12_000, true]);
  });
});

Deno.test("connect() falls back to the profile's window, and says so", async () => {
  await withAnswers({ "/v1/models": { data: [{ id: "some-model" }] } }, MISSING, async (url) => {
    const { facts } = await connectTo({ url: `${url}/v1` });
    assert.deepEqual(
      [facts.kind, facts.window, facts.windowSource, facts.windowIsLoaded],
      ["unknown", 32_768, "profile test", false],
    );
  });
});

Deno.test("connect() names a web page as what it is", async () => {
  const page = { status: 200, body: "<!doctype html><p>Hi", type: "text/html" };
  await withAnswers({}, page, async (url) => {
    await assert.rejects(connectTo({ url: `${url}/v1` }), {
      fault: "unreadable",
      message:
        `${url}/v1 answered with a web page (200), not as a model server: check host, port and path of the base URL with "smallcode provider"`,
    });
  });
});

Deno.test("connect() says that a key is refused", async () => {
  const refusal = { status: 401, body: '{"error":{"message":"Invalid API Key"}}', type: "application/json" };
  await withAnswers({}, refusal, async (url) => {
    await assert.rejects(connectTo({ url: `${url}/v1` }), {
      fault: "unauthorized",
      message: `${url}/v1 refused the API key (401: Invalid API Key): set it with "smallcode provider"`,
    });
  });
});

Deno.test("connect() says how to start a server that is not there", async () => {
  const server = await startScriptedServer({ replies: [] });
  await server.close();
  const starts = { ollama: "ollama serve", llamacpp: "llama-server -m MODEL.gguf --jinja -c 16384" } as const;
  for (const provider of ["ollama", "llamacpp"] as const) {
    await assert.rejects(
      connect({
        endpoint: endpointOf(server.url, { provider }),
        profileOf: () => PROFILE,
        signal: new AbortController().signal,
      }),
      {
        fault: "unreachable",
        message: `Cannot reach the model server at ${server.url} (connection refused): start it (${
          starts[provider]
        }), or choose another with "smallcode provider"`,
      },
    );
  }
});

Deno.test("connect() stops when aborted", async () => {
  const server = await startScriptedServer({ replies: [] });
  const reason = new Error("enough");
  await assert.rejects(
    connect({
      endpoint: endpointOf(server.url),
      profileOf: () => PROFILE,
      signal: AbortSignal.abort(reason),
    }),
    reason,
  );
  await server.close();
});
