/** A text as lines that keep their own endings. */

export interface SourceLine {
  readonly text: string;
  /** `\n`, `\r\n`, `\r`, or empty at the end of the text. */
  readonly end: string;
}

/** Splits at every kind of line ending; joining text and end of all lines gives the source again. */
export function splitLines(source: string): SourceLine[] {
  const lines: SourceLine[] = [];
  let at = 0;
  for (const match of source.matchAll(/\r\n|\n|\r/g)) {
    lines.push({ text: source.slice(at, match.index), end: match[0] });
    at = match.index + match[0].length;
  }
  if (at < source.length) lines.push({ text: source.slice(at), end: "" });
  return lines;
}

/** The lines without their endings. */
export function lineTexts(source: string): string[] {
  return splitLines(source).map(({ text }) => text);
}

export function joinLines(lines: readonly SourceLine[]): string {
  return lines.map(({ text, end }) => text + end).join("");
}

/** The ending that most lines have; `\n` where there is none. */
export function mainEnding(lines: readonly SourceLine[]): string {
  const counts = new Map<string, number>();
  for (const { end } of lines) if (end !== "") counts.set(end, (counts.get(end) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? "\n";
}

/** White space in front of a line's text. */
export function indentOf(text: string): string {
  return /^[ \t]*/.exec(text)?.[0] ?? "";
}

/** Lines `from`-`to` (1-based, inclusive) with their numbers, as `read_file` shows them. */
export function numbered(lines: readonly SourceLine[], from: number, to: number): string {
  return lines.slice(from - 1, to).map(({ text }, i) => `${from + i} | ${text}`).join("\n");
}
