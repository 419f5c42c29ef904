import assert from "node:assert/strict";
import { budgetTokens, clampOutput, resultRoom } from "./budget.ts";

Deno.test("clampOutput() gives what is wanted, what is left, or nothing", () => {
  assert.equal(clampOutput(8192, 1000, 2048), 2048);
  assert.equal(clampOutput(8192, 7000, 2048), 1128);
  assert.equal(clampOutput(8192, 7872, 2048), 256);
  assert.equal(clampOutput(8192, 7873, 2048), 0);
  assert.equal(clampOutput(8192, 9000, 2048), 0);
});

Deno.test("budgetTokens() and resultRoom() share the window", () => {
  assert.equal(budgetTokens(8192, 70), 5734);
  const room = (promptTokens: number, compacts = true) =>
    resultRoom({ window: 8192, maxBudgetPct: 70, promptTokens, compacts });
  assert.deepEqual([100, 3000, 5700, 6000].map((used) => room(used, false)), [4096, 2734, 34, 0]);
  // Nearly or wholly used up: older results will make room.
  assert.deepEqual([100, 3000, 4500, 5700, 7000, 7500].map((used) => room(used)), [
    ...[4096, 2734, 2458, 1672, 372, 0],
  ]);
});
