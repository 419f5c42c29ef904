/** A reply that recites our own prompt: small models do it when they do not know what to say. */

import { RAW_LESSONS } from "./dialects/raw.ts";

const FENCE = /^[ \t]{0,3}(?:`{3,}|~{3,})/;
const LESSONS: ReadonlySet<string> = new Set(RAW_LESSONS);

/**
 * Where a text begins to recite the lines that teach a dialect; the examples below them are no calls.
 * @returns an index, or the text's length. A line inside a fence is the content of a file, and stays.
 */
export function recitedAt(text: string): number {
  if (!RAW_LESSONS.some((line) => text.includes(line))) return text.length;
  let at = 0;
  let isFenced = false;
  for (const line of text.split("\n")) {
    if (FENCE.test(line)) isFenced = !isFenced;
    if (!isFenced && LESSONS.has(line.trim())) return at;
    at += line.length + 1;
  }
  return text.length;
}
