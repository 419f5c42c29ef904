/** The tiers beside the one that a session began with: each is connected to when it is first asked, and kept until the end. */

import type { AgentDeps, Tiers } from "../turn/agent_deps.ts";
import type { Config, Endpoint } from "../config/config.ts";
import { isLoopback } from "../config/providers.ts";
import { rungsOf } from "../escalate/ladder.ts";
import { startingTier, type TurnRecord } from "../escalate/start.ts";
import { hideSecrets } from "../escalate/hidden_secrets.ts";
import { openConstraintTrust } from "../guard/misread.ts";
import type { ScoreBook } from "../store/scores.ts";
import { openSeen } from "../guard/seen.ts";
import type { Heads } from "../turn/heads.ts";
import type { Transport } from "../model/transport.ts";
import type { Profile } from "../profile.ts";
import type { ProjectFacts } from "../prompt/project_facts.ts";
import type { TierName } from "../types.ts";

export interface TiersParts {
  readonly config: Config;
  /** The server and model that the session began with. */
  readonly first: Endpoint;
  readonly facts: ProjectFacts;
  /** Escalations of the session before it was resumed. */
  readonly sentBefore: number;
  readonly connect: (
    endpoint: Endpoint,
    signal: AbortSignal,
  ) => Promise<{ readonly transport: Transport; readonly profile: Profile }>;
  readonly openHeads: (profile: Profile, transport: Transport, scores: ScoreBook) => Promise<Heads>;
  readonly openScores: (model: string) => ScoreBook;
  /** What the loop acts through at the tier that the session began with. */
  readonly base: () => AgentDeps;
  readonly findSecrets: (text: string) => readonly string[];
  /** See `hideSecrets`. */
  readonly nonce: string;
}

/** The tiers as a conversation holds them. */
export interface OpenTiers extends Tiers {
  /**
   * The tier that begins a turn where the choice is adaptive; `undefined`: the default one.
   * @param recordOf how the newest turns of a model ended, see `startingTier`
   */
  readonly begin: (
    recordOf: (model: string) => TurnRecord,
    signal: AbortSignal,
  ) => Promise<OpenTier | undefined>;
  readonly close: () => void;
}

/** A tier that was connected to. */
export interface OpenTier {
  readonly deps: AgentDeps;
  readonly heads: Heads;
}

/** `undefined` where no other tier is configured. */
export function openTiers(parts: TiersParts): OpenTiers | undefined {
  const { first, config } = parts;
  const endpoints = { ...config.endpoints, [first.tier]: first };
  const rungs = rungsOf(endpoints);
  if (rungs.length < 2) return undefined;
  const others = new Map<TierName, OpenTier>();
  let sent = parts.sentBefore;
  const reach = async (tier: TierName, signal: AbortSignal): Promise<OpenTier> => {
    const known = others.get(tier);
    if (known) return known;
    const endpoint = endpoints[tier];
    if (!endpoint) throw new RangeError(`The tier "${tier}" is not configured`);
    const opened = await openTier(endpoint, parts, signal);
    others.set(tier, opened);
    return opened;
  };
  return {
    rungs,
    facts: parts.facts,
    allowed: new Set(),
    sent: () => sent,
    countSent: () => void sent++,
    open: async (tier, signal) => tier === first.tier ? parts.base() : (await reach(tier, signal)).deps,
    opened(tier) {
      const deps = tier === first.tier ? parts.base() : others.get(tier)?.deps;
      if (!deps) throw new RangeError(`The tier "${tier}" was not opened`);
      return deps;
    },
    async begin(recordOf, signal) {
      const recordAt = (tier: TierName) =>
        recordOf(others.get(tier)?.deps.transport.facts.model ?? endpoints[tier]?.model ?? "");
      const choose = () =>
        startingTier(rungs, Object.fromEntries(rungs.map(({ tier }) => [tier, recordAt(tier)])));
      // Once it is open a tier's model has its full name, under which its record is kept.
      for (let tier = choose(), tries = 0; tier !== first.tier && tries < rungs.length; tries++) {
        const opened = await reach(tier, signal);
        const next = choose();
        if (next === tier) return opened;
        tier = next;
      }
      return undefined;
    },
    close() {
      for (const { deps } of others.values()) {
        deps.scores.flush();
        deps.transport.close();
      }
    },
  };
}

async function openTier(endpoint: Endpoint, parts: TiersParts, signal: AbortSignal): Promise<OpenTier> {
  const { transport, profile } = await parts.connect(endpoint, signal);
  const hidden = isLoopback(endpoint.baseUrl)
    ? undefined
    : hideSecrets(transport, { find: parts.findSecrets, nonce: parts.nonce });
  const outgoing = hidden?.transport ?? transport;
  const scores = parts.openScores(transport.facts.model);
  const heads = await parts.openHeads(profile, outgoing, scores);
  const { leaves: _, ...base } = parts.base();
  const deps: AgentDeps = {
    ...base,
    tier: endpoint.tier,
    profile,
    transport: outgoing,
    heads,
    scores,
    tools: new Map(heads.tools.map((tool) => [tool.name, tool])),
    world: { ...base.world, seen: openSeen(), switches: profile.harness },
    constraints: openConstraintTrust(),
    ...(hidden ? { leaves: { hide: hidden.hide, hidden: hidden.count } } : {}),
  };
  return { deps, heads };
}
