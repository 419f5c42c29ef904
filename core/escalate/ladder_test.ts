import { deepEqual, equal } from "node:assert/strict";
import type { Endpoint } from "../config/config.ts";
import type { TierName } from "../types.ts";
import { nextTier, type Rung, rungsOf } from "./ladder.ts";

const rung = (tier: TierName, isLocal = true): Rung => ({ tier, isLocal });
const LOCAL = [rung("fast"), rung("default"), rung("strong")];
const FRESH = { asked: [], sent: 0, most: 5 };

Deno.test("nextTier() climbs a local ladder rung by rung", () => {
  equal(nextTier(LOCAL, { ...FRESH, at: "fast" }), "default");
  equal(nextTier(LOCAL, { ...FRESH, at: "default", asked: ["default"] }), "strong");
  equal(nextTier(LOCAL, { ...FRESH, at: "strong", asked: ["default", "strong"] }), undefined);
});

Deno.test("nextTier() asks this machine before any other, and nobody twice in a turn", () => {
  const mixed = [rung("fast"), rung("default", false), rung("strong")];
  equal(nextTier(mixed, { ...FRESH, at: "fast" }), "strong");
  equal(nextTier(mixed, { ...FRESH, at: "fast", asked: ["strong"] }), "default");
  equal(nextTier(mixed, { ...FRESH, at: "fast", asked: ["strong", "default"] }), undefined);
});

Deno.test("nextTier() never goes down, and ends with the session's escalations", () => {
  equal(nextTier([rung("fast"), rung("default")], { ...FRESH, at: "default" }), undefined);
  equal(nextTier(LOCAL, { ...FRESH, at: "default", sent: 4 }), "strong");
  equal(nextTier(LOCAL, { ...FRESH, at: "default", sent: 5 }), undefined);
  equal(nextTier(LOCAL, { ...FRESH, at: "default", most: 0 }), undefined);
});

Deno.test("rungsOf() leaves out a tier that is another's server and model", () => {
  const at = (tier: TierName, baseUrl: string, model: string): Endpoint => ({
    tier,
    provider: "custom",
    baseUrl,
    model,
  });
  const local = at("default", "http://localhost:8080/v1", "8b");
  deepEqual(rungsOf({ default: local, strong: at("strong", "http://localhost:8080/v1", "8b") }), [
    rung("default"),
  ]);
  deepEqual(
    rungsOf({
      strong: at("strong", "https://api.openai.com/v1", "gpt-5"),
      default: local,
      fast: at("fast", "http://127.0.0.1:8081/v1", "3b"),
    }),
    [rung("fast"), rung("default"), rung("strong", false)],
  );
});
