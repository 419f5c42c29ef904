import assert from "node:assert/strict";
import type { ToolContext } from "../tool.ts";
import type { Category } from "../types.ts";
import { SAMPLE_TOOLS, sampleCost } from "./_sample_tools.ts";
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
  assert.deepEqual(createPseudoTools(parts())[0]?.check({ category: "cooking" }), {
    problem:
      'category: there are no tools of "cooking". Categories: read, write, run, search, plan, code-intelligence, web',
  });
});

Deno.test("use is checked, asked for and run as the tool that it names", async () => {
  const use = createPseudoTools(parts())[1];
  const args = { tool: "bash", args: { path: "a" } };
  assert.deepEqual(use?.check(args), { args });
  assert.deepEqual(use?.request(args), { effect: "read", what: "bash: a" });
  assert.deepEqual(await use?.run(args, CONTEXT), { text: "bash a", summary: "bash" });
  assert.deepEqual(use?.check({ tool: "bash", args: {} }), { problem: "path: a string is needed" });
  assert.deepEqual(use?.check({ tool: "bash", args: "{" }), {
    problem: 'args: an object is needed, for example {"path":"README.md"}',
  });
  assert.match(JSON.stringify(use?.check({ tool: "nothing", args: {} })), /there is no tool/);
});

Deno.test("menu is use as well where each schema is dear: it explains without arguments, and calls with them", async () => {
  const [menu, ...others] = createPseudoTools(
    parts({ calls: "menu", offered: () => ["patch", "read_file"] }),
  );
  assert.deepEqual(others, []);
  assert.equal(
    menu?.schema.brief?.description,
    "More tools: write, run, search, plan, code-intelligence, web. Without args they are explained.",
  );
  const list =
    `Call these tools with menu, for example menu {"tool":"web_fetch","args":{"path":"README.md"}}:\n- web_fetch\n- web_search`;
  for (const args of [{ tool: "web" }, { tool: "web_search" }, { tool: "", category: "web" }]) {
    assert.deepEqual(menu?.check(args), { args });
    assert.equal((await menu?.run(args, CONTEXT))?.text, list);
  }
  const made = { tool: "bash", args: { path: "a" } };
  assert.deepEqual(menu?.check(made), { args: made });
  assert.deepEqual(menu?.request(made), { effect: "read", what: "bash: a" });
  assert.deepEqual(await menu?.run(made, CONTEXT), { text: "bash a", summary: "bash" });
  assert.deepEqual(menu?.check({ tool: "bash", args: {} }), { problem: "path: a string is needed" });
  assert.match(JSON.stringify(menu?.check({ tool: "cooking" })), /there are no tools of \\"cooking\\"/);
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

Deno.test("every tool is within reach from every state: category, confidence, window, dialect, turn", async () => {
  let states = 0;
  for (const calls of CALLS) {
    for (const window of [4_096, 8_192, 16_384, 32_768, 131_072]) {
      for (const category of CATEGORIES) {
        for (const confidence of [0, 0.59, 0.6, 1]) {
          // Two tools of one category, and all of another, that the model fails with.
          const failing = new Set(states % 2 === 0 ? [] : ["patch", "read_file", "bash"]);
          const state = { confidence, window, calls, failing };
          const first = selected({ ...state, category });
          for (const names of [first, ...laterSets(first, state)]) {
            states++;
            const at = JSON.stringify({ calls, window, category, confidence, names });
            for (const tool of SAMPLE_TOOLS) {
              assert.ok(await isWithinReach(tool.name, names, { window, calls }), `${tool.name} at ${at}`);
            }
          }
        }
      }
    }
  }
  assert.ok(states > 2_000, String(states));
});

interface State {
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
  const { calls, failing = new Set(), ...rest } = given;
  const pseudo = createPseudoTools(parts({ calls }));
  return selectTools({
    ...{ ...rest, failing, tools: SAMPLE_TOOLS, pseudo, costOf: sampleCost },
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
async function isWithinReach(name: string, names: readonly string[], state: State): Promise<boolean> {
  if (names.includes(name)) return true;
  if (names.length === 0) {
    return await isWithinReach(name, selected({ ...state, category: "write", confidence: 0 }), state);
  }
  if (!names.includes("menu")) return false;
  const tool = BY_NAME.get(name);
  for (const tokensAtRisk of [500, 30_000]) {
    const opened: string[] = [];
    const open = (added: readonly string[]) => void opened.push(...added);
    const [menu] = createPseudoTools(
      parts({ calls: state.calls, offered: () => names, tokensAtRisk: () => tokensAtRisk, open }),
    );
    const asked = state.calls === "menu" ? { tool: tool?.category } : { category: tool?.category };
    const shown = await menu?.run(asked, CONTEXT);
    const isShown = shown?.text.split("\n").includes(`- ${name}`);
    const byMenu = unwrapUse({ id: "1", name: "menu", args: { tool: name, args: { path: "a" } } }, BY_NAME);
    const isCallable = state.calls === "text" || opened.includes(name) ||
      (state.calls === "menu" ? byMenu.name === name : names.includes("use"));
    if (!isShown || !isCallable) return false;
  }
  return true;
}
