/** Which tier begins a turn where the choice is adaptive (`escalation.adaptive`). Pure. */

import type { TierName } from "../types.ts";
import { type Rung, TIERS } from "./ladder.ts";

/** How the turns ended that a tier's model began: newest first, `true` where it solved them by itself. */
export type TurnRecord = readonly boolean[];

/** Older turns tell little of today's work, and a tier that was passed over gets its chance again once they are out of sight. */
export const RECENT_TURNS = 10;

/** Beta(1, 2) over failures: a tier that nothing is known of is taken to succeed. */
const PRIOR = { failed: 1, solved: 2 };
/** A tier that fails more often costs more than it saves: its reading is done twice. */
const MOST_FAILURES = 0.5;

/** The rate of failures that the newest turns tell of. */
export function failureRate(record: TurnRecord): number {
  const newest = record.slice(0, RECENT_TURNS);
  const failed = newest.filter((isSolved) => !isSolved).length;
  return (PRIOR.failed + failed) / (PRIOR.failed + PRIOR.solved + newest.length);
}

/**
 * The weakest tier that does not fail too often. Only this machine's and the default tier can begin: what leaves is asked for. Where all fail
 * too often, the strongest of them.
 */
export function startingTier(
  rungs: readonly Rung[],
  records: Readonly<Partial<{ [tier in TierName]: TurnRecord }>>,
): TierName {
  const able = TIERS.filter((tier) =>
    rungs.some((rung) => rung.tier === tier && (rung.isLocal || tier === "default"))
  );
  const fit = able.find((tier) => failureRate(records[tier] ?? []) <= MOST_FAILURES);
  return fit ?? able.at(-1) ?? "default";
}
