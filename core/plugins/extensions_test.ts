import assert from "node:assert/strict";
import { describeTools } from "../parse/dialects/describe.ts";
import {
  emptyGrant,
  type OpenPlugin,
  type PluginHost,
  type PluginManifest,
  type PluginWorld,
} from "../plugin_host.ts";
import { createPseudoTools, MENU, USE } from "../route/menu.ts";
import { selectTools } from "../route/select.ts";
import { sanitizeSchema, type ToolContext } from "../tool.ts";
import type { Category, FileChange, ToolSchema } from "../types.ts";
import { fakeManifest, type FakePlugin, fakePlugin, fault } from "./_fake_plugin.ts";
import { type ExtensionParts, openExtensions } from "./extensions.ts";
import type { Granted } from "./roster.ts";

const CHANGE: FileChange = { path: "a.py", kind: "edited", linesAdded: 1, linesRemoved: 0, by: "command" };
const WRITTEN: FileChange = { ...CHANGE, path: "b.py", by: "tool" };
const CONTEXT = { signal: new AbortController().signal } as ToolContext;

function tool(
  name: string,
  over: Partial<PluginManifest["tools"][number]> = {},
): PluginManifest["tools"][number] {
  const parameters = { type: "object", properties: { a: { type: "string" } } };
  return {
    name,
    description: name,
    parameters,
    example: { a: "x" },
    category: "read",
    effect: "read",
    ...over,
  };
}

interface Fakes {
  readonly [name: string]: FakePlugin & { readonly acts?: (world: PluginWorld) => Promise<void> };
}

/** Opens fake plugins; what one `acts` in the host's world is done when one of its tools is called. */
function open(fakes: Fakes, over: Partial<ExtensionParts> = {}) {
  const closed: string[] = [];
  const plugins = Object.entries(fakes).map(([name, { manifest }]): Granted => ({
    found: { origin: "project", id: name, shown: name, stem: name },
    source: { where: name, main: `${name}.ts`, files: {}, hash: name },
    manifest: fakeManifest(name, manifest),
    grant: emptyGrant(name),
  }));
  const host: PluginHost = {
    readManifest: () => Promise.reject(new TypeError("not asked for")),
    open({ manifest }, _, world): OpenPlugin {
      const { acts, ...fake } = fakes[manifest.name] ?? {};
      const plugin = fakePlugin(manifest.name, fake);
      return {
        ...plugin,
        async callTool(...call) {
          await acts?.(world);
          return await plugin.callTool(...call);
        },
        close: () => void closed.push(manifest.name),
      };
    },
    close: () => {},
  };
  const extensions = openExtensions({
    plugins,
    host,
    world: {
      storeFolder: "/s",
      permit: () => Promise.resolve(true),
      onChange: () => {},
    } as unknown as PluginWorld,
    taken: ["read_file"],
    languages: ["TypeScript"],
    window: 8_192,
    estimate: (text) => Math.ceil(text.length / 4),
    watchFiles: () =>
      Promise.resolve(() =>
        Promise.resolve({ changes: [CHANGE, { ...WRITTEN, by: "command" as const }], isWhole: true })
      ),
    emit: () => {},
    now: () => 0,
    ...over,
  });
  return { extensions, closed };
}

Deno.test("openExtensions() makes tools that the loop treats like built-in ones", async () => {
  const parameters = {
    type: "object",
    properties: { a: { type: "string", format: "x" } },
    additionalProperties: false,
  };
  const { extensions } = open({
    one: {
      manifest: { tools: [tool("do_it", { parameters, effect: "run", category: "web" })] },
      tool: (_, args) => `did ${args.a}`,
    },
  });
  const [made] = extensions.tools;
  assert.deepEqual(
    { name: made?.name, category: made?.category, effect: made?.effect, example: made?.example },
    { name: "do_it", category: "web", effect: "write", example: { a: "x" } },
  );
  assert.deepEqual(made?.schema.parameters, { type: "object", properties: { a: { type: "string" } } });
  assert.deepEqual(made?.check({ a: 1 }), { problem: "a: string is needed" });
  assert.deepEqual(made?.check({ a: "b" }), { args: { a: "b" } });
  assert.deepEqual(made?.request({}), { effect: "none", what: "one: do_it" });
  assert.deepEqual(await made?.run({ a: "b" }, CONTEXT), { text: "did b", summary: "did b" });
});

Deno.test("openExtensions() notes what a plugin writes and what its commands change, once each", async () => {
  const { extensions } = open({
    one: {
      manifest: { tools: [tool("work")] },
      async acts({ onChange, permit }) {
        onChange(WRITTEN);
        await permit({ effect: "run", what: "run: x" }, CONTEXT.signal);
        await permit({ effect: "run", what: "run: y" }, CONTEXT.signal);
      },
    },
  });
  const output = await extensions.tools[0]?.run({}, CONTEXT);
  assert.deepEqual(output?.changes, [WRITTEN, CHANGE]);
});

Deno.test("openExtensions() does not look at the workspace for a command that was refused", async () => {
  const { extensions } = open({
    one: {
      manifest: { tools: [tool("work")] },
      acts: async ({ permit }) => void await permit({ effect: "run", what: "run: x" }, CONTEXT.signal),
    },
  }, {
    world: {
      storeFolder: "/s",
      permit: () => Promise.resolve(false),
      onChange: () => {},
    } as unknown as PluginWorld,
    watchFiles: () => assert.fail("looked"),
  });
  assert.deepEqual(await extensions.tools[0]?.run({}, CONTEXT), { text: "", summary: "" });
});

Deno.test("openExtensions() gives each tool and command one name, and tells what it renamed or left out", () => {
  const command = { name: "go", description: "go" };
  const { extensions } = open({
    "a-b": { manifest: { tools: [tool("read_file"), tool("own")], commands: [command] } },
    two: { manifest: { tools: [tool("own"), tool("full")], commands: [command] } },
  }, { taken: ["read_file", "full", "two_full"] });
  assert.deepEqual(extensions.tools.map(({ name }) => name), ["a_b_read_file", "own", "two_own"]);
  assert.deepEqual(extensions.commands.map(({ name, plugin }) => [name, plugin]), [["go", "a-b"]]);
  assert.deepEqual(extensions.notices, [
    "Plugin a-b: its tool read_file is called a_b_read_file here",
    "Plugin two: its tool own is called two_own here",
    "Plugin two: its tool full is left out, for there is one of that name",
    "Plugin two: /go is left out, for plugin a-b has it",
  ]);
});

Deno.test("openExtensions() lays the text of plugins in their order, for the project's languages and within the budget", () => {
  const say = (text: string, ...languages: string[]) => ({ text, languages });
  const { extensions } = open({
    one: { manifest: { prompts: [say("First."), say("No.", "python"), say("Yes.", "typescript")] } },
    two: { manifest: { prompts: [say("x".repeat(700)), say("Last.")] } },
  });
  assert.equal(extensions.text, "Note (one): First.\nNote (one): Yes.\nNote (two): Last.");
  assert.deepEqual(extensions.notices, [
    "Plugin two: its text for the model is left out: 187 tokens, plugins together may have 163 of 8192",
  ]);
});

Deno.test("openExtensions() runs a command by its name, with all that stands behind it", async () => {
  const { extensions } = open({
    one: {
      manifest: { commands: [{ name: "go", description: "go" }] },
      command: (args) => args === "task" ? { text: "", task: "do it" } : { text: `<${args}>` },
    },
  });
  const run = (line: string) => extensions.runCommand(line, CONTEXT.signal);
  assert.deepEqual(await run("/go  a\n b "), { text: "<a\n b>", changes: [] });
  assert.deepEqual(await run("/go task"), { text: "", changes: [], task: "do it" });
  assert.deepEqual(await run("/go"), { text: "<>", changes: [] });
  for (const line of ["/gone", "/go/on", "go", "/", "/Go"]) assert.equal(await run(line), undefined, line);
});

Deno.test("openExtensions() closes each plugin, and waits for none that hangs", async () => {
  const { extensions, closed } = open({
    one: { manifest: { hooks: ["onEvent"] }, hook: () => new Promise(() => {}) },
    two: {
      manifest: { tools: [tool("x")] },
      tool: () => {
        throw fault("two");
      },
    },
  });
  extensions.hooks.onEvent({ type: "turn_start" } as never);
  await extensions.close();
  assert.deepEqual(closed, ["one", "two"]);
});

Deno.test("every tool of a plugin is reached from every state: in the head, by menu, or by opening all", async () => {
  const categories: readonly Category[] = [
    "read",
    "write",
    "search",
    "run",
    "plan",
    "code-intelligence",
    "web",
  ];
  const many = Object.fromEntries(categories.map((category) => [
    category,
    {
      manifest: { tools: [1, 2, 3, 4].map((n) => tool(`${category.replace("-", "_")}_${n}`, { category })) },
    },
  ]));
  const { extensions: { tools } } = open(many);
  assert.equal(tools.length, 28);
  for (const calls of ["use", "menu", "text"] as const) {
    const opened: string[] = [];
    let names: readonly string[] = [];
    const pseudo = createPseudoTools({
      tools,
      calls,
      describe: describeTools,
      offered: () => names,
      tokensAtRisk: () => 0,
      open: (added) => void opened.push(...added),
    });
    const costOf = (schemas: readonly ToolSchema[]) => Math.ceil(JSON.stringify(schemas).length / 4);
    for (const window of [2_048, 4_096, 8_192, 16_384, 131_072]) {
      for (const category of [...categories, "respond"] as const) {
        for (const confidence of [0.3, 0.9]) {
          for (const headTokens of [250, 450]) {
            const select = (current?: { names: readonly string[]; tokensAtRisk: number }) =>
              selectTools({
                category,
                confidence,
                tools,
                pseudo,
                window,
                costOf,
                headTokens,
                isTight: calls === "menu",
                ...(current ? { current } : {}),
              });
            const first = select();
            const later = select({ names: first.names, tokensAtRisk: 50_000 });
            for (names of [first.names, later.names]) {
              // With no tool at all the model is told to say NEED_TOOLS, which selects for a change.
              const reached = names.length > 0 ? names : selectTools({
                ...{ category: "write" as const, confidence: 0, tools, pseudo, window, costOf, headTokens },
              }).names;
              const left = tools.filter(({ name }) => !reached.includes(name));
              if (left.length === 0) continue;
              assert.ok(reached.includes(MENU), `${window} ${category}`);
              assert.ok(calls !== "use" || reached.includes(USE), `${window} ${category}`);
              const menu = pseudo[0];
              for (const one of left) {
                assert.ok(menu && "args" in await menu.check({ category: one.category }), one.name);
              }
            }
          }
        }
      }
    }
    assert.deepEqual(sanitizeSchema(pseudo[0]?.schema.parameters), pseudo[0]?.schema.parameters);
  }
});
