import assert from "node:assert/strict";
import { detectServers, ollamaRoot } from "./detect.ts";
import { startScriptedServer } from "./scripted.ts";
import { findLlamaCpp, findLmStudio } from "./server_facts.ts";

const signal = new AbortController().signal;

Deno.test("detectServers() finds what stands at its places and at OLLAMA_HOST, ready ones first", async () => {
  const llama = await startScriptedServer({ replies: [], model: "qwen", window: 8_192 });
  const ollama = await startScriptedServer({ replies: [], model: "gemma", isLoaded: false });
  const gone = await startScriptedServer({ replies: [] });
  await gone.close();
  const root = (url: string) => url.replace(/\/v1$/, "");
  const found = await detectServers({
    ollamaHost: root(ollama.url),
    signal,
    places: [
      { root: root(gone.url), find: findLmStudio },
      { root: root(llama.url), find: findLmStudio },
      { root: root(llama.url), find: findLlamaCpp },
    ],
  });
  await llama.close();
  await ollama.close();
  assert.deepEqual(found, [
    {
      kind: "llamacpp",
      baseUrl: llama.url,
      models: ["qwen"],
      window: 8_192,
      endpoint: { tier: "default", provider: "llamacpp", baseUrl: llama.url, model: "qwen" },
    },
    {
      kind: "ollama",
      baseUrl: ollama.url,
      models: ["gemma"],
      endpoint: { tier: "default", provider: "ollama", baseUrl: ollama.url, model: "gemma" },
    },
  ]);
});

Deno.test("ollamaRoot() reads OLLAMA_HOST in all its forms", () => {
  const forms = ["0.0.0.0", "gpu-box", "gpu-box:1234", "https://gpu-box/ollama/", "http://gpu-box"];
  assert.deepEqual(forms.map(ollamaRoot), [
    "http://127.0.0.1:11434",
    "http://gpu-box:11434",
    "http://gpu-box:1234",
    "https://gpu-box/ollama",
    "http://gpu-box",
  ]);
});
