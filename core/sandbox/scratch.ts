/**
 * Copies of a workspace in the temp folder, in which checks run while the workspace itself is being changed.
 *
 * A copy of the files, not `git worktree`: it holds uncommitted and untracked changes as they are, needs no repository, and writes nothing
 * into `.git`. Where the disk can, a copied file shares its blocks with the first. What only tools fill is not copied: packages are linked.
 */

import { createHash } from "node:crypto";
import { constants, type Dirent } from "node:fs";
import { copyFile, lstat, mkdir, mkdtemp, readdir, readlink, realpath, rm, symlink } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import process from "node:process";

/** More than this is not copied: the edit that waits for it would wait too long. */
const MAX_BYTES = 200_000_000;
const MAX_FILES = 20_000;
const MAX_MS = 10_000;
const MAX_DEPTH = 100;

/** Never copied: repositories, and what tools build anew. */
const LEFT_OUT = new Set([
  ...[".git", ".hg", ".svn", "__pycache__", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox", ".nox"],
  ...[".gradle", ".next", ".nuxt", ".turbo", ".cache", "coverage"],
]);

/**
 * Copies a workspace.
 * @returns absolute real path of the copy; `undefined` when it is larger than 200 MB or 20,000 files, or takes over 10 s
 * @throws the signal's reason when aborted; nothing is left then
 */
export async function copyWorkspace(root: string, signal: AbortSignal): Promise<string | undefined> {
  const copy = await realpath(await mkdtemp(join(tmpdir(), `${ownPrefix()}${process.pid}-`)));
  const left = { bytes: MAX_BYTES, files: MAX_FILES, deadline: performance.now() + MAX_MS };
  try {
    const folders = [{ path: "", depth: 0 }];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      for (const entry of await readdir(join(root, folder.path), { withFileTypes: true })) {
        signal.throwIfAborted();
        const path = join(folder.path, entry.name);
        const below = await copyEntry(
          entry,
          { from: join(root, path), to: join(copy, path) },
          { root, copy },
          left,
        );
        if (left.files < 0 || left.bytes < 0 || performance.now() > left.deadline) {
          await removeCopy(copy);
          return undefined;
        }
        if (below && folder.depth < MAX_DEPTH) folders.push({ path, depth: folder.depth + 1 });
      }
    }
    return copy;
  } catch (error) {
    await removeCopy(copy);
    throw error;
  }
}

/** Removes a copy; what a check made read-only in it goes at the next start. */
export async function removeCopy(copy: string): Promise<void> {
  await rm(copy, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
}

/** Removes the copies of programs that were killed. */
export async function sweepCopies(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  const prefix = ownPrefix();
  const left = names.filter((name) =>
    name.startsWith(prefix) && !isAlive(Number.parseInt(name.slice(prefix.length)))
  );
  await Promise.all(left.map((name) => removeCopy(join(tmpdir(), name))));
}

/** A temp folder may be shared by machines or containers, each with its own process numbers. */
function ownPrefix(): string {
  return `smallcode-copy-${createHash("sha256").update(hostname()).digest("hex").slice(0, 8)}-`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM"; // another user's
  }
}

/** Copies a file or makes a folder. @returns whether it is a folder to go into */
async function copyEntry(
  entry: Dirent,
  paths: { from: string; to: string },
  roots: { root: string; copy: string },
  left: { bytes: number; files: number },
): Promise<boolean> {
  const { from, to } = paths;
  if (LEFT_OUT.has(entry.name) || await isBuilt(entry, from)) return false;
  left.files--;
  if (entry.isSymbolicLink()) await copyLink({ from, to }, roots).catch(ifGone);
  else if (entry.isFile()) {
    left.bytes -= (await lstat(from).catch(ifGone))?.size ?? 0;
    if (left.bytes >= 0) await copyFile(from, to, constants.COPYFILE_FICLONE).catch(ifGone);
  } else if (entry.isDirectory()) {
    if (entry.name === "node_modules") await linkPackages(from, to);
    else if (await isThere(join(from, "pyvenv.cfg"))) await symlink(from, to);
    else {
      await mkdir(to);
      return true;
    }
  }
  return false;
}

/** A link into the workspace leads into the copy, one that leads out of it stays. */
async function copyLink(
  paths: { from: string; to: string },
  { root, copy }: { root: string; copy: string },
): Promise<void> {
  const target = resolve(dirname(paths.from), await readlink(paths.from));
  const inside = relative(root, target);
  const isInside = inside !== ".." && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
  await symlink(isInside ? join(copy, inside) : target, paths.to);
}

/** Cargo's and Maven's `target`: built anew, since a shared one would be written into and holds paths of the first. */
async function isBuilt(entry: Dirent, from: string): Promise<boolean> {
  if (entry.name !== "target" || !entry.isDirectory()) return false;
  return await isThere(join(from, "..", "Cargo.toml")) || await isThere(join(from, "..", "pom.xml"));
}

/** A folder of its own with a link to each package: caches that tools keep beside the packages are then written into the copy. */
async function linkPackages(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    if (
      entry.name.startsWith(".") && !/^\.(?:bin|deno|pnpm|package-lock\.json|modules\.yaml)$/.test(entry.name)
    ) continue;
    if (entry.name.startsWith("@") && entry.isDirectory()) {
      await linkPackages(join(from, entry.name), join(to, entry.name));
    } else await symlink(join(from, entry.name), join(to, entry.name));
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(() => true, () => false);
}

/** A file that vanished, or may not be read, is not in the copy. */
function ifGone(error: { code?: string }): undefined {
  if (!["ENOENT", "EACCES", "EPERM"].includes(error.code ?? "")) throw error;
}
