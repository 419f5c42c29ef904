import assert from "node:assert/strict";
import type { CommandRun, Ledger } from "../types.ts";
import { exitCodeOf, judgeOutcome } from "./outcome.ts";

const CHANGE = { path: "a.py", kind: "edited", linesAdded: 1, linesRemoved: 0, by: "tool" } as const;
const run = (exitCode: number | null, afterChanges: number): CommandRun => ({
  command: "npm test",
  cwd: "/",
  exitCode,
  ms: 1,
  by: "model",
  isCheck: true,
  afterChanges,
});
const ledger = (commands: readonly CommandRun[]): Ledger => ({ changes: [CHANGE], commands, writes: 1 });

Deno.test("judgeOutcome() judges by what happened", () => {
  const cases: readonly [boolean, Ledger, string][] = [
    [true, { changes: [], commands: [], writes: 0 }, "failed"],
    [false, { changes: [], commands: [], writes: 0 }, "answered"],
    [true, ledger([]), "unverified"],
    [true, ledger([run(0, 0)]), "unverified"],
    [true, ledger([run(0, 1)]), "verified"],
    [true, ledger([run(0, 1), run(1, 1)]), "failed"],
    [true, ledger([run(1, 1), run(0, 1)]), "verified"],
    [true, ledger([run(null, 1)]), "failed"],
    [false, ledger([run(0, 1)]), "verified"],
  ];
  for (const [wantsChange, ledger, outcome] of cases) {
    assert.equal(judgeOutcome({ wantsChange, ledger }).outcome, outcome);
  }
});

Deno.test("exitCodeOf() is 0 for good ends, and for unverified unless verified is required", () => {
  const codes = (["verified", "unverified", "answered", "failed", "stopped", "cancelled"] as const)
    .map((
      outcome,
    ) => [exitCodeOf(outcome, { requireVerified: false }), exitCodeOf(outcome, { requireVerified: true })]);
  assert.deepEqual(codes, [[0, 0], [0, 1], [0, 0], [1, 1], [1, 1], [130, 130]]);
});
