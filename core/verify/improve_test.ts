import assert from "node:assert/strict";
import type { Attempt, Strategy } from "../types.ts";
import { nextStrategy, type RedFacts, samplingNow } from "./improve.ts";

const FACTS: RedFacts = { failures: 1, window: 8_192, hasPlan: false, canCompare: false };

/** The whole ladder for facts that do not change. */
function ladder(retries: number, facts: Partial<RedFacts>): readonly Strategy[] {
  const tried: Strategy[] = [];
  for (
    let next = nextStrategy(tried, retries, { ...FACTS, ...facts });
    next !== undefined && tried.length < 50;
    next = nextStrategy(tried, retries, { ...FACTS, ...facts })
  ) tried.push(next);
  return tried;
}

const LADDERS: readonly (readonly [string, number, Partial<RedFacts>, readonly Strategy[]])[] = [
  ["ends at once without retries", 0, { failures: 3 }, []],
  ["has the error alone with one retry and nothing known", 1, {}, ["cooler"]],
  ["goes on in another way", 2, {}, ["cooler", "other_form"]],
  ["has as many rungs in the context as retries", 4, {}, [
    "cooler",
    "other_form",
    "other_form",
    "other_form",
  ]],
  ["writes a short part anew", 1, { place: { partLines: 60, fileTokens: 10 } }, [
    "cooler",
    "rewrite_section",
  ]],
  ["takes a long function apart", 1, { place: { partLines: 61, fileTokens: 10 } }, [
    "cooler",
    "extract_function",
  ]],
  ["takes a file apart that is too long for the window", 1, { place: { fileTokens: 3_000 } }, [
    "cooler",
    "split_file",
  ]],
  ["leaves a file whole that fits", 1, { place: { fileTokens: 2_700 } }, ["cooler"]],
  ["takes one of several failures", 1, { failures: 2, place: { partLines: 5, fileTokens: 10 } }, [
    "cooler",
    "one_error_at_a_time",
    "rewrite_section",
  ]],
  ["asks for several replies last, once", 1, { failures: 2, canCompare: true }, [
    "cooler",
    "one_error_at_a_time",
    "best_of",
  ]],
  ["has three fresh contexts at most", 2, {
    failures: 2,
    hasPlan: true,
    place: { partLines: 90, fileTokens: 9_000 },
  }, ["cooler", "other_form", "replan", "one_error_at_a_time", "extract_function"]],
];

for (const [what, retries, facts, expected] of LADDERS) {
  Deno.test(`nextStrategy() ${what}`, () => assert.deepEqual(ladder(retries, facts), expected));
}

const attempt = (strategy: Strategy, corrections = 1): Attempt => ({ strategy, corrections });
const SAMPLINGS:
  readonly (readonly [string, number | undefined, number, Attempt | undefined, number | undefined])[] = [
    ["is the profile's before the first correction", 0.7, 0, undefined, 0.7],
    ["stays unset where nothing was corrected", undefined, 0, undefined, undefined],
    ["is warmer with each correction", 0.3, 2, undefined, 0.7],
    ["is never warmer than 0.9", 0.7, 5, undefined, 0.9],
    ["keeps a profile's own higher value", 1.2, 5, undefined, 1.2],
    ["is half at the first attempt", 0.7, 1, attempt("cooler"), 0.35],
    ["is half of 0.3 where none is set", undefined, 1, attempt("cooler"), 0.15],
    ["is warmer again with a correction since", 0.4, 2, attempt("cooler"), 0.4],
    ["is higher at the second attempt", 0.3, 2, attempt("other_form", 2), 0.7],
    ["is the profile's in a fresh context", 0.3, 4, attempt("rewrite_section", 4), 0.3],
    ["rises from reply to reply", 0.3, 3, { ...attempt("best_of", 3), candidate: 2 }, 0.7],
    ["stays 0 at the first attempt of a greedy profile", 0, 1, attempt("cooler"), 0],
  ];

for (const [what, temperature, corrections, running, expected] of SAMPLINGS) {
  Deno.test(`samplingNow() ${what}`, () => {
    const sampling = { topP: 0.9, ...(temperature === undefined ? {} : { temperature }) };
    assert.deepEqual(samplingNow(sampling, corrections, running), {
      topP: 0.9,
      ...(expected === undefined ? {} : { temperature: expected }),
    });
  });
}
