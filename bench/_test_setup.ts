/** What the bench's tests share: records, a folder that is removed, the check's options. */

import { mkdtemp, rm } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { CheckOptions, Isolation } from "./check.ts";
import type { Results, RunMeta, RunRecord } from "./record.ts";

export const SUITES: string = fileURLToPath(new URL("suites", import.meta.url));

export const META: RunMeta = {
  suite: "weak",
  model: "m",
  baseUrl: "http://127.0.0.1:1/v1",
  agent: "smallcode 0",
  n: 2,
  seed: 1,
  off: [],
  tasks: ["a", "b"],
  skipped: [],
  isolation: "none",
  simulated: false,
  startedAt: "2026-11-24T00:00:00.000Z",
};

/** A record of a run; what is not said is the same for all. */
export function record(
  task: string,
  run: number,
  passed: boolean,
  others: Partial<RunRecord> = {},
): RunRecord {
  return {
    suite: "weak",
    task,
    category: "fix",
    language: "python",
    run,
    passed,
    outcome: passed ? "verified" : "failed",
    solvedBy: passed ? "model" : "none",
    steps: 2,
    toolCalls: 1,
    corrections: 0,
    promptTokens: 100,
    prefilledTokens: 60,
    outputTokens: 10,
    ms: 1_000,
    exitCode: passed ? 0 : 1,
    timedOut: false,
    check: "",
    log: `logs/${task}-${run}.jsonl`,
    ...others,
  };
}

export function results(folder: string, records: readonly RunRecord[], meta: Partial<RunMeta> = {}): Results {
  return { folder, meta: { ...META, ...meta }, records };
}

export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-bench-test-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function checkOptions(isolation: Isolation): CheckOptions {
  const env = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { env, home: homedir(), isolation, signal: new AbortController().signal };
}
