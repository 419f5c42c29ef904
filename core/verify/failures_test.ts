/** The outputs are those of the runners themselves, made on 2026-11-24 and shortened in their stacks. */

import assert from "node:assert/strict";
import { failedTests, failureExcerpt, testsRun } from "./failures.ts";

const UNITTEST = `FE.
======================================================================
ERROR: test_err (test_a.A.test_err)
----------------------------------------------------------------------
Traceback (most recent call last):
  File "/tmp/tf/py/test_a.py", line 5, in test_err
KeyError: 'x'

======================================================================
FAIL: test_bad (test_a.A.test_bad)
----------------------------------------------------------------------
AssertionError: 1 != 2

----------------------------------------------------------------------
Ran 3 tests in 0.001s

FAILED (failures=1, errors=1)
`;
const NODE =
  "TAP version 13\n# Subtest: good\nok 1 - good\n# Subtest: bad one\nnot ok 2 - bad one\n  ---\n  error: '1 == 2'\n1..2\n# tests 2\n# pass 1\n# fail 1\n";
const GO = "--- FAIL: TestBad (0.00s)\n    a_test.go:4: no\nFAIL\nFAIL\ta\t0.019s\nFAIL\n";
const CARGO =
  "running 2 tests\ntest t::good ... ok\ntest t::bad ... FAILED\n\nfailures:\n\n---- t::bad stdout ----\nthread 't::bad' (1138) panicked at src/lib.rs:4:22:\nassertion `left == right` failed\n\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\n\nrunning 1 test\n";
const DENO =
  "running 2 tests from ./a_test.ts\ngood ... ok (444µs)\nbad ... FAILED (674µs)\n\n ERRORS \n\nbad => ./a_test.ts:2:6\nerror: Error: x\n\nFAILED | 1 passed | 1 failed (47ms)\n";
const PYTEST =
  "..F\n=== FAILURES ===\nE   assert 1 == 2\n=== short test summary info ===\nFAILED tests/test_a.py::test_bad - assert 1 == 2\n1 failed, 2 passed in 0.02s\n";

Deno.test("failedTests() names the failed tests of each runner", () => {
  const cases: readonly [string, readonly string[]][] = [
    [UNITTEST, ["test_bad (test_a.A.test_bad)", "test_err (test_a.A.test_err)"]],
    [NODE, ["bad one"]],
    [GO, ["TestBad"]],
    [CARGO, ["t::bad"]],
    [DENO, ["bad"]],
    [PYTEST, ["tests/test_a.py::test_bad"]],
    ["all fine\n", []],
  ];
  for (const [output, names] of cases) assert.deepEqual(failedTests(output), names, output);
});

Deno.test("testsRun() tells how many tests a run loaded", () => {
  assert.deepEqual([UNITTEST, NODE, CARGO, DENO, PYTEST, GO].map(testsRun), [3, 2, 3, 2, 3, undefined]);
});

Deno.test("failureExcerpt() begins where something is wrong and is short", () => {
  assert.match(
    failureExcerpt(`${"progress\n".repeat(100)}FAIL: test_bad\nAssertionError: 1 != 2\n`),
    /^FAIL: test_bad\nAssertionError/,
  );
  assert.ok(failureExcerpt("error\n".repeat(1000)).split("\n").length <= 25);
});

Deno.test("failedTests() is quick on an output of blanks", () => {
  assert.deepEqual(failedTests(" \n".repeat(200_000)), []);
});
