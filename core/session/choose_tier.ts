/** The tier that begins each turn where the choice is adaptive. */

import { ProviderError } from "../errors.ts";
import { RECENT_TURNS } from "../escalate/start.ts";
import type { TierName } from "../types.ts";
import type { OpenDeps } from "./open_deps.ts";
import type { OpenTier } from "./open_tiers.ts";
import type { Session } from "./session.ts";

/**
 * Gives the function that chooses it; a change is told and begins an epoch. `undefined`: the default tier begins, as it does where the
 * chosen one cannot be reached.
 */
export function openTierChoice(
  session: Session,
  { deps, heads, tiers }: OpenDeps,
): (signal: AbortSignal) => Promise<OpenTier | undefined> {
  const { loaded: { config }, store, events: { emit, epoch }, state } = session;
  let beganAt: TierName = "default";
  return async (signal) => {
    if (!tiers || !config.escalation.adaptive) return undefined;
    const began = await tiers.begin((model) => store.turnRecord(model, RECENT_TURNS), signal)
      .catch((error: unknown) => {
        if (!(error instanceof ProviderError)) throw error;
        emit({ type: "notice", level: "warning", text: `The default model begins: ${error.message}` });
        return undefined;
      });
    const { tier, transport: { facts: { model } } } = began?.deps ?? deps;
    if (tier === beganAt) return began;
    beganAt = tier;
    const reason = `the ${tier} model begins`;
    emit({ type: "notice", level: "info", text: `${model} begins: ${reason} (escalation.adaptive)` });
    const prefixHash = (began?.heads ?? heads).current().hash;
    if (state.now().history.length > 0) emit({ type: "epoch", epoch: epoch() + 1, reason, prefixHash });
    return began;
  };
}
