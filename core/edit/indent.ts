/** Re-indents a replacement by the shift between the search text and the lines that it matched. */

import { indentOf } from "./source_lines.ts";

/**
 * Gives the replacement's lines with the indentation that the file has.
 *
 * In this order: all matched lines differ by one prefix (added or taken off); all indents of the search map to one indent of the file (tabs
 * against spaces: steps are counted); else the first line's shift holds for all.
 */
export function reindent(
  search: readonly string[],
  matched: readonly string[],
  replacement: readonly string[],
): string[] {
  const pairs = search
    .map((line, i) => [indentOf(line), indentOf(matched[i] ?? "")] as const)
    .filter((_, i) => (search[i] ?? "").trim() !== "");
  if (pairs.every(([said, real]) => said === real)) return [...replacement];
  const added = onePrefix(
    pairs.map(([said, real]) => real.endsWith(said) ? real.slice(0, real.length - said.length) : undefined),
  );
  if (added !== undefined) return mapLines(replacement, (line) => added + line);
  const taken = onePrefix(
    pairs.map(([said, real]) => said.endsWith(real) ? said.slice(0, said.length - real.length) : undefined),
  );
  if (taken !== undefined) {
    return mapLines(
      replacement,
      (line) => line.startsWith(taken) ? line.slice(taken.length) : line.trimStart(),
    );
  }
  return mapLines(replacement, bySteps(pairs) ?? byFirst(pairs));
}

type Pair = readonly [said: string, real: string];

function onePrefix(prefixes: readonly (string | undefined)[]): string | undefined {
  const [first] = prefixes;
  return prefixes.every((prefix) => prefix === first) ? first : undefined;
}

function mapLines(lines: readonly string[], map: (line: string) => string): string[] {
  return lines.map((line) => line.trim() === "" ? line : map(line));
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

function byFirst(pairs: readonly Pair[]): (line: string) => string {
  const [said = "", real = ""] = pairs[0] ?? [];
  return (line) => line.startsWith(said) ? real + line.slice(said.length) : real + line.trimStart();
}
