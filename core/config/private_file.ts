/** The user's own small files: read if there, written atomically. */

import { chmod, mkdir, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";

/** Larger files are not configuration. */
const MAX_BYTES = 1_048_576;

/**
 * The text of a file without BOM; `undefined` where there is none, or a folder of that name (`.env` is a usual name of a Python environment).
 * @throws {ConfigError} when it is there and cannot be read, or is larger than 1 MiB
 */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES) {
      throw new ConfigError(`Cannot read "${path}": ${size} bytes, at most ${MAX_BYTES} are read`);
    }
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = errorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
    throw new ConfigError(`Cannot read "${path}": ${code}`, { cause: error });
  }
}

/**
 * Replaces a file at once: temporary file beside it, fsync, rename. A symbolic link stays one, its target is replaced.
 * @param mode permissions, e.g. `0o600`; Windows ignores them
 * @throws {ConfigError} when the folder cannot be written
 */
export async function writeAtomic(path: string, text: string, mode: number): Promise<void> {
  const temporary = { path: "" };
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await realpath(path).catch(() => path);
    temporary.path = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}`);
    const file = await open(temporary.path, "wx", mode);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    // The mode given to open() is reduced by the umask and so is set again.
    await chmod(temporary.path, mode);
    await rename(temporary.path, target);
  } catch (error) {
    if (temporary.path) await rm(temporary.path, { force: true });
    throw new ConfigError(`Cannot write "${path}": ${errorCode(error)}`, { cause: error });
  }
}

function errorCode(error: unknown): string {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" ? code : String(error);
}
