/**
 * The two pseudo tools that keep every tool within reach: `menu` shows the tools of a category, `use` calls one that the head does not
 * hold. They belong to the harness, not to `tools/`, and stand in the head only where a tool is left out.
 */

import { ToolError } from "../errors.ts";
import { namesLine } from "../prompt/text/calls.ts";
import type { Tool } from "../tool.ts";
import type { Args, ToolCall, ToolSchema } from "../types.ts";
import { REOPEN_TOKENS } from "./select.ts";

export const MENU = "menu";
export const USE = "use";

export interface MenuParts {
  /** Every enabled tool. */
  readonly tools: readonly Tool[];
  /**
   * How a tool that the head does not hold is called: as text like any other; or, where calls go through the protocol's field and the server only
   * knows the tools of the head, through `use`, or through `menu` itself where each schema is dear.
   */
  readonly calls: "text" | "use" | "menu";
  /** The schemas as text, in the lines that the dialects use. */
  readonly describe: (schemas: readonly ToolSchema[]) => string;
  /** Names of the tools in the head now. */
  readonly offered: () => readonly string[];
  /** Tokens that the server must read again when the tool list changes now. */
  readonly tokensAtRisk: () => number;
  /** Adds tools to the head: the next request begins a new epoch. */
  readonly open: (names: readonly string[]) => void;
}

/** A list of at most this many characters is shown with each tool's description: about 1,100 tokens. */
const FULL_CHARS = 4_000;
/** A longer one is shown with that much of each description. */
const SHORT_CHARS = 40;
/** Characters that the schemas of a server may have to be brought into the head; fewer where each schema is dear. */
const HEAD_CHARS = { text: 4_000, use: 4_000, menu: 1_600 } as const;

/** What goes into the head where a tool is left out: `menu`, and `use` where calls need it. */
export function createPseudoTools(parts: MenuParts): readonly Tool[] {
  switch (parts.calls) {
    case "text":
      return [createMenu(parts)];
    case "use":
      return [createMenu(parts), createUse(parts.tools)];
    case "menu":
      return [createCallingMenu(parts)];
  }
}

function createMenu(parts: MenuParts): Tool {
  const categories = [...new Set(parts.tools.map(shelfOf))];
  return {
    name: MENU,
    category: "respond",
    effect: "none",
    isPure: false,
    schema: {
      name: MENU,
      description: "Get more tools when the ones you have cannot do the task.",
      parameters: {
        type: "object",
        properties: { category: { type: "string", enum: categories } },
        required: ["category"],
      },
    },
    example: { category: categories[0] ?? "read" },
    check: (args) =>
      categories.includes(String(args.category)) ? { args } : {
        problem: `category: there are no tools of "${args.category}". Categories: ${categories.join(", ")}`,
      },
    request: () => ({ effect: "none", what: MENU }),
    run: (args) => Promise.resolve(show(String(args.category), parts)),
  };
}

/** `menu` and `use` in one: a category or a tool without arguments is explained, a tool with arguments is called. */
function createCallingMenu(parts: MenuParts): Tool {
  const menu = createMenu(parts);
  const use = createUse(parts.tools);
  const categories = [...new Set(parts.tools.map(shelfOf))];
  const asked = ({ tool, category }: Args) => tool || category;
  const categoryOf = (args: Args) => {
    const meant = parts.tools.find((tool) => shelfOf(tool) === asked(args)) ??
      parts.tools.find((tool) => tool.name === asked(args));
    return meant && shelfOf(meant);
  };
  return {
    ...menu,
    get schema() {
      const offered = new Set(parts.offered());
      const away = categories.filter((category) =>
        parts.tools.some((tool) => shelfOf(tool) === category && !offered.has(tool.name))
      );
      const named = away.length > 0 ? away : categories;
      return {
        name: MENU,
        description: `More tools: ${named.join(", ")}. Without args they are explained.`,
        parameters: {
          type: "object",
          properties: {
            tool: { type: "string" },
            args: { type: "object" },
            category: { type: "string" },
          },
          required: ["tool"],
        },
        mayLack: { tool: ["category"] },
        brief: {
          description: `More tools: ${named.join(", ")}. Without args they are explained.`,
          parameters: ["tool", "args"],
        },
      };
    },
    example: { tool: categories[0] ?? "read" },
    check(args) {
      if (isCall(args)) return use.check(args);
      return categoryOf(args) ? { args } : menu.check({ category: asked(args) });
    },
    request: (args) => isCall(args) ? use.request(args) : menu.request(args),
    run: (args, context) =>
      isCall(args) ? use.run(args, context) : menu.run({ category: categoryOf(args) }, context),
  };
}

function isCall({ tool, args }: Args): boolean {
  return typeof tool === "string" && tool !== "" && args !== undefined && args !== null;
}

/** Where the menu has a tool: under its server, else under its category. */
function shelfOf({ group, category }: Tool): string {
  return group ?? category;
}

function show(shelf: string, parts: MenuParts): { text: string; summary: string } {
  const tools = parts.tools.filter((tool) => shelfOf(tool) === shelf);
  const names = tools.map((tool) => tool.name);
  const schemas = tools.map((tool) => tool.schema);
  const full = parts.describe(schemas);
  const isLong = full.length > FULL_CHARS;
  const isDear = tools.some(({ group }) => group !== undefined) &&
    JSON.stringify(schemas).length > HEAD_CHARS[parts.calls];
  const offered = parts.offered();
  const added = names.filter((name) => !offered.includes(name));
  const advice = advise(tools, added, parts, isDear ? "too long for the head" : "fits the head");
  return {
    text: `${advice}\n${isLong ? parts.describe(schemas.map(inShort)) : full}`,
    summary: names.join(", "),
  };
}

function inShort(schema: ToolSchema): ToolSchema {
  const { description } = schema;
  return description.length <= SHORT_CHARS
    ? schema
    : { ...schema, description: `${description.slice(0, SHORT_CHARS).trimEnd()}...` };
}

/** Text calls may name any tool at once. With native calls the server must know it, or `use` carries the call. */
function advise(
  tools: readonly Tool[],
  added: readonly string[],
  parts: MenuParts,
  length: "fits the head" | "too long for the head",
): string {
  if (parts.calls === "text" || added.length === 0) return "You can call these tools now:";
  if (length === "fits the head" && parts.tokensAtRisk() <= REOPEN_TOKENS) {
    parts.open(added);
    return "You can call these tools now:";
  }
  const first = tools.find((tool) => added.includes(tool.name));
  return `Call these tools with ${parts.calls}, for example ${parts.calls} ${
    JSON.stringify({ tool: first?.name, args: first?.example })
  }:`;
}

/** Checked, permitted and run as the tool that it names. */
function createUse(tools: readonly Tool[]): Tool {
  const byName = new Map(tools.map((tool) => [tool.name, tool]));
  const meant = (args: Args): { tool: Tool; args: Args } => {
    const call = readUse(args, byName);
    if ("problem" in call) throw new ToolError(call.problem);
    return call;
  };
  const [first] = tools;
  return {
    name: USE,
    category: "respond",
    effect: "none",
    isPure: false,
    schema: {
      name: USE,
      description: `Call a tool that ${MENU} has shown.`,
      parameters: {
        type: "object",
        properties: { tool: { type: "string" }, args: { type: "object" } },
        required: ["tool", "args"],
      },
    },
    example: { tool: first?.name ?? MENU, args: first?.example ?? {} },
    async check(args) {
      const call = readUse(args, byName);
      if ("problem" in call) return call;
      const checked = await call.tool.check(call.args);
      return "problem" in checked ? checked : { args: { tool: call.tool.name, args: checked.args } };
    },
    request: (args) => meant(args).tool.request(meant(args).args),
    run: (args, context) => meant(args).tool.run(meant(args).args, context),
  };
}

/**
 * The call that a `use` stands for, so that it is watched, counted and shown as what it is; any other call, also a `use` that cannot be
 * read, as it is. The id stays: the result answers the call that was made.
 */
export function unwrapUse(call: ToolCall, tools: ReadonlyMap<string, Tool>): ToolCall {
  const isUse = call.name === USE || call.name === MENU && isCall(call.args);
  if (!isUse || call.args.tool === USE || call.args.tool === MENU) return call;
  const meant = readUse(call.args, tools);
  return "problem" in meant ? call : { id: call.id, name: meant.tool.name, args: meant.args };
}

/** Models write the inner arguments as an object or as its JSON text. */
function readUse(
  { tool: name, args }: Args,
  tools: ReadonlyMap<string, Tool>,
): { readonly tool: Tool; readonly args: Args } | { readonly problem: string } {
  const tool = typeof name === "string" ? tools.get(name) : undefined;
  if (!tool) return { problem: `there is no tool "${name}". Tools: ${namesLine([...tools.keys()])}` };
  const inner = typeof args === "string" ? readObject(args) : args;
  if (typeof inner === "object" && inner !== null) return { tool, args: inner as Args };
  return { problem: `args: an object is needed, for example ${JSON.stringify(tool.example)}` };
}

function readObject(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not JSON: the caller names what is needed.
  }
}
