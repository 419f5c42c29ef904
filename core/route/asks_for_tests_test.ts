import assert from "node:assert/strict";
import { asksForTests } from "./asks_for_tests.ts";

Deno.test("asksForTests() tells a change of tests from a change that tests judge", () => {
  const yes = [
    "add tests for the cart",
    "Write a unit test for add()",
    "update the failing test, the spec changed",
    "add a function and its tests",
    "rename cart to basket in the code and update all tests",
    "delete the old integration tests",
    "improve test coverage",
  ];
  const no = [
    "fix the failing test",
    "make test_calc.py pass",
    "change add so that the tests pass",
    "change add so the tests pass",
    "the tests fail, mend the code",
    "add a flag without changing the tests",
    "add a subtract function; do not edit the tests",
    "add validation to the form and make the tests pass",
    "run the tests",
  ];
  assert.deepEqual(yes.filter((task) => !asksForTests(task)), []);
  assert.deepEqual(no.filter(asksForTests), []);
});
