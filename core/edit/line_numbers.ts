/** Line numbers that a model copied along with the lines of a file: `12 | `, `12: `, `12→`, `12<tab>`. Pure. */

const NUMBERED = /^\s*(\d+)(?: *([|:\u2192])|(\t))(.*)$/;

/** Numbers that a replacement may count on behind those of the search text; others are its own. */
const MAX_NEW = 10;

/** A text without its line numbers, and how to take them off another one that has the same. */
export interface Numberless {
  readonly lines: readonly string[];
  /** The number of the first line. */
  readonly first: number;
  readonly strip: (line: string) => string;
}

/**
 * Takes `12 | ` off every line, when each one that is not blank has it and the numbers count up. Behind `|` and `:` one
 * space may belong to the mark: then both readings are given.
 */
export function stripNumbers(lines: readonly string[]): readonly Numberless[] {
  const parts = lines.map((line) => NUMBERED.exec(line));
  if (!parts.some(Boolean) || !parts.every((part, i) => part || lines[i]?.trim() === "")) return [];
  const numbered = parts.filter((part) => part !== null);
  const numbers = numbered.map((part) => Number(part[1]));
  if (numbers.some((number, i) => i > 0 && number <= (numbers[i - 1] ?? 0))) return [];
  const [mark] = numbered.map((part) => part[2] ?? part[3]);
  const mayHaveSpace = (mark === "|" || mark === ":") &&
    numbered.every((part) => part[4] === "" || part[4]?.startsWith(" "));
  const [first = 1, last = first] = [numbers[0], numbers.at(-1)];
  const isNear = (number: number) => number >= first && number <= last + lines.length + MAX_NEW;
  return (mayHaveSpace ? [1, 0] : [0]).map((space) => {
    const strip = (line: string) => {
      const part = NUMBERED.exec(line);
      if (!part || (part[2] ?? part[3]) !== mark || !isNear(Number(part[1]))) return line;
      const rest = part[4] ?? "";
      return space > 0 && rest.startsWith(" ") ? rest.slice(1) : rest;
    };
    return { lines: lines.map(strip), first, strip };
  });
}

/** Takes off `12 | ` as files are shown, only where the numbers count on from the range's first line: a table keyed by numbers stays. */
export function withoutShownNumbers(lines: readonly string[], from: number): readonly string[] {
  const parts = lines.map((line) => /^\s*(\d+)(?: \||→) ?(.*)$/.exec(line));
  return parts.length > 0 && parts.every((part, i) => Number(part?.[1]) === from + i)
    ? parts.map((part) => part?.[2] ?? "")
    : lines;
}
