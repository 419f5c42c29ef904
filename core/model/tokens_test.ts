import assert from "node:assert/strict";
import fc from "fast-check";
import { estimateRequest, estimateTokens, FRESH_MEMORY, learnTokens } from "./tokens.ts";

Deno.test("estimateTokens() counts bytes, not characters, and rounds up", () => {
  assert.deepEqual(
    ["", "x", "x".repeat(36), "é".repeat(36)].map((text) => estimateTokens(FRESH_MEMORY, text)),
    [
      0,
      1,
      10,
      20,
    ],
  );
});

Deno.test("learnTokens() moves towards what the server counted", () => {
  let memory = FRESH_MEMORY;
  for (let i = 0; i < 20; i++) memory = learnTokens(memory, "x".repeat(3_000), 1_000);
  assert.equal(memory.bytesPerToken.toFixed(2), "3.00");
});

Deno.test("learnTokens() stays between 2 and 6 bytes a token whatever it is told", () => {
  const seen = fc.array(fc.tuple(fc.nat(100_000), fc.integer({ min: -5, max: 100_000 })));
  fc.assert(
    fc.property(seen, (pairs) => {
      const memory = pairs.reduce(
        (m, [bytes, tokens]) => learnTokens(m, "x".repeat(bytes), tokens),
        FRESH_MEMORY,
      );
      assert.ok(memory.bytesPerToken >= 2 && memory.bytesPerToken <= 6);
    }),
    { seed: 3, numRuns: 50 },
  );
});

Deno.test("estimateRequest() adds an estimate of what is new to what the server counted", () => {
  const memory = learnTokens(FRESH_MEMORY, "x".repeat(3_600), 1_000);
  assert.deepEqual(
    ["x".repeat(3_600), "x".repeat(3_636), "y".repeat(3_600)].map((text) => estimateRequest(memory, text)),
    [1_000, 1_010, 1_000],
  );
});
