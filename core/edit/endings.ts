/** Line endings of what is written into a file: those of the text that it replaces. Pure. */

import { mainEnding, type SourceLine } from "./source_lines.ts";

/** A stretch of the original that becomes another text. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The new text in the line endings of the text that it replaces; of one line: in the file's own. A mixed hit is taken as the model wrote it. */
export function inEndings(text: string, search: string, lines: readonly SourceLine[]): string {
  const endings = new Set(search.match(/\r\n|\n|\r/g) ?? lines.map(({ end }) => end).filter(Boolean));
  if (endings.size === 0 || (endings.size > 1 && /[\r\n]/.test(search))) return text;
  const [only] = endings;
  return text.replace(/\r\n|\n|\r/g, endings.size === 1 && only ? only : mainEnding(lines));
}

/** Whole lines that are deleted take their line ending along; else an empty line would be left. */
export function withLineEnd(original: string, part: Splice): Splice {
  const startsLine = part.start === 0 || /[\r\n]/.test(original[part.start - 1] ?? "");
  if (!startsLine || /[\r\n]$/.test(original.slice(part.start, part.end))) return part;
  const ending = /^(?:\r\n|\n|\r)/.exec(original.slice(part.end, part.end + 2))?.[0];
  return ending ? { ...part, end: part.end + ending.length } : part;
}

/** Lines with the endings of the lines that they replace; new ones get the file's own, and a missing final newline stays missing. */
export function writeLines(
  texts: readonly string[],
  old: readonly SourceLine[],
  all: readonly SourceLine[],
  atEnd: boolean,
): string {
  const ending = mainEnding(all);
  return texts.map((text, i) => {
    const before = old[i]?.text === text ? old[i] : undefined;
    const isFinal = i === texts.length - 1;
    if (isFinal && atEnd && old.at(-1)?.end === "") return text;
    return text + (before && before.end !== "" ? before.end : ending);
  }).join("");
}
