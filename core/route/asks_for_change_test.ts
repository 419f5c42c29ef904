import assert from "node:assert/strict";
import { asksForChange } from "./asks_for_change.ts";

Deno.test("asksForChange() takes a question for a question and everything else for a task", () => {
  for (
    const task of [
      "Create hello.py that prints hello world",
      "fix the failing test",
      "The total is wrong.",
      "can you rename x to y?",
      "What is wrong here? Explain and fix it",
      "mach den Test grün",
      "round_up in money.py should round instead of cutting off",
      "let users change their password",
      "say hi in the footer of index.html",
    ]
  ) assert.equal(asksForChange(task), true, task);
  for (
    const task of [
      "What does cart.py do?",
      "explain how the parser works",
      "Is there a test for this?",
      "Can you explain what total does?",
      "Was macht diese Funktion?",
      "say hi",
      "Say hello!",
      "just explain it instead of changing it",
    ]
  ) assert.equal(asksForChange(task), false, task);
});
