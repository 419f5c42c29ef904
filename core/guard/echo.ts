/** Replies that only say again what the model was just told: a small model's way of having no answer. */

import type { Message } from "../types.ts";

/** A shorter text may be an answer in its own right, as `[]` or a path. */
const MIN_CHARS = 40;
/** Characters that are compared. */
const COMPARED = 300;

/**
 * Whether a reply without a call is a copy of the correction or the error that it answers. A copy of a file or of a result may be the
 * answer that was asked for.
 * @param start index of the turn's user message
 */
export function echoes(text: string, messages: readonly Message[], start: number): boolean {
  const said = squeeze(text).slice(0, COMPARED);
  const newest = messages.at(-1);
  if (said.length < MIN_CHARS || !newest || messages.length - 1 <= start) return false;
  const isCorrection = newest.role === "user" ||
    newest.role === "tool" && newest.content.startsWith("Error:");
  return isCorrection && squeeze(newest.content).includes(said);
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
