/** How long a result may be, and text made fit for it. */

import { stripVTControlCharacters } from "node:util";
import type { ToolContext } from "../core/tool.ts";

/** Even in a full window a result says this much; `run_tool` holds the same floor. */
const MIN_RESULT_CHARS = 1_000;
/** Room for the line that says how to get the rest. */
const NOTE_CHARS = 250;

/**
 * What a result's content may have, its closing note not counted: characters of ASCII, of which others count as their bytes in UTF-8
 * (`byteLength()`), since that is what they cost a model.
 */
export function contentLimit(context: Pick<ToolContext, "limits">): number {
  const { resultChars, roomTokens } = context.limits;
  // Three bytes a token is the densest that code gets: a result never adds more than the room.
  return Math.max(MIN_RESULT_CHARS, Math.min(resultChars, roomTokens * 3)) - NOTE_CHARS;
}

/** A line at most `maxChars` long; what was cut is counted. */
export function cutLine(line: string, maxChars: number): string {
  if (line.length <= maxChars) return line;
  // Half a surrogate pair is no character, and some servers refuse a request that holds one.
  const shown = line.slice(0, maxChars).replace(/[\uD800-\uDBFF]$/, "");
  return `${shown}...[+${line.length - shown.length} characters]`;
}

/** What a person at a terminal would have seen in the end: colours out, overwritten progress lines gone. */
export function plainOutput(output: string): string {
  return stripVTControlCharacters(output)
    .split("\n")
    .map((line) => {
      const text = line.endsWith("\r") ? line.slice(0, -1) : line;
      return text.slice(text.lastIndexOf("\r") + 1);
    })
    .join("\n")
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/g, "");
}
