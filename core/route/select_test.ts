import assert from "node:assert/strict";
import type { Category } from "../types.ts";
import { SAMPLE_TOOLS, sampleCost, sampleTool } from "./_sample_tools.ts";
import { groupsIn, namedIn, type SelectionInput, selectTools } from "./select.ts";

const BUNDLED = SAMPLE_TOOLS.slice(0, 7);
const MENU_ONLY = [sampleTool("menu", "respond")];

function input(given: Partial<SelectionInput>): SelectionInput {
  return {
    category: "write",
    confidence: 0.9,
    tools: SAMPLE_TOOLS,
    pseudo: MENU_ONLY,
    window: 32_768,
    costOf: sampleCost,
    headTokens: 300,
    ...given,
  };
}

Deno.test("selectTools() decides on a first turn by cost, then by category", () => {
  const core = ["read_file", "patch", "write_file", "bash", "search", "find_files"];
  const cases: readonly (readonly [string, Partial<SelectionInput>, readonly string[]])[] = [
    ["cheap: all", { tools: BUNDLED, category: "read" }, BUNDLED.map((tool) => tool.name)],
    ["respond: none, even when cheap", { tools: BUNDLED, category: "respond" }, []],
    [
      "respond in doubt: all",
      { tools: BUNDLED, category: "respond", confidence: 0.5 },
      BUNDLED.map((tool) => tool.name),
    ],
    ["4k window, dear: a core and menu", { window: 4_096 }, [...core, "menu"]],
    [
      "the menu costs what it saves: all",
      { window: 4_096, tools: BUNDLED, pseudo: [...MENU_ONLY, sampleTool("use", "respond")] },
      BUNDLED.map((tool) => tool.name),
    ],
    ["web", { window: 4_096, category: "web" }, [
      "read_file",
      "search",
      "find_files",
      "web_fetch",
      "web_search",
      "menu",
    ]],
    ["no tools at all", { tools: [] }, []],
  ];
  for (const [name, given, names] of cases) {
    assert.deepEqual(selectTools(input(given)).names, names, name);
  }
});

Deno.test("selectTools() shows a tool that the message names, whatever its kind and the window", () => {
  const named = namedIn("Thank you, now use web_search and my_own_tool", SAMPLE_TOOLS);
  assert.deepEqual(named, ["web_search"]);
  assert.deepEqual(namedIn("search for the plan and patch it with bash", SAMPLE_TOOLS), []);
  for (const category of ["write", "respond"] as const) {
    const { names } = selectTools(input({ window: 4_096, category, named }));
    assert.ok(names.includes("web_search"), category);
  }
});

Deno.test("selectTools() leaves tools of plans to the menu, however cheap, unless the message is about a plan or names them", () => {
  const tools = SAMPLE_TOOLS.filter(({ name }) => ["patch", "read_file", "update_plan"].includes(name));
  const names = (more: Partial<SelectionInput>) =>
    selectTools(input({ tools, window: 8_192, ...more })).names;
  assert.deepEqual(names({ category: "write", confidence: 0.9 }), ["read_file", "patch", "menu"]);
  assert.ok(names({ category: "plan", confidence: 0.9 }).includes("update_plan"));
  assert.ok(names({ category: "write", confidence: 0.9, named: ["update_plan"] }).includes("update_plan"));
});

Deno.test("selectTools() gives MCP servers only what is left of the limit, in a small window only those that are meant", () => {
  const share = (given: Partial<SelectionInput>) => {
    const { names } = selectTools(input({ confidence: 0.9, ...given }));
    const held = SAMPLE_TOOLS.filter((tool) => names.includes(tool.name));
    assert.ok(names.includes("menu"));
    return {
      servers: held.filter(({ group }) => group !== undefined).length,
      tokens: sampleCost(held.map((tool) => tool.schema)),
    };
  };
  for (const category of ["write", "web", "search", "read"] as const) {
    assert.equal(share({ category, window: 8_192 }).servers, 0, category);
    const large = share({ category, window: 131_072 });
    assert.ok(large.tokens <= 700, `${category}: ${large.tokens}`);
  }
  const [one = SAMPLE_TOOLS[0]!] = SAMPLE_TOOLS.filter(({ group }) => group);
  const other = { ...one, name: "mcp_wiki_1", group: "mcp_wiki" };
  const tools = [...SAMPLE_TOOLS.slice(0, 3), ...SAMPLE_TOOLS.filter(({ group }) => group), other];
  const meant = groupsIn("Look it up in the Wiki.", tools);
  assert.deepEqual(meant, ["mcp_wiki"]);
  const small = selectTools(input({ tools, window: 8_192, category: "read", meant })).names;
  assert.deepEqual(small.filter((name) => name.startsWith("mcp_")), ["mcp_wiki_1"]);
  const large = selectTools(input({ tools, category: "read", meant })).names;
  assert.ok(large.includes("mcp_wiki_1") && large.includes("mcp_tickets_1"));
  assert.deepEqual(groupsIn("wikipedia, ticket", tools), []);
});

Deno.test("selectTools() fills in rounds, so that many tools of one category crowd out no other", () => {
  const { names, reason } = selectTools(input({ window: 16_384, confidence: 0.3 }));
  for (const name of ["patch", "write_file", "bash", "read_file", "update_plan", "web_fetch", "menu"]) {
    assert.ok(names.includes(name), name);
  }
  assert.ok(!names.includes("mcp_tickets_20"));
  assert.match(reason, /^in doubt \(confidence 0\.30\): \d+ of 31 tools, \d+ of \d+ tokens, limit \d+$/);
});

Deno.test("selectTools() keeps within the limit once each category has its first two tools", () => {
  for (const window of [16_384, 32_768, 131_072]) {
    const { names } = selectTools(input({ window, category: "search" }));
    const held = SAMPLE_TOOLS.filter((tool) => names.includes(tool.name));
    assert.ok(sampleCost(held.map((tool) => tool.schema)) <= window * 0.1, String(window));
  }
});

Deno.test("selectTools() keeps the head on later turns unless a change, the cost rule or a short history speaks against it", () => {
  const reading = ["read_file", "search", "find_files", "code_graph", "menu"];
  const later = (given: Partial<SelectionInput>, names: readonly string[], tokensAtRisk: number) => {
    const selection = selectTools(input({ window: 8_192, ...given, current: { names, tokensAtRisk } }));
    return { changed: selection.changed, why: selection.reason.split(":")[0], names: selection.names };
  };
  assert.deepEqual(later({ category: "respond" }, reading, 100), {
    changed: false,
    why: "kept",
    names: reading,
  });
  assert.deepEqual(later({ category: "respond" }, [], 100), { changed: false, why: "kept", names: [] });
  const opened = later({ category: "write" }, reading, 6_000);
  assert.deepEqual([opened.changed, opened.why], [true, "opened"]);
  assert.ok(opened.names.includes("patch") && opened.names.includes("bash"));
  assert.equal(later({ category: "read" }, [], 6_000).why, "opened");
  assert.equal(later({ category: "web" }, reading, 2_000).why, "widened by web_fetch, web_search");
  assert.deepEqual(later({ category: "web" }, reading, 2_001), {
    changed: false,
    why: "kept",
    names: reading,
  });
  const all = SAMPLE_TOOLS.map((tool) => tool.name);
  assert.equal(later({ category: "write" }, all, 4_000).why, "narrowed");
  assert.deepEqual(later({ category: "write" }, all, 100_000), { changed: false, why: "kept", names: all });
});

Deno.test("selectTools() never leaves a message that may end in a change without the tools for it", () => {
  const current = { names: ["read_file", "search", "menu"], tokensAtRisk: 50_000 };
  const mayChange: readonly (readonly [Category, number])[] = [["write", 0.9], ["run", 0.9], ["plan", 0.9], [
    "read",
    0.4,
  ]];
  for (const [category, confidence] of mayChange) {
    for (const window of [4_096, 16_384, 131_072]) {
      for (const state of [{}, { current }]) {
        const { names } = selectTools(input({ category, confidence, window, ...state }));
        assert.ok(names.includes("patch") && names.includes("bash"), `${category} ${window}`);
      }
    }
  }
});

Deno.test("selectTools() leaves out what the model fails with, where another tool stands for it, and brings the menu", () => {
  const failing = new Set(["patch", "bash"]);
  const chosen = selectTools(input({ tools: BUNDLED, category: "write", failing }));
  const rest = BUNDLED.map((tool) => tool.name).filter((name) => name !== "patch");
  assert.deepEqual(chosen.names, [...rest, "menu"], "bash stays: nothing else runs commands");
  assert.match(chosen.reason, /without patch, which this model fails with/);
});

Deno.test("selectTools() holds a core where each schema is dear: what a change cannot do without, then what fits", () => {
  const cases: readonly (readonly [string, Partial<SelectionInput>, readonly string[]])[] = [
    ["write", {}, ["read_file", "patch", "write_file", "bash", "menu"]],
    ["in doubt", { confidence: 0.3 }, ["read_file", "patch", "write_file", "bash", "menu"]],
    ["run", { category: "run" }, ["read_file", "patch", "write_file", "bash", "menu"]],
    ["read", { category: "read", headTokens: 400 }, ["read_file", "menu"]],
    ["search", { category: "search" }, ["read_file", "search", "find_files", "menu"]],
    ["plan", { category: "plan", tools: SAMPLE_TOOLS.slice(0, 8) }, [
      "read_file",
      "patch",
      "write_file",
      "bash",
      "menu",
    ]],
    ["room", { category: "read", headTokens: 100 }, [
      "read_file",
      "search",
      "find_files",
      "list_files",
      "menu",
    ]],
  ];
  for (const [name, given, names] of cases) {
    const tight = { isTight: true, window: 8_192, tools: BUNDLED, ...given };
    assert.deepEqual(selectTools(input(tight)).names, names, name);
  }
});
