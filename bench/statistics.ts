/**
 * Statistics of a benchmark: success rate with its interval, and whether two runs differ.
 *
 * The unit that is drawn again is the task, then its runs (a two-level bootstrap): tasks differ far more than runs of one task do, so an
 * interval over pooled runs would be too narrow.
 */

/** Results of one task's runs: 1 passed, 0 not (any number works, e.g. tokens). */
export type Samples = readonly (readonly number[])[];

/** A mean with its 95 % interval. `low` and `high` are `mean` where there is a single sample. */
export interface Estimate {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** How two runs of the same tasks differ. */
export interface Difference {
  /** Mean over tasks of B less A. */
  readonly estimate: Estimate;
  /** Tasks whose rate rose, fell, stayed. */
  readonly rose: number;
  readonly fell: number;
  readonly same: number;
  /** Two-sided exact sign test over tasks that moved; 1 without any. */
  readonly signP: number;
}

/** Draws of each bootstrap: the interval's ends are stable to about half a percent. */
const DRAWS = 4_000;

/** Numbers in [0, 1), the same for the same seed (mulberry32, Tommy Ettinger, public domain algorithm). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The mean over tasks of the mean over runs, with a 95 % percentile interval of the two-level bootstrap. With 0 and 1 it is pass@1.
 * @param samples one list for each task, none empty
 * @returns `undefined` without tasks
 */
export function estimateMean(samples: Samples, seed = 1): Estimate | undefined {
  if (samples.length === 0) return undefined;
  const random = seededRandom(seed);
  const draws = drawMany(() => mean(drawFrom(samples, random).map((runs) => mean(drawFrom(runs, random)))));
  return { mean: mean(samples.map(mean)), ...interval(draws) };
}

/**
 * A rate: as `estimateMean()`, but where all samples are 0 or all are 1, so that drawing again shows no spread, the exact binomial interval of as
 * many tries as there are tasks (of one task: as it has runs). 2 of 2 is no proof of 100 %: it is 16 to 100 %.
 * Source: C. J. Clopper and E. S. Pearson, Biometrika 26 (1934).
 */
export function estimateRate(samples: Samples, seed = 1): Estimate | undefined {
  const estimate = estimateMean(samples, seed);
  if (!estimate || (estimate.mean > 0 && estimate.mean < 1)) return estimate;
  const tries = samples.length > 1 ? samples.length : samples[0]?.length ?? 1;
  const least = Math.pow(0.025, 1 / tries);
  return estimate.mean === 1 ? { mean: 1, low: least, high: 1 } : { mean: 0, low: 0, high: 1 - least };
}

/**
 * Compares the same tasks under two conditions: the paired bootstrap over tasks (their runs drawn within each side), and the sign test.
 * @param pairs for each task the samples of A and of B, none empty
 * @returns `undefined` without tasks
 */
export function compareMeans(
  pairs: readonly (readonly [a: readonly number[], b: readonly number[]])[],
  seed = 1,
): Difference | undefined {
  if (pairs.length === 0) return undefined;
  const random = seededRandom(seed);
  const draws = drawMany(() =>
    mean(drawFrom(pairs, random).map(([a, b]) => mean(drawFrom(b, random)) - mean(drawFrom(a, random))))
  );
  const moves = pairs.map(([a, b]) => mean(b) - mean(a));
  const rose = moves.filter((move) => move > 0).length;
  const fell = moves.filter((move) => move < 0).length;
  return {
    estimate: { mean: mean(moves), ...interval(draws) },
    rose,
    fell,
    same: moves.length - rose - fell,
    signP: signTest(rose, fell),
  };
}

/** Two-sided exact sign test: how likely a split at least as uneven is if up and down are equally likely. */
export function signTest(rose: number, fell: number): number {
  const n = rose + fell;
  const least = Math.min(rose, fell);
  let term = Math.pow(0.5, n);
  let sum = 0;
  for (let k = 0; k <= least; k++) {
    sum += term;
    term = term * (n - k) / (k + 1);
  }
  return Math.min(1, 2 * sum);
}

/** @param values not empty */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param values not empty */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const high = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? NaN) + high) / 2;
}

function drawMany(draw: () => number): readonly number[] {
  return Array.from({ length: DRAWS }, draw).sort((a, b) => a - b);
}

function drawFrom<T>(values: readonly T[], random: () => number): readonly T[] {
  return values.map(() => values[Math.floor(random() * values.length)] as T);
}

function interval(sorted: readonly number[]): { readonly low: number; readonly high: number } {
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? NaN;
  return { low: at(0.025), high: at(0.975) };
}
