/** How a call is asked for: at all, after one that could not be read, and in two requests. */

import { nameList } from "../../name_list.ts";

/** The last line wherever a change is wanted: a small model does what the last line says. */
export function askCall(path: string | undefined): string {
  return `Reply with ${oneCall(path)}.`;
}

/** The same inside a sentence. */
export function oneCall(path: string | undefined): string {
  return path === undefined ? "one tool call" : `one tool call that changes ${path}`;
}

/**
 * Before a reply that the server constrains to a call: the task again and no example. Tried on one task with Qwen2.5-Coder-1.5B,
 * 2026-11-24: with an example here, or with earlier examples that name the task's own new file, it filled the grammar with a copy; like this
 * it wrote the right file. Temperature 0, so repeated runs are one sample: a sign, not a rate.
 */
export function askConstrained(why: string, task: string): string {
  return `The call was not run: ${why}.\nTask: ${task}\n\nReply with one tool call.`;
}

/** After a call's header, where the server cannot go on with a reply that was begun: the body alone, as text. */
export function askBody(name: string, path: string): string {
  return name === "write_file"
    ? `Now write the whole content of ${path} in one fence, and nothing else.`
    : `Now write the change of ${path} and nothing else: the old lines between <<<<<<< SEARCH and =======, the new lines between ======= and >>>>>>> REPLACE.`;
}

/** Below the example of a correction, where the same fault came twice. */
export const OTHER_FORM = "Write calls in this form from now on.";

/** Names in one line; a hundred of them would cost a small window more than they help. */
export function namesLine(names: readonly string[]): string {
  return nameList(names, MAX_NAMES);
}

/** As many as a full installation has without MCP servers, twice. */
const MAX_NAMES = 40;
