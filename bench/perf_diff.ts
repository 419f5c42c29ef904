/** `smallcode bench diff A.json B.json` on two files of `bench:perf --json`: which numbers of B are worse than A's. */

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { z } from "zod";

const measureShape = z.object({
  target: z.enum(["source", "binary"]),
  scenario: z.string(),
  name: z.string(),
  value: z.number(),
  unit: z.enum(["ms", "x", "MB", "tokens", "%"]),
  /** At most (`%`: at least) this. */
  aim: z.number().optional(),
});

/** One number of `bench:perf`. */
export type PerfMeasure = z.output<typeof measureShape>;

export interface PerfRow {
  /** Target, scenario and name. */
  readonly what: string;
  readonly unit: PerfMeasure["unit"];
  readonly from: number;
  readonly to: number;
  /** Share by which B is worse, of A's value; negative: better. */
  readonly worse: number;
  readonly verdict: "improved" | "regressed" | "same" | "not compared";
}

export interface PerfDiff {
  readonly verdict: "improved" | "regressed" | "no difference shown";
  readonly rows: readonly PerfRow[];
  /** What is in one of the two only. */
  readonly alone: readonly string[];
}

/** Least share that counts where none is asked for: medians of a shared machine differ by some percent from run to run. */
export const PERF_THRESHOLD = 0.1;

/** How it is decided, for the help and the report. */
export const PERF_DIFF_RULE =
  "Two files of bench:perf --json are compared number by number: B regressed if a ratio, a memory, a token count or a share is worse by more than the " +
  `threshold (default ${PERF_THRESHOLD}), or if any number misses an aim that A met. Milliseconds alone depend on what else the machine did: they count only by ` +
  "their aims. One run has no interval, so this is a limit and no statistic.";

/**
 * @throws {RangeError} if there is no such file
 * @throws {SyntaxError} if the file is not what `bench:perf --json` prints
 */
export async function readPerf(path: string): Promise<readonly PerfMeasure[]> {
  if (!existsSync(path)) throw new RangeError(`Cannot read "${path}": there is no such file`);
  const read = z.array(measureShape).safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!read.success) {
    throw new SyntaxError(`Cannot read "${path}" as bench:perf --json: ${z.prettifyError(read.error)}`);
  }
  return read.data;
}

/**
 * Compares what both have.
 * @param threshold share of A's value, 0 to 1
 * @throws {RangeError} when they have no number in common
 */
export function diffPerf(
  a: readonly PerfMeasure[],
  b: readonly PerfMeasure[],
  threshold: number = PERF_THRESHOLD,
): PerfDiff {
  const ofB = new Map(b.map((measure) => [nameOf(measure), measure]));
  const rows = a.flatMap((measure) => {
    const other = ofB.get(nameOf(measure));
    return other ? [compare(measure, other, threshold)] : [];
  });
  if (rows.length === 0) throw new RangeError("The two files have no number in common");
  const both = new Set(rows.map(({ what }) => what));
  const has = (verdict: PerfRow["verdict"]) => rows.some((row) => row.verdict === verdict);
  return {
    verdict: has("regressed") ? "regressed" : has("improved") ? "improved" : "no difference shown",
    rows,
    alone: [...a, ...b].map(nameOf).filter((name) => !both.has(name)),
  };
}

function nameOf({ target, scenario, name }: PerfMeasure): string {
  return `${target}, ${scenario}: ${name}`;
}

function compare(a: PerfMeasure, b: PerfMeasure, threshold: number): PerfRow {
  const isShare = a.unit === "%";
  const change = a.value === 0 ? 0 : (b.value - a.value) / a.value;
  const worse = isShare ? -change : change;
  // The aim of the newer file: it may have been moved on purpose.
  const meets = (value: number) => b.aim === undefined || (isShare ? value >= b.aim : value <= b.aim);
  const verdict = meets(a.value) !== meets(b.value)
    ? meets(b.value) ? "improved" : "regressed"
    : a.unit === "ms"
    ? "not compared"
    : Math.abs(worse) <= threshold
    ? "same"
    : worse > 0
    ? "regressed"
    : "improved";
  return { what: nameOf(a), unit: a.unit, from: a.value, to: b.value, worse, verdict };
}

/** The comparison as Markdown. */
export function perfDiffMarkdown(diff: PerfDiff): string {
  const number = (value: number, unit: string) => `${value.toFixed(unit === "tokens" ? 0 : 2)} ${unit}`;
  return [
    `**${diff.verdict}** over ${diff.rows.length} numbers`,
    "",
    "| what | A | B | B less A | |",
    "| --- | ---: | ---: | ---: | --- |",
    ...diff.rows.map(({ what, unit, from, to, verdict }) => {
      const change = from === 0 ? "" : `${to >= from ? "+" : ""}${(100 * (to - from) / from).toFixed(1)} %`;
      return `| ${what} | ${number(from, unit)} | ${number(to, unit)} | ${change} | ${verdict} |`;
    }),
    "",
    ...diff.alone.map((name) => `- in one of the two only: ${name}`),
    "",
  ].join("\n");
}
