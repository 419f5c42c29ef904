/** Where a check's output points: the first failure, the file and the part of it that is at fault. Pure; linear in the output. */

import { isCodePath, isTestPath } from "../prompt/first_look.ts";
import { namedLines } from "../prompt/named_regions.ts";
import type { OutlineEntry } from "../tool.ts";

/** The part of an output that tells of its first failure: up to the line that names another one. */
export function firstFailure(excerpt: string, failures: readonly string[]): string {
  const lines = excerpt.split("\n");
  const named = (line: string) => failures.find((failure) => line.includes(failure));
  const first = lines.map(named).find((failure) => failure !== undefined);
  const end = lines.findIndex((line) => named(line) !== undefined && named(line) !== first);
  return lines.slice(0, end < 0 ? lines.length : end).join("\n");
}

/** A file's name with a line, as in named_regions.ts. */
const PLACE = /([\w./\\@-]{1,200}\.\w{1,8})(?:["']?,? (?:on )?line |:|\()\d{1,7}/g;

/** Paths that an output names with a line, as it writes them; at most 20. */
export function namedPaths(output: string): readonly string[] {
  return [...new Set([...output.matchAll(PLACE)].map(([, path = ""]) => path))].slice(0, 20);
}

/**
 * The file at fault: one that was changed comes before others, code before tests and other text, a named line before none.
 * @param changed files that were changed in this turn, the likeliest last
 * @param others files of the workspace that the output names, or that the task is about
 */
export function fileAtFault(
  output: string,
  changed: readonly string[],
  others: readonly string[],
): string | undefined {
  const ranked = [...changed.toReversed(), ...others];
  const isNamed = (path: string) => namedLines(output, path).length > 0;
  const noTests = ranked.filter((path) => !isTestPath(path));
  const code = [...noTests.filter(isCodePath), ...noTests.filter((path) => !isCodePath(path))];
  return code.find((path) => changed.includes(path) && isNamed(path)) ?? code.find(isNamed) ?? code[0] ??
    ranked[0];
}

/** The line of a file that the output blames. A trace of Python names the innermost call last; others name it first. */
export function lineAtFault(output: string, path: string): number | undefined {
  const lines = namedLines(output, path);
  return path.endsWith(".py") ? lines.at(-1) : lines[0];
}

/** The smallest part of a file that the output points at: by a line, else by its name. */
export function partAtFault(
  output: string,
  path: string,
  outline: readonly OutlineEntry[],
): OutlineEntry | undefined {
  const line = lineAtFault(output, path);
  const around = (at: number) =>
    outline.filter(({ from, to }) => from <= at && at <= to).sort((a, b) =>
      (a.to - a.from) - (b.to - b.from)
    )[0];
  const there = line === undefined ? undefined : around(line);
  if (there) return there;
  const words = new Set(output.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []);
  return outline.filter(({ name }) => words.has(lastName(name))).sort((a, b) =>
    (a.to - a.from) - (b.to - b.from)
  )[0];
}

function lastName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf("."), name.lastIndexOf(" ")) + 1);
}
