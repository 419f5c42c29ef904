import assert from "node:assert/strict";
import type { CommandRun, Ledger, Turn } from "../types.ts";
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

const NOTHING: Ledger = { changes: [], commands: [], writes: 0 };
const green = { command: "npm test", exitCode: 0, failures: [], tests: 3 };
const notRun = { command: "npm test", exitCode: null, failures: [], tests: undefined };
const red = { command: "npm test", exitCode: 1, failures: ["a"], tests: 3 };

Deno.test("judgeOutcome() judges by what happened", () => {
  const cases: readonly [Partial<Turn>, string][] = [
    [{ wantsChange: true, ledger: NOTHING }, "failed"],
    [{ wantsChange: false, ledger: NOTHING }, "answered"],
    [{ ledger: ledger([]) }, "unverified"],
    [{ ledger: ledger([run(0, 0)]) }, "unverified"],
    [{ ledger: ledger([run(0, 1)]) }, "verified"],
    [{ ledger: ledger([run(1, 1), run(0, 1)]) }, "verified"],
    [{ ledger: ledger([run(0, 1)]), wantsChange: false }, "verified"],
    [{ ledger: ledger([run(1, 1)]) }, "unverified"],
    [{ ledger: ledger([run(1, 1)]), task: "fix the test" }, "failed"],
    [{ ledger: ledger([run(1, 1)]), baseline: green }, "failed"],
    [{ ledger: ledger([run(1, 1)]), baseline: red }, "unverified"],
    [{ ledger: ledger([run(1, 1)]), baseline: red, task: "fix the failing test" }, "failed"],
    [
      { ledger: ledger([run(1, 1)]), baseline: red, check: { ...red, failures: ["a", "b"], excerpt: "" } },
      "failed",
    ],
    [{ ledger: ledger([run(1, 1)]), baseline: red, check: { ...red, tests: 2, excerpt: "" } }, "failed"],
    // The baseline could not run, or named no failure: nothing is known of how things stood.
    [{ ledger: ledger([run(1, 1)]), baseline: notRun, check: { ...red, excerpt: "" } }, "unverified"],
    [
      { ledger: ledger([run(1, 1)]), baseline: { ...red, failures: [] }, check: { ...red, excerpt: "" } },
      "unverified",
    ],
    // Killed, or the program is not there: that is no check.
    [{ ledger: ledger([run(null, 1)]), baseline: green }, "unverified"],
    [{ ledger: ledger([run(0, 1), { ...run(127, 1), command: "pytest" }]), task: "fix it" }, "verified"],
  ];
  for (const [turn, outcome] of cases) {
    const judged = judgeOutcome({ task: "add a page", wantsChange: true, ledger: NOTHING, ...turn });
    assert.equal(judged.outcome, outcome, JSON.stringify(turn));
  }
});

Deno.test("exitCodeOf() is 0 for good ends, and for unverified unless verified is required", () => {
  const codes = (["verified", "unverified", "answered", "failed", "stopped", "cancelled"] as const)
    .map((
      outcome,
    ) => [exitCodeOf(outcome, { requireVerified: false }), exitCodeOf(outcome, { requireVerified: true })]);
  assert.deepEqual(codes, [[0, 0], [0, 1], [0, 0], [1, 1], [1, 1], [130, 130]]);
});
