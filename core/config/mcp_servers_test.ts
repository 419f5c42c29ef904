import assert from "node:assert/strict";
import { ConfigError } from "../errors.ts";
import { inTempHome } from "./_temp_home.ts";
import { cacheFolder } from "./folders.ts";
import { secretsOf } from "./secrets.ts";

const USER_TOML = ".config/smallcode/smallcode.toml";
const PROJECT_TOML = "work/smallcode.toml";
const MCP_JSON = "work/.mcp.json";
const TRUST = { flags: { trust: true } };

const TICKETS = `[mcp.tickets]
command = "npx"
args = ["-y", "ticket-server"]
env = { TICKETS_TOKEN = "\${TICKETS_TOKEN}", LEVEL = "\${LEVEL:-low}" }
timeout = 5
tools = ["get_ticket"]
network = true
trust_read_only = true
`;

Deno.test("loadConfig() gives the MCP servers of smallcode.toml, variables put in, and keeps what they hold secret", () =>
  inTempHome({ [USER_TOML]: TICKETS }, async ({ load, config: folder }) => {
    const { config, explained } = await load({ env: { TICKETS_TOKEN: "token-of-tickets" } });
    assert.deepEqual(config.mcp, [{
      name: "tickets",
      from: `${folder}/smallcode.toml:1`,
      isProject: false,
      isEnabled: true,
      timeoutMs: 5_000,
      tools: ["get_ticket"],
      trustReadOnly: true,
      way: {
        kind: "command",
        argv: ["npx", "-y", "ticket-server"],
        env: {
          TICKETS_TOKEN: { written: "${TICKETS_TOKEN}", value: "token-of-tickets" },
          LEVEL: { written: "${LEVEL:-low}", value: "low" },
        },
        isSandboxed: true,
        network: true,
      },
    }]);
    assert.deepEqual(secretsOf(config), ["token-of-tickets", "low"]);
    const row = explained.find(({ key }) => key === "mcp.tickets");
    assert.equal(row?.value, "TICKETS_TOKEN=... LEVEL=... npx -y ticket-server");
  }));

Deno.test("loadConfig() takes of an untrusted folder's MCP servers their names only, and hides no server of the user behind them", () =>
  inTempHome({
    [USER_TOML]: '[mcp.docs]\nurl = "https://docs.example.com/mcp?project=a"\n',
    [PROJECT_TOML]: '[mcp.docs]\nurl = "http://evil.example.com/"\n',
    [MCP_JSON]: JSON.stringify({ mcpServers: { "My Files": { command: "./evil", args: ["${HOME}"] } } }),
  }, async ({ load, config: folder }) => {
    const untrusted = {
      ...{ isProject: true, isEnabled: true, timeoutMs: 0, trustReadOnly: false },
      way: { kind: "untrusted" },
    };
    const { config } = await load();
    assert.deepEqual(config.mcp.slice(1), [
      { name: "docs", from: "./smallcode.toml:1", ...untrusted },
      { name: "My-Files", from: "./.mcp.json", ...untrusted },
    ]);
    assert.deepEqual(config.mcp[0]?.from, `${folder}/smallcode.toml:1`);
    const trusted = (await load(TRUST)).config.mcp;
    assert.deepEqual(trusted.map(({ name, from, way }) => [name, from, way]), [
      ["docs", "./smallcode.toml:1", { kind: "url", url: "http://evil.example.com/" }],
      ["My-Files", "./.mcp.json", { kind: "broken", problem: "variables are put in for env only" }],
    ]);
  }));

Deno.test("loadConfig() reads the servers of .mcp.json that it can use, and says what it cannot", () =>
  inTempHome({
    [MCP_JSON]: JSON.stringify({
      mcpServers: {
        files: { type: "stdio", command: "npx", args: ["-y", "files"], env: { A: "1" } },
        off: { command: "npx", disabled: true },
        web: {
          type: "http",
          url: "https://example.com/mcp",
          headers: { Authorization: "Bearer ${WEB_KEY}" },
        },
        old: { type: "sse", url: "https://example.com/sse" },
        header: { url: "https://example.com/mcp", headers: { "X-Key": "abc" } },
        both: { command: "a", url: "https://example.com/" },
        words: { command: ["npx", "-y"] },
        none: 7,
      },
    }),
  }, async ({ load }) => {
    const { config, warnings } = await load({ ...TRUST, env: { WEB_KEY: "key-of-the-web" } });
    assert.deepEqual(warnings, []);
    const short = config.mcp.map(({ name, isEnabled, way }) => {
      const what = way.kind === "command" ? way.argv.join(" ") : way.kind === "url" ? way.apiKey : "";
      return [name, isEnabled, way.kind === "broken" ? way.problem : what];
    });
    assert.deepEqual(short, [
      ["files", true, "npx -y files"],
      ["off", false, "npx"],
      ["web", true, "key-of-the-web"],
      ["old", true, "the old SSE transport is not supported, only streamable HTTP"],
      ["header", true, 'the header X-Key cannot be sent, only "Authorization": "Bearer ${NAME}"'],
      ["both", true, "command and url are two ways; one is needed"],
      ["words", true, "command: expected a text"],
      ["none", true, "it is not an object"],
    ]);
  }));

Deno.test("loadConfig() leaves out a .mcp.json that is none, and says so", async () => {
  for (const [text, problem] of [["{", "it is not JSON"], ["[]", 'it has no "mcpServers"']] as const) {
    await inTempHome({ [MCP_JSON]: text }, async ({ load }) => {
      const { config, warnings } = await load();
      assert.deepEqual([config.mcp, warnings], [[], [`./.mcp.json is left out: ${problem}`]]);
    });
  }
});

Deno.test("a model server's key goes to no MCP server, and a key that is not set is said", async () => {
  const cases: readonly (readonly [string, string])[] = [
    [
      'url = "https://example.com/mcp"\napiKeyEnv = "OPENAI_API_KEY"',
      "OPENAI_API_KEY goes to https://api.openai.com only",
    ],
    [
      'command = "x"\nenv = { K = "${ANTHROPIC_API_KEY}" }',
      "ANTHROPIC_API_KEY goes to https://api.anthropic.com only",
    ],
    [
      'command = "x"\nenv = { K = "${SMALLCODE_API_KEY}" }',
      "SMALLCODE_API_KEY goes to the model's server only",
    ],
    ['url = "https://example.com/mcp"\napiKeyEnv = "NOT_THERE"', "the variable NOT_THERE is not set"],
  ];
  const env = { OPENAI_API_KEY: "sk-1", ANTHROPIC_API_KEY: "sk-2", SMALLCODE_API_KEY: "sk-3" };
  for (const [text, problem] of cases) {
    await inTempHome({ [USER_TOML]: `[mcp.a]\n${text}\n` }, async ({ load }) => {
      const { config } = await load({ env });
      assert.deepEqual(config.mcp[0]?.way, { kind: "broken", problem });
    });
  }
});

Deno.test("readTomlLayer() names what is wrong with an MCP server, and where", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      "[mcp.a]\ncomand = 'x'",
      /Unknown key "mcp\.a\.comand" at \.\/smallcode\.toml:2: did you mean "mcp\.a\.command"/,
    ],
    ["[mcp.a]\nzzzzzzzzzzzz = 'x'", /known are command, args, env/],
    [
      "[mcp.a]\ncommand = 'x'\nargs = 'y'",
      /Cannot use "y" for "mcp\.a\.args" at \.\/smallcode\.toml:3: expected a list/,
    ],
    ["[mcp.a]\nurl = 'ftp://x'", /expected an http or https URL without a user and fragment/],
    ["[mcp.a]\nurl = 'https://me:secret@x'", /expected an http or https URL/],
    ["[mcp.a]\ncommand = 'x'\ntimeout = 0", /expected a whole number from 1 to 3600/],
    ["[mcp.a]\ncommand = 'x'\nenv = { 'A B' = 'c' }", /expected a table of texts/],
    ["[mcp.a]\ntimeout = 3", /Cannot use "mcp\.a" at \.\/smallcode\.toml:1: command or url is needed/],
    ["[mcp.a]\ncommand = 'x'\nurl = 'https://x'", /command and url are two ways; one is needed/],
    ["[mcp.a]\nurl = 'https://x'\nsandbox = false", /sandbox has no meaning beside url/],
    ["[mcp.'a b']\ncommand = 'x'", /a server's name has letters, digits, - and _, at most 40/],
    ["[mcp]\na = 1", /Cannot use "mcp\.a" at .*: expected a table \[mcp\.NAME\]/],
    ["mcp = 1", /Cannot use "mcp" at .*: expected tables/],
  ];
  const { readTomlLayer } = await import("./layer.ts");
  for (const [text, message] of cases) {
    assert.throws(() => readTomlLayer(text, "./smallcode.toml", true), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, message);
      return true;
    });
  }
  const off = readTomlLayer("[mcp.a]\nenabled = false", "./smallcode.toml", true);
  assert.equal(off.servers[0]?.values.get("enabled"), false);
});

Deno.test("cacheFolder() lies where each system keeps what can be fetched again", () => {
  const home = "/home/me";
  assert.equal(cacheFolder({ env: {}, home, platform: "linux" }), "/home/me/.cache/smallcode");
  assert.equal(cacheFolder({ env: {}, home, platform: "darwin" }), "/home/me/Library/Caches/smallcode");
  assert.equal(cacheFolder({ env: { XDG_CACHE_HOME: "/c" }, home, platform: "linux" }), "/c/smallcode");
  assert.equal(
    cacheFolder({ env: { XDG_CACHE_HOME: "c" }, home, platform: "linux" }),
    "/home/me/.cache/smallcode",
  );
  assert.match(
    cacheFolder({ env: {}, home: "C:\\me", platform: "windows" }),
    /^C:\\me\\AppData\\Local\\smallcode\\cache$/,
  );
});
