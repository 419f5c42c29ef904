/** A plugin's `fs`: each path judged against the grant, then reached through a folder that is held open (`held_folder.ts`). */

import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, type FileHandle, lstat, mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lineDelta } from "../edit/line_delta.ts";
import type { Grant, PluginWorld } from "../plugin_host.ts";
import type { FileChange } from "../types.ts";
import { type HeldFolder, holdFolder } from "./held_folder.ts";
import { HostRefusal, judgePath } from "./plugin_paths.ts";
import { placeIn, quote } from "./workspace_paths.ts";

const MAX_FILE_BYTES = 4 * 1024 * 1024;
const MAX_ENTRIES = 5_000;
const MAX_NEW_FOLDERS = 20;

type Kind = "file" | "folder" | "other";

export interface PluginFiles {
  readText(path: string): Promise<string>;
  readBytes(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** The change is `undefined` outside the workspace. */
  writeText(path: string, text: string, permit: () => Promise<void>): Promise<FileChange | undefined>;
  list(path: string): Promise<readonly { readonly name: string; readonly kind: Kind }[]>;
  stat(
    path: string,
  ): Promise<{ readonly kind: Kind; readonly bytes: number; readonly modifiedMs: number } | undefined>;
}

/** Every function throws {HostRefusal}. */
export function openPluginFiles(
  grant: Pick<Grant, "read" | "write">,
  world: Pick<PluginWorld, "root" | "home" | "protectedPaths" | "record">,
): PluginFiles {
  async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
    const place = await judgePath(path, grant.read, "read", world);
    return await told("read", path, async () => {
      await using folder = await holdJudged(dirname(place));
      return (await readFrom(folder, basename(place), path)).bytes;
    });
  }

  return {
    readBytes,
    async readText(path) {
      const bytes = await readBytes(path);
      try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch (cause) {
        throw new HostRefusal("failed", `Cannot read ${quote(path)}: it is not UTF-8 text`, cause);
      }
    },
    async list(path) {
      const place = await judgePath(path, grant.read, "read", world);
      return await told("list", path, async () => {
        await using folder = await holdJudged(place);
        const entries = await readdir(folder.path, { withFileTypes: true });
        if (entries.length > MAX_ENTRIES) {
          throw new HostRefusal("failed", `Cannot list ${quote(path)}: it has over ${MAX_ENTRIES} entries`);
        }
        return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
          .sort((a, b) => a.name < b.name ? -1 : 1);
      });
    },
    async stat(path) {
      const place = await judgePath(path, grant.read, "read", world);
      return await told("look at", path, async () => {
        await using folder = await holdJudged(dirname(place)).catch(orNothing);
        const found = folder && await lstat(folder.at(basename(place))).catch(orNothing);
        return found && { kind: kindOf(found), bytes: found.size, modifiedMs: Math.round(found.mtimeMs) };
      });
    },
    async writeText(path, text, permit) {
      const place = await judgePath(path, grant.write, "write", world);
      const bytes = new TextEncoder().encode(text);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new HostRefusal("failed", `Cannot write ${quote(path)}: the text is over 4 MB`);
      }
      if (!text.isWellFormed()) {
        throw new HostRefusal("failed", `Cannot write ${quote(path)}: it holds half of a surrogate pair`);
      }
      await permit();
      return await told("write", path, async () => {
        await using folder = await holdMade(dirname(place), path);
        return await replace(folder, place, { path, text, bytes });
      });
    },
  };

  /** Old content into the journal, then temp file in the held folder, then rename within it. */
  async function replace(
    folder: HeldFolder,
    place: string,
    wanted: { readonly path: string; readonly text: string; readonly bytes: Uint8Array },
  ): Promise<FileChange | undefined> {
    const name = basename(place);
    const before = await readFrom(folder, name, wanted.path).catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    // A rename would pass over a file that its owner made read-only.
    if (before) await access(folder.at(name), constants.W_OK);
    const temp = `.smallcode-${randomUUID()}.tmp`;
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    const handle = await folder.open(temp, O_CREAT | O_EXCL | O_WRONLY, 0o666);
    const inside = placeIn(world.root, place);
    try {
      try {
        await handle.writeFile(wanted.bytes);
        if (before) await handle.chmod(before.mode & 0o7777);
      } finally {
        await handle.close();
      }
      if (inside !== undefined) {
        world.record({
          path: inside,
          before: before?.bytes ?? null,
          after: wanted.bytes,
          ...(before ? { mode: before.mode & 0o7777 } : {}),
        });
      }
      await rename(folder.at(temp), folder.at(name));
    } catch (error) {
      await rm(folder.at(temp), { force: true });
      throw error;
    }
    if (inside === undefined) return undefined;
    const delta = lineDelta(before ? new TextDecoder().decode(before.bytes) : null, wanted.text);
    return {
      path: inside,
      kind: before ? "edited" : "created",
      linesAdded: delta.added,
      linesRemoved: delta.removed,
      by: "tool",
    };
  }
}

/** A place was resolved to the last link: where the opened folder lies elsewhere, something was swapped meanwhile. */
async function holdJudged(place: string): Promise<HeldFolder> {
  const folder = await holdFolder(place);
  if (folder.real === place) return folder;
  await folder[Symbol.asyncDispose]();
  throw new HostRefusal("denied", `${quote(place)} was replaced by a link`);
}

/** Makes what is missing, one folder at a time in the one before: a swap on the way makes nothing elsewhere. */
async function holdMade(place: string, path: string): Promise<HeldFolder> {
  const missing: string[] = [];
  let at = place;
  let folder: HeldFolder | undefined;
  while (folder === undefined) {
    folder = await holdJudged(at).catch(orNothing);
    if (folder) break;
    missing.unshift(basename(at));
    at = dirname(at);
    if (missing.length > MAX_NEW_FOLDERS) {
      throw new HostRefusal("failed", `Cannot write ${quote(path)}: too many folders are missing`);
    }
  }
  for (const name of missing) {
    await using parent = folder;
    await mkdir(parent.at(name)).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
    at = join(at, name);
    const made: HeldFolder = await holdFolder(parent.at(name));
    if (made.real !== at) {
      await made[Symbol.asyncDispose]();
      throw new HostRefusal("denied", `${quote(at)} was replaced by a link`);
    }
    folder = made;
  }
  return folder;
}

async function readFrom(
  folder: HeldFolder,
  name: string,
  path: string,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; mode: number }> {
  const handle = await folder.open(name, constants.O_RDONLY);
  try {
    const found = await handle.stat();
    if (!found.isFile()) {
      throw new HostRefusal("failed", `Cannot use ${quote(path)}: it is not a regular file`);
    }
    const bytes = await readUpTo(handle, MAX_FILE_BYTES + 1);
    if (bytes.length > MAX_FILE_BYTES) {
      throw new HostRefusal("failed", `Cannot use ${quote(path)}: it is over 4 MB`);
    }
    return { bytes, mode: found.mode };
  } finally {
    await handle.close();
  }
}

/** A file can grow while it is read: the size that was looked up is no bound. */
async function readUpTo(handle: FileHandle, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  while (total < most) {
    const chunk = new Uint8Array(Math.min(64 * 1024, most - total));
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    total += bytesRead;
  }
  const all = new Uint8Array(total);
  let offset = 0;
  for (const chunk of chunks) {
    all.set(chunk, offset);
    offset += chunk.length;
  }
  return all;
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): Kind {
  return entry.isFile() ? "file" : entry.isDirectory() ? "folder" : "other";
}

function orNothing(error: { code?: string }): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}

/** The system's errors in words that name the path as the plugin wrote it, never where it leads. */
async function told<T>(verb: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof HostRefusal) throw error;
    const { code, message } = error as { code?: string; message?: string };
    if (code === "ELOOP") {
      throw new HostRefusal("denied", `Cannot ${verb} ${quote(path)}: it became a link`, error);
    }
    const why = FAULTS[code ?? ""] ?? code ?? message;
    throw new HostRefusal("failed", `Cannot ${verb} ${quote(path)}: ${why}`, error);
  }
}

const FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of the path is not a folder",
  EISDIR: "it is a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOSPC: "the disk is full; nothing was changed",
  EROFS: "the disk is read-only",
  ENAMETOOLONG: "the name is too long",
};
