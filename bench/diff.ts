/** `smallcode bench diff A B`: whether B is better, worse, or not to be told apart from A on the tasks that both have. */

import { compareMeans, type Difference, mean } from "./statistics.ts";
import type { Results, RunRecord } from "./record.ts";
import { formatRate } from "./summary.ts";

export type DiffVerdict = "improved" | "regressed" | "no difference shown";

/** A task whose rate is not the same. */
export interface Move {
  readonly task: string;
  /** Shares of runs that passed. */
  readonly from: number;
  readonly to: number;
}

export interface Diff {
  readonly verdict: DiffVerdict;
  readonly tasks: number;
  readonly pass: Difference;
  /** Means over tasks of B less A; a fall is a saving. */
  readonly cost: {
    readonly prefilledTokens: Difference;
    readonly outputTokens: Difference;
    readonly steps: Difference;
  };
  readonly moves: readonly Move[];
  /** Why the two may not be comparable. */
  readonly caveats: readonly string[];
}

/** Runs on each side below which nothing is decided: drawing a single run again gives it again, an interval without width. */
const LEAST_RUNS = 5;

/** How it is decided, for the help and the report. */
export const DIFF_RULE =
  "Tasks that both have are paired; B less A is averaged over tasks. B regressed if the whole 95 % interval of the paired bootstrap " +
  "(tasks, then runs, drawn again; seeded) lies below minus the threshold, improved if it lies above the threshold, else no difference is shown. " +
  `With fewer than ${LEAST_RUNS} runs on a side nothing is decided. The sign test over the tasks that moved is printed beside it.`;

/**
 * Compares two results.
 * @param threshold least share of tasks that counts as a difference, 0 to 1
 * @throws {RangeError} when they have no task in common
 */
export function diffResults(a: Results, b: Results, threshold = 0): Diff {
  const byTask = (results: Results) => Map.groupBy(results.records, (record) => record.task);
  const ofB = byTask(b);
  const pairs = [...byTask(a)].flatMap(([task, runsA]) => {
    const runsB = ofB.get(task);
    return runsB ? [{ task, a: runsA, b: runsB }] : [];
  }).sort((x, y) => x.task < y.task ? -1 : 1);
  const compare = (value: (record: RunRecord) => number): Difference => {
    const difference = compareMeans(pairs.map((pair) => [pair.a.map(value), pair.b.map(value)] as const));
    if (!difference) throw new RangeError(`"${a.folder}" and "${b.folder}" have no task in common`);
    return difference;
  };
  const passed = (record: RunRecord) => record.passed ? 1 : 0;
  const pass = compare(passed);
  const moves = pairs.map(({ task, a, b }) => ({ task, from: mean(a.map(passed)), to: mean(b.map(passed)) }))
    .filter(({ from, to }) => from !== to);
  const runs = Math.min(...[pairs.map(({ a }) => a.length), pairs.map(({ b }) => b.length)].map(sum));
  return {
    verdict: runs < LEAST_RUNS
      ? "no difference shown"
      : pass.estimate.high < -threshold
      ? "regressed"
      : pass.estimate.low > threshold
      ? "improved"
      : "no difference shown",
    tasks: pairs.length,
    pass,
    cost: {
      prefilledTokens: compare((record) => record.prefilledTokens),
      outputTokens: compare((record) => record.outputTokens),
      steps: compare((record) => record.steps),
    },
    moves,
    caveats: [
      ...(runs < LEAST_RUNS ? [`only ${runs} runs on a side: too few to decide anything`] : []),
      ...caveatsOf(a, b, pairs.length),
    ],
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function caveatsOf(a: Results, b: Results, paired: number): readonly string[] {
  const differing = (["suite", "model", "agent", "isolation", "simulated"] as const)
    .filter((key) => a.meta[key] !== b.meta[key])
    .map((key) => `${key}: ${a.meta[key]} against ${b.meta[key]}`);
  const alone = new Set([...a.records, ...b.records].map((record) => record.task)).size - paired;
  return [
    ...differing,
    ...(alone > 0 ? [`${alone} tasks are in one of the two only and were left out`] : []),
    ...(a.meta.simulated || b.meta.simulated ? ["made with a simulated model: decides no default"] : []),
  ];
}

/** The comparison as Markdown. */
export function diffMarkdown(diff: Diff): string {
  const { pass, cost } = diff;
  const change = ({ estimate }: Difference, digits: number) =>
    `${signed(estimate.mean, digits)} [${signed(estimate.low, digits)}, ${signed(estimate.high, digits)}]`;
  return [
    `**${diff.verdict}** over ${diff.tasks} tasks: pass@1 ${formatRate(pass.estimate)} (B less A), ` +
    `${pass.rose} tasks up, ${pass.fell} down, ${pass.same} same, sign test p = ${pass.signP.toFixed(3)}`,
    "",
    `Per run, B less A: prefilled tokens ${change(cost.prefilledTokens, 0)}, output tokens ${
      change(cost.outputTokens, 0)
    }, steps ${change(cost.steps, 1)}`,
    "",
    ...diff.caveats.map((caveat) => `- ${caveat}`),
    ...diff.moves.map(({ task, from, to }) =>
      `- ${to > from ? "up" : "down"} ${task}: ${(100 * from).toFixed(0)} % to ${(100 * to).toFixed(0)} %`
    ),
    "",
  ].join("\n");
}

function signed(value: number, digits: number): string {
  return `${value > 0 ? "+" : ""}${value.toFixed(digits)}`;
}
