/** Profiles act: each field of a profile changes what the server is sent, or what the harness does. */

import { deepEqual, notDeepEqual } from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadProfiles } from "./core/config/profiles.ts";
import { snakeCase } from "./core/config/keys.ts";
import { type ScriptedOptions, type ScriptedReply, startScriptedServer } from "./core/model/scripted.ts";
import { bindSmallCode } from "./core/smallcode.ts";
import { bundle } from "./main.ts";

interface Scene {
  readonly task: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly replies: readonly ScriptedReply[];
  readonly protocol?: "openai" | "ollama";
  readonly server?: Partial<ScriptedOptions>;
  /** Fields of the profile in both runs. */
  readonly under?: Fields;
}

type Fields = Readonly<Record<string, unknown>>;

const call = (name: string, args: Record<string, unknown>): ScriptedReply => ({ calls: [{ name, args }] });
const DONE = { text: "Done." };
const CALC = "def add(a, b):\n    return a - b\n";
const TEST =
  "import unittest\nfrom calc import add\n\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n";
const HERMES = { text: '<tool_call>\n{"name": "read_file", "arguments": {"path": "calc.py"}}\n</tool_call>' };

const READ: Scene = {
  task: "Change calc.py so that add is right",
  files: { "calc.py": CALC },
  replies: [{ ...call("read_file", { path: "calc.py" }), reasoning: "I should look." }, DONE, DONE, DONE],
};
const WRITE: Scene = {
  task: "Change calc.py so that add is right",
  files: { "calc.py": CALC },
  replies: [call("read_file", { path: "calc.py" }), DONE, DONE, DONE],
};
const edit = (search: string, replace: string): Scene => ({
  ...WRITE,
  replies: [
    call("read_file", { path: "calc.py" }),
    call("patch", { path: "calc.py", search, replace }),
    DONE,
    DONE,
    DONE,
  ],
});
const miss = (n: number) => call("patch", { path: "calc.py", search: `not there ${n}`, replace: "x = 1" });
const HALF = { text: '```json\n{"name": "write_file", "arguments": {"path": "calc.py"}}\n```' };
const TEXT_CALL: Scene = { ...READ, replies: [HERMES, DONE, DONE, DONE], under: { dialect: "hermes" } };
const THINKS = { thinking: { supported: true, control: "template", enabled: true } };
const FIX: Scene = {
  task: "Fix the failing test",
  files: { "calc.py": CALC, "test_calc.py": TEST },
  replies: [
    call("patch", { path: "calc.py", search: "a - b", replace: "a * b" }),
    DONE,
    DONE,
    DONE,
    DONE,
    DONE,
  ],
};

const SEVERAL: Scene = {
  task: "Rename add to plus in calc.py and in main.py",
  files: { "calc.py": CALC, "main.py": "# add is told here\n" },
  replies: [
    call("patch", { path: "calc.py", search: "def add", replace: "def plus" }),
    DONE,
    DONE,
    DONE,
  ],
};

/** A plugin of the user's own that says something to the model; `ask` grants it for the session. */
const PLUGIN = `export default { name: "talk", version: "1.0.0", description: "Talks.", permissions: {},
  prompts: [{ text: "Be brief." }] };`;

/** An MCP server of the user's own with one tool. */
const MCP_SERVER = {
  "server.mjs": `import { createInterface } from "node:readline";
createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method } = JSON.parse(line);
  const serverInfo = { name: "s", version: "1" };
  const result = method === "initialize"
    ? { protocolVersion: "2025-06-18", capabilities: { tools: {} }, serverInfo }
    : { tools: [{ name: "go", inputSchema: { type: "object" } }] };
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
});`,
  "../.config/smallcode/smallcode.toml": `[mcp.s]\ncommand = ${
    JSON.stringify(Deno.execPath())
  }\nargs = ["run", "-A", "server.mjs"]\n`,
};

/** Field, its other value, and a scene in which it matters. */
const FIELDS: readonly (readonly [string, unknown, Scene])[] = [
  ["match", ["another"], { ...READ, under: { sampling: { temperature: 0.5 } } }],
  ["trained_window", 8192, { ...READ, protocol: "ollama", server: { isLoaded: false, window: 100_000 } }],
  ["dialect", "hermes", READ],
  ["edit_format", "whole_file", READ],
  ["envelope", "constrained", { ...READ, under: { dialect: "raw" } }],
  ["sampling.temperature", 0.1, READ],
  ["sampling.top_p", 0.2, READ],
  ["sampling.top_k", 3, READ],
  ["sampling.min_p", 0.4, READ],
  ["sampling.repeat_penalty", 1.5, READ],
  ["sampling.presence_penalty", 0.6, READ],
  ["sampling.seed", 7, READ],
  ["thinking.supported", true, { ...READ, under: { thinking: { control: "template" } } }],
  ["thinking.control", "effort", { ...READ, under: THINKS }],
  ["thinking.enabled", false, { ...READ, under: THINKS }],
  ["thinking.budget_tokens", 64, { ...READ, under: THINKS }],
  ["thinking.replay", true, { ...READ, under: THINKS }],
  ["roles.system", "user", READ],
  ["roles.tool_result", "tool", TEXT_CALL],
  ["max_output_tokens", 100, READ],
  ["first_look_pct", 0, READ],
  ["harness.freeze_prefix", false, READ],
  ["harness.text_calls", false, TEXT_CALL],
  ["harness.repair_calls", false, {
    ...READ,
    replies: [{ calls: [{ name: "read_file", args: '{"path": "calc.py",}' }] }, DONE, DONE, DONE],
  }],
  ["harness.clamp_output", false, { ...READ, server: { window: 4096 } }],
  ["harness.first_look", false, READ],
  ["harness.route", false, { ...READ, task: "Thank you!", replies: [DONE] }],
  ["harness.read_guard", false, {
    ...READ,
    files: { "calc.py": CALC.repeat(500) },
    server: { window: 8192 },
    under: { harness: { first_look: false } },
  }],
  ["harness.fuzzy_edit", false, edit("def add(a, b):\nreturn a - b\n", "def add(a, b):\n    return a + b\n")],
  ["harness.edit_recovery", false, { ...WRITE, replies: [miss(1), miss(2), DONE, DONE] }],
  ["harness.semantic_merge", false, { ...WRITE, replies: [miss(1), miss(2), miss(3), DONE, DONE] }],
  ["harness.constrain", false, { ...WRITE, replies: [HALF, HALF, HALF, DONE, DONE, DONE] }],
  ["harness.syntax_gate", false, edit("return a - b", "return (a + b")],
  ["harness.keep_names", false, {
    ...WRITE,
    task: "Add sub to calc.py",
    files: { "calc.py": CALC },
    replies: [
      call("write_file", { path: "calc.py", content: "def sub(a, b):\n    return a - b\n" }),
      DONE,
      DONE,
    ],
  }],
  ["harness.compaction", false, {
    ...READ,
    files: Object.fromEntries(
      [..."abcdefgh"].map((name) => [`${name}.py`, `${name} = 1\n${CALC.repeat(90)}`]),
    ),
    replies: [
      ...[..."abcdefgh"].map((name) => call("read_file", { path: `${name}.py` })),
      DONE,
      DONE,
    ],
    server: { window: 8192 },
    under: { max_output_tokens: 200 },
  }],
  ["harness.plan", false, SEVERAL],
  ["harness.ask_plan", false, {
    ...READ,
    task: "Create a.py, b.py and c.py, then add tests and update the README",
  }],
  ["harness.verify", false, FIX],
  ["harness.govern", false, {
    ...READ,
    replies: [...Array.from({ length: 8 }, () => call("read_file", { path: "calc.py" })), DONE, DONE],
  }],
  ["harness.scores", false, {
    ...WRITE,
    replies: [
      ...Array.from(
        { length: 6 },
        (_, i) => call("patch", { path: "calc.py", search: `no ${i}`, replace: "x" }),
      ),
      ...Array(5).fill(call("list_files", {})),
      ...Array(9).fill(DONE),
    ],
    under: { harness: { edit_recovery: false } },
  }],
  ["harness.dedup", false, {
    ...READ,
    task: "Where is add() called?",
    files: { "calc.py": "add(1, 2)  # a line that is long enough to be worth a stub\n".repeat(12) },
    replies: [call("search", { pattern: "add" }), call("search", { pattern: "add" }), DONE, DONE],
  }],
  ["harness.improve", false, FIX],
  ["harness.claims", false, {
    ...WRITE,
    replies: [
      call("patch", { path: "calc.py", search: "a - b", replace: "a + b" }),
      { text: "All tests pass." },
      DONE,
      DONE,
    ],
  }],
  ["harness.hard_fail", false, {
    ...FIX,
    task: "Rename nothing, but change calc.py",
    files: { "calc.py": CALC.replace("-", "+"), "test_calc.py": TEST },
    replies: [call("patch", { path: "calc.py", search: "a + b", replace: "a * b" }), ...Array(8).fill(DONE)],
  }],
  ["harness.plugins", false, { ...READ, files: { "../.config/smallcode/plugins/talk.ts": PLUGIN } }],
  ["harness.mcp", false, { ...READ, files: MCP_SERVER }],
];

/** Read by no part yet: whoever builds the part sees the test of it fail, and moves its field into the table. */
const WITHOUT_EFFECT: readonly (readonly [string, unknown])[] = [];

for (const [field, value, scene] of FIELDS) {
  Deno.test(`Profile.${field} changes a request or the harness`, async () => {
    const under = scene.under ?? {};
    const before = await play(scene, under);
    // Without this a clock or an id in what is compared would pass for an effect.
    deepEqual(await play(scene, under), before);
    notDeepEqual(await play(scene, merge(under, nest(field, value))), before);
  });
}

for (const [field, value] of WITHOUT_EFFECT) {
  Deno.test(`Profile.${field} has no effect yet`, async () => {
    const scene: Scene = { ...READ, under: THINKS };
    deepEqual(await play(scene, merge(THINKS, nest(field, value))), await play(scene, THINKS));
  });
}

Deno.test("Profile: each field is in the table, or named as one without effect", async () => {
  const [profile] = await loadProfiles(new URL("profiles/", import.meta.url));
  const sampling = FIELDS.map(([field]) => field).filter((field) => field.startsWith("sampling."));
  const fields = Object.entries(profile ?? {}).flatMap(([name, value]) =>
    name === "name" || name === "sampling"
      ? []
      : typeof value === "object" && !Array.isArray(value)
      ? Object.keys(value as Fields).map((inner) => `${snakeCase(name)}.${snakeCase(inner)}`)
      : [snakeCase(name)]
  );
  deepEqual(
    [...FIELDS.map(([field]) => field), ...WITHOUT_EFFECT.map(([field]) => field)].toSorted(),
    [...fields, ...sampling].toSorted(),
  );
});

/** What the server was sent and what came of it; ids, times and folders, which differ in each run, are taken out. */
async function play(scene: Scene, fields: Fields): Promise<unknown> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-profiles-act-")));
  const project = join(home, "project");
  const profiles = join(home, "profiles");
  const server = await startScriptedServer({ replies: scene.replies, ...scene.server });
  try {
    await mkdir(project);
    for (const [path, text] of Object.entries(scene.files ?? {})) {
      await mkdir(dirname(join(project, path)), { recursive: true });
      await writeFile(join(project, path), text);
    }
    await cp(new URL("profiles/", import.meta.url), profiles, { recursive: true });
    // JSON is YAML.
    const profile = { extends: "default", name: "act", match: ["scripted"], ...fields };
    await writeFile(join(profiles, "act.yaml"), JSON.stringify(profile));
    const { PATH = "" } = Deno.env.toObject();
    const own = bundle();
    const SmallCode = bindSmallCode(() => ({
      ...own,
      env: { PATH, HOME: home },
      home,
      assets: (path) => path.startsWith("profiles/") ? pathToFileURL(`${profiles}/`) : own.assets(path),
    }));
    const isOllama = scene.protocol === "ollama";
    const agent = new SmallCode({
      cwd: project,
      model: "scripted",
      baseUrl: isOllama ? server.url.replace(/\/v1$/, "") : server.url,
      ...(isOllama ? { provider: "ollama" } : {}),
      mode: "auto",
      ask: () => Promise.resolve("once"),
    });
    const { outcome, reason } = await agent.run(scene.task);
    await agent.close();
    const files = (await readdir(project)).filter((name) => name.endsWith(".py")).toSorted();
    const texts = await Promise.all(files.map((name) => readFile(join(project, name), "utf8")));
    const seen = JSON.stringify({
      outcome,
      reason,
      texts,
      requests: server.requests.map(({ body }) => body),
    });
    return JSON.parse(
      seen.replaceAll(home, "HOME").replace(/call_[0-9a-f]{8}|Ran 1 test in [\d.]+s|\(\d+ ms\)/g, "ID"),
    );
  } finally {
    await server.close();
    await rm(home, { recursive: true, force: true });
  }
}

function nest(field: string, value: unknown): Fields {
  const [name = "", inner] = field.split(".");
  return { [name]: inner === undefined ? value : { [inner]: value } };
}

function merge(under: Fields, over: Fields): Fields {
  const entries = Object.entries(over).map(([name, value]) => {
    const below = under[name];
    const both = [value, below].every((part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
    );
    return [name, both ? { ...below as Fields, ...value as Fields } : value] as const;
  });
  return { ...under, ...Object.fromEntries(entries) };
}
