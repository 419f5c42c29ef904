/** The ladder for a model that goes round in circles: a note, another way by its name, a fresh context. */

import { shortArgs } from "./results.ts";
import { askCall } from "./calls.ts";

/** What a model that goes round in circles does. */
interface Looping {
  readonly kind: "repetition" | "no_news" | "read_loop" | "spiral";
  readonly call: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
  readonly times: number;
}

/** First: what was seen, and that it leads nowhere. */
export function loopNote({ kind, call, times }: Looping): string {
  switch (kind) {
    case "repetition":
      return `You made this same ${call.name} call ${times} times and its result does not change. Do something else: use another tool, other arguments, or finish.`;
    case "no_news":
      return `Not run: your last ${
        times - 1
      } calls showed nothing that was not shown above. Use what you have: act, or finish.`;
    case "read_loop":
      return `Not run: you have looked ${times - 1} times and changed nothing. Make the change now.`;
    case "spiral":
      return `Not run: your edits bring ${call.args.path} back to what it was before, ${times} times now. Decide on one version: read the file as it stands, then make one edit that differs from all before.`;
  }
}

/** Second: the way that is left, by name. */
export function otherWay(
  { kind, call }: Looping,
  turn: { readonly wantsChange: boolean; readonly focus?: { readonly path: string } },
): string {
  const file = turn.focus?.path;
  if (kind === "spiral") {
    return `Not run: ${call.args.path} goes back and forth. Do not patch it again. Write the whole file with write_file, or run its test with bash to see which version is right.`;
  }
  const way = !turn.wantsChange
    ? "Answer the question now from what was shown, in plain words."
    : file === undefined
    ? "Make the change now, with patch or write_file."
    : askCall(file);
  return `Not run: do not call ${call.name} again. ${way}`;
}

/** Third, in a fresh context: what went wrong before. */
export function stuckWith(loop: Looping | "empty" | "echo"): string {
  if (loop === "empty") return "Before, the replies were empty.";
  if (loop === "echo") return "Before, a reply only said again what it was told.";
  const { kind, call } = loop;
  switch (kind) {
    case "repetition":
      return `Before, the same ${call.name} call was made again and again (${
        shortArgs(call)
      }). It leads nowhere.`;
    case "no_news":
      return "Before, files were read and searched again and again without anything new.";
    case "read_loop":
      return "Before, files were only read, and nothing was changed.";
    case "spiral":
      return `Before, edits of ${call.args.path} were undone and redone. It stands as the last one left it.`;
  }
}

/** How to go on in a fresh context after a loop. */
export function goOn(wantsChange: boolean): string {
  return wantsChange
    ? "Go another way now. Reply with one tool call that brings the task forward."
    : "Go another way now. Call one tool, or answer in plain words.";
}

/** In the tail of a result, when the last ones showed nothing new. */
export const NOTHING_NEW = "(Your last calls showed nothing new. Use what is shown above.)";
