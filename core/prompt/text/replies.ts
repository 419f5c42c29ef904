/** What is said to a reply that brings nothing forward: empty, cut, without a call, or not true. */

/** After NEED_TOOLS: the head has the tools now. */
export const TOOLS_OPENED = "You have tools now. Reply with one tool call.";

export const EMPTY_REPLY = "Your reply was empty. Call a tool, or answer in plain words if the task is done.";

/** After a second empty reply. */
export function callAgain(
  turn: { readonly task: string; readonly wantsChange: boolean; readonly focus?: { readonly path: string } },
): string {
  return `Your reply was empty again. Task: ${turn.task}\n\n${
    turn.wantsChange && turn.focus
      ? `Reply with one tool call that changes ${turn.focus.path}.`
      : "Reply with one tool call, or with the answer."
  }`;
}

/** Told to a person in place of an answer: the model wrote again what stands already. */
export const STANDS_ALREADY = "The files stand as they were written.";

/** After a reply that thought and said nothing; the next reply is asked for without thinking. */
export const THOUGHT_ONLY = "You thought, but gave no answer. Reply now with one tool call, or the answer.";

/** After an offer of help in place of work. */
export const GREETED = "The task is not done. Go on with it: call a tool, or answer it in plain words.";

export const ANNOUNCED_NOT_DONE = "You said what you will do, but called no tool. Do it now: call the tool.";

/** After a final answer to a task that asked for a change, with no file changed. */
export function nothingChanged(focus: string | undefined): string {
  return `No file was changed yet. If the task needs no change, say why in one sentence. Else reply with one tool call${
    focus ? ` that changes ${focus}` : ""
  }.`;
}

/** After a final answer that claims what did not happen. `why` is a clause. */
export function notSo(claims: readonly { readonly said: string; readonly why: string }[]): string {
  const lines = claims.slice(0, 3).map(({ said, why }) => `You wrote "${said}", but ${why}.`);
  return `${lines.join("\n")}\nDo it now with a tool call, or answer again and say only what happened.`;
}

export const RUNAWAY =
  "Your reply repeated itself and was stopped; nothing of it was run. Reply with one tool call, or finish.";

export const LEFT_OUT =
  'Your reply left code out (a line like "rest unchanged") and was stopped; nothing of it was run. Write every line, or use patch for the piece that changes.';

export const LENGTH_CUT =
  "Your reply was cut off at the output limit, so nothing of it was run. Send less at once: a smaller edit, or the file in parts.";
