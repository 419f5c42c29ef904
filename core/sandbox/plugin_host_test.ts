import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PluginError, type PluginFault } from "../plugin_host.ts";
import { sourceAssets, testPlugin, type TestPluginOptions } from "./_test_plugin.ts";
import { openPluginHost, type PluginHostOptions } from "./plugin_host.ts";
import { makePluginSource } from "./plugin_source.ts";

const signal = new AbortController().signal;

/** Rejects with a PluginError of this fault whose message says this. */
function failing(fault: PluginFault, message: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof PluginError, String(error));
    assert.equal(error.fault, fault, error.message);
    assert.match(error.message, message);
    return true;
  };
}

Deno.test("a plugin has the world that core/plugin.ts names", async () => {
  await using given = await testPlugin({
    permissions: { read: ["."], write: ["./out"], run: ["echo <text>"], env: ["FOO"] },
    env: { FOO: "bar" },
    files: { "a.txt": "hello" },
    run: `
      await fs.writeText("out/x/b.txt", "new\\n");
      await store.set("k", { a: [1] });
      const url = new URL("http://a.b/c?d=1");
      url.searchParams.append("e", "ü");
      url.pathname = "/x y";
      const order = [];
      queueMicrotask(() => order.push("microtask"));
      const interval = setInterval(() => order.push("interval"), 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      clearInterval(interval);
      return JSON.stringify({
        text: await fs.readText("a.txt"), bytes: [...await fs.readBytes("a.txt")].length, list: await fs.list("."),
        nothing: [await fs.stat("nope") === undefined, await store.get("nope") === undefined],
        run: await run("echo", ["x  y"]), env: await env.get("FOO"), stored: await store.get("k"), url: url.href,
        utf8: new TextDecoder().decode(new TextEncoder().encode("äö😀")), first: order[0],
        params: [...new URLSearchParams("a=1&b=2&a=3").getAll("a")], same: host.fs === fs && host.run === run,
        changed: await workspace.changedFiles(), language: workspace.language, here: workspace.root.length > 1,
      });`,
  });
  assert.deepEqual(JSON.parse(await given.tool()), {
    text: "hello",
    bytes: 5,
    list: [{ name: "a.txt", kind: "file" }, { name: "out", kind: "folder" }],
    nothing: [true, true],
    run: { exitCode: 0, output: "x  y\n" },
    env: "bar",
    stored: { a: [1] },
    url: "http://a.b/x%20y?d=1&e=%C3%BC",
    utf8: "äö😀",
    first: "microtask",
    params: ["1", "3"],
    same: true,
    changed: ["src/a.ts"],
    language: "typescript",
    here: true,
  });
  assert.equal(await readFile(join(given.root, "out/x/b.txt"), "utf8"), "new\n");
  assert.deepEqual(given.changes, [
    { path: "out/x/b.txt", kind: "created", linesAdded: 1, linesRemoved: 0, by: "tool" },
  ]);
  assert.deepEqual(given.recorded.map(({ path, before }) => ({ path, before })), [
    { path: "out/x/b.txt", before: null },
  ]);
  assert.deepEqual(given.asked, [
    { effect: "write", what: "plugin test-plugin: write out/x/b.txt" },
    { effect: "run", what: "plugin test-plugin: run echo 'x  y'", command: "echo 'x  y'" },
  ]);
  assert.deepEqual(
    given.events.map((event) => event.type === "plugin" ? `${event.action} ${event.what}` : event.type),
    [
      "started sandbox",
      "called write out/x/b.txt",
      "called store.set k",
      "called read a.txt",
      "called read a.txt",
      "called list .",
      "called look at nope",
      "called store.get nope",
      "called run echo x y",
      "called env FOO",
      "called store.get k",
      "called changed files",
    ],
  );
});

Deno.test("a plugin of a folder imports its own files, code and JSON", async () => {
  await using given = await testPlugin({
    before: `import { twice } from "./lib/twice.ts"; import words from "./words.json" with { type: "json" };`,
    more: {
      "lib/twice.ts":
        `import type { X } from "../types.ts"; import words from "../words.json"; export const twice = (n: number): number => n * words.two;`,
      "words.json": `{ "two": 2, "__proto__": 1 }`,
    },
    run: `return twice(21) + " " + words.two;`,
  });
  assert.equal(await given.tool(), "42 2");
});

Deno.test("the manifest is read with nothing granted, kept by content, and held to its shape", async () => {
  const cacheFolder = await mkdtemp(join(tmpdir(), "plugin-cache-"));
  try {
    const text = `enumerate(); function enumerate(): void {}
      export default { name: "web", version: "1", description: "Web", permissions: { net: ["a.com"] },
        tools: [{ name: "t", description: "T", parameters: { type: "object", properties: { a: { type: "string", pattern: "x" } } },
          example: {}, category: "web", effect: "network", run: () => "x" }],
        commands: [{ name: "c", description: "C", run() {} }], hooks: { onPrompt() {}, afterTool() {} },
        prompts: [{ text: "Be short.", when: { languages: ["python"] } }, { text: "Always." }], profiles: ["name: x"] };`;
    const source = makePluginSource("./plugins/web.ts", "web.ts", { "web.ts": text });
    const read = async () =>
      await openPluginHost({ assets: sourceAssets, cacheFolder }).readManifest(source, signal);
    const manifest = await read();
    assert.deepEqual(manifest, {
      name: "web",
      version: "1",
      description: "Web",
      permissions: { read: [], write: [], net: ["a.com"], run: [], env: [] },
      tools: [{
        name: "t",
        description: "T",
        parameters: { type: "object", properties: { a: { type: "string" } } },
        example: {},
        category: "web",
        effect: "network",
      }],
      commands: [{ name: "c", description: "C" }],
      hooks: ["onPrompt", "afterTool"],
      prompts: [{ text: "Be short.", languages: ["python"] }, { text: "Always.", languages: [] }],
      profiles: ["name: x"],
    });
    const none = () => {
      throw new Error("a known content must start no sandbox");
    };
    const known = openPluginHost({ assets: none, cacheFolder });
    assert.deepEqual(await known.readManifest(source, signal), manifest);
    const [kept = ""] = await readdir(cacheFolder);
    await writeFile(
      join(cacheFolder, kept),
      (await readFile(join(cacheFolder, kept), "utf8")).replace("a.com", "b.com"),
    );
    assert.deepEqual(await read(), manifest, "a changed entry is made anew");
  } finally {
    await rm(cacheFolder, { recursive: true });
  }
});

const BAD_PLUGINS: Readonly<Record<string, readonly [text: string, fault: PluginFault, message: RegExp]>> = {
  "no default export": ["export const a = 1;", "syntax", /default/],
  "not an object": ["export default 3;", "bad_reply", /default export/],
  "syntax": ["export default {,};", "syntax", /test\.ts/],
  "enum": ["enum A { B } export default {};", "syntax", /enum/i],
  "unknown field": [plugin("nmae: 'x'"), "bad_reply", /nmae/],
  "bad name": [
    "export default { name: '../x', version: '1', description: 'x' };",
    "bad_reply",
    /^.*: name: must match/,
  ],
  "escape in a description": [plugin("", "'\\x1b[2Jx'"), "bad_reply", /description: holds control/],
  "right-to-left override": [plugin("", "'read \\u202e./docs'"), "bad_reply", /description: holds control/],
  "tool without run": [
    plugin("tools: [{ name: 't', description: 'T', parameters: {}, example: {} }]"),
    "bad_reply",
    /tools\.0\.run/,
  ],
  "two tools of one name": [plugin(`tools: [1, 2].map(() => (${TOOL()}))`), "bad_reply", /same name/],
  "throws": ["throw new Error('no'); export default {};", "threw", /Error: no/],
  "imports what is not there": ["import './b.ts'; export default {};", "threw", /no such file/],
  "imports a package": ["import 'npm:zod'; export default {};", "threw", /own folder only/],
  "uses the host at once": ["await fs.readText('a'); export default {};", "threw", /only while/],
};

function plugin(more: string, description = "'x'"): string {
  return `export default { name: 'xx', version: '1', description: ${description}, ${more} };`;
}

function TOOL(): string {
  return "{ name: 't', description: 'T', parameters: {}, example: {}, run: () => '' }";
}

for (const [name, [text, fault, message]] of Object.entries(BAD_PLUGINS)) {
  Deno.test(`a plugin is refused with its reason: ${name}`, async () => {
    await assert.rejects(testPlugin({ text }), failing(fault, message));
  });
}

interface BadCall {
  readonly run: string;
  readonly fault: PluginFault;
  readonly message: RegExp;
  /** Of what is to be stopped; the default limits are too long to wait for, and long enough for all else on a loaded machine. */
  readonly limits?: PluginHostOptions["limits"];
}

const BAD_CALLS: Readonly<Record<string, BadCall>> = {
  "throws": {
    run: "throw new RangeError('too much');",
    fault: "threw",
    message: /test-plugin failed in tool act: RangeError: too much/,
  },
  "throws nothing that can be shown": {
    run: "throw { get message() { throw 1 } };",
    fault: "threw",
    message: /failed in tool act/,
  },
  "returns nothing": { run: "", fault: "bad_reply", message: /contract/ },
  "returns a number": { run: "return 3;", fault: "bad_reply", message: /contract/ },
  "returns a circle": { run: "const a = {}; a.a = a; return a;", fault: "threw", message: /circular/ },
  "waits for ever": {
    run: "await new Promise(() => {});",
    fault: "timeout",
    message: /no answer within/,
    limits: { toolMs: 2_000 },
  },
  "loops": { run: "for (;;);", fault: "timeout", message: /without a pause/, limits: { sliceMs: 1_000 } },
  "eats memory": {
    run: "const a = []; for (;;) a.push(new Array(10000).fill(1));",
    fault: "memory",
    message: /was stopped in tool act: it used up/,
    limits: { sliceMs: 60_000 },
  },
};

for (const [name, { run, fault, message, limits }] of Object.entries(BAD_CALLS)) {
  Deno.test(`a call that ${name} is a PluginError, and the next call is answered`, async () => {
    await using given = await testPlugin({
      run: `if (args.well) return "well"; ${run}`,
      ...(limits ? { limits } : {}),
    });
    await assert.rejects(given.tool(), failing(fault, message));
    assert.equal(await given.tool({ well: true }), "well");
  });
}

Deno.test("a plugin that is stopped starts again, three times and no more", async () => {
  // The slice is that of a start too, which a loaded machine must get done within it.
  await using given = await testPlugin({ run: "for (;;);", limits: { sliceMs: 1_000 } });
  for (let start = 1; start <= 4; start++) await assert.rejects(given.tool(), failing("timeout", /pause/));
  await assert.rejects(given.tool(), failing("exhausted", /stopped 4 times/));
});

Deno.test("calls of one plugin run one after the other; what one left behind does not go on", async () => {
  await using given = await testPlugin({
    before: "let open = 0; let late = 0;",
    run: `if (open++ > 0) return "at once";
      setTimeout(() => late++, 1);
      await new Promise((resolve) => setTimeout(resolve, args.ms));
      open--;
      return "late " + (late > args.most);`,
  });
  const all = await Promise.all([
    given.tool({ ms: 0, most: 9 }),
    given.tool({ ms: 0, most: 9 }),
    given.tool({ ms: 0, most: 9 }),
  ]);
  assert.deepEqual(all, ["late false", "late false", "late false"]);
});

Deno.test("a plugin that is refused without end is told of, not repeated", async () => {
  await using given = await testPlugin({
    run: "for (let i = 0; i < 150; i++) await fs.stat('x' + i).catch(() => {}); return 'ran';",
  });
  assert.equal(await given.tool(), "ran");
  const told = given.events.filter((event) => event.type === "plugin" && event.action === "denied");
  assert.deepEqual(told.map((event) => event.type === "plugin" && event.what), [
    ...Array.from({ length: 9 }, (_, i) => `look at x${i}`),
    "look at x9 (10 refusals in this call)",
    "look at x99 (100 refusals in this call)",
  ]);
});

Deno.test("an abort ends the plugin's call at once and costs no restart", async () => {
  await using given = await testPlugin({ run: "if (args.wait) await new Promise(() => {}); return 'ran';" });
  for (let i = 0; i < 6; i++) {
    const abort = new AbortController();
    const call = given.plugin.callTool("act", { wait: true }, abort.signal);
    abort.abort(new DOMException("Cancelled", "AbortError"));
    await assert.rejects(call, { name: "AbortError" });
  }
  assert.equal(await given.tool(), "ran");
});

Deno.test("the plugin's clock stands still while a person is asked", async () => {
  const options: TestPluginOptions = {
    permissions: { write: ["."] },
    limits: { toolMs: 2_000 },
    permit: () => new Promise((resolve) => setTimeout(() => resolve(false), 2_500)),
    run: "await fs.writeText('a', 'b').catch((error) => console.log(error.message)); return 'ran';",
  };
  await using given = await testPlugin(options);
  assert.equal(await given.tool(), "ran");
  const said = given.events.filter((event) => event.type === "plugin" && event.action === "said");
  assert.deepEqual(said.map((event) => event.type === "plugin" && event.what), [
    "Not permitted: plugin test-plugin: write a",
  ]);
});

Deno.test("hooks decide what their contract allows, and nothing else", async () => {
  await using given = await testPlugin({
    text: `export default { name: "hooks", version: "1", description: "Hooks", hooks: {
      onPrompt: (input) => JSON.parse(input.text), beforeTool: (input) => input.args.decision,
      afterTool: async () => ({ add: "note" }), beforeFinish: () => ({ more: "Run the tests." }), onEvent() {} } };`,
  });
  const ask = (decision: unknown) =>
    given.plugin.callHook("beforeTool", { name: "bash", args: { decision }, effect: "run" }, signal);
  assert.deepEqual(await ask(undefined), { kind: "none" });
  assert.deepEqual(await ask({ deny: "no\x1b[2J" }), { kind: "deny", reason: "no" });
  assert.deepEqual(await ask({ args: { a: 1 } }), { kind: "args", args: { a: 1 } });
  for (
    const wrong of [
      { add: "x" },
      { allow: true },
      { deny: "" },
      { deny: 3 },
      { args: [] },
      { deny: "x", args: {} },
      "no",
      1,
    ]
  ) {
    await assert.rejects(ask(wrong), failing("bad_reply", /contract/));
  }
  const prompt = (text: unknown) => given.plugin.callHook("onPrompt", { text: JSON.stringify(text) }, signal);
  assert.deepEqual(await prompt({ stop: "not now" }), { kind: "stop", reason: "not now" });
  assert.deepEqual(await given.plugin.callHook("afterTool", {}, signal), { kind: "add", text: "note" });
  assert.deepEqual(await given.plugin.callHook("beforeFinish", {}, signal), {
    kind: "more",
    text: "Run the tests.",
  });
  assert.deepEqual(await given.plugin.callHook("onEvent", {}, signal), { kind: "none" });
});

Deno.test("commands answer a person or give the model a task", async () => {
  await using given = await testPlugin({
    text: `export default { name: "cmds", version: "1", description: "Commands", commands: [
      { name: "say", description: "S", run: (args) => "said " + args }, { name: "do", description: "D", run: (args) => ({ task: args }) },
      { name: "quiet", description: "Q", run() {} }] };`,
  });
  const { plugin } = given;
  assert.deepEqual(await plugin.callCommand("say", "a b", signal), { text: "said a b", summary: "said a b" });
  assert.deepEqual(await plugin.callCommand("do", "it", signal), { text: "", summary: "it", task: "it" });
  assert.deepEqual(await plugin.callCommand("quiet", "", signal), { text: "", summary: "" });
});

Deno.test("open() refuses a grant for another content", async () => {
  const host = openPluginHost({ assets: sourceAssets, cacheFolder: "/nowhere" });
  await using given = await testPlugin({});
  const source = makePluginSource("./plugins/a.ts", "a.ts", { "a.ts": "" });
  const grant = { hash: "0".repeat(64), read: [], write: [], net: [], run: [], env: [] };
  assert.throws(
    () => host.open({ source, manifest: given.plugin.manifest }, grant, {} as never),
    failing("denied", /another content/),
  );
});
