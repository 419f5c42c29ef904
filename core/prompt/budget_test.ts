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
  assert.equal(resultRoom(8192, 70, 100), 4096);
  assert.equal(resultRoom(8192, 70, 3000), 2734);
  // Nearly or wholly used up: older results will make room.
  assert.equal(resultRoom(8192, 70, 4500), 2458);
  assert.equal(resultRoom(8192, 70, 5700), 1672);
  assert.equal(resultRoom(8192, 70, 7000), 372);
  assert.equal(resultRoom(8192, 70, 7500), 0);
});
