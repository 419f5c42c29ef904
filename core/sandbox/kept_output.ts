/** Output of a command kept within a bound: its start and its end, with the middle counted and dropped. */

export interface KeptOutput {
  add(text: string): void;
  /** What was kept; where something was dropped, a line says how much. */
  text(): string;
  /** What came since the last call of `fresh`, kept in the same way. */
  fresh(): string;
}

/**
 * @param maxChars most characters kept, half of them for the start
 */
export function keepOutput(maxChars: number): KeptOutput {
  const all = keepEnds(maxChars);
  let latest = keepEnds(maxChars);
  return {
    add(text) {
      all.add(text);
      latest.add(text);
    },
    text: () => all.text(),
    fresh() {
      const text = latest.text();
      latest = keepEnds(maxChars);
      return text;
    },
  };
}

/** Cuts the middle out of a text, at line ends where they are near; unchanged when it fits. */
export function cutMiddle(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text;
  const kept = keepEnds(maxChars);
  kept.add(text);
  return kept.text();
}

function keepEnds(maxChars: number): { add(text: string): void; text(): string } {
  const half = Math.floor(maxChars / 2);
  let head = "";
  let tail = "";
  let dropped = { chars: 0, lines: 0 };
  return {
    add(text) {
      const room = half - head.length;
      if (room > 0 && tail === "") {
        head += text.slice(0, room);
        text = text.slice(room);
      }
      tail += text;
      // Cutting at twice the bound keeps the cost of each character constant.
      if (tail.length > 2 * half) {
        const gone = tail.slice(0, tail.length - half);
        dropped = { chars: dropped.chars + gone.length, lines: dropped.lines + countNewlines(gone) };
        tail = tail.slice(-half);
      }
    },
    text() {
      if (dropped.chars === 0 && tail.length <= half) return head + tail;
      const keptTail = tail.slice(-half);
      const gone = tail.slice(0, tail.length - keptTail.length);
      // Whole lines are easier to read than half ones; a single long line stays cut where it is.
      const headEnd = head.lastIndexOf("\n") + 1;
      const tailStart = keptTail.indexOf("\n") + 1;
      const shownHead = headEnd > half / 2 ? head.slice(0, headEnd) : head;
      const shownTail = tailStart > 0 && tailStart < half / 2 ? keptTail.slice(tailStart) : keptTail;
      const chars = dropped.chars + gone.length + head.length - shownHead.length +
        keptTail.length - shownTail.length;
      const lines = dropped.lines + countNewlines(gone) + countNewlines(head.slice(shownHead.length)) +
        countNewlines(keptTail.slice(0, keptTail.length - shownTail.length));
      const gap = shownHead.endsWith("\n") ? "" : "\n";
      return `${shownHead}${gap}[... ${lines} lines, ${chars} characters cut ...]\n${shownTail}`;
    },
  };
}

function countNewlines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count++;
  return count;
}
