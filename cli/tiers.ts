/** `/tiers`: the configured models, which of them works, and when the others are asked. */

import type { Config, Endpoint } from "../core/config/config.ts";
import { isLoopback } from "../core/config/providers.ts";
import type { Conversation } from "../core/session/conversation.ts";
import { TIERS } from "../core/escalate/ladder.ts";
import { plainText } from "./terminal_text.ts";

/** When a tier beside the default one is asked, in words. */
export function whenAsked({ tier, baseUrl }: Endpoint, { escalation }: Config): string {
  if (tier === "fast") {
    return escalation.adaptive
      ? "begins turns while it does not fail too often (escalation.adaptive)"
      : "not asked (escalation.adaptive = false)";
  }
  if (escalation.maxPerSession === 0) return "never asked (escalation.max_per_session = 0)";
  if (isLoopback(baseUrl)) return "on this machine, asked when the model fails";
  return escalation.confirm
    ? "elsewhere, asked when the model fails and you agree"
    : "elsewhere, asked when the model fails, without a question (escalation.confirm = false)";
}

/** One line a tier, the weakest first, and how often a stronger one was asked. */
export function describeTiers(conversation: Conversation): string {
  const { loaded, transport, escalations } = conversation;
  const { config } = loaded;
  const { model, baseUrl, window } = transport.facts;
  const lines = TIERS.flatMap((tier) => {
    const endpoint = config.endpoints[tier];
    if (tier === "default") {
      return [`  default  ${plainText(model)} at ${baseUrl}, window ${window} tokens: begins each turn`];
    }
    if (!endpoint) return [];
    const name = endpoint.model === "" ? "the server's model" : plainText(endpoint.model);
    return [`  ${tier.padEnd(7)}  ${name} at ${endpoint.baseUrl}: ${whenAsked(endpoint, config)}`];
  });
  const count =
    `  ${escalations()} of ${config.escalation.maxPerSession} escalations of this session are used`;
  return [
    ...lines,
    config.endpoints.strong ? count : "  no stronger model is configured: [models.strong] in smallcode.toml",
  ].join("\n");
}
