/** What is said to a reply that brings nothing forward: empty, cut, without a call, or not true. */

import type { Unsupported } from "../../types.ts";
import { askCall, oneCall } from "./calls.ts";

/** After NEED_TOOLS: the head has the tools now. */
export const TOOLS_OPENED = "You have tools now. Reply with one tool call.";

/** A turn whose reply was empty. */
interface Unanswered {
  readonly task: string;
  readonly wantsChange: boolean;
  readonly focus?: { readonly path: string };
  readonly ledger: { readonly changes: readonly unknown[] };
}

/** The turn's own last line where it wants a change and made none. */
export function emptyReply({ wantsChange, focus, ledger }: Unanswered): string {
  return wantsChange && ledger.changes.length === 0
    ? `Your reply was empty. ${askCall(focus?.path)}`
    : "Your reply was empty. Call a tool, or answer in plain words if the task is done.";
}

/** After a second empty reply. */
export function callAgain({ task, wantsChange, focus }: Unanswered): string {
  return `Your reply was empty again. Task: ${task}\n\n${
    wantsChange && focus ? askCall(focus.path) : "Reply with one tool call, or with the answer."
  }`;
}

/** Told to a person in place of an answer: the model wrote again what stands already. */
export const STANDS_ALREADY = "The files stand as they were written.";

/** After a reply that thought and said nothing; the next reply is asked for without thinking. */
export const THOUGHT_ONLY = "You thought, but gave no answer. Reply now with one tool call, or the answer.";

/** After an offer of help in place of work. */
export const GREETED = "The task is not done. Go on with it: call a tool, or answer it in plain words.";

export const ANNOUNCED_NOT_DONE = "You said what you will do, but called no tool. Do it now: call the tool.";

/**
 * After a final answer to a task that asked for a change, with no file changed; the answer itself leaves the history. Step probes with
 * Qwen2.5-Coder-1.5B, raw, temperature 0, 2026-11-26: with the answer before it every wording tried (14, three situations) got the answer
 * once more, or a reason why no change is needed; without it these words got the right call in 4 of 5 situations and a call in all.
 */
export function nothingChanged(focus: string | undefined): string {
  return `The last reply changed no file. If the task asks for no change, answer it again. Else reply with ${
    oneCall(focus)
  }.`;
}

/** After a final answer that claims what did not happen. */
export function notSo(claims: readonly Unsupported[]): string {
  const lines = claims.slice(0, 3).map(({ said, why }) => `You wrote "${said}", but ${why}.`);
  return `${lines.join("\n")}\nDo it now with a tool call, or answer again and say only what happened.`;
}

export const RUNAWAY =
  "Your reply repeated itself and was stopped; nothing of it was run. Reply with one tool call, or finish.";

export const LEFT_OUT =
  'Your reply left code out (a line like "rest unchanged") and was stopped; nothing of it was run. Write every line, or use patch for the piece that changes.';

export const LENGTH_CUT =
  "Your reply was cut off at the output limit, so nothing of it was run. Send less at once: a smaller edit, or the file in parts.";
