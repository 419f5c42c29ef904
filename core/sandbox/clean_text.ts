/** Text of a plugin before anything else reads it: no terminal sequences, no control characters, no hidden direction marks. */

import { createHash } from "node:crypto";

/** Sequences first, whole (CSI, OSC and the like, two-character ones), so that their letters do not stay behind. */
const SEQUENCES = new RegExp(
  [
    "(?:\\x1b\\[|\\x9b)[\\x30-\\x3f]*[\\x20-\\x2f]*[\\x40-\\x7e]?",
    "(?:\\x1b[\\]PX^_]|[\\x9d\\x90\\x98\\x9e\\x9f])[^\\x07\\x1b\\x9c]*(?:\\x07|\\x1b\\\\|\\x9c)?",
    "\\x1b[\\x20-\\x2f]*[\\x30-\\x7e]?",
  ].join("|"),
  "g",
);
/** Control characters but tab and newline; direction overrides and isolates (they show a text in another order than it is). */
// deno-lint-ignore no-control-regex -- the control characters are what is looked for
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Without what a terminal obeys or hides; tab and newline stay. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll("\r\n", "\n").replace(SEQUENCES, "").replace(HIDDEN, "");
}

/**
 * Exact words for a question to a person, in one line: what is hidden is written out (`\\n`, `\\u001b`), and what is cut off is named by its
 * hash, so that two different texts never read the same.
 */
export function exactLine(text: string, maxChars: number): string {
  const line = text.toWellFormed().replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => char === "\n" ? "\\n" : `\\u${char.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
  if (line.length <= maxChars) return line;
  const hash = createHash("sha256").update(line).digest("hex").slice(0, 16);
  return `${line.slice(0, maxChars)}... (${line.length} characters, ${hash})`;
}

/** In one line, at most this long. */
export function cleanLine(text: string, maxChars: number): string {
  const line = cleanText(text.slice(0, 4 * maxChars)).replace(/\s+/g, " ").trim();
  return line.length <= maxChars ? line : `${line.slice(0, maxChars - 3)}...`;
}
