import assert from "node:assert/strict";
import { testServer, testWorld } from "../mcp/_test_world.ts";
import { openServers } from "../mcp/servers.ts";
import { describeTools } from "../parse/dialects/describe.ts";
import type { Tool, ToolContext } from "../tool.ts";
import type { Category } from "../types.ts";
import { SAMPLE_TOOLS, sampleCost, sampleTool } from "./_sample_tools.ts";
import { createPseudoTools, type MenuParts, unwrapUse } from "./menu.ts";
import { needsTools } from "./need_tools.ts";
import { selectTools } from "./select.ts";

const BY_NAME = new Map(SAMPLE_TOOLS.map((tool) => [tool.name, tool]));
/** Neither the pseudo tools nor the sample tools look at it. */
const CONTEXT = {} as ToolContext;

function parts(given: Partial<MenuParts> = {}): MenuParts {
  return {
    tools: SAMPLE_TOOLS,
    calls: "use",
    describe: (schemas) => schemas.map((schema) => `- ${schema.name}`).join("\n"),
    offered: () => ["read_file", "menu", "use"],
    tokensAtRisk: () => 5_000,
    open: () => assert.fail("no tool is to be opened"),
    ...given,
  };
}

Deno.test("menu shows the tools of a category, and how to call them where the server does not know them", async () => {
  const show = async (given: Partial<MenuParts>) =>
    (await createPseudoTools(parts(given))[0]?.run({ category: "web" }, CONTEXT))?.text;
  const list = "- web_fetch\n- web_search";
  assert.equal(
    await show({}),
    `Call these tools with use, for example use {"tool":"web_fetch","args":{"path":"README.md"}}:\n${list}`,
  );
  assert.equal(await show({ calls: "text" }), `You can call these tools now:\n${list}`);
  const opened: string[] = [];
  const open = (names: readonly string[]) => void opened.push(...names);
  assert.equal(await show({ tokensAtRisk: () => 2_000, open }), `You can call these tools now:\n${list}`);
  assert.deepEqual(opened, ["web_fetch", "web_search"]);
  assert.deepEqual(await createPseudoTools(parts())[0]?.check({ category: "cooking" }), {
    problem:
      'category: there are no tools of "cooking". Categories: read, write, run, search, plan, code-intelligence, web, mcp_tickets',
  });
});

Deno.test("use is checked, asked for and run as the tool that it names", async () => {
  const use = createPseudoTools(parts())[1];
  const args = { tool: "bash", args: { path: "a" } };
  assert.deepEqual(await use?.check(args), { args });
  assert.deepEqual(use?.request(args), { effect: "read", what: "bash: a" });
  assert.deepEqual(await use?.run(args, CONTEXT), { text: "bash a", summary: "bash" });
  assert.deepEqual(await use?.check({ tool: "bash", args: {} }), { problem: "path: a string is needed" });
  assert.deepEqual(await use?.check({ tool: "bash", args: "{" }), {
    problem: 'args: an object is needed, for example {"path":"README.md"}',
  });
  assert.match(JSON.stringify(await use?.check({ tool: "nothing", args: {} })), /there is no tool/);
});

Deno.test("menu is use as well where each schema is dear: it explains without arguments, and calls with them", async () => {
  const [menu, ...others] = createPseudoTools(
    parts({ calls: "menu", offered: () => ["patch", "read_file"] }),
  );
  assert.deepEqual(others, []);
  assert.equal(
    menu?.schema.brief?.description,
    "More tools: write, run, search, plan, code-intelligence, web, mcp_tickets. Without args they are explained.",
  );
  const list =
    `Call these tools with menu, for example menu {"tool":"web_fetch","args":{"path":"README.md"}}:\n- web_fetch\n- web_search`;
  for (const args of [{ tool: "web" }, { tool: "web_search" }, { tool: "", category: "web" }]) {
    assert.deepEqual(await menu?.check(args), { args });
    assert.equal((await menu?.run(args, CONTEXT))?.text, list);
  }
  const made = { tool: "bash", args: { path: "a" } };
  assert.deepEqual(await menu?.check(made), { args: made });
  assert.deepEqual(menu?.request(made), { effect: "read", what: "bash: a" });
  assert.deepEqual(await menu?.run(made, CONTEXT), { text: "bash a", summary: "bash" });
  assert.deepEqual(await menu?.check({ tool: "bash", args: {} }), { problem: "path: a string is needed" });
  assert.match(JSON.stringify(await menu?.check({ tool: "cooking" })), /there are no tools of \\"cooking\\"/);
});

Deno.test("unwrapUse() gives the call that is meant, and leaves every other call", () => {
  const call = (name: string, args: Record<string, unknown>) => ({ id: "1", name, args });
  const meant = call("bash", { path: "a" });
  assert.deepEqual(unwrapUse(call("use", { tool: "bash", args: { path: "a" } }), BY_NAME), meant);
  assert.deepEqual(unwrapUse(call("use", { tool: "bash", args: '{"path":"a"}' }), BY_NAME), meant);
  assert.deepEqual(unwrapUse(call("menu", { tool: "bash", args: { path: "a" } }), BY_NAME), meant);
  for (
    const other of [
      meant,
      call("use", { tool: "nothing", args: {} }),
      call("use", { tool: "use", args: {} }),
      call("use", { tool: "bash", args: "{" }),
      call("use", {}),
      call("menu", { tool: "bash" }),
      call("menu", { tool: "menu", args: {} }),
    ]
  ) assert.equal(unwrapUse(other, BY_NAME), other);
});

Deno.test("needsTools() hears the word at the beginning of an answer, and not in a long one", () => {
  for (const text of ["NEED_TOOLS", "I would have to look: NEED_TOOLS.", "**NEED TOOLS**"]) {
    assert.ok(needsTools(text), text);
  }
  for (const text of ["", "You need tools for that", `${"x ".repeat(300)}NEED_TOOLS`]) {
    assert.ok(!needsTools(text), text);
  }
});

const CALLS = ["text", "use", "menu"] as const;
const CATEGORIES: readonly Category[] = [
  "read",
  "write",
  "search",
  "run",
  "plan",
  "code-intelligence",
  "web",
  "respond",
];

Deno.test("menu shows a server's tools under its name, and a long list in short, which never goes into the head", async () => {
  const long = (name: string) => {
    const tool = sampleTool(name, "web", "mcp_many");
    return {
      ...tool,
      schema: { ...tool.schema, description: "Does a thing and says what came of it. ".repeat(5) },
    };
  };
  const tools = [
    ...SAMPLE_TOOLS.slice(0, 21),
    ...Array.from({ length: 60 }, (_, i) => long(`mcp_many_${i + 1}`)),
  ];
  const opened: string[] = [];
  const cheap = { tokensAtRisk: () => 0, open: (names: readonly string[]) => void opened.push(...names) };
  const show = async (args: Record<string, string>, calls: MenuParts["calls"] = "use") => {
    const [menu] = createPseudoTools(parts({ tools, calls, describe: describeTools, ...cheap }));
    assert.deepEqual(menu?.check(args), { args });
    return (await menu?.run(args, CONTEXT))?.text ?? "";
  };
  const many = await show({ category: "mcp_many" });
  assert.match(many, /^Call these tools with use, for example use \{"tool":"mcp_many_1",/);
  assert.match(many, /\n- mcp_many_60\(path\): Does a thing and says what came of it\. D?\.\.\.$/);
  assert.ok(many.length < 6_000, String(many.length));
  for (const tool of ["mcp_many", "mcp_many_7"]) {
    assert.equal(
      await show({ tool }, "menu"),
      many.replace(/^.*:/, (line) => line.replaceAll("use", "menu")),
    );
  }
  assert.match(await show({ tool: "mcp_tickets" }, "menu"), /^Call these tools with menu, /);
  assert.deepEqual(opened, []);
  assert.match(
    await show({ category: "mcp_tickets" }),
    /^You can call these tools now:\n- mcp_tickets_1\(path\): Does the mcp_tickets_1 work for a path/,
  );
  assert.equal(opened.length, 10);
  assert.equal((await show({ category: "web" })).includes("mcp_"), false);
});

Deno.test("every tool is within reach from every state: category, confidence, window, dialect, turn", async () => {
  assert.ok(await walkStates(SAMPLE_TOOLS) > 2_000);
});

Deno.test("so is every tool of real MCP servers, one of them with sixty", async () => {
  await using place = await testWorld();
  const servers = await openServers({
    servers: [testServer("tickets"), testServer("many", { name: "many" })],
    world: place.world,
    taken: [],
    permit: () => Promise.resolve(true),
  }, new AbortController().signal);
  await servers.close();
  assert.equal(servers.tools.length, 69);
  assert.ok(await walkStates([...SAMPLE_TOOLS.slice(0, 11), ...servers.tools]) > 2_000);
});

/** Asserts it in each state; gives the number of states. */
async function walkStates(tools: readonly Tool[]): Promise<number> {
  let states = 0;
  const walked = new Set<string>(); // many states have the same head
  for (const calls of CALLS) {
    for (const window of [4_096, 8_192, 16_384, 32_768, 131_072]) {
      for (const category of CATEGORIES) {
        for (const confidence of [0, 0.59, 0.6, 1]) {
          // Two tools of one category, and all of another, that the model fails with.
          const failing = new Set(states % 2 === 0 ? [] : ["patch", "read_file", "bash"]);
          const state = { tools, confidence, window, calls, failing };
          const first = selected({ ...state, category });
          for (const names of [first, ...laterSets(first, state)]) {
            states++;
            const head = `${calls} ${names.join()}`;
            if (names.length > 0 && walked.has(head)) continue;
            walked.add(head);
            const at = JSON.stringify({ calls, window, category, confidence, names });
            for (const tool of tools) {
              assert.ok(await isWithinReach(tool, names, { tools, window, calls }), `${tool.name} at ${at}`);
            }
          }
        }
      }
    }
  }
  return states;
}

interface State {
  readonly tools: readonly Tool[];
  readonly window: number;
  readonly calls: MenuParts["calls"];
  readonly failing?: ReadonlySet<string>;
}

function selected(
  given: State & {
    category: Category;
    confidence: number;
    current?: { names: readonly string[]; tokensAtRisk: number };
  },
): readonly string[] {
  const { calls, failing = new Set(), tools, ...rest } = given;
  const pseudo = createPseudoTools(parts({ tools, calls }));
  return selectTools({
    ...{ ...rest, failing, tools, pseudo, costOf: sampleCost },
    headTokens: 250,
    isTight: calls === "menu",
  }).names;
}

function laterSets(
  names: readonly string[],
  state: State & { confidence: number },
): readonly (readonly string[])[] {
  return CATEGORIES.flatMap((category) =>
    [500, 2_500, 30_000].map((tokensAtRisk) =>
      selected({ ...state, category, current: { names, tokensAtRisk } })
    )
  );
}

/** In the head; or through `menu`, with what it shows callable as text, opened, or by `use`; or through NEED_TOOLS. */
async function isWithinReach(tool: Tool, names: readonly string[], state: State): Promise<boolean> {
  const { name } = tool;
  if (names.includes(name)) return true;
  if (names.length === 0) {
    return await isWithinReach(tool, selected({ ...state, category: "write", confidence: 0 }), state);
  }
  if (!names.includes("menu")) return false;
  const shelf = tool.group ?? tool.category;
  const byName = new Map(state.tools.map((one) => [one.name, one]));
  for (const tokensAtRisk of [500, 30_000]) {
    const opened: string[] = [];
    const open = (added: readonly string[]) => void opened.push(...added);
    const [menu] = createPseudoTools(
      parts({
        ...{ tools: state.tools, calls: state.calls, offered: () => names },
        tokensAtRisk: () => tokensAtRisk,
        open,
      }),
    );
    const asked = state.calls === "menu" ? { tool: shelf } : { category: shelf };
    assert.deepEqual(menu?.check(asked), { args: asked });
    const shown = await menu?.run(asked, CONTEXT);
    const isShown = shown?.text.split("\n").includes(`- ${name}`);
    const byMenu = unwrapUse({ id: "1", name: "menu", args: { tool: name, args: { path: "a" } } }, byName);
    const isCallable = state.calls === "text" || opened.includes(name) ||
      (state.calls === "menu" ? byMenu.name === name : names.includes("use"));
    if (!isShown || !isCallable) return false;
  }
  return true;
}
