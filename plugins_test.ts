/** Plugins as a user meets them: dropped into a folder, granted, and used in whole sessions with a scripted model. */

import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { RunResult, SmallCodeOptions } from "./core/api.ts";
import { trustFolder } from "./core/config/trust.ts";
import type { Event } from "./core/events.ts";
import { type ScriptedReply, type ScriptedRequest, startScriptedServer } from "./core/model/scripted.ts";
import { bindSmallCode } from "./core/smallcode.ts";
import type { Answer, Question } from "./core/types.ts";
import { bundle } from "./main.ts";

/** A project that is not trusted and has a home of its own. */
async function openPlace(files: Readonly<Record<string, string>>) {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-plugins-")));
  const project = join(home, "project");
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  };
  await mkdir(project);
  for (const [path, text] of Object.entries(files)) await write(path, text);
  const questions: Question[] = [];
  return {
    home,
    project,
    write,
    questions,
    read: (path: string) => readFile(join(project, path), "utf8"),
    trust: () => trustFolder(join(home, ".config", "smallcode"), project),
    /** Runs tasks in one session. Plugins are granted for the session unless `answer` says otherwise. */
    async run(
      tasks: readonly string[],
      replies: readonly ScriptedReply[],
      options: SmallCodeOptions = {},
      answer: (question: Question) => Answer = () => "once",
    ): Promise<
      { results: readonly RunResult[]; events: readonly Event[]; requests: readonly ScriptedRequest[] }
    > {
      const server = await startScriptedServer({ replies });
      const { PATH = "" } = Deno.env.toObject();
      const SmallCode = bindSmallCode(() => ({
        ...bundle(),
        env: { PATH: `${join(project, "bin")}:${PATH}`, HOME: home },
        home,
      }));
      const agent = new SmallCode({
        cwd: project,
        model: "scripted",
        baseUrl: server.url,
        mode: "edits",
        ask: (question) => {
          questions.push(question);
          return Promise.resolve(answer(question));
        },
        ...options,
      });
      const events: Event[] = [];
      agent.on("event", (event) => events.push(event));
      try {
        const results: RunResult[] = [];
        for (const task of tasks) results.push(await agent.run(task));
        return { results, events, requests: server.requests };
      } finally {
        await agent.close();
        await server.close();
      }
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

const call = (name: string, args: Record<string, unknown>): ScriptedReply => ({ calls: [{ name, args }] });
const notices = (events: readonly Event[]) =>
  events.flatMap((event) => event.type === "notice" ? [event.text] : []);
const results = (events: readonly Event[]) =>
  events.flatMap((event) => event.type === "tool_end" ? [[event.name, event.ok, event.result]] : []);

const COUNTER = `
export default {
  name: "counter",
  version: "1.0.0",
  description: "Counts lines.",
  permissions: { read: ["./docs"] },
  tools: [{
    name: "count_lines",
    description: "Count the lines of a file.",
    category: "read",
    effect: "read",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
    example: { path: "docs/a.md" },
    async run({ path }: { path: string }, { fs }: any) {
      const lines = (await fs.readText(path)).split("\\n").length;
      return { text: path + " has " + lines + " lines", summary: lines + " lines" };
    },
  }],
};
`;

function withHooks(name: string, hooks: string, permissions = "{}"): string {
  return `export default {
  name: "${name}", version: "1.0.0", description: "Hooks.", permissions: ${permissions},
  hooks: { ${hooks} },
};
`;
}

Deno.test("a plugin dropped into ./plugins is asked about once, its tool is called by the model, and the sandbox holds it to its grant", async () => {
  await using place = await openPlace({
    "plugins/counter.ts": COUNTER,
    "docs/a.md": "1\n2\n3",
    "secret.md": "x",
  });
  await place.trust();
  const { results: [result], events, requests } = await place.run(
    ["read docs/a.md and count its lines"],
    [
      call("count_lines", { path: "docs/a.md" }),
      call("count_lines", { path: "secret.md" }),
      { text: "It has 3 lines." },
    ],
    {},
    () => "always",
  );
  assert.equal(result?.outcome, "answered", result?.reason);
  assert.deepEqual(place.questions, [{
    kind: "plugin",
    plugin: "counter",
    what:
      "counter 1.0.0 (./plugins/counter.ts): Counts lines.\n  It wants to read ./docs.\n  It adds: tool count_lines.",
    why: "",
  }]);
  assert.match(JSON.stringify(requests[0]?.body.tools), /"count_lines"/);
  const [first, second] = results(events);
  assert.deepEqual(first, ["count_lines", true, "docs/a.md has 3 lines"]);
  assert.deepEqual(second?.slice(0, 2), ["count_lines", false]);
  assert.match(String(second?.[2]), /Not granted: read "secret\.md"/);
  const done = events.flatMap((event) => event.type === "plugin" ? [`${event.action}: ${event.what}`] : []);
  assert.ok(done.some((what) => what.startsWith("called: read docs/a.md")), done.join("\n"));
  assert.ok(done.some((what) => what.startsWith("denied: read secret.md")), done.join("\n"));

  const again = await place.run(["read docs/a.md"], [call("count_lines", { path: "docs/a.md" }), {
    text: "3.",
  }]);
  assert.equal(place.questions.length, 1, "asked once");
  assert.deepEqual(results(again.events)[0]?.slice(0, 2), ["count_lines", true]);
});

Deno.test("a plugin whose content changed is asked about again, with what changed in its wishes; until then it is inert", async () => {
  await using place = await openPlace({ "plugins/counter.ts": COUNTER, "docs/a.md": "1" });
  await place.trust();
  await place.run(["hello"], [{ text: "Hi." }], {}, () => "always");
  await place.write(
    "plugins/counter.ts",
    COUNTER.replace('["./docs"]', '["./docs"], net: ["api.example.com"]'),
  );
  const { ask: _, ...nobody } = { ask: undefined, mode: "edits" };
  const silent = await place.run(["hello"], [{ text: "Hi." }], { ...nobody, ask: undefined } as never);
  assert.deepEqual(
    notices(silent.events).filter((text) => text.includes("counter")),
    [
      "Plugin counter (./plugins/counter.ts) does nothing: its files changed since you decided; new: talk to api.example.com: smallcode plugin grant counter",
    ],
  );
  assert.doesNotMatch(JSON.stringify(silent.requests[0]?.body.tools ?? ""), /count_lines/);
  await place.run(["hello"], [{ text: "Hi." }], {}, () => "no");
  assert.equal(
    place.questions.at(-1)?.why,
    "its files changed since you decided; new: talk to api.example.com",
  );
  const after = await place.run(["hello"], [{ text: "Hi." }]);
  assert.equal(place.questions.length, 2, "a no is kept too");
  assert.doesNotMatch(JSON.stringify(after.requests[0]?.body.tools ?? ""), /count_lines/);
});

Deno.test("plugins of a folder that is not trusted are not read, not asked about, and listed", async () => {
  await using place = await openPlace({
    "plugins/bad.ts": "throw new Error('read')",
    ".smallcode/plugins/b/plugin.ts": "",
  });
  const { events } = await place.run(["hello"], [{ text: "Hi." }]);
  assert.deepEqual(place.questions, []);
  assert.deepEqual(notices(events).filter((text) => text.startsWith("Plugins")), [
    "Plugins of this folder do nothing until it is trusted (smallcode trust): ./.smallcode/plugins/b, ./plugins/bad.ts",
  ]);
});

Deno.test("hooks stand at their places: they add to a message, stop a call, change another, add to its result, and send the model back once", async () => {
  const hooks = `
    onPrompt: ({ text }) => ({ add: "Prompt heard: " + text }),
    beforeTool: ({ name, args }) => {
      if (name === "bash") return { deny: "no commands on Fridays" };
      if (name === "write_file") return { args: { ...args, content: args.content.toUpperCase() } };
    },
    afterTool: ({ name, ok, changed }) => ({ add: "[" + name + " " + ok + " " + changed.join() + "]" }),
    beforeFinish: ({ text, changed }) => ({ more: "Also say goodbye. " + changed.join() }),`;
  await using place = await openPlace({ "plugins/hooks.ts": withHooks("hooks", hooks) });
  await place.trust();
  const { results: [result], events, requests } = await place.run(["Create a.txt"], [
    call("bash", { command: "touch b.txt" }),
    call("write_file", { path: "a.txt", content: "hello\n" }),
    { text: "Done." },
    { text: "Done. Goodbye." },
  ]);
  assert.equal(result?.text, "Done. Goodbye.");
  assert.equal(await place.read("a.txt"), "HELLO\n");
  await assert.rejects(place.read("b.txt"));
  assert.match(JSON.stringify(requests[0]?.messages), /Prompt heard: Create a\.txt/);
  const [denied, wrote] = results(events);
  assert.match(
    String(denied?.[2]),
    /^Error: Not run: no commands on Fridays \(plugin hooks\)\n\[bash false \]$/,
  );
  assert.match(String(wrote?.[2]), /\[write_file true a\.txt\]$/);
  assert.match(JSON.stringify(requests[3]?.messages.at(-1)), /Also say goodbye\. a\.txt/);
  assert.deepEqual(
    place.questions.map(({ kind, why }) => `${kind} ${why}`),
    ["plugin ", "permission plugin hooks changed what the model asked for"],
    "a denied call is not asked about; what a plugin made of a call is, though edits are free",
  );
});

Deno.test("onPrompt can keep a turn from beginning", async () => {
  await using place = await openPlace({
    "plugins/stop.ts": withHooks(
      "stop",
      'onPrompt: ({ text }) => text.includes("prod") ? { stop: "not on prod" } : undefined',
    ),
  });
  await place.trust();
  const { results: [stopped, fine], requests } = await place.run(["deploy to prod", "hello"], [{
    text: "Hi.",
  }]);
  assert.deepEqual([stopped?.outcome, stopped?.reason], ["stopped", "plugin stop: not on prod"]);
  assert.equal(fine?.outcome, "answered");
  assert.equal(requests.length, 1);
});

Deno.test("a plugin that hangs, throws or eats memory is stopped and named, and the turn goes on", async () => {
  const tool = (name: string, body: string) =>
    `{ name: "${name}", description: "Bad.", category: "run", parameters: { type: "object", properties: {} }, example: {}, run: () => { ${body} } }`;
  const bad = `export default { name: "bad", version: "1.0.0", description: "Bad.", permissions: {}, tools: [
    ${tool("hang", "for (;;) {}")},
    ${tool("bomb", "const all = []; for (;;) all.push(new Array(100000).fill(1));")},
    ${tool("burst", "throw new Error('I break')")},
  ] };`;
  await using place = await openPlace({ "plugins/bad.ts": bad });
  await place.trust();
  const { results: [result], events } = await place.run(["run the tools hang, bomb and burst"], [
    call("burst", {}),
    call("bomb", {}),
    call("hang", {}),
    { text: "All three failed." },
  ]);
  assert.equal(result?.outcome, "answered", result?.reason);
  const said = results(events).map(([name, ok, text]) => `${name} ${ok} ${String(text).split("\n")[0]}`);
  assert.match(said[0] ?? "", /^burst false Error: Plugin bad .*I break/);
  assert.match(said[1] ?? "", /^bomb false Error: Plugin bad was stopped in tool bomb: .* MB/);
  assert.match(said[2] ?? "", /^hang false Error: Plugin bad was stopped in tool hang: /);
});

Deno.test("a failing hook is reported and skipped, three in a row switch it off, and the turn is not touched", async () => {
  await using place = await openPlace({
    "plugins/weak.ts": withHooks("weak", 'beforeTool: () => { throw new Error("weak") }'),
  });
  await place.trust();
  const write = (n: number) => call("write_file", { path: `${n}.txt`, content: "x\n" });
  const { results: [result], events } = await place.run(["Create five files"], [
    ...[1, 2, 3, 4, 5].map(write),
    { text: "Five files." },
  ]);
  assert.equal(result?.filesCreated.length, 5);
  const told = notices(events).filter((text) => text.startsWith("Plugin weak"));
  assert.deepEqual(told.map((text) => /(skipped|off for this run)/.exec(text)?.[1]), [
    "skipped",
    "skipped",
    "off for this run",
  ]);
});

Deno.test("what a plugin's tool and hooks write and run is in the ledger, asked in the mode's way, and can be undone", async () => {
  const source = `export default {
  name: "writer", version: "1.0.0", description: "Writes.",
  permissions: { read: ["."], write: ["./out"], run: ["touch out/b.txt"] },
  tools: [{
    name: "make_out", description: "Make out/a.txt.", category: "write", effect: "write",
    parameters: { type: "object", properties: {} }, example: {},
    async run(_, { fs }) { await fs.writeText("out/a.txt", "a\\n"); return "made"; },
  }],
  hooks: { async afterTool({ name }, { run }) { if (name === "make_out") await run("touch", ["out/b.txt"]); } },
};`;
  await using place = await openPlace({ "plugins/writer.ts": source, "out/.keep": "" });
  await place.trust();
  const { results: [result], events } = await place.run(["Make out/a.txt"], [call("make_out", {}), {
    text: "Made.",
  }], {
    mode: "ask",
  });
  assert.deepEqual(result?.filesCreated, ["out/a.txt", "out/b.txt"]);
  assert.deepEqual(place.questions.map(({ kind }) => kind), ["plugin", "permission", "permission"]);
  assert.deepEqual(
    events.flatMap((event) => event.type === "permission" ? [[event.answer, event.by]] : []),
    [["allowed", "person"], ["allowed", "person"]],
  );
  const only = await place.run(["Make out/a.txt again"], [call("make_out", {}), { text: "No." }, {
    text: "No.",
  }], {
    mode: "read-only",
  });
  assert.match(String(results(only.events)[0]?.[2]), /not permitted/i);
});

Deno.test("a plugin's command answers by itself, or hands the model a task; what is no command goes to the model", async () => {
  const source = `export default {
  name: "cmd", version: "1.0.0", description: "Commands.", permissions: { read: ["."] },
  commands: [
    { name: "look", description: "list", run: async (args, { fs }) => args + ":" + (await fs.list(".")).map((e) => e.name).join() },
    { name: "ask", description: "ask", run: (args) => ({ task: "Please: " + args }) },
    { name: "fail", description: "fail", run: () => { throw new Error("no luck") } },
  ],
};`;
  await using place = await openPlace({ "plugins/cmd.ts": source, "a.txt": "" });
  await place.trust();
  const { results: [look, ask, fail, other], requests } = await place.run(
    ["/look here", "/ask what is a.txt?", "/fail", "/etc/hosts is what?"],
    [{ text: "Hi." }, { text: "A file." }],
  );
  assert.deepEqual([look?.outcome, look?.text], ["answered", "here:a.txt,plugins"]);
  assert.equal(ask?.text, "Hi.");
  assert.match(JSON.stringify(requests[0]?.messages), /Please: what is/);
  assert.deepEqual([fail?.outcome, fail?.exitCode], ["failed", 1]);
  assert.match(fail?.text ?? "", /no luck/);
  assert.equal(other?.text, "A file.");
});

Deno.test("names: the project's plugin wins over the user's, a built-in tool over a plugin's, and it is told", async () => {
  const named = (name: string, tool: string) =>
    COUNTER.replace('name: "counter"', `name: "${name}"`).replace('name: "count_lines"', `name: "${tool}"`);
  await using place = await openPlace({ "plugins/a.ts": named("twin", "read_file"), "docs/a.md": "1" });
  await place.trust();
  const user = join(place.home, ".config", "smallcode", "plugins");
  await mkdir(user, { recursive: true });
  await writeFile(join(user, "b.ts"), named("twin", "count_b"));
  const { events, requests } = await place.run(["read docs/a.md"], [
    call("twin_read_file", { path: "docs/a.md" }),
    {
      text: "1.",
    },
  ]);
  const told = notices(events).filter((text) => text.startsWith("Plugin "));
  assert.equal(told.length, 2, told.join("\n"));
  assert.match(told[0] ?? "", /b\.ts cannot be used: \.\/plugins\/a\.ts has the same name and comes first/);
  assert.equal(told[1], "Plugin twin: its tool read_file is called twin_read_file here");
  assert.deepEqual(results(events)[0]?.slice(0, 2), ["twin_read_file", true]);
  assert.doesNotMatch(JSON.stringify(requests[0]?.body.tools), /count_b/);
});

Deno.test("a plugin's text stands in the head within its budget, and its profile is used", async () => {
  const source = `export default {
  name: "talk", version: "1.0.0", description: "Text.", permissions: {},
  prompts: [
    { text: "Always answer in French." },
    { text: "Python only.", when: { languages: ["python"] } },
    { text: "${"far too long ".repeat(120)}" },
  ],
  profiles: ["extends: default\\nname: mine\\nmatch: [scripted]\\nsampling: { temperature: 0.11 }\\n", "name: broken"],
};`;
  await using place = await openPlace({ "plugins/talk.ts": source });
  await place.trust();
  const { events, requests } = await place.run(["hello"], [{ text: "Bonjour." }]);
  const [request] = requests;
  const system = JSON.stringify(request?.messages[0]);
  assert.match(system, /Note \(talk\): Always answer in French\./);
  assert.doesNotMatch(system, /Python only|far too long/);
  assert.equal(request?.body.temperature, 0.11);
  const told = notices(events).filter((text) => text.startsWith("Plugin talk"));
  assert.match(told.join("\n"), /its text for the model is left out: \d+ tokens/);
  assert.match(told.join("\n"), /its profile is left out: Cannot use profile "broken/);
});

Deno.test("onEvent hears the session, and plugins can be chosen or switched off", async () => {
  const ear = withHooks("ear", 'async onEvent({ type }, { store }) { await store.set("last", type); }')
    .replace(
      "hooks:",
      'commands: [{ name: "last", description: "last", run: async (_, { store }) => String(await store.get("last")) }], hooks:',
    );
  await using place = await openPlace({ "plugins/ear.ts": ear, "plugins/counter.ts": COUNTER });
  await place.trust();
  await place.run(["hello"], [{ text: "Hi." }]);
  const { results: [last] } = await place.run(["/last"], []);
  assert.match(last?.text ?? "", /^turn_|^permission|^session_start$/);
  place.questions.length = 0;
  const one = await place.run(["read x"], [{ text: "Hi." }], {
    plugins: ["counter", "todo-scan", "nothing"],
  });
  assert.deepEqual(place.questions.map((q) => q.kind === "plugin" ? q.plugin : ""), ["counter", "todo-scan"]);
  assert.match(JSON.stringify(one.requests[0]?.body.tools), /count_lines.*todo_scan|todo_scan.*count_lines/);
  assert.ok(notices(one.events).includes("plugins.enabled: there is no plugin nothing"));
  place.questions.length = 0;
  const off = await place.run(["read x"], [{ text: "Hi." }], { set: ["harness.plugins=false"] });
  assert.deepEqual(place.questions, []);
  assert.doesNotMatch(JSON.stringify(off.requests[0]?.body.tools ?? ""), /count_lines/);
});

Deno.test("bundled plugins do their work in the sandbox: a file is formatted after the edit, listed, and committed on a yes", async () => {
  await using place = await openPlace({
    "calc.py": "def add(a, b):\n    return a - b  # TODO check\n",
    "a.go": "package a\n",
    "go.mod": "module a\n",
    // Stands in for a formatter: this machine may have none.
    "bin/gofmt": '#!/bin/sh\nsed -i "s/  */ /g" "$2"\n',
  });
  const git = async (...args: string[]) => {
    const { stdout } = await new Deno.Command("git", {
      args,
      cwd: place.project,
      clearEnv: true,
      env: {
        PATH: Deno.env.get("PATH") ?? "",
        HOME: place.home,
      },
    }).output();
    return new TextDecoder().decode(stdout);
  };
  await chmod(join(place.project, "bin", "gofmt"), 0o755);
  await git("init", "-q");
  await git("config", "user.name", "Ann");
  await git("config", "user.email", "ann@example.com");
  await git("add", ".");
  await git("commit", "-qm", "first");
  const plugins = ["git-commit", "format-on-edit", "todo-scan", "bonescript"];
  const options = { plugins, mode: "auto" };
  const { results: [, shown, done], events } = await place.run([
    "fix the bug in calc.py and add b to a.go",
    "/commit",
    "/commit yes",
  ], [
    call("todo_scan", {}),
    call("bone_check", { path: "a.go" }),
    call("patch", { path: "calc.py", search: "a - b", replace: "a + b" }),
    call("patch", { path: "a.go", search: "package a", replace: "package a\n\nvar   b = 1" }),
    { text: "Fixed." },
  ], options);
  assert.equal(results(events)[0]?.[2], "calc.py:2: TODO check");
  assert.match(
    String(results(events)[1]?.[2]),
    /The BoneScript compiler is not installed.*npm install -g bonescript-compiler/,
  );
  assert.match(String(results(events)[3]?.[2]), /\(gofmt has laid out a\.go; its lines may have moved\.\)$/);
  assert.equal(await place.read("a.go"), "package a\n\nvar b = 1\n");
  assert.match(
    shown?.text ?? "",
    /Would commit 2 files:\n.*a\.go\n.*calc\.py\nwith the message:\n {2}Change add in a\.go and calc\.py/,
  );
  assert.match(done?.text ?? "", /Change add in a\.go and calc\.py/, done?.text);
  assert.equal(await git("log", "--format=%s"), "Change add in a.go and calc.py\nfirst\n");
  assert.equal(await git("status", "--porcelain"), "");
});
