import { equal } from "node:assert/strict";
import type { TierName } from "../types.ts";
import type { Rung } from "./ladder.ts";
import { failureRate, startingTier } from "./start.ts";

const rung = (tier: TierName, isLocal = true): Rung => ({ tier, isLocal });
const ALL = [rung("fast"), rung("default"), rung("strong")];
const turns = (solved: number, failed: number) => [
  ...Array<boolean>(failed).fill(false),
  ...Array<boolean>(solved).fill(true),
];

Deno.test("startingTier() begins at the weakest tier that does not fail too often", () => {
  equal(startingTier(ALL, {}), "fast");
  equal(startingTier(ALL, { fast: turns(3, 2) }), "fast");
  equal(startingTier(ALL, { fast: turns(0, 2) }), "default");
  equal(startingTier(ALL, { fast: turns(1, 9), default: turns(0, 10) }), "strong");
  equal(startingTier(ALL, { fast: turns(0, 10), default: turns(0, 10), strong: turns(0, 10) }), "strong");
});

Deno.test("startingTier() begins at no tier that is elsewhere, but for the default one", () => {
  equal(startingTier([rung("default", false), rung("strong", false)], { default: turns(0, 10) }), "default");
  equal(startingTier([rung("fast", false), rung("default"), rung("strong")], {}), "default");
});

Deno.test("failureRate() looks at the newest turns only", () => {
  equal(failureRate([]), 1 / 3);
  equal(failureRate([...turns(10, 0), ...turns(0, 50)]), 1 / 13);
});
