/** Sums up a folder of results: success with its interval, who solved it, what it cost; as a table and as data. */

import { type Estimate, estimateRate, mean, median } from "./statistics.ts";
import type { Results, RunMeta, RunRecord } from "./record.ts";

/** Numbers of a group of records; costs are means over runs. */
export interface GroupSummary {
  readonly name: string;
  readonly tasks: number;
  readonly runs: number;
  /** Mean over tasks of the share of runs that passed, with its 95 % interval. */
  readonly pass: Estimate;
  /** Runs that passed, by who solved them; `unsaid`: the agent claimed no solution (an answer, a stop), or does not say who. */
  readonly solved: {
    readonly model: number;
    readonly harness: number;
    readonly strong: number;
    readonly cloud: number;
    readonly unsaid: number;
  };
  readonly steps: number;
  readonly toolCalls: number;
  readonly corrections: number;
  readonly promptTokens: number;
  readonly prefilledTokens: number;
  readonly outputTokens: number;
  /** Median wall time, milliseconds. */
  readonly medianMs: number;
  /** Runs that the agent called done well (exit code 0) and whose check failed: claims that were not true. */
  readonly falseClaims: number;
}

export interface Summary {
  readonly title: string;
  /** Said wherever the numbers are shown. */
  readonly caveats: readonly string[];
  readonly all: GroupSummary | undefined;
  readonly byCategory: readonly GroupSummary[];
  readonly byTask: readonly GroupSummary[];
}

export function summarize({ meta, records }: Results, seed = 1): Summary {
  const planned = meta.tasks.length * meta.n;
  return {
    title: meta.simulated
      ? `SIMULATED MODEL (${meta.model}), not a model's success rate: ${meta.suite}, ${meta.agent}`
      : `${meta.suite}: ${meta.agent} with ${modelName(meta)}${
        meta.off.length > 0 ? `, off: ${meta.off.join(", ")}` : ""
      }`,
    caveats: [
      ...(records.length < planned ? [`unfinished: ${records.length} of ${planned} runs`] : []),
      ...meta.skipped.map(({ task, missing }) => `skipped: ${task} (${missing.join(", ")} missing)`),
      ...(meta.isolation === "none" ? ["the checks could not be kept from the network here"] : []),
      ...(meta.simulated
        ? ["made with a simulated model: says what the harness reacts to, not how good it is"]
        : []),
    ],
    all: summarizeGroup("all", records, seed),
    byCategory: groupBy(records, (record) => record.category, seed),
    byTask: groupBy(records, (record) => record.task, seed),
  };
}

/** The model as reports name it: of a path to a file, its last part. */
export function modelName({ model }: Pick<RunMeta, "model">): string {
  if (model === "") return "the server's model";
  return model.endsWith(".gguf") ? model.split(/[\\/]/).at(-1) ?? model : model;
}

function groupBy(
  records: readonly RunRecord[],
  key: (record: RunRecord) => string,
  seed: number,
): readonly GroupSummary[] {
  return [...Map.groupBy(records, key)].sort(([a], [b]) => a < b ? -1 : 1)
    .flatMap(([name, group]) => summarizeGroup(name, group, seed) ?? []);
}

function summarizeGroup(name: string, records: readonly RunRecord[], seed: number): GroupSummary | undefined {
  const byTask = [...Map.groupBy(records, (record) => record.task).values()];
  const pass = estimateRate(byTask.map((runs) => runs.map((run) => run.passed ? 1 : 0)), seed);
  if (!pass) return undefined;
  const count = (claim: (record: RunRecord) => boolean) => records.filter(claim).length;
  const average = (value: (record: RunRecord) => number) => mean(records.map(value));
  return {
    name,
    tasks: byTask.length,
    runs: records.length,
    pass,
    solved: {
      model: count((record) => record.solvedBy === "model"),
      harness: count((record) => record.solvedBy === "harness"),
      strong: count((record) => record.solvedBy === "strong"),
      cloud: count((record) => record.solvedBy === "cloud"),
      unsaid: count((record) => record.passed && record.solvedBy === "none"),
    },
    steps: average((record) => record.steps),
    toolCalls: average((record) => record.toolCalls),
    corrections: average((record) => record.corrections),
    promptTokens: average((record) => record.promptTokens),
    prefilledTokens: average((record) => record.prefilledTokens),
    outputTokens: average((record) => record.outputTokens),
    medianMs: median(records.map((record) => record.ms)),
    falseClaims: count((record) => record.exitCode === 0 && !record.passed),
  };
}

/** `41.7 % [25.0, 58.3]`. */
export function formatRate({ mean, low, high }: Estimate): string {
  const percent = (share: number) => (100 * share).toFixed(1);
  return `${percent(mean)} % [${percent(low)}, ${percent(high)}]`;
}

const COLUMNS = [
  "",
  "tasks",
  "runs",
  "pass@1 [95 %]",
  "model/harness/ strong/cloud/unsaid",
  "false claims",
  "steps",
  "calls",
  "corrections",
  "prompt",
  "prefilled",
  "output",
  "median time",
];

/** The summary as Markdown: its caveats, then one row for all, for each category, for each task. */
export function summaryMarkdown(summary: Summary): string {
  const rows = [...(summary.all ? [summary.all] : []), ...summary.byCategory, ...summary.byTask];
  return [
    `## ${summary.title}`,
    "",
    ...summary.caveats.map((caveat) => `- ${caveat}`),
    ...(summary.caveats.length > 0 ? [""] : []),
    `| ${COLUMNS.join(" | ")} |`,
    `|${COLUMNS.map((_, index) => index === 0 ? "---|" : "---:|").join("")}`,
    ...rows.map((group) => `| ${summaryCells(group).join(" | ")} |`),
    "",
  ].join("\n");
}

function summaryCells(group: GroupSummary): readonly string[] {
  const { model, harness, strong, cloud, unsaid } = group.solved;
  return [
    group.name,
    String(group.tasks),
    String(group.runs),
    formatRate(group.pass),
    `${model}/${harness}/${strong}/${cloud}/${unsaid}`,
    String(group.falseClaims),
    group.steps.toFixed(1),
    group.toolCalls.toFixed(1),
    group.corrections.toFixed(1),
    group.promptTokens.toFixed(0),
    group.prefilledTokens.toFixed(0),
    group.outputTokens.toFixed(0),
    `${(group.medianMs / 1000).toFixed(1)} s`,
  ];
}
