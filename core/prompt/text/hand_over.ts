/** What goes with a task to a stronger model, and back. */

/**
 * To a stronger model that takes a task over: what came before it.
 * @param before `check`: failing checks with their output, or empty; `plan`: its steps in order; `contract`: what must hold at the end, in words
 */
export function handedOver(before: {
  readonly reason: string;
  readonly check: string;
  readonly plan: readonly { readonly text: string; readonly isDone: boolean }[];
  readonly contract: readonly string[];
}): string {
  const { reason, check, plan, contract } = before;
  const steps = plan.map(({ text, isDone }, i) => `${i + 1}. ${text} (${isDone ? "done" : "open"})`);
  return [
    `A smaller model worked on this task and did not finish it: ${reason}.`,
    check,
    steps.length === 0 ? "" : `Its plan:\n${steps.join("\n")}`,
    contract.length === 0
      ? ""
      : `At the end these must hold:\n${contract.map((one) => `- ${one}`).join("\n")}`,
  ].filter((part) => part !== "").join("\n");
}

export const HANDED_OVER =
  "Do the whole task now, beginning with one tool call. What was changed so far may be wrong: change it as you see fit.";

/** To the model that a task comes back to. `done` are lines of what a stronger model did; `said` its last words, or why it ended. */
export function cameBack(model: string, done: readonly string[], said: string): string {
  return [
    `A stronger model (${model}) was asked for help and worked on the task.`,
    done.length === 0 ? "It changed no file." : `What it did:\n${done.join("\n")}`,
    said === "" ? "" : `It ended with: ${said}`,
    "Files may differ from what you saw. If the task is done, answer in one or two plain sentences. If not, reply with one tool call.",
  ].filter((part) => part !== "").join("\n");
}
