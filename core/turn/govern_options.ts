/** What the governor goes by in a turn: limits, switches, and what is known of tools and claims. */

import type { GovernOptions } from "../guard/govern.ts";
import { unwrapUse } from "../route/menu.ts";
import type { Turn, Unsupported } from "../types.ts";
import { unsupportedClaims } from "../verify/claims.ts";
import type { AgentDeps } from "./agent_deps.ts";
import { canEscalate } from "./hand_over.ts";
import { correctionFor } from "./run_calls.ts";

export function governOptions(turn: Turn, deps: AgentDeps): GovernOptions {
  const { config, profile, tools } = deps;
  return {
    limits: config.limits,
    govern: profile.harness.govern,
    improve: profile.harness.improve,
    maxRetries: config.planner.maxRetries,
    describe: ({ problem }) => correctionFor(problem, turn, deps),
    unsupported: (text) => claimsAgainst(text, turn, deps),
    effectOf: (call) => tools.get(unwrapUse(call, tools).name)?.effect,
    canEscalate: canEscalate(turn, deps),
  };
}

/** What a text says that did not happen; none where claims are not looked at. */
export function claimsAgainst(text: string, turn: Turn, deps: AgentDeps): readonly Unsupported[] {
  return deps.profile.harness.claims ? unsupportedClaims(text, turn) : [];
}
