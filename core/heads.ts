/** The head of a session from epoch to epoch: which tools it shows, and the ways to get the others. */

import type { EventBody } from "./events.ts";
import type { Transport } from "./model/transport.ts";
import { dialectPrompt } from "./parse/dialect.ts";
import { describeTools } from "./parse/dialects/describe.ts";
import type { Profile } from "./profile.ts";
import { layHead } from "./prompt/head.ts";
import type { ProjectFacts } from "./prompt/project_facts.ts";
import { classify } from "./route/classify.ts";
import { createPseudoTools } from "./route/menu.ts";
import { NEED_TOOLS_LINE } from "./route/need_tools.ts";
import { selectTools } from "./route/select.ts";
import type { Tool } from "./tool.ts";
import type { Head, ToolSchema } from "./types.ts";

export interface HeadsParts {
  readonly profile: Profile;
  /** Every enabled tool, the most useful of a category first. */
  readonly tools: readonly Tool[];
  readonly transport: Transport;
  readonly shell: string;
  readonly facts: ProjectFacts;
  readonly projectRules?: { readonly path: string; readonly text: string };
  /** Text of the plugins for the system message; empty where there is none. */
  readonly pluginText: string;
  /** Tokens of the newest request: what a changed head makes the server read again. */
  readonly tokensAtRisk: () => number;
}

export interface Heads {
  /** Every tool that can be called: the enabled ones, and `menu` and `use`. */
  readonly tools: readonly Tool[];
  readonly current: () => Head;
  /** Chooses the head for a message. The event says what was chosen and why, with the numbers. */
  readonly select: (task: string) => { readonly head: Head; readonly event: EventBody };
  /** The head with what `menu` opened since it was last asked; `undefined` when nothing was. */
  readonly takeOpened: () => Head | undefined;
  /** The head with every tool that a change may need. */
  readonly openAll: () => Head;
}

/** Opens the heads of a session; the first holds every tool until a message is selected for. */
export function openHeads(parts: HeadsParts): Heads {
  const { profile, tools, transport } = parts;
  const isNative = profile.dialect === "native";
  let names: readonly string[] = tools.map((tool) => tool.name);
  let isFirst = true;
  let opened: readonly string[] = [];
  const pseudo = createPseudoTools({
    tools,
    isNative,
    describe: describeTools,
    offered: () => names,
    tokensAtRisk: parts.tokensAtRisk,
    open: (added) => opened = [...opened, ...added],
  });
  const every = [...tools, ...pseudo];
  const schemasOf = (wanted: readonly string[]) =>
    every.filter((tool) => wanted.includes(tool.name)).map((tool) => tool.schema);
  const lay = (): Head => {
    const shown = schemasOf(names);
    return layHead({
      profile,
      tools: shown,
      offered: every.map((tool) => tool.schema),
      dialectText: shown.length === 0
        ? NEED_TOOLS_LINE
        : dialectPrompt(profile.dialect, shown, profile.editFormat),
      shell: parts.shell,
      facts: parts.facts,
      ...(parts.projectRules ? { projectRules: parts.projectRules } : {}),
      pluginText: parts.pluginText,
    });
  };
  const costOf = (schemas: readonly ToolSchema[]) =>
    transport.estimateTokens(isNative ? JSON.stringify(schemas) : dialectPrompt(profile.dialect, schemas));
  const choose = (kind: ReturnType<typeof classify>, current: boolean) =>
    selectTools({
      ...kind,
      tools,
      pseudo,
      window: transport.facts.window,
      costOf,
      taken: parts.pluginText === "" ? 0 : transport.estimateTokens(parts.pluginText),
      ...(current ? { current: { names, tokensAtRisk: parts.tokensAtRisk() } } : {}),
    });
  return {
    tools: every,
    current: lay,
    select(task) {
      const kind = profile.harness.route ? classify(task) : { category: "write" as const, confidence: 0 };
      const chosen = choose(kind, !isFirst);
      if (isFirst || chosen.changed) names = chosen.names;
      isFirst = false;
      return { head: lay(), event: { type: "route", ...kind, tools: names, reason: chosen.reason } };
    },
    takeOpened() {
      if (opened.length === 0) return undefined;
      names = [...new Set([...names, ...opened])];
      opened = [];
      return lay();
    },
    openAll() {
      names = choose({ category: "write", confidence: 0 }, false).names;
      return lay();
    },
  };
}
