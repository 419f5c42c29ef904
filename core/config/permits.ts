/** What the person allowed "always here": one list for each workspace, in the user's configuration folder. */

import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { readIfThere, writeAtomic } from "./private_file.ts";

/** A person's answers are few; more means that something writes here by mistake. */
const MAX_PERMITS = 500;

/** What was allowed in a workspace, as in `PermissionRequest.what`. @throws {ConfigError} when the file cannot be read */
export async function readPermits(configFolder: string, root: string): Promise<readonly string[]> {
  return (await readAll(configFolder))[root] ?? [];
}

/** Adds one; the file is 0600 and replaced at once. */
export async function addPermit(configFolder: string, root: string, what: string): Promise<void> {
  const all = await readAll(configFolder);
  const known = all[root] ?? [];
  if (known.includes(what) || known.length >= MAX_PERMITS) return;
  await writeAtomic(
    fileIn(configFolder),
    `${JSON.stringify({ ...all, [root]: [...known, what] }, null, 2)}\n`,
    0o600,
  );
}

function fileIn(configFolder: string): string {
  return join(configFolder, "permits.json");
}

async function readAll(configFolder: string): Promise<Readonly<Record<string, readonly string[]>>> {
  const path = fileIn(configFolder);
  const text = await readIfThere(path);
  if (text === undefined) return {};
  const problem = new ConfigError(`Cannot read "${path}": it is not a list of permits; mend or delete it`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new ConfigError(problem.message, { cause });
  }
  if (!isPermits(parsed)) throw problem;
  return parsed;
}

function isPermits(value: unknown): value is Readonly<Record<string, readonly string[]>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((list) =>
      Array.isArray(list) && list.every((what) => typeof what === "string")
    );
}
