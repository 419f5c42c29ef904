/** Which tools' schemas stand in the prompt's head (DESIGN decision 3). Pure: the same input gives the same selection. */

import { SMALL_WINDOW } from "../prompt/budget.ts";
import type { Tool } from "../tool.ts";
import type { Category, ToolSchema } from "../types.ts";

/** Share of the window that all schemas may cost and still go in together: then choosing saves less than it risks. */
const FREE_SHARE = 0.05;
/** Tokens of a first request without the message, in a small window and in others (DESIGN section 5). */
const FIRST_REQUEST = { small: 600, large: 1_000 };
/** Share of a window of at least `SMALL_WINDOW` that a chosen set may cost; a small one bears `FREE_SHARE`. */
const SET_SHARE = 0.1;
/** Tools of a category that go in before the limit counts: a reader and its like, an editor and a file writer. */
const FIRST_OF_EACH = 2;
/** The same where each schema is dear: what a change cannot do without, besides the message's own category. */
const CORE: Readonly<Partial<Record<Category, number>>> = { write: 2, read: 1, run: 1 };
/** Requests over which a changed head must earn what the server has to read again (DESIGN decision 1). */
const REQUESTS_AHEAD = 8;
/** Tokens that may be read again to bring a tool into the head (DESIGN decision 3). */
export const REOPEN_TOKENS = 2_000;
/** From this confidence on the category decides; below, every tool goes in. */
export const SURE = 0.6;

/** Categories of tools that go with a category of message, nearest first. What may end in a change has the tools to make it. */
const COMPANIONS: Readonly<Record<Category, readonly Category[]>> = {
  "write": ["write", "read", "run", "search", "respond"],
  "run": ["run", "read", "write", "search", "respond"],
  "plan": ["plan", "read", "search", "code-intelligence", "write", "run", "respond"],
  "read": ["read", "search", "code-intelligence", "respond"],
  "search": ["search", "read", "code-intelligence", "respond"],
  "code-intelligence": ["code-intelligence", "search", "read", "respond"],
  "web": ["web", "read", "search", "respond"],
  "respond": [],
};

/** In doubt everything, what changes files first. */
const EVERY: readonly Category[] = [
  "write",
  "read",
  "run",
  "search",
  "plan",
  "code-intelligence",
  "web",
  "respond",
];

/** Categories of message whose tools cannot change a file. */
export const READ_ONLY: readonly Category[] = ["read", "search", "code-intelligence", "web", "respond"];

export interface SelectionInput {
  readonly category: Category;
  /** 0 to 1. */
  readonly confidence: number;
  /** Every enabled tool, the most useful of a category first; without `menu` and `use`. */
  readonly tools: readonly Tool[];
  /** Names of tools that this model fails with: left out while another tool of the category stands for them. Default: none. */
  readonly failing?: ReadonlySet<string>;
  /** `menu`, and with native calls `use`: they go in where a tool is left out. */
  readonly pseudo: readonly Tool[];
  /** Tokens that the server has loaded. */
  readonly window: number;
  /** Tokens of these schemas as the head shows them. */
  readonly costOf: (schemas: readonly ToolSchema[]) => number;
  /** Tools that the message names: they go in whatever its category. */
  readonly named?: readonly string[];
  /** Groups that the message names, e.g. `mcp_tickets`: their tools go before those of others. */
  readonly meant?: readonly string[];
  /** Tokens of the first request that are no schemas: the system text, and what a template adds. */
  readonly headTokens: number;
  /** Whether each schema is dear (native calls): then the head holds a core, and what fits beside it. */
  readonly isTight?: boolean;
  /** What the head holds now; absent on a session's first turn. */
  readonly current?: {
    readonly names: readonly string[];
    /** Tokens from the first byte that a changed tool list changes to the prompt's end. */
    readonly tokensAtRisk: number;
  };
}

export interface Selection {
  /** Names of the tools in the head, in the order of `tools`, `menu` and `use` last; empty for `respond`. */
  readonly names: readonly string[];
  /** Whether the head differs from the current one: a new epoch. */
  readonly changed: boolean;
  /** Why, with the numbers, for the `route` event. */
  readonly reason: string;
}

/**
 * Selects the tools of the head. First turn: all, where they are cheap or the category is in doubt; none for `respond`; else those that
 * go with the category, as many as their share of the window bears. Later turns keep the head, unless a message that may end in a
 * change finds no tool for it, or `REOPEN_TOKENS` or `REQUESTS_AHEAD` speak for a new one.
 */
export function selectTools(input: SelectionInput): Selection {
  const { usable, left } = withoutFailing(input);
  const near = withoutPlans({ ...input, tools: usable });
  const chosen = selectFirst({ ...input, tools: near, isPart: near.length < input.tools.length });
  const without = `${chosen.reason}; without ${left.join(", ")}, which this model fails with`;
  const first = left.length > 0 && chosen.names.length > 0 ? { ...chosen, reason: without } : chosen;
  return input.current ? selectLater(input, first, input.current) : first;
}

/** Tools that the model fails with are left out of a head, but for those that nothing of their category stands for. */
function withoutFailing(
  { tools, failing = new Set(), named = [] }: SelectionInput,
): { readonly usable: readonly Tool[]; readonly left: readonly string[] } {
  const usable = tools.filter((tool) =>
    !failing.has(tool.name) || named.includes(tool.name) ||
    !tools.some((other) =>
      other.category === tool.category && other.group === tool.group && !failing.has(other.name)
    )
  );
  return { usable, left: tools.filter((tool) => !usable.includes(tool)).map(({ name }) => name) };
}

/** What only some messages are about waits in the menu, however cheap: each further tool is one more for a small model to confuse. */
function withoutPlans(
  { tools, category, confidence, window, isTight, named = [] }: SelectionInput,
): readonly Tool[] {
  const isSmall = window < SMALL_WINDOW;
  // A small head that holds dear schemas has no room for them even then; a plan may also be written as a list.
  if (category === "plan" && !(isSmall && isTight) || confidence < SURE && !isSmall) return tools;
  return tools.filter((tool) => tool.category !== "plan" || named.includes(tool.name));
}

/** Tools that a message names, e.g. `web_search`. Names of one word (`search`, `plan`) are words of the language and do not count. */
export function namedIn(task: string, tools: readonly Tool[]): readonly string[] {
  const words = new Set(task.match(/[A-Za-z0-9]+(?:_[A-Za-z0-9]+)+/g));
  return tools.flatMap(({ name }) => words.has(name) ? name : []);
}

/** Groups whose server a message names, e.g. `mcp_tickets` where it speaks of tickets. */
export function groupsIn(task: string, tools: readonly Tool[]): readonly string[] {
  const words = task.toLowerCase().match(/[a-z0-9]+/g)?.join("_") ?? "";
  const groups = new Set(tools.flatMap(({ group }) => group ?? []));
  return [...groups].filter((group) => `_${words}_`.includes(`_${group.replace(/^mcp_/, "")}_`));
}

/** `isPart`: `tools` are not all, so the menu has to bring the others. */
function selectFirst(input: SelectionInput & { readonly isPart: boolean }): Selection {
  const { category, confidence, tools, window, isPart } = input;
  const isSure = confidence >= SURE;
  if (isSure && category === "respond" && !input.named?.length) {
    return { names: [], changed: true, reason: "none: only words are asked for" };
  }
  const isSmall = window < SMALL_WINDOW;
  const room = FIRST_REQUEST[isSmall ? "small" : "large"] - input.headTokens;
  const all = cost(isPart ? [...tools, ...input.pseudo] : tools, input);
  const free = Math.floor(Math.min(window * FREE_SHARE, room));
  if (all <= free) return offer(tools, `all: ${all} tokens, at most ${free} are free`, input);
  const order = isSure ? COMPANIONS[category] : EVERY;
  // A large window bears more, a first request does not (DESIGN section 5): the menu brings the rest.
  const limit = Math.floor(Math.min(window * (isSmall ? FREE_SHARE : SET_SHARE), room));
  const chosen = fill(order, limit, input);
  const withMenu = cost([...chosen, ...input.pseudo], input);
  if (withMenu >= all) {
    return offer(
      tools,
      `all: ${all} tokens, ${chosen.length} tools and the menu would be ${withMenu}`,
      input,
    );
  }
  const why = isSure ? `for ${category}` : `in doubt (confidence ${confidence.toFixed(2)})`;
  return offer(
    chosen,
    `${why}: ${chosen.length} of ${tools.length} tools, ${
      cost(chosen, input)
    } of ${all} tokens, limit ${limit}`,
    input,
  );
}

/** In rounds over the categories, so that a plugin with fifty tools of one category crowds out no other; then those of MCP servers. */
function fill(order: readonly Category[], limit: number, input: SelectionInput): readonly Tool[] {
  const own = input.tools.filter(({ group }) => group === undefined);
  const queues = order.map((category) => own.filter((tool) => tool.category === category));
  const named = input.tools.filter(({ name }) => input.named?.includes(name));
  const first = (category: Category) =>
    input.isTight ? Math.max(CORE[category] ?? 0, category === order[0] ? 1 : 0) : FIRST_OF_EACH;
  const chosen = new Set([
    ...named,
    ...queues.flatMap((queue, i) => queue.slice(0, first(order[i] ?? "respond"))),
  ]);
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  for (let round = input.isTight ? 0 : FIRST_OF_EACH; round < longest; round++) {
    for (const tool of queues.flatMap((queue) => queue[round] ?? [])) {
      if (cost([...chosen, tool, ...input.pseudo], input) <= limit) chosen.add(tool);
    }
  }
  for (const tool of ofServers(input)) {
    if (cost([...chosen, tool, ...input.pseudo], input) > limit) break;
    chosen.add(tool);
  }
  return inOrder(chosen, input);
}

/** Those of MCP servers, for which the menu is the usual way: in a small window only what the message names. */
function ofServers({ tools, window, meant = [] }: SelectionInput): readonly Tool[] {
  const isMeant = ({ group }: Tool) => group !== undefined && meant.includes(group);
  const others = window < SMALL_WINDOW ? [] : tools.filter((tool) => tool.group && !isMeant(tool));
  return [...tools.filter(isMeant), ...others];
}

function selectLater(
  input: SelectionInput,
  first: Selection,
  current: NonNullable<SelectionInput["current"]>,
): Selection {
  const { category, tools } = input;
  const atRisk = current.tokensAtRisk;
  const has = new Set(current.names);
  const held = tools.filter((tool) => has.has(tool.name));
  const keep = (why: string): Selection => ({ names: current.names, changed: false, reason: `kept: ${why}` });
  if (first.names.length === 0) return keep("only words are asked for");
  const wanted = tools.filter((tool) => first.names.includes(tool.name));
  const missing = wanted.filter((tool) => !has.has(tool.name));
  if (missing.length > 0) {
    const names = missing.map((tool) => tool.name).join(", ");
    if (held.length === 0 || cannotChange(input, held)) {
      return offer(wanted, `opened: ${category} needs ${names}, ${atRisk} tokens are read again`, input);
    }
    if (atRisk <= REOPEN_TOKENS) {
      const both = inOrder(new Set([...held, ...wanted]), input);
      return offer(
        both,
        `widened by ${names}: ${atRisk} tokens are read again, at most ${REOPEN_TOKENS}`,
        input,
      );
    }
    return keep(`${names} by menu, ${atRisk} tokens would be read again, more than ${REOPEN_TOKENS}`);
  }
  const saved = cost(held, input) - cost(wanted, input);
  const gain = saved * REQUESTS_AHEAD;
  const sum = `${saved} tokens saved x ${REQUESTS_AHEAD} = ${gain}, ${atRisk} would be read again`;
  return gain > atRisk ? offer(wanted, `narrowed: ${sum}`, input) : keep(sum);
}

/** Whether the message may end in a change or a command, and what is held has no tool for it although there is one. */
function cannotChange({ category, confidence, tools }: SelectionInput, held: readonly Tool[]): boolean {
  if (confidence >= SURE && READ_ONLY.includes(category)) return false;
  const needed: readonly Category[] = ["write", "run"];
  return needed.some((one) =>
    tools.some((tool) => tool.category === one) && !held.some((tool) => tool.category === one)
  );
}

function offer(
  chosen: readonly Tool[],
  reason: string,
  input: SelectionInput & { readonly isPart?: boolean },
): Selection {
  const pseudo = chosen.length < input.tools.length || input.isPart ? input.pseudo : [];
  const names = [...chosen, ...pseudo].map((tool) => tool.name);
  const before = input.current?.names;
  return { names, changed: !before || before.join() !== names.join(), reason };
}

function inOrder(chosen: ReadonlySet<Tool>, { tools }: SelectionInput): readonly Tool[] {
  return tools.filter((tool) => chosen.has(tool));
}

function cost(tools: readonly Tool[], { costOf }: SelectionInput): number {
  return tools.length === 0 ? 0 : costOf(tools.map((tool) => tool.schema));
}
