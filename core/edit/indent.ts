/** The shift of indentation between a search text and the lines that it stands for. Pure. */

import { indentOf } from "./source_lines.ts";

/**
 * Gives a replacement's lines with the indentation that the file has; they are as they were where there is no shift.
 * @returns nothing where the depth of a line would be a guess.
 */
export function reindent(
  search: readonly string[],
  matched: readonly string[],
  replacement: readonly string[],
): string[] | undefined {
  const shift = shiftOf(search, matched);
  if (shift === undefined || isPlaced(search, matched, replacement)) return [...replacement];
  if (shift === "line by line") return lineByLine(matched, replacement);
  return replacement.map((line, i) => line.trim() === "" ? line : shift(line, i));
}

/**
 * Whether the replacement stands as deep as the file already, where only the search text lost its indentation: a line that
 * both have says it, else the first line.
 */
function isPlaced(
  search: readonly string[],
  matched: readonly string[],
  replacement: readonly string[],
): boolean {
  const first = (lines: readonly string[]) => indentOf(lines.find((line) => line.trim() !== "") ?? "");
  const [said, real] = [first(search), first(matched)];
  const lost = real.startsWith(said) ? real.slice(said.length) : "";
  if (lost === "" || !replacement.every((line) => line.trim() === "" || line.startsWith(lost))) return false;
  for (const line of replacement) {
    const at = search.findIndex((other) => other.trim() === line.trim());
    if (/\w/.test(line) && at >= 0) return indentOf(line) === indentOf(matched[at] ?? "");
  }
  return first(replacement) === real;
}

/** The search text says nothing of a nesting: the replacement does, or has line for line the file's. */
function lineByLine(matched: readonly string[], replacement: readonly string[]): string[] | undefined {
  const reals = matched.map(indentOf);
  if (replacement.some((line) => indentOf(line) !== "" && line.trim() !== "")) {
    return replacement.map((line) => line.trim() === "" ? line : (reals[0] ?? "") + line);
  }
  return replacement.length === reals.length
    ? replacement.map((line, i) => line.trim() === "" ? line : (reals[i] ?? "") + line)
    : undefined;
}

/**
 * The one shift that takes the indentation of every search line to that of its line in the file, blank ones aside; `undefined` where the
 * lines move by different widths, so that another nesting is meant.
 *
 * In this order: all lines differ by one prefix, added or taken off; tabs against spaces, all by the same number of steps; only the first line
 * has lost its indentation, as when it is quoted from its first word on; every line has lost it, and then says nothing of a nesting.
 */
export function shiftOf(
  search: readonly string[],
  matched: readonly string[],
): Shift | "line by line" | undefined {
  const pairs = search
    .map((line, i): Pair => [indentOf(line), indentOf(matched[i] ?? "")])
    .filter((_, i) => (search[i] ?? "").trim() !== "");
  const added = onePrefix(
    pairs.map(([said, real]) => real.endsWith(said) ? real.slice(0, real.length - said.length) : undefined),
  );
  if (added !== undefined) return (line) => added + line;
  const taken = onePrefix(
    pairs.map(([said, real]) => said.endsWith(real) ? said.slice(0, said.length - real.length) : undefined),
  );
  if (taken !== undefined) {
    return (line) => line.startsWith(taken) ? line.slice(taken.length) : line.trimStart();
  }
  const steps = bySteps(pairs);
  if (steps) return steps;
  const [first, ...others] = pairs;
  const isFirstOnly = first?.[0] === "" && others.length > 0 && others.every(([said, real]) => said === real);
  if (isFirstOnly) return (line, i) => i === 0 && indentOf(line) === "" ? first[1] + line : line;
  return pairs.every(([said]) => said === "") ? "line by line" : undefined;
}

/** Moves a line of the replacement; `index` counts its lines from 0. */
type Shift = (line: string, index: number) => string;

type Pair = readonly [said: string, real: string];

function onePrefix(prefixes: readonly (string | undefined)[]): string | undefined {
  const [first] = prefixes;
  return prefixes.every((prefix) => prefix === first) ? first : undefined;
}

/** Where tabs stand for spaces or the other way round: a line at n steps in the search stands at n + shift steps in the file. */
function bySteps(pairs: readonly Pair[]): ((line: string) => string) | undefined {
  const saidUnit = unitOf(pairs.map(([said]) => said));
  const realUnit = unitOf(pairs.map(([, real]) => real));
  if (saidUnit === undefined && realUnit === undefined) return undefined;
  const [from, to] = [saidUnit ?? guessUnit(realUnit), realUnit ?? guessUnit(saidUnit)];
  const shifts = pairs.map(([said, real]) => real.length / to.length - said.length / from.length);
  const [shift = 0] = shifts;
  if (!Number.isInteger(shift) || !shifts.every((other) => other === shift)) return undefined;
  return (line) => {
    const indent = indentOf(line);
    const steps = Math.floor(indent.length / from.length);
    const rest = indent.length % from.length;
    return to.repeat(Math.max(0, steps + shift)) + " ".repeat(rest) + line.slice(indent.length);
  };
}

/** The smallest step between indents: a tab, or so many spaces; `undefined` when all are equal. */
function unitOf(indents: readonly string[]): string | undefined {
  if (indents.some((indent) => indent.includes("\t"))) {
    return indents.every((i) => /^\t*$/.test(i)) ? "\t" : undefined;
  }
  const sizes = [...new Set(indents.map((indent) => indent.length))].sort((a, b) => a - b);
  const steps = sizes.slice(1).map((size, i) => size - (sizes[i] ?? 0));
  return steps.length === 0 ? undefined : " ".repeat(Math.min(...steps));
}

function guessUnit(other: string | undefined): string {
  return other === "\t" ? "    " : "\t";
}

/**
 * A search text that is one line but for its indentation, of which it has less than the file, where the new text says which
 * it means: its first line has the file's own, or its further lines have as little. @returns nothing where the hit can be
 * taken as it is.
 */
export function asWholeLine(
  original: string,
  at: number,
  { search, replace }: { readonly search: string; readonly replace: string },
): { start: number; replace: string } | undefined {
  const line = search.replace(/(?:\r\n|\n|\r)$/, "");
  const end = at + line.length;
  const isEnd = end >= original.length || /[\r\n]/.test(original[end] ?? "");
  if (line.trim() === "" || /[\r\n]/.test(line) || !isEnd) return undefined;
  let start = at;
  while (/[ \t]/.test(original[start - 1] ?? "")) start--;
  const lost = original.slice(start, at);
  if (lost === "" || (start > 0 && !/[\r\n]/.test(original[start - 1] ?? ""))) return undefined;
  const said = indentOf(line);
  const real = lost + said;
  const [first = "", ...others] = replace.split("\n");
  if (replace === "" || first.startsWith(real)) return { start, replace };
  if (indentOf(first) !== said || first.trim() === "") return undefined;
  const next = others.filter((one) => one.trim() !== "");
  const isBelow = /[:{([]\s*$|(?:=>|\b(?:then|do))\s*$/.test(first) && indentOf(next[0] ?? "") === real;
  if (!isBelow && next.every((one) => one.startsWith(real))) return undefined;
  const shifted = others.map((one) => one.trim() === "" ? one : lost + one);
  return { start, replace: [lost + first, ...shifted].join("\n") };
}
