/** Files as undo reads and writes them: whole, as bytes, never through a symlink. */

import { randomUUID } from "node:crypto";
import { lstat, mkdir, open, readdir, readFile, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import process from "node:process";

/** As the workspace and `write` name their temp files. */
const TEMP_NAME = /^\.smallcode-[0-9a-f-]{36}\.tmp$/;

/** Paths are relative to `root`, an absolute real path, `/` separated. */
export interface JournalFiles {
  /** `content: null`: no file. `blocked`: something that is not a plain file stands there, or the path leads elsewhere. */
  read(
    root: string,
    path: string,
  ): Promise<{ kind: "file"; content: Uint8Array | null } | { kind: "blocked"; why: string }>;
  /** Atomic: a reader sees the old file or the new one. Folders are made. `mode` absent: as it is, or the default. */
  write(root: string, path: string, file: { content: Uint8Array; mode: number | undefined }): Promise<void>;
  remove(root: string, path: string): Promise<void>;
  /** Removes the folders from that of `path` up to `top`, as far as they are empty. */
  prune(root: string, path: string, top: string): Promise<void>;
  /** Removes temp files that a killed process left in the folder of `path`; `.`: in the root. */
  sweep(root: string, path: string): Promise<void>;
}

/** The files on disk. @param sync `off` (tests only) leaves out fsync */
export function openJournalFiles(sync: "full" | "off" = "full"): JournalFiles {
  return {
    async read(root, path) {
      const why = await obstacle(root, path);
      if (why !== undefined) return { kind: "blocked", why };
      return { kind: "file", content: await readIfThere(join(root, path)) };
    },
    async write(root, path, { content, mode }) {
      const target = join(root, path);
      await mkdir(dirname(target), { recursive: true });
      const temp = join(dirname(target), `.smallcode-${randomUUID()}.tmp`);
      try {
        const file = await open(temp, "wx");
        try {
          await file.writeFile(content);
          const kept = mode ?? (await lstat(target).catch(ifMissing))?.mode;
          if (kept !== undefined) await file.chmod(kept & 0o7777);
          if (sync === "full") await file.sync();
        } finally {
          await file.close();
        }
        await rename(temp, target);
      } catch (error) {
        await rm(temp, { force: true });
        throw error;
      }
      if (sync === "full") await syncFolder(dirname(target));
    },
    async remove(root, path) {
      await rm(join(root, path), { force: true });
      if (sync === "full") await syncFolder(dirname(join(root, path)));
    },
    async prune(root, path, top) {
      if (await obstacle(root, path) === undefined) {
        await removeEmpty(dirname(join(root, path)), join(root, top));
      }
    },
    async sweep(root, path) {
      if (path !== "." && await obstacle(root, path) !== undefined) return;
      const folder = path === "." ? root : dirname(join(root, path));
      for (const name of await readdir(folder).catch(ifMissing) ?? []) {
        if (TEMP_NAME.test(name)) await rm(join(folder, name), { force: true });
      }
    },
  };
}

/** Removes folders from `folder` up to `top`, both absolute, as far as they are empty. */
export async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let at = folder; at === top || at.startsWith(top + sep); at = dirname(at)) {
    const code = await rmdir(at).then(() => "", (error) => error.code);
    if (code !== "" && code !== "ENOENT") return;
  }
}

/** The journal holds real paths: a symlink in one now was put there since, and may lead out of the workspace. */
async function obstacle(root: string, path: string): Promise<string | undefined> {
  const parts = path.split("/");
  if (parts.includes("..")) return "its path leads outside the workspace";
  for (let i = 1; i <= parts.length; i++) {
    const found = await lstat(join(root, ...parts.slice(0, i))).catch(ifMissing);
    if (found === undefined) return undefined;
    if (found.isSymbolicLink()) return `"${parts.slice(0, i).join("/")}" is a symlink now`;
    if (i < parts.length && !found.isDirectory()) {
      return `"${parts.slice(0, i).join("/")}" is not a folder any more`;
    }
    if (i === parts.length && !found.isFile()) return "it is not a plain file any more";
  }
  return undefined;
}

function readIfThere(path: string): Promise<Uint8Array | null> {
  return readFile(path).then((bytes) => new Uint8Array(bytes), (error) => ifMissing(error) ?? null);
}

function ifMissing(error: { code?: string }): undefined {
  if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
}

/** Makes a rename or removal itself durable. Windows opens no folders and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
