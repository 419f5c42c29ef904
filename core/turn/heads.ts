/** The head of a session from epoch to epoch: which tools it shows, and the ways to get the others. */

import type { EventBody } from "../events.ts";
import { estimateTokens, FRESH_MEMORY } from "../model/tokens.ts";
import type { Transport } from "../model/transport.ts";
import { renderTools } from "../model/wire.ts";
import { dialectPrompt } from "../parse/dialect.ts";
import { describeTools } from "../parse/dialects/describe.ts";
import type { Profile } from "../profile.ts";
import type { Course } from "../guard/misread.ts";
import { chooseEditFormat, isFailing, rankTools, type Score, scoreOf } from "../guard/scores.ts";
import { briefSchema } from "../prompt/brief_schema.ts";
import { SMALL_WINDOW } from "../prompt/budget.ts";
import { type HeadParts, layHead } from "../prompt/head.ts";
import type { ProjectFacts } from "../prompt/project_facts.ts";
import { classify } from "../route/classify.ts";
import { createPseudoTools } from "../route/menu.ts";
import { NEED_TOOLS_LINE } from "../route/need_tools.ts";
import { groupsIn, namedIn, selectTools } from "../route/select.ts";
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
  /** Names of the tools that change nothing. */
  readonly readers: readonly string[];
  /** Chooses the head for a message. The event says what was chosen and why, with the numbers. */
  readonly select: (task: string, course: Course) => {
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

/** What Qwen2.5-Coder's template writes around native schemas, the marks of a first message included (counted by its tokenizer, 2026-11-25). */
const TEMPLATE_TOKENS = 92;

/** Opens the heads of a session; the first holds every tool until a message is selected for. */
export function openHeads(parts: HeadsParts): Heads {
  const { profile, transport } = parts;
  const isNative = profile.dialect === "native";
  const isSmall = transport.facts.window < SMALL_WINDOW;
  // By a ratio that learns, the same message would choose another head later, for nothing but a better estimate.
  const estimate = (text: string) => estimateTokens(FRESH_MEMORY, text);
  let course: Course = { dialect: profile.dialect, editFormat: profile.editFormat };
  let names: readonly string[] = parts.tools.map((tool) => tool.name);
  let tools = parts.tools;
  let isFirst = true;
  let opened: readonly string[] = [];
  const pseudo = createPseudoTools({
    tools,
    calls: isNative ? isSmall ? "menu" : "use" : "text",
    describe: describeTools,
    offered: () => names,
    tokensAtRisk: parts.tokensAtRisk,
    open: (added) => opened = [...opened, ...added],
  });
  const every = [...tools, ...pseudo];
  const readers = tools.flatMap(({ name, effect }) => effect === "write" || effect === "run" ? [] : name);
  const score = (name: string, kind: Category): Score =>
    scoreOf(profile.harness.scores ? parts.scores.evidence() : [], name, kind, parts.clock().getTime());
  /** At an epoch's beginning only: the head stays as it is between two. */
  const begin = (next: Course) => {
    const own = next.editFormat === profile.editFormat;
    course = {
      dialect: next.dialect,
      editFormat: own ? chooseEditFormat(next.editFormat, (name) => score(name, "write")) : next.editFormat,
    };
  };
  const isBrief = () => isSmall && course.dialect === "native";
  const layWith = (shown: readonly ToolSchema[], texts: Pick<HeadParts, "dialectText" | "projectRules">) =>
    layHead({
      ...course,
      ...texts,
      isBrief: isBrief(),
      tools: shown,
      offered: every.map((tool) => tool.schema),
      shell: parts.shell,
      facts: parts.facts,
      pluginText: parts.pluginText,
      ...(profile.harness.freezePrefix ? {} : { volatile: `Now: ${parts.clock().toISOString()}` }),
    });
  const lay = (): Head => {
    const shown = every.filter(({ name }) => names.includes(name)).map(({ schema }) => schema);
    const dialectText = shown.length === 0
      ? NEED_TOOLS_LINE
      : dialectPrompt(course.dialect, shown, course.editFormat);
    return layWith(shown, {
      dialectText,
      ...(parts.projectRules ? { projectRules: parts.projectRules } : {}),
    });
  };
  const costOf = (schemas: readonly ToolSchema[]) => {
    if (course.dialect !== "native") return estimate(dialectPrompt(course.dialect, schemas));
    const shown = isBrief() ? schemas.map((schema) => briefSchema(schema, course.editFormat)) : schemas;
    return estimate(renderTools(shown));
  };
  /** Tokens of a first request that are no schemas, a project's own instructions apart. */
  const headTokens = () =>
    estimate(layWith(every.map(({ schema }) => schema), { dialectText: "" }).system) +
    (course.dialect === "native" ? TEMPLATE_TOKENS : 0);
  const choose = (kind: ReturnType<typeof classify>, current: boolean, task = "") => {
    const scored = (name: string) => score(name, kind.category);
    const ranked = rankTools(parts.tools, scored);
    const chosen = selectTools({
      ...kind,
      named: namedIn(task, parts.tools),
      meant: groupsIn(task, parts.tools),
      tools: ranked,
      failing: new Set(ranked.filter(({ name }) => isFailing(scored(name))).map(({ name }) => name)),
      pseudo,
      window: transport.facts.window,
      costOf,
      headTokens: headTokens(),
      isTight: course.dialect === "native",
      ...(current ? { current: { names, tokensAtRisk: parts.tokensAtRisk() } } : {}),
    });
    return { ...chosen, ranked };
  };
  return {
    tools: every,
    readers,
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
