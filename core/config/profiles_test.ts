import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Profile } from "../profile.ts";
import { applyConfig, explainProfile, loadProfiles, matchProfile, normalizeModel } from "./profiles.ts";

const BUNDLED = new URL("../../profiles/", import.meta.url);

/** Names as Ollama, LM Studio, llama.cpp, vLLM and the clouds write them. */
const MATCHES: readonly (readonly [string, string])[] = [
  ["qwen3:8b", "qwen3-8b"],
  ["qwen3", "qwen3-8b"],
  ["Qwen/Qwen3-8B-AWQ", "qwen3-8b"],
  ["/models/Qwen3-8B-Q4_K_M.gguf", "qwen3-8b"],
  ["C:\\models\\Qwen3-14B-Q4_K_M.gguf", "qwen3-8b"],
  ["qwen2.5-coder:7b", "qwen2.5-coder"],
  ["qwen2.5-coder-14b-instruct", "qwen2.5-coder"],
  ["qwen2.5-coder-1.5b-instruct-q4_k_m.gguf", "qwen2.5-coder-small"],
  ["qwen2.5-coder:3b", "qwen2.5-coder-small"],
  ["qwen3-coder:30b", "qwen3-coder-30b-a3b"],
  ["unsloth/Qwen3-Coder-30B-A3B-Instruct-GGUF", "qwen3-coder-30b-a3b"],
  ["mistralai/devstral-small-2507", "devstral-small"],
  ["devstral:24b", "devstral-small"],
  ["gemma3:12b", "gemma3"],
  ["google/gemma-3-27b-it", "gemma3"],
  ["gemma4:e4b", "gemma4"],
  ["llama3.1:8b", "llama3-8b"],
  ["meta-llama/Llama-3.1-8B-Instruct", "llama3-8b"],
  ["Meta-Llama-3-8B-Instruct.Q4_K_M.gguf", "llama3-8b"],
  ["openai/gpt-oss-20b", "gpt-oss-20b"],
  ["gpt-oss:20b", "gpt-oss-20b"],
  ["deepseek-r1:8b", "deepseek-r1-distill"],
  ["DeepSeek-R1-Distill-Qwen-7B-Q4_K_M.gguf", "deepseek-r1-distill"],
  ["deepseek-r1-0528-qwen3-8b", "deepseek-r1-distill"],
  ["granite4:tiny-h", "granite"],
  ["lfm2.5-8b-a1b", "lfm2"],
  ["some-new-model:7b", "default"],
  ["", "default"],
];

Deno.test("matchProfile() finds the family however a server writes the name", async () => {
  const profiles = await loadProfiles(BUNDLED);
  deepEqual(MATCHES.map(([model]) => [model, matchProfile(model, profiles).name]), MATCHES);
});

Deno.test("normalizeModel() keeps the last part in one spelling", () => {
  const names = ["A/B:C_d e.GGUF", "a\\b", "x/", ""];
  deepEqual(names.map(normalizeModel), ["b-c-d-e", "b", "x", "any"]);
});

Deno.test("matchProfile() takes the longest pattern, and says when none fits", async () => {
  const [first] = await loadProfiles(BUNDLED);
  const named = (name: string, match: readonly string[]) => ({ ...first, name, match }) as Profile;
  equal(
    matchProfile("abc", [named("one", ["a*"]), named("two", ["*bc"]), named("three", ["*"])]).name,
    "two",
  );
  throws(() => matchProfile("z", [named("one", ["a*"])]), {
    name: "ConfigError",
    message: 'No profile matches the model "z"',
  });
});

/** A folder with a whole `default` profile and others. */
async function withProfiles(
  files: Readonly<Record<string, string>>,
  test: (folder: URL) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-profiles-"));
  try {
    const base = await Deno.readTextFile(new URL("default.yaml", BUNDLED));
    for (const [name, text] of Object.entries({ "default.yaml": base, ...files })) {
      await writeFile(join(folder, name), text);
    }
    await test(pathToFileURL(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

Deno.test("loadProfiles() merges mappings of the profile it extends, and replaces lists and sampling", async () => {
  const files = {
    "a.yaml":
      "extends: default\nname: a\nmatch: [a]\nsampling: {temperature: 1, top_p: 0.5}\nharness: {route: false}\n",
    "b.yaml": "extends: a\nname: b\nmatch: [b]\nsampling: {top_k: 5}\nthinking: {supported: true}\n",
  };
  await withProfiles(files, async (folder) => {
    const [, b, base] = await loadProfiles(folder);
    deepEqual(b, {
      ...base,
      name: "b",
      match: ["b"],
      sampling: { topK: 5 },
      thinking: { ...base?.thinking, supported: true },
      harness: { ...base?.harness, route: false },
    });
  });
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ["an unknown field", "extends: default\nname: x\nmatch: [x]\ncolour: red\n", /"x\.yaml": .*colour/i],
  ["a missing field", "name: x\nmatch: [x]\n", /"x\.yaml": trained_window: /],
  [
    "a wrong type",
    "extends: default\nname: x\nmatch: [x]\nharness: {route: 1}\n",
    /"x\.yaml": harness\.route: /,
  ],
  [
    "a value out of range",
    "extends: default\nname: x\nmatch: [x]\nsampling: {top_p: 2}\n",
    /sampling\.top_p: /,
  ],
  [
    "another name than the file's",
    "extends: default\nname: y\nmatch: [x]\n",
    /its name is "y", not the file's/,
  ],
  ["a pattern of another kind", "extends: default\nname: x\nmatch: ['{x,y}']\n", /match\.0: only \* and /],
  ["an unknown parent", "extends: nosuch\nname: x\nmatch: [x]\n", /extends: "nosuch" is unknown/],
  ["itself as parent", "extends: x\nname: x\nmatch: [x]\n", /extends: "x" is a cycle/],
  ["a list", "- 1\n", /"x\.yaml": expected a mapping/],
];

for (const [claim, text, message] of WRONG) {
  Deno.test(`loadProfiles() refuses ${claim}`, async () => {
    await withProfiles({ "x.yaml": text }, async (folder) => {
      await rejects(loadProfiles(folder), { name: "ConfigError", message });
    });
  });
}

Deno.test("applyConfig() lays the user's harness and sampling over the profile's", async () => {
  const profile = matchProfile("qwen3:8b", await loadProfiles(BUNDLED));
  const applied = applyConfig(profile, { harness: { route: false }, sampling: { temperature: 0 } });
  deepEqual(applied, {
    ...profile,
    harness: { ...profile.harness, route: false },
    sampling: { ...profile.sampling, temperature: 0 },
  });
});

Deno.test("explainProfile() fills only what the user did not set, and names the profile", async () => {
  const profile = matchProfile("qwen3:8b", await loadProfiles(BUNDLED));
  const row = (key: string, value: string, from: string) => ({ key, value, from, takesEffect: true });
  deepEqual(
    explainProfile([
      row("sampling.top_p", "", "not set"),
      row("sampling.temperature", "0", "flag --set"),
      row("sampling.seed", "", "not set"),
      row("harness.route", "", "not set"),
    ], profile),
    [
      row("sampling.top_p", "0.8", "profile qwen3-8b"),
      row("sampling.temperature", "0", "flag --set"),
      row("sampling.seed", "", "not set"),
      row("harness.route", "true", "profile qwen3-8b"),
    ],
  );
});
