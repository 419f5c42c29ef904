/** A benchmark task: what `bench/suites/<suite>/<task>/task.yaml` says. One folder is one task. */

import { readdir, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { existsSync } from "node:fs";
import { z } from "zod";

const definition = z.strictObject({
  /** What the agent is told, as a user would write it. */
  prompt: z.string().trim().min(10),
  /** The kind of work. */
  category: z.enum(["create", "fix", "add", "rename", "test", "configure", "explain", "refactor"]),
  /** What the result is mostly written in. */
  language: z.enum([
    "python",
    "javascript",
    "typescript",
    "shell",
    "markdown",
    "json",
    "yaml",
    "html",
    "rust",
    "go",
    "text",
  ]),
  /** Programs that the check runs; a task whose programs are missing is skipped and counted as skipped. */
  needs: z.array(z.string().regex(/^[\w.+-]+$/)).min(1),
  /** The check as program and arguments, run in the copy; exit code 0 passes. */
  check: z.array(z.string()).min(1),
  /** YAML and HTML files of the result that are laid beside it as `name.json`, since no stranger's machine has their parsers. */
  parsed: z.array(z.string()).default([]),
  /** Seconds that the check may take. */
  checkSeconds: z.number().positive().max(600).default(30),
  /** Most steps and minutes of one run of the agent. */
  steps: z.number().int().positive().default(20),
  minutes: z.number().positive().default(10),
});

export interface Task extends z.output<typeof definition> {
  readonly suite: string;
  /** The folder's name. */
  readonly name: string;
  /** The folder's path. */
  readonly folder: string;
}

/**
 * Loads the tasks of a suite, sorted by name.
 * @param suites the folder that holds the suites
 * @param only names of tasks; empty: all
 * @throws {RangeError} for an unknown suite or task
 * @throws {SyntaxError} naming file and field of a task that is not valid
 */
export async function loadSuite(
  suites: string,
  suite: string,
  only: readonly string[] = [],
): Promise<readonly Task[]> {
  const known = await listSuites(suites);
  if (!known.includes(suite)) {
    throw new RangeError(`Unknown suite "${suite}"; there are: ${known.join(", ")}`);
  }
  const names = await foldersIn(join(suites, suite));
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new RangeError(`Unknown task "${unknown[0]}" in suite "${suite}"; there are: ${names.join(", ")}`);
  }
  const chosen = only.length > 0 ? names.filter((name) => only.includes(name)) : names;
  return await Promise.all(chosen.map((name) => loadTask(suites, suite, name)));
}

/** Names of the suites, sorted. */
export function listSuites(suites: string): Promise<readonly string[]> {
  return foldersIn(suites);
}

/** Names of the folders in a folder, sorted. */
export async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort();
}

async function loadTask(suites: string, suite: string, name: string): Promise<Task> {
  const folder = join(suites, suite, name);
  const path = join(folder, "task.yaml");
  const { parse } = await import("yaml");
  const result = definition.safeParse(parse(await readFile(path, "utf8")));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw new SyntaxError(`${path}: ${issue?.path.join(".") || "task"}: ${issue?.message}`);
  }
  return { ...result.data, suite, name, folder };
}

/** Programs that a task needs and PATH does not have. */
export function missingPrograms(task: Pick<Task, "needs">, path: string): readonly string[] {
  const suffixes = Deno.build.os === "windows" ? [".exe", ".cmd", ".bat"] : [""];
  return task.needs.filter((program) =>
    !path.split(delimiter).some((folder) =>
      folder !== "" && suffixes.some((suffix) => existsSync(join(folder, program + suffix)))
    )
  );
}
