/** The tiers beside the one that a session began with: each is connected to when it is first asked, and kept until the end. */

import type { AgentDeps, Tiers } from "./agent_deps.ts";
import type { Config, Endpoint } from "./config/config.ts";
import { isLoopback } from "./config/providers.ts";
import { rungsOf } from "./escalate/ladder.ts";
import { hideSecrets } from "./escalate/hidden_secrets.ts";
import { openConstraintTrust } from "./guard/misread.ts";
import type { ScoreBook } from "./store/scores.ts";
import { openSeen } from "./guard/seen.ts";
import type { Heads } from "./heads.ts";
import type { Transport } from "./model/transport.ts";
import type { Profile } from "./profile.ts";
import type { ProjectFacts } from "./prompt/project_facts.ts";
import type { TierName } from "./types.ts";

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

/** `undefined` where no other tier is configured. */
export function openTiers(parts: TiersParts): (Tiers & { readonly close: () => void }) | undefined {
  const endpoints = { ...parts.config.endpoints, [parts.first.tier]: parts.first };
  const rungs = rungsOf(endpoints);
  if (rungs.length < 2) return undefined;
  const opened = new Map<TierName, AgentDeps>();
  let sent = parts.sentBefore;
  return {
    rungs,
    facts: parts.facts,
    allowed: new Set(),
    sent: () => sent,
    countSent: () => void sent++,
    async open(tier, signal) {
      const known = tier === parts.first.tier ? parts.base() : opened.get(tier);
      if (known) return known;
      const endpoint = endpoints[tier];
      if (!endpoint) throw new RangeError(`The tier "${tier}" is not configured`);
      const deps = await openTier(endpoint, parts, signal);
      opened.set(tier, deps);
      return deps;
    },
    opened(tier) {
      const deps = tier === parts.first.tier ? parts.base() : opened.get(tier);
      if (!deps) throw new RangeError(`The tier "${tier}" was not opened`);
      return deps;
    },
    close() {
      for (const { transport, scores } of opened.values()) {
        scores.flush();
        transport.close();
      }
    },
  };
}

async function openTier(endpoint: Endpoint, parts: TiersParts, signal: AbortSignal): Promise<AgentDeps> {
  const { transport, profile } = await parts.connect(endpoint, signal);
  const hidden = isLoopback(endpoint.baseUrl)
    ? undefined
    : hideSecrets(transport, { find: parts.findSecrets, nonce: parts.nonce });
  const outgoing = hidden?.transport ?? transport;
  const scores = parts.openScores(transport.facts.model);
  const heads = await parts.openHeads(profile, outgoing, scores);
  const { leaves: _, ...base } = parts.base();
  return {
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
}
