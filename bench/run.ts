/** `smallcode bench run`: n runs of each task, resumable, a record each. */

import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchAgent } from "./bench_agent.ts";
import { type CheckOptions, runCheck } from "./check.ts";
import { layOver } from "./overlay.ts";
import type { Progress } from "./progress.ts";
import { appendRecord, openResults, type Results, type RunMeta, type RunRecord } from "./record.ts";
import { loadSuite, missingPrograms, type Task } from "./task.ts";

export interface RunOptions {
  /** The folder that holds the suites. */
  readonly suites: string;
  readonly suite: string;
  /** Names of tasks; empty: all of the suite. */
  readonly tasks: readonly string[];
  readonly model: string;
  readonly baseUrl: string;
  readonly off: readonly string[];
  /** Runs of each task. */
  readonly n: number;
  /** Attempts at a time. */
  readonly jobs: number;
  readonly seed: number;
  readonly out: string;
  readonly simulated: boolean;
  readonly agent: BenchAgent;
  readonly check: CheckOptions;
  readonly progress: Progress;
  readonly now: () => Date;
}

/**
 * Runs what is missing in `out` and gives all results. A killed run is gone on with by the same call: pairs of task and run that have a
 * record are not run again.
 * @throws {RangeError} for an unknown suite or task, or when `out` holds another run
 * @throws {ProviderError | ConfigError} when the agent cannot be started at all; what was done stays
 */
export async function runSuite(options: RunOptions): Promise<Results> {
  const { agent, check } = options;
  const all = await loadSuite(options.suites, options.suite, options.tasks);
  const missing = all.map((task) => ({ task, missing: missingPrograms(task, check.env.PATH ?? "") }));
  const tasks = missing.filter((entry) => entry.missing.length === 0).map((entry) => entry.task);
  const meta: RunMeta = {
    suite: options.suite,
    model: options.model,
    baseUrl: options.baseUrl,
    agent: agent.name,
    n: options.n,
    seed: options.seed,
    off: [...options.off],
    tasks: tasks.map((task) => task.name),
    skipped: missing.filter((entry) => entry.missing.length > 0)
      .map((entry) => ({ task: entry.task.name, missing: [...entry.missing] })),
    isolation: check.isolation,
    simulated: options.simulated,
    startedAt: options.now().toISOString(),
  };
  const opened = await openResults(options.out, meta);
  const done = new Set(opened.records.map((record) => pairKey(record.task, record.run)));
  // Run by run rather than task by task: a run that is cut has seen every task.
  const pairs = Array.from({ length: options.n }, (_, index) => index + 1)
    .flatMap((run) => tasks.map((task) => ({ task, run })));
  const open = pairs.filter(({ task, run }) => !done.has(pairKey(task.name, run)));
  const records = [...opened.records];
  options.progress.start(pairs.length, pairs.length - open.length);
  // The first problem ends the other attempts, too.
  const stop = new AbortController();
  const signal = AbortSignal.any([check.signal, stop.signal]);
  const work = async () => {
    for (let pair = open.shift(); pair; pair = open.shift()) {
      const record = await runPair(pair.task, pair.run, { ...options, check: { ...check, signal } });
      await appendRecord(options.out, record);
      records.push(record);
      options.progress.done(record);
    }
  };
  const jobs = Array.from({ length: options.jobs }, () => work());
  try {
    await Promise.all(jobs);
  } catch (error) {
    stop.abort(error);
    await Promise.allSettled(jobs);
    throw error;
  } finally {
    options.progress.end();
  }
  return { ...opened, records };
}

function pairKey(task: string, run: number): string {
  return `${task}#${run}`;
}

async function runPair(task: Task, run: number, options: RunOptions): Promise<RunRecord> {
  const root = await mkdtemp(join(tmpdir(), "smallcode-bench-"));
  try {
    // The workspace bears the task's name: a model sees the folder's name.
    const workspace = join(root, task.name);
    const state = join(root, "state");
    await mkdir(state);
    await layOver(join(task.folder, "start"), workspace);
    const log = join("logs", `${task.name}-${run}.jsonl`);
    const attempted = await options.agent.attempt({
      task,
      workspace,
      state,
      log: join(options.out, log),
      seed: options.seed + run - 1,
      signal: options.check.signal,
    });
    const { answer, ...counters } = attempted.counters;
    const result = await runCheck(task, { workspace, answer }, options.check);
    return {
      suite: task.suite,
      task: task.name,
      category: task.category,
      language: task.language,
      run,
      passed: result.passed,
      ...counters,
      solvedBy: result.passed ? counters.solvedBy : "none",
      ms: Math.round(attempted.ms),
      exitCode: attempted.exitCode,
      timedOut: attempted.timedOut,
      check: result.passed ? "" : result.output.trim().slice(-1_000),
      log: log.replaceAll("\\", "/"),
    };
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}
