/** What a benchmark run leaves in its folder: `meta.json`, `results.jsonl` (one record a line), `logs/`. */

import { existsSync } from "node:fs";
import { appendFile, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

const count = z.number().nonnegative();

const recordShape = z.object({
  suite: z.string(),
  task: z.string(),
  category: z.string(),
  language: z.string(),
  /** Counts from 1. */
  run: z.number().int().positive(),
  /** Whether the hidden check passed. */
  passed: z.boolean(),
  /** What the agent itself said about its end; `none` where it said nothing or was killed. */
  outcome: z.string(),
  /** Who solved it; `none` where the check failed or the agent does not say. */
  solvedBy: z.enum(["model", "harness", "strong", "cloud", "none"]),
  steps: count,
  toolCalls: count,
  corrections: count,
  promptTokens: count,
  /** Prompt tokens that the server had to read: less what came from its cache. */
  prefilledTokens: count,
  outputTokens: count,
  /** Wall time of the agent, milliseconds. */
  ms: count,
  exitCode: z.number().nullable(),
  /** Killed at the task's limit. */
  timedOut: z.boolean(),
  /** End of the check's output. */
  check: z.string(),
  /** The event log, relative to the folder. */
  log: z.string(),
});

const metaShape = z.object({
  suite: z.string(),
  model: z.string(),
  baseUrl: z.string(),
  /** `smallcode 0.1.0`, or the command template of another agent. */
  agent: z.string(),
  n: z.number().int().positive(),
  seed: z.number().int(),
  /** Parts of the harness that were off. */
  off: z.array(z.string()),
  tasks: z.array(z.string()),
  /** Tasks that could not be run here, with the programs that are missing. */
  skipped: z.array(z.object({ task: z.string(), missing: z.array(z.string()) })),
  /** How the checks were kept from the network. */
  isolation: z.enum(["bwrap", "unshare", "none"]),
  /** The server is `smallcode bench sim`: its numbers say nothing about a model. */
  simulated: z.boolean(),
  startedAt: z.string(),
});

export type RunRecord = z.output<typeof recordShape>;
export type RunMeta = z.output<typeof metaShape>;

/** A folder of results. */
export interface Results {
  readonly folder: string;
  readonly meta: RunMeta;
  readonly records: readonly RunRecord[];
}

/**
 * Reads a folder of results.
 * @throws {RangeError} if it holds none
 * @throws {SyntaxError} naming the line that is damaged; a last line that was cut by a kill is left out instead
 */
export async function readResults(folder: string): Promise<Results> {
  const path = join(folder, "meta.json");
  if (!existsSync(path)) throw new RangeError(`There are no results in "${folder}": meta.json is missing`);
  const meta = metaShape.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!meta.success) throw new SyntaxError(`${path}: ${z.prettifyError(meta.error)}`);
  return { folder, meta: meta.data, records: (await readRecords(folder)).records };
}

/**
 * Opens a folder for a run: makes it, or goes on with what is there. A cut last line is taken off, so that the next record begins a line.
 * @throws {RangeError} if it holds another run
 */
export async function openResults(folder: string, meta: RunMeta): Promise<Results> {
  await mkdir(join(folder, "logs"), { recursive: true });
  const path = join(folder, "meta.json");
  if (!existsSync(path)) {
    await writeAtomic(path, `${JSON.stringify(meta, null, 2)}\n`);
    return { folder, meta, records: [] };
  }
  const old = await readResults(folder);
  const other = (["suite", "model", "baseUrl", "agent", "seed", "off", "tasks"] as const)
    .find((key) => JSON.stringify(old.meta[key]) !== JSON.stringify(meta[key]));
  if (other) {
    throw new RangeError(
      `Cannot go on in "${folder}": its ${other} is ${JSON.stringify(old.meta[other])}, asked is ${
        JSON.stringify(meta[other])
      }; choose another --out`,
    );
  }
  const { whole } = await readRecords(folder);
  await writeAtomic(join(folder, "results.jsonl"), whole);
  const merged = { ...old.meta, n: Math.max(old.meta.n, meta.n) };
  await writeAtomic(path, `${JSON.stringify(merged, null, 2)}\n`);
  return { ...old, meta: merged };
}

/** Adds a record; a kill in the middle leaves at most one cut last line. */
export async function appendRecord(folder: string, record: RunRecord): Promise<void> {
  await appendFile(join(folder, "results.jsonl"), `${JSON.stringify(record)}\n`);
}

async function readRecords(
  folder: string,
): Promise<{ readonly records: readonly RunRecord[]; readonly whole: string }> {
  const path = join(folder, "results.jsonl");
  const text = existsSync(path) ? await readFile(path, "utf8") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const records = whole.split("\n").filter((line) => line !== "").map((line, index) => {
    const parsed = recordShape.safeParse(JSON.parse(line));
    if (!parsed.success) throw new SyntaxError(`${path}:${index + 1}: ${z.prettifyError(parsed.error)}`);
    return parsed.data;
  });
  return { records, whole };
}

/** Writes a file as a whole or not at all. */
export async function writeAtomic(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.part`, text);
  await rename(`${path}.part`, path);
}
