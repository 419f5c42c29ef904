/** The parts of a long file that a message names: lines of a stack trace, and symbols by the outline. Pure. */

import type { OutlineEntry } from "../tool.ts";

/** A stretch of lines, 1-based, inclusive. */
export type Range = readonly [from: number, to: number];

/** A part longer than this is shown from its start only. */
const MAX_LINES = 60;
/** Lines shown around a named line that lies in no shorter part. */
const AROUND = 12;
const MAX_REGIONS = 6;

/** A file's name with a line, as compilers and stack traces write it: `a.py:12`, `a.py", line 12`, `a.ts(12`. */
const PLACE = /([\w./\\@-]{1,200}\.\w{1,8})(?:["']?,? (?:on )?line |:|\()(\d{1,7})/g;

/** The lines of a file that a message names; by the longest common end of the paths. At most 20. */
export function namedLines(task: string, path: string): readonly number[] {
  const lines = [...task.matchAll(PLACE)].filter(([, named = ""]) => isSameFile(named, path))
    .map(([, , line]) => Number(line));
  return [...new Set(lines)].slice(0, 20);
}

/** A trace may hold the whole path, a message only the name. */
function isSameFile(named: string, path: string): boolean {
  const clean = named.replaceAll("\\", "/").replace(/^(?:\.\/)+/, "");
  return clean === path || clean.endsWith(`/${path}`) || path.endsWith(`/${clean}`);
}

/**
 * The regions to show, the most telling first: around named lines, then parts whose name is a symbol or a word of the message.
 * Regions that touch are one.
 * @param symbols names in the message that look like code
 */
export function namedRegions(
  task: string,
  file: { readonly path: string; readonly totalLines: number; readonly outline: readonly OutlineEntry[] },
  symbols: readonly string[],
): readonly Range[] {
  const { outline, totalLines } = file;
  const words = new Set(task.match(/[\p{L}_$][\p{L}\p{N}_$]{3,}/gu) ?? []);
  const isNamed = ({ name }: OutlineEntry) => {
    const last = name.slice(Math.max(name.lastIndexOf("."), name.lastIndexOf(" ")) + 1);
    return symbols.includes(name) || symbols.includes(last) || words.has(name) || words.has(last);
  };
  const around = namedLines(task, file.path).filter((line) => line >= 1 && line <= totalLines)
    .map((line) => partAround(line, outline) ?? [line - AROUND, line + AROUND] as const);
  const parts = outline.filter(isNamed).map(({ from, to }): Range => [
    from,
    Math.min(to, from + MAX_LINES - 1),
  ]);
  return joinRegions(
    [...around, ...parts].map(([from, to]) => [Math.max(1, from), Math.min(totalLines, to)]),
  );
}

/** The smallest part that holds the line and can be shown whole. */
function partAround(line: number, outline: readonly OutlineEntry[]): Range | undefined {
  const [part] = outline.filter(({ from, to }) => from <= line && line <= to && to - from < MAX_LINES)
    .sort((a, b) => (a.to - a.from) - (b.to - b.from));
  return part && [part.from, part.to];
}

/** One pass in order: a region that touches an earlier one widens it. */
function joinRegions(regions: readonly Range[]): readonly Range[] {
  const joined: Range[] = [];
  for (const [from, to] of regions) {
    const at = joined.findIndex((other) => from <= other[1] + 1 && other[0] <= to + 1);
    const other = joined[at];
    if (other) joined[at] = [Math.min(from, other[0]), Math.max(to, other[1])];
    else if (joined.length < MAX_REGIONS) joined.push([from, to]);
  }
  return joined;
}
