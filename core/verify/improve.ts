/**
 * The strategy ladder: how a model goes on after a red check. First the error, then another way, both in the running context; then, each once
 * and each in a fresh short context, what the facts allow; last, several replies of which a check chooses. Pure: each rung has its condition, and the ladder ends.
 */

import type { Sampling } from "../profile.ts";
import type { Attempt, Strategy } from "../types.ts";

/** What the choice is made from. */
export interface RedFacts {
  /** Failures that the check names; 1 where it names none. */
  readonly failures: number;
  /** Where the first failure points, as far as it is known. */
  readonly place?: {
    /** Lines of the smallest named part there. */
    readonly partLines?: number;
    /** Tokens of the whole file, estimated. */
    readonly fileTokens: number;
  };
  /** Tokens of the model's window. */
  readonly window: number;
  /** A plan has steps that are not done. */
  readonly hasPlan: boolean;
  /** Several replies may be asked for, and a check of the harness can choose. */
  readonly canCompare: boolean;
}

/** A part of at most this many lines is asked for whole: a small model can repeat it (compare `mergeRegion`, 80 lines at most). */
export const REWRITE_LINES = 60;
/** A file over this share of the window cannot be shown and written in one context. */
const LONG_FILE = 1 / 3;
/** Fresh contexts in a turn: each costs a whole round of reading and editing. */
const MAX_FRESH = 3;

/** Rungs that go on in the running context. */
const IN_CONTEXT: ReadonlySet<Strategy> = new Set(["cooler", "other_form"]);

/**
 * The next rung, or `undefined` at the ladder's end.
 * @param retries rungs in the running context (`planner.max_retries`); 0: no attempt at all
 */
export function nextStrategy(
  tried: readonly Strategy[],
  retries: number,
  facts: RedFacts,
): Strategy | undefined {
  if (retries === 0) return undefined;
  const inContext = tried.filter((strategy) => IN_CONTEXT.has(strategy)).length;
  if (inContext < retries && inContext === tried.length) return inContext === 0 ? "cooler" : "other_form";
  const last = facts.canCompare && !tried.includes("best_of") ? "best_of" as const : undefined;
  if (tried.length - inContext >= MAX_FRESH) return last;
  return FRESH.find(([strategy, fits]) => !tried.includes(strategy) && fits(facts))?.[0] ?? last;
}

/** Fresh contexts, in their order, with the condition of each. */
const FRESH: readonly (readonly [Strategy, (facts: RedFacts) => boolean])[] = [
  ["replan", ({ hasPlan }) => hasPlan],
  ["one_error_at_a_time", ({ failures }) => failures > 1],
  ["rewrite_section", ({ place }) => place?.partLines !== undefined && place.partLines <= REWRITE_LINES],
  ["extract_function", ({ place }) => (place?.partLines ?? 0) > REWRITE_LINES],
  [
    "split_file",
    ({ place, window }) =>
      place !== undefined && (place.partLines ?? Infinity) > REWRITE_LINES &&
      place.fileTokens > window * LONG_FILE,
  ],
];

/** Above this, code of small models falls apart. */
const MAX_TEMPERATURE = 0.9;
/** What is assumed where neither profile nor user set one: a usual value for code. */
const ASSUMED_TEMPERATURE = 0.3;
/** What each correction adds: at the same temperature the same mistake comes again. */
const WARMER = 0.2;

/**
 * The sampling of the next reply: the profile's, changed by the running attempt, warmer with each correction since. Only what was made warmer
 * is clamped: a profile's own higher value stands.
 * @param corrections given in the turn so far, red checks included
 */
export function samplingNow(
  sampling: Sampling,
  corrections: number,
  attempt: Attempt | undefined,
): Sampling {
  const given = sampling.temperature ?? ASSUMED_TEMPERATURE;
  const since = corrections - (attempt?.corrections ?? 0);
  const candidate = attempt?.candidate ?? 0;
  const start = attempt ? startTemperature(given, attempt.strategy) : given;
  if (start === given && since === 0 && candidate === 0) return sampling;
  const temperature = start + (since + candidate) * WARMER;
  return {
    ...sampling,
    temperature: temperature > given ? clamp(temperature, given) : temperature,
    // At the same temperature the same seed gives the same reply.
    ...(sampling.seed === undefined || candidate === 0 ? {} : { seed: sampling.seed + candidate }),
  };
}

function startTemperature(given: number, strategy: Strategy): number {
  if (strategy === "cooler") return given / 2;
  return strategy === "other_form" ? clamp(given + 2 * WARMER, given) : given;
}

function clamp(temperature: number, given: number): number {
  return Math.round(Math.max(given, Math.min(MAX_TEMPERATURE, temperature)) * 1_000) / 1_000;
}
