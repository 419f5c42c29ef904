/**
 * A folder held open, so that what is done in it is done in that very folder, whatever is moved or linked meanwhile.
 *
 * Linux: the folder is opened without following a link, `/proc/self/fd/N` says where the opened folder really lies, and names in it are
 * reached through that handle (`/proc/self/fd/N/name`, as `openat` would). Deno gives no file descriptor on all of its versions, so
 * N is found by device, inode and the flags of the open. macOS and Windows have no such door: there the path is resolved again
 * after each open, and file and path must be the same thing by device and inode; a swap between two such looks is not seen.
 */

import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";

export interface HeldFolder extends AsyncDisposable {
  /** Where it really lies: absolute, no link in it. */
  readonly real: string;
  /** Path by which the folder itself is reached while it is held. */
  readonly path: string;
  /** Path by which a name in it is reached. */
  at(name: string): string;
  /** Opens a name in it, never through a link, never waiting for a pipe's other end. @throws `ELOOP` for a link */
  open(name: string, flags: number, mode?: number): Promise<FileHandle>;
}

/** Two of our own opens of one folder at once look the same for a moment; so often one waits for the other. */
const TRIES = 50;
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;

/** @throws the system's error when there is no such folder, `ELOOP`/`ENOTDIR` when its last part is a link */
export async function holdFolder(path: string): Promise<HeldFolder> {
  return process.platform === "linux" ? await holdByHandle(path) : await holdByPath(path);
}

async function holdByHandle(path: string): Promise<HeldFolder> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const handle = await open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    const found = await findDescriptor(handle);
    if (found === undefined) {
      await handle.close();
      await new Promise((resolve) => setTimeout(resolve, 1 + attempt));
      continue;
    }
    const at = (name: string) => `${found.path}/${checkName(name)}`;
    return {
      ...found,
      at,
      open: (name, flags, mode) => open(at(name), flags | O_NOFOLLOW | O_NONBLOCK, mode),
      [Symbol.asyncDispose]: () => handle.close(),
    };
  }
  throw new Error(`Cannot open folder "${path}": it is opened too often at once`);
}

/** Nothing when more than one descriptor could be meant. */
async function findDescriptor(handle: FileHandle): Promise<{ path: string; real: string } | undefined> {
  const own = await handle.stat({ bigint: true });
  const matches: string[] = [];
  for (const name of await readdir("/proc/self/fd")) {
    const found = await stat(`/proc/self/fd/${name}`, { bigint: true }).catch(() => undefined);
    if (found?.ino !== own.ino || found.dev !== own.dev) continue;
    const info = await readFile(`/proc/self/fdinfo/${name}`, "utf8").catch(() => "");
    const flags = parseInt(/^flags:\s*([0-7]+)/m.exec(info)?.[1] ?? "0", 8);
    if ((flags & O_NOFOLLOW) !== 0 && (flags & O_DIRECTORY) !== 0) matches.push(`/proc/self/fd/${name}`);
  }
  const [only, ...more] = matches;
  if (only === undefined || more.length > 0) return undefined;
  return { path: only, real: await readlink(only) };
}

async function holdByPath(path: string): Promise<HeldFolder> {
  const real = await realpath(path);
  const at = (name: string) => join(real, checkName(name));
  return {
    real,
    path: real,
    at,
    async open(name, flags, mode) {
      const handle = await open(at(name), flags | (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0), mode);
      const [own, there, again] = await Promise.all([
        handle.stat({ bigint: true }),
        lstat(at(name), { bigint: true }).catch(() => undefined),
        realpath(at(name)).catch(() => undefined),
      ]);
      if (again === at(name) && there?.ino === own.ino && there.dev === own.dev) return handle;
      await handle.close();
      throw Object.assign(new Error(`"${at(name)}" is or became a link`), { code: "ELOOP" });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function checkName(name: string): string {
  if (name === "" || name === "." || name === ".." || basename(name) !== name || name.includes("\0")) {
    throw new RangeError(`"${name}" is not a plain name`);
  }
  return name;
}
