/** A plan that is asked for, begun, and held to at the end. */

import { askCall } from "./calls.ts";

/**
 * For a task of several steps, once, in front of the line that asks for the call. Step probes with Qwen2.5-Coder-1.5B, raw dialect, four tasks,
 * temperature 0, one call each, 2026-11-25: "write a numbered plan" 1 understood, 0 right (it wrote `plan(1, 2, 3)`); these words 3 and 1;
 * nothing asked 3 and 3. So profiles of that size ask for none (`harness.ask_plan`); no larger model could be measured.
 */
export const ASK_PLAN =
  "This task has several steps. First list them: 2 to 8 numbered lines, each with the file it changes. Below the list comes the tool call for step 1.";

/** After a reply that is a plan and nothing else. */
export function doFirstStep(number: number, text: string): string {
  return `Good. Now do step ${number}: ${text}\nReply with one tool call.`;
}

/** After a final answer while a step of the plan is open and nothing shows that it was done. */
export function stepLeft(number: number, text: string): string {
  return `Step ${number} of the plan is still open: ${text}\nDo it now: reply with one tool call. If it is done already, answer "step ${number} is done".`;
}

/**
 * After a final answer while files that the task names were not changed. One that is not there yet leaves no choice: with one, the model took
 * it (Qwen2.5-Coder-1.5B, step probe `course-half-done`, six wordings: 0 right with a way out, 3 of 4 without, temperature 0, 2026-11-26).
 */
export function filesLeft(files: readonly string[], missing: string | undefined): string {
  const what = `Not changed yet: ${files.join(", ")}.`;
  return missing === undefined
    ? `${what} If the task needs a change there, reply with one tool call that makes it. If it does not, say why in one sentence.`
    : `${what}\n${askCall(missing)}`;
}

/** After a final answer while assertions of the contract fail; each line is one, with why. */
export function contractOpen(lines: readonly string[]): string {
  return `Not done: these checks were agreed and fail.\n${
    lines.join("\n")
  }\nReply with one tool call that mends the first.`;
}
