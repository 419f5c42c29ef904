/** What the model has been shown of each file, as line ranges of one content. Kept for the session. */

import type { Seen } from "../tool.ts";

interface Shown {
  readonly hash: string;
  readonly totalLines: number;
  /** Sorted, not touching each other; 1-based, inclusive. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** A new, empty account. A new content of a file forgets what was shown of the old. */
export function openSeen(): Seen {
  const shown = new Map<string, Shown>();
  const standing = new Map<string, { readonly hash: string; readonly text: string }>();
  return {
    note(path, hash, from, to, totalLines) {
      const before = shown.get(path);
      const ranges = before?.hash === hash ? before.ranges : [];
      shown.set(path, { hash, totalLines, ranges: addRange(ranges, [from, to]) });
    },
    isWhole(path, hash) {
      const now = shown.get(path);
      if (now?.hash !== hash) return false;
      if (now.totalLines === 0) return true;
      const [first] = now.ranges;
      return first !== undefined && first[0] <= 1 && first[1] >= now.totalLines;
    },
    hash: (path) => shown.get(path)?.hash,
    show: (path, content) => void standing.set(path, { hash: content.hash, text: content.text }),
    shown: (path) => standing.get(path),
    hideAll: () => standing.clear(),
    forgetAll() {
      standing.clear();
      shown.clear();
    },
  };
}

/** Adds a range and joins those that overlap or touch. */
export function addRange(
  ranges: readonly (readonly [number, number])[],
  added: readonly [number, number],
): readonly (readonly [number, number])[] {
  const joined: [number, number][] = [];
  for (const [from, to] of [...ranges, added].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}
