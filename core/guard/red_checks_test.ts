import assert from "node:assert/strict";
import { asksToMend } from "./red_checks.ts";

Deno.test("asksToMend() tells mending from other work that is asked for with its words", () => {
  for (
    const task of [
      "fix the failing test",
      "make the tests pass",
      "The parser crashes on an empty line",
      "there is an error in calc.py, it returns the wrong sum",
      "pass the tests",
      "Fix the error handling",
      "debug why it hangs",
    ]
  ) {
    assert.equal(asksToMend(task, "test"), true, task);
  }
  for (
    const task of [
      "Add error handling to load()",
      "pass the user's name to greet()",
      "Add a debug flag",
      "raise an error when the file is missing",
      "return a clear error from parse()",
      "Create hello.py that prints hello world",
    ]
  ) {
    assert.equal(asksToMend(task, "test"), false, task);
  }
});
