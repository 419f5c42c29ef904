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
const base = { command: "npm test", kind: "test", ms: 1, failures: [], excerpt: "" } as const;
const green = { ...base, exitCode: 0, tests: 3 };
const notRun = { ...base, exitCode: null, tests: undefined };
const red = { ...base, exitCode: 1, failures: ["a"], tests: 3 };
/** The tests as they were before the turn changed them. */
const original = {
  ...red,
  command: "npm test (tests as they were)",
  of: "npm test",
  originals: ["test_a.py"],
};

Deno.test("judgeOutcome() judges by what happened", () => {
  const cases: readonly [Partial<Turn>, string][] = [
    [{ wantsChange: true, ledger: NOTHING }, "failed"],
    [{ wantsChange: false, ledger: NOTHING }, "answered"],
    [{ ledger: ledger([]) }, "unverified"],
    [{ ledger: ledger([run(0, 0)]) }, "unverified"],
    [{ ledger: ledger([run(0, 1)]) }, "verified"],
    [{ ledger: ledger([run(1, 1), run(0, 1)]) }, "verified"],
    [{ ledger: { ...ledger([run(0, 1)]), changes: [{ ...CHANGE, isBlank: true }] } }, "unverified"],
    [{ ledger: ledger([run(0, 1)]), wantsChange: false }, "verified"],
    [{ ledger: ledger([run(1, 1)]) }, "unverified"],
    [{ ledger: ledger([run(1, 1)]), task: "fix the test" }, "failed"],
    [{ ledger: ledger([run(1, 1)]), baselines: [green] }, "failed"],
    [{ ledger: ledger([run(1, 1)]), baselines: [red] }, "unverified"],
    [{ ledger: ledger([run(1, 1)]), baselines: [red], task: "fix the failing test" }, "failed"],
    [
      {
        ledger: ledger([run(1, 1)]),
        baselines: [red],
        checks: [{ ...red, failures: ["a", "b"], excerpt: "" }],
      },
      "failed",
    ],
    [
      { ledger: ledger([run(1, 1)]), baselines: [red], checks: [{ ...red, tests: 2, excerpt: "" }] },
      "failed",
    ],
    // The baseline could not run, or named no failure: nothing is known of how things stood.
    [{ ledger: ledger([run(1, 1)]), baselines: [notRun], checks: [{ ...red, excerpt: "" }] }, "unverified"],
    [
      {
        ledger: ledger([run(1, 1)]),
        baselines: [{ ...red, failures: [] }],
        checks: [{ ...red, excerpt: "" }],
      },
      "unverified",
    ],
    // Named failures of which none is new; and one that is, in a check of which the baseline is another's.
    [{ ledger: ledger([run(1, 1)]), baselines: [red], checks: [red] }, "unverified"],
    [
      {
        ledger: ledger([{ ...run(1, 1), command: "npm test a" }]),
        baselines: [red],
        checks: [{ ...red, command: "npm test a", of: "npm test", failures: ["b"], tests: 1 }],
      },
      "failed",
    ],
    // More tests run than before: what fails among them may have failed all the time.
    [
      {
        ledger: ledger([run(1, 1)]),
        baselines: [{ ...red, failures: ["src/lib.rs: error[E0308]: mismatched types"], tests: undefined }],
        checks: [{ ...red, failures: ["b"] }],
      },
      "unverified",
    ],
    [
      {
        ledger: ledger([run(1, 1)]),
        baselines: [{ ...red, failures: ["calc [build failed]"], tests: undefined }],
        checks: [{ ...red, failures: ["calc TestAdd"], tests: undefined }],
        task: "fix the build",
      },
      "failed",
    ],
    // Green with fewer tests: worse, unless it was tests that were changed.
    [{ ledger: ledger([run(0, 1)]), baselines: [green], checks: [{ ...green, tests: 2 }] }, "failed"],
    [
      {
        ledger: { ...ledger([run(0, 1)]), changes: [{ ...CHANGE, path: "test_a.py" }] },
        baselines: [green],
        checks: [{ ...green, tests: 2 }],
      },
      "verified",
    ],
    // Nothing is known of how it stood before.
    [
      { ledger: ledger([run(0, 1)]), baselines: [{ ...notRun, isUnknown: true }], checks: [green] },
      "unverified",
    ],
    [{ ledger: ledger([run(0, 1)]), checks: [green] }, "unverified"],
    // It came with the change, or its runner is not there.
    [{ ledger: ledger([run(0, 1)]), baselines: [], checks: [green] }, "verified"],
    [{ ledger: ledger([run(0, 1)]), baselines: [notRun], checks: [green] }, "verified"],
    // Types and lint execute nothing; red lint that was red before is not what was asked for.
    [
      { ledger: ledger([run(0, 1)]), baselines: [green], checks: [{ ...green, kind: "types" }] },
      "unverified",
    ],
    [
      {
        ledger: ledger([run(1, 1)]),
        baselines: [{ ...red, kind: "lint" }],
        checks: [{ ...red, kind: "lint" }],
        task: "fix the failing test",
      },
      "unverified",
    ],
    [
      {
        ledger: ledger([run(1, 1)]),
        baselines: [{ ...red, kind: "lint" }],
        checks: [{ ...red, kind: "lint" }],
        task: "fix the lint errors",
      },
      "failed",
    ],
    // Tests that the turn changed: as they were, they are green, red as they were to be mended, or red for another reason.
    [
      { ledger: ledger([run(0, 1)]), baselines: [red], checks: [green], weakened: ["test_a.py"] },
      "unverified",
    ],
    [
      {
        ledger: ledger([run(0, 1), { ...run(0, 1), command: original.command }]),
        baselines: [red],
        checks: [green, { ...original, exitCode: 0, failures: [] }],
      },
      "verified",
    ],
    [
      {
        ledger: ledger([run(0, 1), { ...run(1, 1), command: original.command }]),
        baselines: [red],
        checks: [green, original],
        task: "fix the failing test",
      },
      "failed",
    ],
    [
      {
        ledger: ledger([run(0, 1), { ...run(1, 1), command: original.command }]),
        baselines: [green],
        checks: [green, original],
        task: "rename add to plus",
      },
      "unverified",
    ],
    // A runner of another language; a user's command that only looks, where code was changed, and where a text was.
    [{ ledger: ledger([{ ...run(0, 1), command: "go test ./..." }]) }, "unverified"],
    [{ ledger: ledger([{ ...run(0, 1), command: "grep -q x a.py" }]) }, "unverified"],
    [
      {
        ledger: {
          ...ledger([{ ...run(0, 1), command: "grep -q x a.md" }]),
          changes: [{ ...CHANGE, path: "a.md" }],
        },
      },
      "verified",
    ],
    // Of two changed files one was run.
    [
      {
        ledger: {
          ...ledger([{ ...run(0, 1), command: "python3 -m pytest" }]),
          changes: [CHANGE, { ...CHANGE, path: "web/a.js" }],
        },
      },
      "unverified",
    ],
    [
      {
        ledger: {
          ...ledger([{ ...run(0, 1), command: "python3 -m pytest" }]),
          changes: [CHANGE, { ...CHANGE, path: "web/a.js", kind: "deleted" }],
        },
      },
      "verified",
    ],
    // Another check did not end, was green and is not run any more, failed once; code was changed meanwhile.
    [
      {
        ledger: ledger([run(0, 1)]),
        baselines: [green],
        checks: [green, { ...notRun, command: "tsc", isUnknown: true }],
      },
      "unverified",
    ],
    [
      {
        ledger: ledger([run(0, 1)]),
        baselines: [green, { ...green, command: "make test" }],
        checks: [green, { ...notRun, command: "make test" }],
      },
      "unverified",
    ],
    [
      { ledger: ledger([run(0, 1)]), baselines: [green], checks: [{ ...green, flaky: ["a"] }] },
      "unverified",
    ],
    [{ ledger: ledger([run(0, 1)]), baselines: [green], checks: [green], meanwhile: ["a.py"] }, "unverified"],
    [{ ledger: ledger([run(1, 1)]), baselines: [green], checks: [red], meanwhile: ["a.py"] }, "failed"],
    // Killed, or the program is not there: that is no check.
    [{ ledger: ledger([run(null, 1)]), baselines: [green] }, "unverified"],
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
