/** What checks say of a change: those that are red, what is wrong since, what was taken back. */

import type { LostName } from "../../types.ts";
import { askCall } from "./calls.ts";

/** After a final answer while a check is red. `excerpt` is what the check said; `focus` the file that is most likely at fault. */
export function stillRed(
  run: { readonly command: string; readonly exitCode: number | null },
  excerpt: string,
  focus: string | undefined,
): string {
  return `Not done: ${redCheck(run, excerpt)}\n${
    focus ? `Reply with one tool call that mends ${focus}.` : "Reply with one tool call that mends it."
  }`;
}

/** What a red check says, at the head of an attempt in the running context. */
function redCheck(
  run: { readonly command: string; readonly exitCode: number | null },
  excerpt: string,
): string {
  return `\`${run.command}\` ends with exit code ${run.exitCode} after your change.${
    excerpt && `\n${excerpt}`
  }`;
}

/** Below the result of an edit: what is wrong with the file and was not before. */
export function newProblems(lines: readonly string[]): string {
  return `Wrong since your change:\n${lines.join("\n")}`;
}

/** After an edit that imports a file of the project that does not exist. */
export function importNotThere(path: string, line: number, name: string): string {
  return `Line ${line} of ${path} imports "${name}", which is not there. Create it, or correct the import.`;
}

/** After an edit that took names away which are still used; at most three are told. Also after a final answer that left it so. */
export function namesLost(lost: readonly LostName[]): string {
  const told = lost.slice(0, 3).map(({ name, from, path, line }) =>
    path === from
      ? `${name} is gone from ${from}, but line ${line} still uses it.`
      : `${name} is gone from ${from}, but ${path} still takes it from there (line ${line}).`
  );
  return `${told.join(" ")} ${askCall(lost[0]?.path)}`;
}

/** A check that ended before the change, and does not since. */
export function doesNotEnd(timeoutMs: number, beforeMs: number): string {
  const before = Math.max(1, Math.round(beforeMs / 1_000));
  return `It did not end within ${
    Math.round(timeoutMs / 1_000)
  } s; before your change it took ${before} s. Look for a loop or a wait without an end.`;
}

/** A check that runs fewer tests than before the change. */
export function fewerTests(now: number, before: number): string {
  return `It runs ${now} tests now; before your change it ran ${before}.`;
}

/** Above the failures of tests that the model had changed and that were run as they were. */
export function testsAsTheyWere(paths: readonly string[]): string {
  const [they, are] = paths.length === 1 ? ["It was", "it is"] : ["They were", "they are"];
  return `You changed ${
    paths.join(", ")
  }. ${they} run here as ${are} without your change: put the old text back and mend the code.`;
}

/** The last line of an excerpt that is not all of what a check said. */
export function allOfIt(handle: string): string {
  return `[all of it: read_file {"path": "${handle}"}]`;
}

/** At the end of a turn whose change was rejected; it stands in front of the next message. */
export function filesPutBack(paths: readonly string[], command: string): string {
  return `Note: \`${command}\` was red after your change, so the change was taken back. These files are as they were before it: ${
    paths.join(", ")
  }.`;
}
