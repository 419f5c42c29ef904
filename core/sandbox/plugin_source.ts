/** Reads a plugin's own files: one `.ts` file, or a folder with `plugin.ts`. */

import { createHash } from "node:crypto";
import { lstat, readdir, readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import type { PluginSource } from "../plugin_host.ts";
import { placeIn } from "./workspace_paths.ts";

const MAX_FILES = 100;
const MAX_BYTES = 1024 * 1024;
const MAX_DEPTH = 8;
const MODULE_NAME = /\.(?:ts|js|mjs|json)$/;

/**
 * @param path absolute; a `.ts` file stands alone, a folder brings its `.ts`, `.js`, `.mjs`, `.json` files
 * @param where the path as the person knows it
 * @throws {RangeError} when there is no such plugin, it is too large, or a link leads out of its folder
 */
export async function readPluginSource(path: string, where: string): Promise<PluginSource> {
  const found = await stat(path).catch((cause) => {
    throw new RangeError(`Cannot read plugin ${where}: there is no such file`, { cause });
  });
  if (!found.isDirectory()) {
    await refuseLink(dirname(path), path, where);
    const text = await readText(path, found.size, where);
    return makePluginSource(where, basename(path), { [basename(path)]: text });
  }
  const root = await realpath(path);
  const files: Record<string, string> = {};
  let bytes = 0;
  for await (const file of walk(root, where, 0)) {
    await refuseLink(root, file, where);
    const { size } = await stat(file);
    bytes += size;
    if (Object.keys(files).length >= MAX_FILES || bytes > MAX_BYTES) {
      throw new RangeError(`Cannot read plugin ${where}: over ${MAX_FILES} files or 1 MB`);
    }
    files[relative(root, file).replaceAll(sep, "/")] = await readText(file, size, where);
  }
  if (files["plugin.ts"] === undefined) {
    throw new RangeError(`Cannot read plugin ${where}: the folder has no plugin.ts`);
  }
  return makePluginSource(where, "plugin.ts", files);
}

/** @param files path relative to the plugin's folder, `/` separated, to text */
export function makePluginSource(
  where: string,
  main: string,
  files: Readonly<Record<string, string>>,
): PluginSource {
  const sorted = Object.entries(files).toSorted(([a], [b]) => a < b ? -1 : 1);
  const hash = createHash("sha256").update(JSON.stringify([main, sorted])).digest("hex");
  return { where, main, files: Object.fromEntries(sorted), hash };
}

async function* walk(folder: string, where: string, depth: number): AsyncGenerator<string> {
  if (depth > MAX_DEPTH) throw new RangeError(`Cannot read plugin ${where}: over ${MAX_DEPTH} folders deep`);
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== "node_modules" && !entry.name.startsWith(".")) {
      yield* walk(path, where, depth + 1);
    } else if (!entry.isDirectory() && MODULE_NAME.test(entry.name) && !entry.name.endsWith(".d.ts")) {
      yield path;
    }
  }
}

/** What is loaded as code, and shown to nobody before, must be the plugin's own. */
async function refuseLink(root: string, file: string, where: string): Promise<void> {
  const real = await realpath(file);
  if (placeIn(await realpath(root), real) === undefined) {
    throw new RangeError(
      `Cannot read plugin ${where}: "${basename(file)}" is a link that leads out of its folder`,
    );
  }
  if (!(await lstat(real)).isFile()) {
    throw new RangeError(`Cannot read plugin ${where}: "${basename(file)}" is not a regular file`);
  }
}

async function readText(path: string, size: number, where: string): Promise<string> {
  if (size > MAX_BYTES) throw new RangeError(`Cannot read plugin ${where}: over 1 MB`);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (cause) {
    throw new RangeError(`Cannot read plugin ${where}: "${basename(path)}" is not UTF-8 text`, { cause });
  }
}
