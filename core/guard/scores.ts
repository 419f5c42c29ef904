/**
 * How well a model gets on with each tool and edit form: a Beta posterior per model, tool and kind of task. Pure, and deterministic: what is used is
 * the posterior's mean, never a draw from it, so that the same store gives the same prompt.
 */

import type { EditFormat } from "../profile.ts";
import type { Category } from "../types.ts";

/** What was seen of one tool in one kind of task, weighed by age. */
export interface Evidence {
  readonly tool: string;
  readonly kind: Category;
  /** Calls that were answered, and calls that failed: weights, not counts, since old ones fade. */
  readonly good: number;
  readonly bad: number;
  /** Milliseconds since 1970: the time that the weights are of. */
  readonly at: number;
}

/** A posterior, in short. */
export interface Score {
  /** From 0 to 1; the prior's where nothing was seen. */
  readonly mean: number;
  /** Weight of what was seen. */
  readonly seen: number;
}

/** Beta(4, 1): a tool is taken to work until it was seen to fail. Four failures in a row bring the mean to 0.44. */
const PRIOR = { good: 4, bad: 1 };
/** After a week a call counts half: a repaired server or a newer model build gets its chance without being called. */
const HALF_LIFE_MS = 7 * 24 * 3_600_000;
/** What was seen in another kind of task counts half. */
const OTHER_KINDS = 0.5;
/** Below this mean, seen often enough, a tool fails more than it works. */
const FAILING = { mean: 0.4, seen: 5 };
/** Means in the same quarter keep the authors' order: the head, and with it a server's cache, changes only for a real difference. */
const BANDS = 4;
/** Another edit form has to be so much better. */
const BETTER = 0.2;

/** Evidence with one more call at `now`. */
export function addCall(
  before: Evidence | undefined,
  call: { readonly tool: string; readonly kind: Category; readonly isGood: boolean },
  now: number,
): Evidence {
  const weight = before ? fading(before, now) : 0;
  return {
    tool: call.tool,
    kind: call.kind,
    good: (before?.good ?? 0) * weight + (call.isGood ? 1 : 0),
    bad: (before?.bad ?? 0) * weight + (call.isGood ? 0 : 1),
    at: now,
  };
}

/** The score of a tool in a kind of task. */
export function scoreOf(evidence: readonly Evidence[], tool: string, kind: Category, now: number): Score {
  let [good, bad] = [0, 0];
  for (const one of evidence) {
    if (one.tool !== tool) continue;
    const weight = fading(one, now) * (one.kind === kind ? 1 : OTHER_KINDS);
    good += one.good * weight;
    bad += one.bad * weight;
  }
  return {
    mean: (PRIOR.good + good) / (PRIOR.good + PRIOR.bad + good + bad),
    seen: good + bad,
  };
}

function fading({ at }: Evidence, now: number): number {
  return 0.5 ** (Math.max(0, now - at) / HALF_LIFE_MS);
}

/** Whether a tool is left out of the head, where another of its category stands for it; `menu` still brings it. */
export function isFailing({ mean, seen }: Score): boolean {
  return mean < FAILING.mean && seen >= FAILING.seen;
}

/** Tools with the better scores first; those in the same quarter in their own order. */
export function rankTools<T extends { readonly name: string }>(
  tools: readonly T[],
  score: (name: string) => Score,
): readonly T[] {
  const band = ({ name }: T) => Math.min(BANDS - 1, Math.floor(score(name).mean * BANDS));
  return tools.toSorted((a, b) => band(b) - band(a));
}

/** The edit form to ask for: the profile's, unless it fails and another is better by far. `symbol` is asked for by the case only. */
export function chooseEditFormat(asked: EditFormat, score: (tool: string) => Score): EditFormat {
  const own = score(editTool(asked));
  if (!isFailing(own)) return asked;
  const others = (["search_replace", "whole_file", "line_range"] as const).filter((one) => one !== asked);
  const best = others.toSorted((a, b) => score(editTool(b)).mean - score(editTool(a)).mean)[0];
  return best !== undefined && score(editTool(best)).mean >= own.mean + BETTER ? best : asked;
}

/** The name under which an edit form has its score. */
export function editTool(format: EditFormat): string {
  return `edit as ${format}`;
}

/** The form of an edit, by its arguments; `undefined` where the call is none. */
export function editFormatOf(args: Readonly<Record<string, unknown>>): EditFormat | undefined {
  if (typeof args.content === "string") return "whole_file";
  if (typeof args.symbol === "string" && args.symbol !== "") return "symbol";
  if (typeof args.start_line === "number") return "line_range";
  return typeof args.search === "string" ? "search_replace" : undefined;
}

/** A score as it is shown. */
export interface ToolScore extends Score {
  readonly tool: string;
  readonly kind: Category;
  readonly isFailing: boolean;
}

/** Every score that something was seen of, the worst first. */
export function listScores(evidence: readonly Evidence[], now: number): readonly ToolScore[] {
  return evidence.map(({ tool, kind }) => {
    const score = scoreOf(evidence, tool, kind, now);
    return { tool, kind, ...score, isFailing: isFailing(score) };
  }).toSorted((a, b) => a.mean - b.mean || (a.tool < b.tool ? -1 : 1));
}
