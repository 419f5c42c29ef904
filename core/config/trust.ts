/** Which folders the user trusts: real paths in `trusted.json` of the configuration folder (DESIGN decision 10). */

import { realpath } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { readIfThere, writeAtomic } from "./private_file.ts";

/**
 * Whether a folder, or one around it, is trusted. A symbolic link counts as where it leads; a folder that is gone is not trusted.
 * @param configFolder `config.paths.config`
 * @throws {ConfigError} when the list cannot be read
 */
export async function isTrusted(configFolder: string, folder: string): Promise<boolean> {
  const listed = await listTrusted(configFolder);
  const real = await realpath(folder).catch(() => undefined);
  return real !== undefined && listed.some((path) => isInside(real, path));
}

/** The trusted folders as real paths, sorted. @throws {ConfigError} when the list cannot be read */
export async function listTrusted(configFolder: string): Promise<readonly string[]> {
  const path = join(configFolder, "trusted.json");
  const text = await readIfThere(path);
  if (text === undefined) return [];
  try {
    const listed: unknown = JSON.parse(text);
    if (Array.isArray(listed) && listed.every((folder) => typeof folder === "string")) return listed;
    throw new TypeError("it is no list of texts");
  } catch (cause) {
    throw new ConfigError(`Cannot read "${path}": expected a JSON list of folders; mend or delete it`, {
      cause,
    });
  }
}

/** Trusts a folder and what lies in it. @returns its real path @throws {ConfigError} when there is no such folder */
export async function trustFolder(configFolder: string, folder: string): Promise<string> {
  const real = await realpath(folder).catch((cause) => {
    throw new ConfigError(`Cannot trust "${folder}": there is no such folder`, { cause });
  });
  const listed = await listTrusted(configFolder);
  if (!listed.includes(real)) await write(configFolder, [...listed, real]);
  return real;
}

/** Takes a folder off the list. @returns whether it, rather than a folder around it, was listed */
export async function untrustFolder(configFolder: string, folder: string): Promise<boolean> {
  const real = await realpath(folder).catch(() => resolve(folder));
  const listed = await listTrusted(configFolder);
  if (!listed.includes(real)) return false;
  await write(configFolder, listed.filter((path) => path !== real));
  return true;
}

function write(configFolder: string, folders: readonly string[]): Promise<void> {
  const text = `${JSON.stringify(folders.toSorted(), null, 2)}\n`;
  return writeAtomic(join(configFolder, "trusted.json"), text, 0o600);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !/^\.\.[\\/]/.test(way) && !isAbsolute(way));
}
