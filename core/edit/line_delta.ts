/** How many lines a change adds and removes. */

import { diffArrays } from "diff";

/** Lines that differ, at most, for an exact count; a diff of more costs seconds and tells a person no more. */
const MAX_EXACT_LINES = 1_000;

/**
 * Counts lines as `git diff --numstat` does: a changed line is one removed and one added, a changed line ending too.
 *
 * Beyond 1,000 differing lines all lines between the first and the last difference are counted as replaced.
 * @param before `null`: the file did not exist
 * @param after `null`: the file is deleted
 */
export function lineDelta(before: string | null, after: string | null): { added: number; removed: number } {
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head++;
  let tail = 0;
  const shorter = Math.min(old.length, now.length) - head;
  while (tail < shorter && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail++;
  const removed = old.slice(head, old.length - tail);
  const added = now.slice(head, now.length - tail);
  if (removed.length === 0 || added.length === 0) return { added: added.length, removed: removed.length };

  const parts = diffArrays(removed, added, { maxEditLength: MAX_EXACT_LINES });
  if (parts === undefined) return { added: added.length, removed: removed.length };
  const count = { added: 0, removed: 0 };
  for (const part of parts) {
    if (part.added) count.added += part.value.length;
    if (part.removed) count.removed += part.value.length;
  }
  return count;
}

/** Lines with their own endings; none for no file and for an empty one. */
function linesOf(text: string | null): string[] {
  return text === null || text === "" ? [] : text.split(/(?<=\n)/);
}
