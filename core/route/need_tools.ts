/** The way out of a head without tools: one line that the model reads, and how its use is recognised. */

/** Stands in the system text in place of the tools. */
export const NEED_TOOLS_LINE =
  "No tools are shown, since only an answer seems to be wanted. If you must read, change or run something, reply with the one word NEED_TOOLS.";

/** Whether a final text asks for tools. Anywhere in its first 400 characters: small models talk around the word. */
export function needsTools(text: string): boolean {
  return /\bNEED[_ -]TOOLS?\b/.test(text.slice(0, 400));
}
