/** `doctor` against real servers on this machine; what it finds on the default ports depends on the machine and is left out. */

import { deepEqual, equal, match } from "node:assert/strict";
import { type ScriptedOptions, startScriptedServer } from "../core/model/scripted.ts";
import { inSetupWorld, type SetupWorld } from "./_setup_world.ts";
import { type Check, doctorCommand } from "./doctor.ts";

const CALL = { calls: [{ name: "read_file", args: { path: "greeting.txt" } }] };
const ANSWER = { text: "The word is marigold." };

interface Report {
  readonly usable: boolean;
  readonly exitCode: number;
  readonly checks: readonly Check[];
}

async function examine({ world, written }: SetupWorld, baseUrl: string, model = ""): Promise<Report> {
  const flags = { baseUrl, ...(model === "" ? {} : { model }) };
  const code = await doctorCommand({ flags, json: true }, world);
  const report = JSON.parse(written.out) as Report;
  equal(code, report.exitCode);
  return report;
}

async function withServer(
  options: ScriptedOptions,
  test: (report: Report, url: string) => void,
  model = "",
): Promise<void> {
  const server = await startScriptedServer(options);
  try {
    await inSetupWorld({}, async (place) => test(await examine(place, server.url, model), server.url));
  } finally {
    await server.close();
  }
}

function named(report: Report, name: string): Check | undefined {
  return report.checks.find((check) => check.name === name);
}

Deno.test("doctorCommand() shows server, model, window, profile and a native round trip", async () => {
  await withServer({ replies: [CALL, ANSWER], window: 8192 }, (report, url) => {
    const shown = ["server", "model", "profile", "window", "tools"].map((name) => named(report, name));
    deepEqual(shown.map((check) => [check?.state, check?.text.replace(url, "URL")]), [
      ["ok", "llamacpp scripted at URL"],
      ["ok", "scripted"],
      ["note", "default: calls as native, edits as search_replace"],
      ["ok", "8192 tokens (llama.cpp /props n_ctx)"],
      ["ok", "native call understood, its result was used"],
    ]);
    deepEqual([report.usable, report.exitCode], [true, 0]);
    match(named(report, "speed")?.text ?? "", /^prefill [\d.]+ tokens\/s, output [\d.]+ tokens\/s$/);
    match(
      named(report, "cache")?.text ?? "",
      /^\d+ of \d+ tokens of the second request came from the cache$/,
    );
  });
});

Deno.test("doctorCommand() names the text dialect and the repairs of a call", async () => {
  const text = '```json\n{"name": "read_file", "arguments": {"path": "greeting.txt",}}\n```';
  await withServer({ replies: [{ text }, ANSWER] }, (report) => {
    match(
      named(report, "tools")?.text ?? "",
      /^call in text understood \(json, mended: .+\), its result was used$/,
    );
    equal(report.exitCode, 0);
  });
});

Deno.test("doctorCommand() says what a model said that called nothing, and exits 1", async () => {
  await withServer({ replies: [{ text: "I cannot read files." }, { text: "Sorry." }] }, (report) => {
    const check = named(report, "tools");
    deepEqual([check?.state, check?.text], [
      "fail",
      "not understood as native: it held no call; it said: I cannot read files.",
    ]);
    match(check?.fix ?? "", /--jinja/);
    equal(report.exitCode, 1);
  });
});

Deno.test("doctorCommand() fails a window under the floor without asking the model", async () => {
  await withServer({ replies: [], window: 1024 }, (report) => {
    equal(named(report, "window")?.state, "fail");
    deepEqual([named(report, "tools"), report.exitCode], [undefined, 1]);
  });
});

Deno.test("doctorCommand() exits 3 where no server answers, 2 for an unknown model", async () => {
  const gone = await startScriptedServer({ replies: [] });
  await gone.close();
  await inSetupWorld({}, async (place) => {
    const report = await examine(place, gone.url);
    deepEqual([named(report, "server")?.state, report.exitCode], ["fail", 3]);
  });
  await withServer({ replies: [] }, (report) => {
    match(named(report, "server")?.text ?? "", /has no model "nosuch"; it has "scripted"/);
    equal(report.exitCode, 2);
  }, "nosuch");
});

Deno.test("doctorCommand() reports a broken configuration as a check, and exits 2", async () => {
  await inSetupWorld(
    { files: { "work/smallcode.toml": "[model]\nnmae = 1\n" } },
    async ({ world, written }) => {
      equal(await doctorCommand({ flags: {}, json: false }, world), 2);
      match(written.out, /^FAIL {2}config {3}Unknown key "model\.nmae" at \.\/smallcode\.toml:2/);
    },
  );
});

Deno.test("doctorCommand() lists MCP servers and starts none", async () => {
  const files = {
    ".config/smallcode/smallcode.toml":
      '[mcp.files]\ncommand = "no-such-program"\n[mcp.docs]\nurl = "https://x.example"\napiKeyEnv = "GONE"\n',
    "work/.mcp.json": '{ "mcpServers": { "far": { "command": "touch", "args": ["made"] } } }',
  };
  await inSetupWorld(
    { files, env: { SMALLCODE_BASE_URL: "http://127.0.0.1:1/v1" } },
    async ({ world, written }) => {
      equal(await doctorCommand({ flags: {}, json: false }, world), 3);
      match(
        written.out,
        /^note {2}mcp {6}files runs no-such-program; docs cannot be used: the variable GONE is not set; far is left out: this folder is not trusted\n +fix smallcode mcp list/m,
      );
    },
  );
});

Deno.test("doctorCommand() says where the sandbox and the trust of the folder stand", async () => {
  await withServer({ replies: [CALL, ANSWER] }, (report) => {
    match(
      named(report, "sandbox")?.text ?? "",
      /^commands (run in (bubblewrap|sandbox-exec)|would run unconfined: .+)$/,
    );
    match(named(report, "trust")?.text ?? "", /is not trusted: /);
    match(named(report, "plugins")?.text ?? "", /^none in force/);
  });
});
