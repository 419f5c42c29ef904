/**
 * The one ladder on which a turn that is stuck is answered: a note, another way, a fresh context, then the end, which is a stronger tier where one
 * can be asked (see `govern()`). Pure. Each rung is a correction, and the sum of corrections is bounded by `limits.corrections`.
 */

import type { Limits } from "../config/config.ts";
import type { Turn, Verdict } from "../types.ts";

/** What is said on each rung. Reasons in `counts` share one ladder. */
export interface Rungs {
  /** The reason under which this correction is counted. */
  readonly reason: string;
  /** Reasons whose corrections have been the rungs so far. */
  readonly counts: readonly string[];
  /** Corrections in the running context, in order. */
  readonly notes: readonly string[];
  /** What went wrong, for the fresh context. */
  readonly failures: string;
  /** Why the turn ends, after the last rung. */
  readonly stop: string;
}

/** The next rung. */
export function climb(turn: Turn, rungs: Rungs, limits: Limits): Verdict {
  const rung = rungs.counts.reduce((sum, reason) => sum + count(turn, reason), 0);
  const note = rungs.notes[rung];
  if (note !== undefined) return correct(turn, rungs.reason, note, limits);
  if (rung > rungs.notes.length) return { kind: "stop", reason: rungs.stop };
  const verdict = correct(turn, rungs.reason, rungs.failures, limits);
  return verdict.kind === "correct" ? { ...verdict, isFresh: true } : verdict;
}

/** A correction, while there are any left. */
export function correct(turn: Turn, reason: string, message: string, limits: Limits): Verdict {
  if (!hasCorrections(turn, limits)) {
    return { kind: "stop", reason: `${limits.corrections} corrections did not help` };
  }
  return { kind: "correct", reason, message };
}

export function hasCorrections(turn: Turn, limits: Limits): boolean {
  return sumOf(turn.corrections) < limits.corrections;
}

/** Corrections given so far, whatever for. */
export function sumOf(corrections: Turn["corrections"]): number {
  return Object.values(corrections).reduce((sum, n) => sum + n, 0);
}

/** Corrections given for a reason so far. */
export function count(turn: Turn, reason: string): number {
  return turn.corrections[reason] ?? 0;
}
