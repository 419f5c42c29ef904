/** What stands in place of a result or of a part of it, and the lines at its tail. */

import type { ToolCall } from "../../types.ts";

/** In place of a result that stands above, word for word. @param resultsSince results that came after it */
export function sameResult(name: string, content: string, resultsSince: number): string {
  const where = resultsSince === 0 ? "the last result" : `the result ${resultsSince + 1} back`;
  const begins = content.split("\n")[0]?.slice(0, 80);
  return `Nothing changed: this ${name} call gives the same as before. It stands above, ${where}, beginning with: ${begins}`;
}

/** In place of a write that was made already in this turn. */
export const DONE_ALREADY = "This was done already in this turn. Go on.";

/** The tail line that tells how much room is left, given when it becomes scarce. */
export function roomLeft(tokens: number): string {
  return `(About ${tokens} tokens of room are left: read only what you need.)`;
}

/** The line that ends a result cut for length. */
export function cutResult(shown: number, total: number, handle: string): string {
  return `[${shown} of ${total} characters shown; the rest: read_file with path "${handle}" and a line range]`;
}

/** What stands in place of an old result: what it was, and that the same call gives it again. */
export function maskedResult(call: ToolCall | undefined, name: string, content: string): string {
  const lines = content.split("\n").length;
  return `[Old result of ${name} ${shortArgs(call)}, ${lines} lines, left out to save room. Its first line: ${
    content.split("\n")[0]?.slice(0, 80)
  }. Call it again if you need it.]`;
}

/** What stands in place of the oldest part of a session. */
export function digestOf(asked: readonly string[], done: readonly (readonly [ToolCall, string])[]): string {
  const lines = done.slice(-40).map(([call, result]) =>
    `- ${call.name} ${shortArgs(call)}: ${result.split("\n")[0]?.slice(0, 100)}`
  );
  return [
    ...asked.slice(-5).map((task) => `The user asked before: ${task.slice(0, 200)}`),
    "Done so far (older results are left out to save room):",
    ...lines,
  ].join("\n");
}

export function shortArgs(call: Pick<ToolCall, "args"> | undefined): string {
  const args = call?.args ?? {};
  const main = args.path ?? args.command ?? args.pattern ?? "";
  return String(main).split("\n")[0]?.slice(0, 80) ?? "";
}
