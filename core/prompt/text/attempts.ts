/** What an attempt to mend a red check is asked to do. */

import { block, fenceFor } from "./shown.ts";

/** Second attempt: the whole file in place of another patch. */
export function otherFormWhole(path: string, text: string): string {
  return `Patching did not mend it. Now write ${path} whole with write_file: every line, with the mistake corrected. It stands like this:\n${
    block(text)
  }`;
}

/** Second attempt: a smaller step. `lines` are numbered; empty where the place is not known. */
export function otherFormSmaller(path: string, lines: string): string {
  const now = lines === "" ? "" : ` They stand like this now:\n${lines}`;
  return `That did not mend it. Take another way and a smaller step: change only the lines of ${path} that are wrong.${now}\nReply with one patch call for ${path}.`;
}

/** Second attempt where no file is known to be at fault. */
export const OTHER_WAY =
  "That did not mend it. Look for another cause: read the test that fails, then change something else.";

/** A fresh context: what fails, with its heading. `of` is the number of failures where only the first is told. */
export function failsNow(
  run: { readonly command: string; readonly exitCode: number | null },
  excerpt: string,
  of: number,
): string {
  const one = of > 1 ? ` It has ${of} failures. Only the first counts now:` : "";
  return `\`${run.command}\` ends with exit code ${run.exitCode}.${one}${excerpt && `\n${excerpt}`}`;
}

/** A fresh context in which the rest of the plan is made anew. */
export function replan(steps: readonly { readonly text: string; readonly isDone: boolean }[]): string {
  const lines = steps.map(({ text, isDone }, i) => `${i + 1}. ${text} (${isDone ? "done" : "open"})`);
  return `The plan so far:\n${
    lines.join("\n")
  }\n\nIts open steps did not lead there. Write the steps that are left anew, a numbered list of 2 to 5 short lines, made from what fails above. Then call the tool for the first one.`;
}

export function mendIt(path: string): string {
  return `Reply with one tool call that mends ${path}.`;
}

export function mendOne(path: string): string {
  return `Mend only this failure. Reply with one tool call that changes ${path}; no other file can be changed now.`;
}

/** "Reply with all of these lines, changed" got them back as they stood, "the corrected `median`" mended (Qwen2.5-Coder-1.5B, one task, temperature 0). */
export function rewriteSection(name: string, path: string, text: string): string {
  const [what, it] = name === path ? [path, "lines"] : [`\`${name}\` of ${path}`, `\`${name}\``];
  return `Write ${what} anew, so that this does not fail any more. It is wrong as it stands. Reply with the corrected ${it} in one ${
    fenceFor(text)
  } block and nothing else.`;
}

export function extractFunction(part: { name: string; from: number; to: number }, path: string): string {
  return `\`${part.name}\` has ${
    part.to - part.from + 1
  } lines (${part.from}-${part.to} of ${path}), too many to mend at once. Make the lines that fail a new function of their own above it, mended, with one patch call; then put a call of it in their place with a second patch call. No other file can be changed now.`;
}

export function splitFile(
  path: string,
  lines: number,
  part: { name: string; from: number; to: number } | undefined,
): string {
  const what = part ? `\`${part.name}\` (lines ${part.from}-${part.to})` : "the part that fails";
  return `${path} has ${lines} lines, too many to see at once. Make ${what} a new file beside it with write_file, mended; then take it out of ${path} with patch and import it there. No other file can be changed now.`;
}

/** An edit, or a command that writes, outside the running attempt. */
export function outsideAttempt(path: string, only: readonly string[]): string {
  return `Not changed: ${path} is not part of this step. Change ${only.join(" or ")}.`;
}
