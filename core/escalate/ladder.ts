/** Which tier is asked next: tiers of this machine first, and only upwards. Pure. */

import type { Endpoint } from "../config/config.ts";
import { isLoopback, sameOrigin } from "../config/providers.ts";
import type { TierName } from "../types.ts";

/** From the weakest to the strongest. */
export const TIERS: readonly TierName[] = ["fast", "default", "strong"];

/** A tier that can be asked. */
export interface Rung {
  readonly tier: TierName;
  /** Whether its server is this machine: nothing leaves. */
  readonly isLocal: boolean;
}

/**
 * The tiers that are configured. One with the server and model of a weaker tier is none of its own: it would give the same answer.
 * @param endpoints the default tier's as it was connected to
 */
export function rungsOf(endpoints: Readonly<Partial<Record<TierName, Endpoint>>>): readonly Rung[] {
  const seen: Endpoint[] = [];
  return TIERS.flatMap((tier) => {
    const endpoint = endpoints[tier];
    if (!endpoint || seen.some((other) => isSame(other, endpoint))) return [];
    seen.push(endpoint);
    return [{ tier, isLocal: isLoopback(endpoint.baseUrl) }];
  });
}

function isSame(a: Endpoint, b: Endpoint): boolean {
  return sameOrigin(a.baseUrl, b.baseUrl) && a.model === b.model;
}

/**
 * The tier to ask when the one at work fails: stronger than it, not asked in this turn, this machine's before others', then the weakest.
 * `undefined` where there is none, or the session's escalations are used up.
 */
export function nextTier(
  rungs: readonly Rung[],
  now: {
    readonly at: TierName;
    readonly asked: readonly TierName[];
    /** Escalations of the session so far, and how many it may have. */
    readonly sent: number;
    readonly most: number;
  },
): TierName | undefined {
  if (now.sent >= now.most) return undefined;
  const rank = (tier: TierName) => TIERS.indexOf(tier);
  const above = rungs.filter(({ tier }) => rank(tier) > rank(now.at) && !now.asked.includes(tier));
  const [next] = above.toSorted((a, b) =>
    Number(b.isLocal) - Number(a.isLocal) || rank(a.tier) - rank(b.tier)
  );
  return next?.tier;
}
