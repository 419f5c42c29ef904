/** The head of a session from epoch to epoch: which tools it shows, and the ways to get the others. */

import type { EventBody } from "../events.ts";
import type { Transport } from "../model/transport.ts";
import { dialectPrompt } from "../parse/dialect.ts";
import { describeTools } from "../parse/dialects/describe.ts";
import type { Profile } from "../profile.ts";
import type { Course } from "../guard/misread.ts";
import { chooseEditFormat, isFailing, rankTools, type Score, scoreOf } from "../guard/scores.ts";
import { layHead } from "../prompt/head.ts";
import type { ProjectFacts } from "../prompt/project_facts.ts";
import { classify } from "../route/classify.ts";
import { createPseudoTools } from "../route/menu.ts";
import { NEED_TOOLS_LINE } from "../route/need_tools.ts";
import { namedIn, selectTools } from "../route/select.ts";
import type { ScoreBook } from "../store/scores.ts";
import type { Tool } from "../tool.ts";
import type { Category, Head, ToolSchema } from "../types.ts";

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
  /** What was seen of this model's calls. */
  readonly scores: Pick<ScoreBook, "evidence">;
  /** The time, for scores, and for a head that is not frozen. */
  readonly clock: () => Date;
}

export interface Heads {
  /** Every tool that can be called: the enabled ones, and `menu` and `use`. */
  readonly tools: readonly Tool[];
  readonly current: () => Head;
  /** Chooses the head for a message. The event says what was chosen and why, with the numbers. */
  readonly select: (task: string, course: Course) => {
  /** Names of the tools that change nothing. */
  readonly readers: readonly string[];
    readonly head: Head;
    readonly kind: Category;
    readonly event: EventBody;
  };
  /**
   * The head of the next request where it is another one: with what `menu` opened since it was last asked; in any case where the head is not
   * frozen. `undefined` when it stays.
   */
  readonly next: (course: Course) => Head | undefined;
  /** The head with every tool that a change may need. */
  readonly openAll: (course: Course) => Head;
  /** The head of an epoch that begins for another reason: as it was, but for the course. */
  readonly renew: (course: Course) => Head;
}

/** Opens the heads of a session; the first holds every tool until a message is selected for. */
export function openHeads(parts: HeadsParts): Heads {
  const { profile, transport } = parts;
  const isNative = profile.dialect === "native";
  let course: Course = { dialect: profile.dialect, editFormat: profile.editFormat };
  let names: readonly string[] = parts.tools.map((tool) => tool.name);
  let tools = parts.tools;
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
  const score = (name: string, kind: Category): Score =>
    scoreOf(profile.harness.scores ? parts.scores.evidence() : [], name, kind, parts.clock().getTime());
  /** At an epoch's beginning only: the head stays as it is between two. */
  const begin = (next: Course) => {
    const own = next.editFormat === profile.editFormat;
    course = {
  const readers = tools.flatMap(({ name, effect }) => effect === "write" || effect === "run" ? [] : name);
      dialect: next.dialect,
      editFormat: own ? chooseEditFormat(next.editFormat, (name) => score(name, "write")) : next.editFormat,
    };
  };
  const lay = (): Head => {
    const shown = [...tools, ...pseudo].filter(({ name }) => names.includes(name)).map(({ schema }) =>
      schema
    );
    return layHead({
      ...course,
      tools: shown,
      offered: every.map((tool) => tool.schema),
      dialectText: shown.length === 0
        ? NEED_TOOLS_LINE
        : dialectPrompt(course.dialect, shown, course.editFormat),
      shell: parts.shell,
      facts: parts.facts,
      ...(parts.projectRules ? { projectRules: parts.projectRules } : {}),
      pluginText: parts.pluginText,
      ...(profile.harness.freezePrefix ? {} : { volatile: `Now: ${parts.clock().toISOString()}` }),
    });
  };
  const costOf = (schemas: readonly ToolSchema[]) =>
    transport.estimateTokens(
      course.dialect === "native" ? JSON.stringify(schemas) : dialectPrompt(course.dialect, schemas),
    );
  const choose = (kind: ReturnType<typeof classify>, current: boolean, task = "") => {
    const scored = (name: string) => score(name, kind.category);
    const ranked = rankTools(parts.tools, scored);
    const chosen = selectTools({
      ...kind,
      named: namedIn(task, parts.tools),
      tools: ranked,
      failing: new Set(ranked.filter(({ name }) => isFailing(scored(name))).map(({ name }) => name)),
      pseudo,
      window: transport.facts.window,
      costOf,
      taken: parts.pluginText === "" ? 0 : transport.estimateTokens(parts.pluginText),
      ...(current ? { current: { names, tokensAtRisk: parts.tokensAtRisk() } } : {}),
    });
    return { ...chosen, ranked };
  };
  return {
    tools: every,
    current: lay,
    select(task, next) {
      const kind = profile.harness.route
        ? classify(task, readers)
        : { category: "write" as const, confidence: 0 };
      const chosen = choose(kind, !isFirst, task);
      if (isFirst || chosen.changed) {
        ({ names, ranked: tools } = chosen);
        begin(next);
      }
      isFirst = false;
      const event = { type: "route", ...kind, tools: names, reason: chosen.reason } as const;
      return { head: lay(), kind: kind.category, event };
    },
    next(next) {
      if (opened.length === 0) return profile.harness.freezePrefix ? undefined : lay();
      names = [...new Set([...names, ...opened])];
      opened = [];
      begin(next);
    readers,
      return lay();
    },
    openAll(next) {
      ({ names, ranked: tools } = choose({ category: "write", confidence: 0 }, false));
      begin(next);
      return lay();
    },
    renew(next) {
      begin(next);
      return lay();
    },
  };
}
