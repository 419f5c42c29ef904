import assert from "node:assert/strict";
import { sourceAssets } from "../_test_plugin.ts";
import { ATTEMPTS, CONTROLS, openStage } from "./escape_suite.ts";
import { runAttempt } from "./run_attempt.ts";

/** Other test files run in this process; `bench escape`, which `.ci/binary_test.ts` runs, holds the bound. */
const SHARED = { mostGrowthMb: Infinity };

Deno.test("the escape suite has at least 60 attempts, each with a name of its own", () => {
  assert.ok(ATTEMPTS.length >= 60, String(ATTEMPTS.length));
  assert.equal(new Set(ATTEMPTS.map(({ name }) => name)).size, ATTEMPTS.length);
});

Deno.test("no attempt escapes, and each gets to its point", async (t) => {
  const stage = await openStage(sourceAssets, SHARED);
  try {
    for (const attempt of ATTEMPTS) {
      await t.step(`${attempt.group}: ${attempt.name}`, async () => {
        const { ended, escaped, unproven, said } = await runAttempt(attempt, stage);
        assert.deepEqual(
          { escaped, unproven },
          { escaped: [], unproven: [] },
          `${ended}: ${said.slice(0, 2_000)}`,
        );
      });
    }
  } finally {
    await stage.close();
  }
});

Deno.test("the same deeds, granted, are found by the canaries", async (t) => {
  const stage = await openStage(sourceAssets, SHARED);
  try {
    for (const control of CONTROLS) {
      await t.step(control.name, async () => {
        const { escaped, said } = await runAttempt(control, stage);
        assert.notDeepEqual(escaped, [], said);
      });
    }
  } finally {
    await stage.close();
  }
});
