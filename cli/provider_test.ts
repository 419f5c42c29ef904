/** The wizard without a person: flags in, files out. The questions themselves are tried in a real terminal. */

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadConfig } from "../core/config/load.ts";
import { trustFolder } from "../core/config/trust.ts";
import { type ScriptedServer, startScriptedServer } from "../core/model/scripted.ts";
import { startLockedServer } from "./_locked_server.ts";
import { inSetupWorld } from "./_setup_world.ts";
import { providerCommand } from "./provider.ts";

const CALL = { calls: [{ name: "read_file", args: { path: "greeting.txt" } }] };
const ANSWER = { text: "marigold" };
const KEY = "sk-right-key-1234567";

async function withServer(test: (server: ScriptedServer) => Promise<void>): Promise<void> {
  const server = await startScriptedServer({ replies: [CALL, ANSWER] });
  try {
    await test(server);
  } finally {
    await server.close();
  }
}

async function withLocked(test: (url: string) => Promise<void>): Promise<void> {
  const server = await startLockedServer(KEY, [CALL, ANSWER]);
  try {
    await test(server.url);
  } finally {
    await server.close();
  }
}

Deno.test("providerCommand() saves address and model to the user's .env, readable by the user alone", async () => {
  await withServer(async ({ url }) => {
    await inSetupWorld({}, async ({ world, userEnv, written }) => {
      equal(await providerCommand({ status: false, baseUrl: url, yes: true }, world), 0);
      equal(await readFile(userEnv, "utf8"), `SMALLCODE_BASE_URL=${url}\nSMALLCODE_MODEL=scripted\n`);
      equal((await stat(userEnv)).mode & 0o777, 0o600);
      equal(
        written.out,
        `\n~/.config/smallcode/.env\n+SMALLCODE_BASE_URL=${url}\n+SMALLCODE_MODEL=scripted\n\nSaved to ~/.config/smallcode/.env.\n`,
      );
      match(written.err, /Tool call: native call understood, its result was used/);
    });
  });
});

Deno.test("providerCommand() keeps what else stands in .env and takes the old key away", async () => {
  const files = {
    ".config/smallcode/.env":
      "# mine\nDB_PASSWORD=hunter2\nSMALLCODE_BASE_URL=https://old.example/v1\nSMALLCODE_API_KEY=old-secret\n",
  };
  await withServer(async ({ url }) => {
    await inSetupWorld({ files }, async ({ world, userEnv, written }) => {
      equal(await providerCommand({ status: false, baseUrl: url, yes: true }, world), 0);
      equal(
        await readFile(userEnv, "utf8"),
        `# mine\nDB_PASSWORD=hunter2\nSMALLCODE_BASE_URL=${url}\nSMALLCODE_MODEL=scripted\n`,
      );
      equal(/old-secret|hunter2/.test(written.out + written.err), false);
    });
  });
});

Deno.test("providerCommand() saves a key that works and shows it nowhere", async () => {
  await withLocked(async (url) => {
    await inSetupWorld({}, async ({ world, userEnv, written }) => {
      equal(await providerCommand({ status: false, baseUrl: url, apiKey: KEY, yes: true }, world), 0);
      match(await readFile(userEnv, "utf8"), new RegExp(`^SMALLCODE_API_KEY=${KEY}$`, "m"));
      match(written.out, /^\+SMALLCODE_API_KEY=\*\*\*\* \(new\)$/m);
      equal((written.out + written.err).includes(KEY), false);
      const { config } = await loadConfig({ ...world, flags: {}, isTerminal: false });
      equal(config.endpoints.default?.apiKey, KEY);
    });
  });
});

Deno.test("providerCommand() writes nothing when the key is refused, and does not show it", async () => {
  await withLocked(async (url) => {
    await inSetupWorld({}, async ({ world, userEnv, written }) => {
      const wrong = "sk-wrong-key-7654321";
      equal(await providerCommand({ status: false, baseUrl: url, apiKey: wrong, yes: true }, world), 2);
      match(written.err, /refused the API key \(401: invalid api key\)[^]*Nothing was changed/);
      equal((written.out + written.err).includes(wrong), false);
      await rejects(readFile(userEnv), { code: "ENOENT" });
    });
  });
});

Deno.test("providerCommand() writes a project's smallcode.toml, or its .env where a key is among the settings", async () => {
  const toml = '# ours\n[model]\nname = "old" # the old one\n\n[limits]\nsteps = 9\n';
  await withServer(async ({ url }) => {
    await inSetupWorld({ files: { "work/smallcode.toml": toml } }, async ({ world, project }) => {
      await trustFolder(join(world.home, ".config", "smallcode"), project);
      const options = { status: false, baseUrl: url, scope: "project", yes: true };
      equal(await providerCommand(options, world), 0);
      equal(
        await readFile(join(project, "smallcode.toml"), "utf8"),
        `# ours\n[model]\nname = "scripted" # the old one\nprovider = "custom"\nbaseUrl = "${url}"\n\n[limits]\nsteps = 9\n`,
      );
    });
  });
  await withLocked(async (url) => {
    await inSetupWorld({}, async ({ world, project, written }) => {
      const options = { status: false, baseUrl: url, apiKey: KEY, scope: "project", yes: true };
      equal(await providerCommand(options, world), 0);
      match(await readFile(join(project, ".env"), "utf8"), /^SMALLCODE_API_KEY=/m);
      match(written.err, /left out, for this folder is not trusted/);
    });
  });
});

Deno.test("providerCommand() saves fast and strong models of the same server", async () => {
  await withServer(async ({ url }) => {
    await inSetupWorld({}, async ({ world, userEnv }) => {
      const tiers = { fastModel: "scripted", strongBaseUrl: url, strongModel: "scripted" };
      equal(await providerCommand({ status: false, baseUrl: url, ...tiers, yes: true }, world), 0);
      const { config } = await loadConfig({ ...world, flags: {}, isTerminal: false });
      deepEqual(
        [config.endpoints.fast, config.endpoints.strong].map((e) => [e?.tier, e?.baseUrl, e?.model]),
        [["fast", url, "scripted"], ["strong", url, "scripted"]],
      );
      equal((await readFile(userEnv, "utf8")).split("\n").length, 7);
    });
  });
});

Deno.test("providerCommand() says when the environment stands above what was saved", async () => {
  await withServer(async ({ url }) => {
    await inSetupWorld({ env: { SMALLCODE_MODEL: "another" } }, async ({ world, written }) => {
      equal(await providerCommand({ status: false, baseUrl: url, yes: true }, world), 0);
      match(written.err, /it does not hold here yet: model\.name from environment SMALLCODE_MODEL/);
    });
  });
});

Deno.test("providerCommand() asks nothing without a terminal: it wants --yes", async () => {
  await inSetupWorld({}, async ({ world }) => {
    await rejects(providerCommand({ status: false, baseUrl: "http://localhost:9/v1" }, world), {
      name: "ConfigError",
      message: /^Cannot ask questions without a terminal/,
    });
  });
});

Deno.test("providerCommand() status shows each tier, its source and whether it answers", async () => {
  await withServer(async ({ url }) => {
    await inSetupWorld({}, async ({ world, userEnv, written }) => {
      equal(await providerCommand({ status: false, baseUrl: url, yes: true }, world), 0);
      written.out = "";
      equal(await providerCommand({ status: true }, world), 0);
      equal(
        written.out,
        `default  another OpenAI-compatible server at ${url} (${userEnv}:1)\n         scripted; window 32768 tokens (llama.cpp /props n_ctx)\n`,
      );
      await writeFile(userEnv, `SMALLCODE_BASE_URL=${url}\nSMALLCODE_MODEL=nosuch\n`);
      equal(await providerCommand({ status: true }, world), 2);
    });
  });
});
