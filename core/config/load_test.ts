import process from "node:process";
import assert from "node:assert/strict";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { inTempHome } from "./_temp_home.ts";
import type { Loaded } from "./config.ts";
import { KEYS } from "./keys.ts";
import { trustFolder } from "./trust.ts";

const USER_ENV = ".config/smallcode/.env";
const USER_TOML = ".config/smallcode/smallcode.toml";
const PROJECT_ENV = "work/.env";
const PROJECT_TOML = "work/smallcode.toml";

const valueOf = ({ explained }: Loaded, key: string) => {
  const row = explained.find((row) => row.key === key);
  return row && { value: row.value, from: row.from };
};

Deno.test("loadConfig() gives the documented defaults where nothing is set", () =>
  inTempHome({}, async ({ load, home }) => {
    const { config, warnings } = await load();
    assert.deepEqual(config, {
      endpoints: {},
      mcp: [],
      context: { maxBudgetPct: 70, workingMemoryTokens: 1000, resultChars: 8000 },
      tools: { bashTimeoutMs: 30_000 },
      checks: {},
      plugins: {},
      planner: { autoPlan: true, maxRetries: 2, validateAfterEdit: true, bestOf: 1, keepFailed: false },
      escalation: { maxPerSession: 5, confirm: true, adaptive: false },
      permissions: { mode: "ask", allow: [], deny: [], network: false },
      harness: {},
      sampling: {},
      limits: { steps: 40, toolCalls: 80, corrections: 8, outputTokens: 60_000, minutes: 60 },
      paths: { config: join(home, ".config/smallcode"), data: join(home, ".local/share/smallcode") },
      trusted: false,
    });
    assert.deepEqual(warnings, []);
  }));

Deno.test("loadConfig() takes the highest layer that sets a value, and names it", () =>
  inTempHome({
    [USER_TOML]: "[model]\nname = 'user-toml'\n",
    [USER_ENV]: "SMALLCODE_MODEL=user-env\n",
    [PROJECT_TOML]: "# first line\n[model]\nname = 'project-toml'\n",
    [PROJECT_ENV]: "SMALLCODE_MODEL=project-env\n",
  }, async ({ load, config: folder, cwd, home }) => {
    const { unlink } = await import("node:fs/promises");
    const env = { SMALLCODE_MODEL: "environment" };
    const key = "model.name";
    assert.deepEqual(valueOf(await load({ flags: { model: "flag" }, env }), key), {
      value: "flag",
      from: "flag --model",
    });
    assert.deepEqual(valueOf(await load({ env }), key), {
      value: "environment",
      from: "environment SMALLCODE_MODEL",
    });
    assert.deepEqual(valueOf(await load(), key), { value: "project-env", from: "./.env:1" });
    await unlink(join(cwd, ".env"));
    assert.deepEqual(valueOf(await load(), key), { value: "project-toml", from: "./smallcode.toml:3" });
    await unlink(join(cwd, "smallcode.toml"));
    assert.deepEqual(valueOf(await load(), key), { value: "user-env", from: `${folder}/.env:1` });
    await unlink(join(home, USER_ENV));
    assert.deepEqual(valueOf(await load(), key), { value: "user-toml", from: `${folder}/smallcode.toml:2` });
  }));

Deno.test("loadConfig() accepts every key of the table in smallcode.toml, and shows it", () =>
  inTempHome({}, async ({ load, home, config: folder }) => {
    const { mkdir, writeFile } = await import("node:fs/promises");
    const written = KEYS.filter((key) => !key.envOnly && !key.secret).map((key) => {
      const { kind } = key;
      const value = kind.type === "choice"
        ? kind.choices[0]
        : kind.type === "url"
        ? "http://localhost:1/v1"
        : kind.type === "flag"
        ? false
        : kind.type === "list"
        ? ["a"]
        : kind.type === "text" || kind.type === "command"
        ? "a"
        : kind.min;
      return { name: key.name, value };
    });
    await mkdir(folder, { recursive: true });
    await writeFile(
      join(home, USER_TOML),
      written.map(({ name, value }) => `${name} = ${JSON.stringify(value)}\n`).join(""),
    );
    const { explained } = await load();
    const shown = explained.filter((row) => row.from.startsWith(folder)).map(({ key, value }) => ({
      key,
      value,
    }));
    assert.deepEqual(
      shown,
      written.map(({ name, value }) => ({
        key: name,
        value: typeof value === "string" ? value : JSON.stringify(value),
      })),
    );
  }));

const WRONG: readonly (readonly [name: string, toml: string, message: string])[] = [
  [
    "an unknown key",
    "[context]\nmax_budget = 70\n",
    'Unknown key "context.max_budget" at ./smallcode.toml:2: did you mean "context.max_budget_pct"',
  ],
  [
    "an unknown table",
    "\n[contxt]\nwindow = 1\n",
    'Unknown key "contxt" at ./smallcode.toml:2: did you mean "context"',
  ],
  [
    "a wrong type",
    '[tools]\n\nbash_timeout = "30"\n',
    'Cannot use "30" for "tools.bash_timeout" at ./smallcode.toml:3: expected a whole number from 1 to 86400',
  ],
  [
    "a value out of range",
    "[context]\nmax_budget_pct = 101\n",
    'Cannot use 101 for "context.max_budget_pct" at ./smallcode.toml:2: expected a whole number from 10 to 100',
  ],
  [
    "a table where a value belongs",
    "[model.name]\na = 1\n",
    'Cannot use {"a":1} for "model.name" at ./smallcode.toml:1: expected a text',
  ],
  [
    "a dotted key of an unknown name",
    'model.nmae = "a"\n',
    'Unknown key "model.nmae" at ./smallcode.toml:1: did you mean "model.name"',
  ],
  [
    "one value set in two ways",
    '[model]\nname = "a"\n[models.default]\nname = "b"\n',
    'Cannot use "models.default.name" at ./smallcode.toml:4: ./smallcode.toml:2 sets the same value as "model.name"',
  ],
  [
    "a key in a shared file",
    '[model]\napiKey = "secret-value"\n',
    'Cannot use "model.apiKey" at ./smallcode.toml:2: keys do not belong in a file that is shared; put it into .env as SMALLCODE_API_KEY, or name a variable with "model.apiKeyEnv"',
  ],
  [
    "a base URL with a password",
    '[model]\nbaseUrl = "http://me:pw@localhost/v1"\n',
    'Cannot use "http://me:pw@localhost/v1" for "model.baseUrl" at ./smallcode.toml:2: expected an http or https URL without a user, query or fragment',
  ],
  ["broken TOML", "[model]\nname = \n", "Cannot read ./smallcode.toml:2: not valid TOML: "],
];

for (const [name, toml, message] of WRONG) {
  Deno.test(`loadConfig() refuses ${name} with file, line and key`, () =>
    inTempHome({ [PROJECT_TOML]: toml }, async ({ load }) => {
      await assert.rejects(load(), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.equal(error.message.slice(0, message.length), message);
        return true;
      });
    }));
}

Deno.test("loadConfig() refuses an unknown SMALLCODE_ name in .env and only tells of one in the environment", () =>
  inTempHome({ [PROJECT_ENV]: "OTHER=1\nSMALLCODE_MODLE=a\n" }, async ({ load, cwd }) => {
    await assert.rejects(load(), {
      message: 'Unknown name "SMALLCODE_MODLE" at ./.env:2: did you mean "SMALLCODE_MODEL"',
    });
    const { unlink } = await import("node:fs/promises");
    await unlink(join(cwd, ".env"));
    assert.deepEqual((await load({ env: { SMALLCODE_MODLE: "a" } })).warnings, [
      'Unknown name "SMALLCODE_MODLE" at environment SMALLCODE_MODLE: did you mean "SMALLCODE_MODEL"',
    ]);
  }));

Deno.test("loadConfig() reads flags as values of any key", () =>
  inTempHome({}, async ({ load }) => {
    const flags = {
      yes: true,
      mode: "read-only",
      window: 4096,
      tools: ["bash", "patch"],
      set: ["limits.steps=3", "harness.route=off"],
    };
    const { config } = await load({ flags });
    assert.deepEqual(
      [
        config.permissions.mode,
        config.context.window,
        config.tools.enabled,
        config.limits.steps,
        config.harness,
      ],
      ["auto", 4096, ["bash", "patch"], 3, { route: false }],
    );
    await assert.rejects(load({ flags: { mode: "yolo" } }), {
      message:
        'Cannot use "yolo" for "permissions.mode" at flag --mode: expected one of read-only, ask, edits, auto',
    });
  }));

Deno.test("loadConfig() takes a folder named .env for none, and says which file it may not read", () =>
  inTempHome({ "work/.env/bin/python": "", [PROJECT_TOML]: "" }, async ({ load, cwd }) => {
    assert.deepEqual((await load()).warnings, []);
    await chmod(join(cwd, "smallcode.toml"), 0);
    // Root reads everything.
    if (process.getuid?.() === 0) return;
    await assert.rejects(load(), { message: `Cannot read "${join(cwd, "smallcode.toml")}": EACCES` });
  }));

interface KeyCase {
  readonly name: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
  /** Key of the default tier, and of the strong one where the case is about it. */
  readonly key: string | undefined;
  readonly strong?: string;
  readonly warning?: RegExp;
}

const CLOUD = "https://api.openai.com/v1";
const KEY_CASES: readonly KeyCase[] = [
  {
    name: "sends SMALLCODE_API_KEY to the base URL of the same environment",
    env: { SMALLCODE_BASE_URL: "http://server/v1", SMALLCODE_API_KEY: "k" },
    key: "k",
  },
  {
    name: "withholds the environment's key from a base URL given by a flag",
    env: { SMALLCODE_BASE_URL: "http://server/v1", SMALLCODE_API_KEY: "k" },
    flags: { baseUrl: "http://other/v1" },
    key: undefined,
    warning: /environment SMALLCODE_API_KEY is not sent to http:\/\/other\/v1.*flag --base-url/,
  },
  {
    name: "withholds the user's key from a base URL of another of the user's files",
    files: { [USER_ENV]: "SMALLCODE_API_KEY=k\n", [USER_TOML]: "[model]\nbaseUrl = 'http://server/v1'\n" },
    key: undefined,
    warning: /\.env:1 is not sent to http:\/\/server\/v1/,
  },
  {
    name: "sends the flag's key with the flag's base URL",
    flags: { baseUrl: "http://server/v1", apiKey: "f" },
    env: { SMALLCODE_API_KEY: "k" },
    key: "f",
  },
  {
    name: "sends a provider's key to that provider",
    files: { [USER_TOML]: "[model]\nprovider = 'openai'\n" },
    env: { OPENAI_API_KEY: "o" },
    key: "o",
  },
  {
    name: "sends a provider's key from the user's .env to the origin whoever names it",
    files: { [USER_ENV]: "OPENAI_API_KEY=o\n" },
    flags: { baseUrl: `${CLOUD}/` },
    key: "o",
  },
  {
    name: "withholds a provider's key from the same host on another port",
    env: { OPENAI_API_KEY: "o", SMALLCODE_BASE_URL: "https://api.openai.com:8443/v1" },
    key: undefined,
  },
  {
    name: "withholds a provider's key from the same host without TLS",
    env: { OPENAI_API_KEY: "o", SMALLCODE_BASE_URL: "http://api.openai.com/v1" },
    key: undefined,
  },
  {
    name: "withholds a provider's key from a host that only looks like it",
    env: { OPENAI_API_KEY: "o", SMALLCODE_BASE_URL: "https://api.openai.com.evil.example/v1" },
    key: undefined,
  },
  {
    name: "withholds a provider's key from a proxy that claims to be it",
    files: { [USER_TOML]: "[model]\nprovider = 'openai'\nbaseUrl = 'https://proxy.example/v1'\n" },
    env: { OPENAI_API_KEY: "o" },
    key: undefined,
    warning:
      /OPENAI_API_KEY is not sent to https:\/\/proxy\.example\/v1: it goes to https:\/\/api\.openai\.com only/,
  },
  {
    name: "sends the key that apiKeyEnv names with the base URL of the same file",
    files: { [USER_TOML]: "[model]\nbaseUrl = 'http://server/v1'\napiKeyEnv = 'MINE'\n" },
    env: { MINE: "m" },
    key: "m",
  },
  {
    name: "withholds the key that apiKeyEnv names from another layer's base URL",
    files: { [USER_TOML]: "[model]\nbaseUrl = 'http://server/v1'\napiKeyEnv = 'MINE'\n" },
    env: { MINE: "m", SMALLCODE_BASE_URL: "http://other/v1" },
    key: undefined,
    warning: /smallcode\.toml:3 is not sent to http:\/\/other\/v1/,
  },
  {
    name: "withholds a provider's key that apiKeyEnv points elsewhere",
    files: { [USER_TOML]: "[model]\nbaseUrl = 'http://server/v1'\napiKeyEnv = 'OPENAI_API_KEY'\n" },
    env: { OPENAI_API_KEY: "o" },
    key: undefined,
    warning: /OPENAI_API_KEY is not sent to http:\/\/server\/v1/,
  },
  {
    name: "tells of an apiKeyEnv that is not set",
    files: { [USER_TOML]: "[model]\nbaseUrl = 'http://server/v1'\napiKeyEnv = 'MINE'\n" },
    key: undefined,
    warning: /names the key MINE, which is not set/,
  },
  {
    name: "sends a key nowhere when no base URL stands beside it",
    env: { SMALLCODE_API_KEY: "k" },
    key: undefined,
    warning: /environment SMALLCODE_API_KEY is sent nowhere/,
  },
  {
    name: "keeps the default tier's key from the strong tier's server",
    env: {
      SMALLCODE_BASE_URL: "http://server/v1",
      SMALLCODE_API_KEY: "k",
      SMALLCODE_BASE_URL_STRONG: "https://openrouter.ai/api/v1",
      SMALLCODE_MODEL_STRONG: "big",
      OPENROUTER_API_KEY: "r",
    },
    key: "k",
    strong: "r",
  },
  {
    name: "lets a tier with nothing but a name use the default server and its key",
    env: { SMALLCODE_BASE_URL: "http://server/v1", SMALLCODE_API_KEY: "k", SMALLCODE_MODEL_STRONG: "big" },
    key: "k",
    strong: "k",
  },
];

for (const { name, files = {}, env = {}, flags = {}, key, strong, warning } of KEY_CASES) {
  Deno.test(`loadConfig() ${name}`, () =>
    inTempHome(files, async ({ load }) => {
      const { config, warnings } = await load({ env, flags });
      assert.deepEqual(
        [config.endpoints.default?.apiKey, config.endpoints.strong?.apiKey],
        [key, strong],
      );
      if (warning) assert.match(warnings.join("\n"), warning);
      else assert.deepEqual(warnings, []);
    }));
}

const UNTRUSTED: readonly (readonly [toml: string, kept: string | undefined])[] = [
  ["[model]\nname = 'a'\n", "model.name"],
  ["[models.strong]\nname = 'a'\n", "models.strong.name"],
  ["[model]\nbaseUrl = 'http://localhost:9/v1'\n", "model.baseUrl"],
  ["[model]\nbaseUrl = 'http://127.0.0.2:9/v1'\n", "model.baseUrl"],
  ["[model]\nbaseUrl = 'http://[::1]:9/v1'\n", "model.baseUrl"],
  ["[model]\nbaseUrl = 'http://localhost.evil.example/v1'\n", undefined],
  ["[model]\nbaseUrl = 'http://127.0.0.1.evil.example/v1'\n", undefined],
  ["[model]\nbaseUrl = 'https://api.openai.com/v1'\n", undefined],
  ["[model]\nprovider = 'openai'\n", undefined],
  ["[model]\napiKeyEnv = 'AWS_SECRET_ACCESS_KEY'\n", undefined],
  ["[limits]\nsteps = 39\n", "limits.steps"],
  ["[limits]\nsteps = 41\n", undefined],
  ["[escalation]\nmax_per_session = 0\n", "escalation.max_per_session"],
  ["[escalation]\nmax_per_session = 6\n", undefined],
  ["[escalation]\nconfirm = false\n", undefined],
  ["[planner]\nauto_plan = false\n", "planner.auto_plan"],
  ["[context]\nmax_budget_pct = 90\n", "context.max_budget_pct"],
  ["[tools]\nenabled = ['bash']\n", "tools.enabled"],
  ["[permissions]\nmode = 'auto'\n", undefined],
  ["[permissions]\nallow = ['rm -rf /']\n", undefined],
  ["[harness]\nhard_fail = false\n", undefined],
  ["[sampling]\ntemperature = 2\n", undefined],
];

for (const [toml, kept] of UNTRUSTED) {
  Deno.test(`loadConfig() ${kept ? "takes" : "leaves out"} an untrusted folder's ${toml.replaceAll("\n", " ")}`, () =>
    inTempHome({ [PROJECT_TOML]: toml }, async ({ load, cwd, config }) => {
      const set = (loaded: Loaded) =>
        loaded.explained.filter((row) => row.from.startsWith("./")).map((row) => row.key);
      const untrusted = await load();
      assert.deepEqual(set(untrusted), kept ? [kept] : []);
      const isTold = untrusted.warnings.some((text) =>
        text.includes("left out, for this folder is not trusted")
      );
      assert.equal(isTold, kept === undefined);
      await trustFolder(config, cwd);
      assert.equal(set(await load()).length, 1);
    }));
}

Deno.test("loadConfig() takes no key from an untrusted folder's .env, and does not show it", () =>
  inTempHome({
    [PROJECT_ENV]:
      "SMALLCODE_API_KEY=sk-secret-1\nOPENAI_API_KEY=sk-secret-2\nSMALLCODE_BASE_URL=http://localhost:9/v1\n",
  }, async ({ load }) => {
    const loaded = await load();
    assert.deepEqual(loaded.config.endpoints.default, {
      tier: "default",
      provider: "custom",
      baseUrl: "http://localhost:9/v1",
      model: "",
    });
    assert.equal(JSON.stringify(loaded).includes("sk-secret"), false);
    const trusted = await load({ flags: { trust: true } });
    assert.equal(trusted.config.endpoints.default?.apiKey, "sk-secret-1");
    assert.equal(JSON.stringify([trusted.explained, trusted.warnings]).includes("sk-secret"), false);
  }));

Deno.test("loadConfig() guesses the provider, and finds its base URL when only it is named", () =>
  inTempHome({}, async ({ load }) => {
    const endpointOf = async (flags: Record<string, string>, env: Record<string, string> = {}) => {
      const { config } = await load({ flags, env });
      return [config.endpoints.default?.provider, config.endpoints.default?.baseUrl];
    };
    assert.deepEqual(await endpointOf({ baseUrl: "http://localhost:11434" }), [
      "ollama",
      "http://localhost:11434/v1",
    ]);
    assert.deepEqual(await endpointOf({ baseUrl: "http://127.0.0.1:1234/v1/" }), [
      "lmstudio",
      "http://127.0.0.1:1234/v1",
    ]);
    assert.deepEqual(await endpointOf({ baseUrl: "http://nas:11434/v1" }), ["custom", "http://nas:11434/v1"]);
    assert.deepEqual(await endpointOf({ provider: "deepseek" }), ["deepseek", "https://api.deepseek.com/v1"]);
    assert.deepEqual(await endpointOf({ provider: "ollama" }, { OLLAMA_HOST: "0.0.0.0" }), [
      "ollama",
      "http://127.0.0.1:11434/v1",
    ]);
    assert.deepEqual(
      await endpointOf({ provider: "openai" }, { SMALLCODE_BASE_URL: "http://localhost:8080" }),
      ["openai", "https://api.openai.com/v1"],
    );
    assert.deepEqual(
      await endpointOf({ provider: "custom" }, { SMALLCODE_BASE_URL: "http://server/v1" }),
      ["custom", "http://server/v1"],
    );
    await assert.rejects(endpointOf({ provider: "custom" }), {
      message: 'Cannot use provider "custom" of flag --provider: no base URL is set',
    });
  }));
