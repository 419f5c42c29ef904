import { equal } from "node:assert/strict";
import type { Config, Endpoint } from "../core/config/config.ts";
import type { Conversation } from "../core/session/conversation.ts";
import { describeTiers } from "./tiers.ts";

const endpoint = (tier: Endpoint["tier"], baseUrl: string, model: string): Endpoint => ({
  tier,
  provider: "custom",
  baseUrl,
  model,
});

function describe(endpoints: Config["endpoints"], escalation: Config["escalation"]): string {
  return describeTiers({
    loaded: { config: { endpoints, escalation } },
    transport: { facts: { model: "small", baseUrl: "http://localhost:8080/v1", window: 8192 } },
    escalations: () => 1,
  } as unknown as Conversation);
}

Deno.test("describeTiers() says which model works and when the others are asked", () => {
  const cloud = endpoint("strong", "https://api.openai.com/v1", "gpt-5");
  const first = "  default  small at http://localhost:8080/v1, window 8192 tokens: begins each turn";
  const used = "  1 of 5 escalations of this session are used";
  const asks = { maxPerSession: 5, confirm: true, adaptive: false };
  equal(
    describe({ fast: endpoint("fast", "http://localhost:8081/v1", ""), strong: cloud }, asks),
    [
      "  fast     the server's model at http://localhost:8081/v1: not asked (escalation.adaptive = false)",
      first,
      "  strong   gpt-5 at https://api.openai.com/v1: elsewhere, asked when the model fails and you agree",
      used,
    ].join("\n"),
  );
  const local = endpoint("strong", "http://127.0.0.1:8082/v1", "30b");
  equal(
    describe({ strong: local }, asks),
    `${first}\n  strong   30b at http://127.0.0.1:8082/v1: on this machine, asked when the model fails\n${used}`,
  );
  equal(
    describe({}, asks),
    `${first}\n  no stronger model is configured: [models.strong] in smallcode.toml`,
  );
});
