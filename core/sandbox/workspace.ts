/** The workspace on disk: every read and write of a tool goes through here, contained, journaled and atomic. */

import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { access, chmod, mkdir, open, readFile, realpath, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { lineDelta } from "../edit/line_delta.ts";
import { ToolError } from "../errors.ts";
import type { FileContent, WorkspaceFiles } from "../tool.ts";
import type { FileChange } from "../types.ts";
import { walkFolder } from "./walk.ts";
import { locate, namesNear, type Place, placeIn, quote } from "./workspace_paths.ts";
import { hashOf, type Journal } from "../store/journal.ts";
import { removeEmpty } from "../store/journal_files.ts";

/** A file larger than this is no source; reading it whole would cost several times its size in memory. */
const MAX_BYTES = 64 * 1024 * 1024;
/** git looks for NUL in as many bytes to call a file binary (`buffer_is_binary`). */
const BINARY_PROBE_BYTES = 8000;
/** As many entries are looked through for a file of the wanted name elsewhere. */
const NEAR_NAME_ENTRIES = 5000;
const BOM = "\uFEFF";

export interface WorkspaceOptions {
  /** The user's project folder. */
  readonly root: string;
  readonly journal: Journal;
  /** Absolute files and folders that tools may read but not write: the store, configuration. */
  readonly protectedPaths: readonly string[];
  /** Whether writes are forced to the disk (fsync); default true. */
  readonly sync?: boolean;
}

/** What stands at a path now. */
interface Current {
  readonly bytes: Uint8Array;
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly modifiedMs: number;
}

/**
 * Opens a folder as the workspace.
 *
 * @throws {RangeError} when `root` is not a folder that can be read
 */
export async function openWorkspace(options: WorkspaceOptions): Promise<WorkspaceFiles> {
  const root = await realpath(options.root).catch((cause) => {
    throw new RangeError(`Cannot open workspace ${quote(options.root)}: no such folder`, { cause });
  });
  if (!(await stat(root)).isDirectory()) {
    throw new RangeError(`Cannot open workspace ${quote(options.root)}: it is a file`);
  }
  await access(root, constants.R_OK).catch((cause) => {
    throw new RangeError(`Cannot open workspace ${quote(options.root)}: it may not be read`, { cause });
  });
  const protectedPaths = await Promise.all(
    options.protectedPaths.map((path) => realpath(path).catch(() => path)),
  );

  async function read(path: string): Promise<FileContent> {
    const place = await locate(root, path);
    const current = await readCurrent(place, path);
    if (!current) throw new ToolError(await missingMessage(place, path));
    return decode(place, current.bytes);
  }

  async function missingMessage(place: Place, path: string): Promise<string> {
    const paths: string[] = [];
    const signal = AbortSignal.timeout(2000);
    const entries = walkFolder(root, root, { signal, maxEntries: NEAR_NAME_ENTRIES });
    try {
      for await (const entry of entries) if (entry.kind === "file") paths.push(entry.path);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    const near = await namesNear(root, place, paths);
    const hint = near.length > 0
      ? `did you mean ${near.map((name) => quote(name)).join(" or ")}?`
      : "call list_files to see what there is";
    return `Cannot read ${quote(path)}: no such file; ${hint}`;
  }

  async function write(path: string, text: string, expect: string | null): Promise<FileChange> {
    const place = await locate(root, path);
    refuseProtected(place, path);
    if (!text.isWellFormed()) {
      throw new ToolError(`Cannot write ${quote(path)}: the text holds half of a surrogate pair`);
    }
    if (text.includes("\0")) {
      throw new ToolError(
        `Cannot write ${quote(path)}: the text holds a NUL character, which no text file has`,
      );
    }
    const current = await readCurrent(place, path);
    refuseUnexpected(path, current, expect);
    const before = current ? decode(place, current.bytes) : undefined;
    const after = before?.hasBom && !text.startsWith(BOM) ? BOM + text : text;
    const bytes = new TextEncoder().encode(after);
    if (bytes.length > MAX_BYTES) {
      throw new ToolError(`Cannot write ${quote(path)}: the text is over 64 MB`);
    }
    if (!current || !isEqual(current.bytes, bytes)) {
      await replaceFile(place, current, bytes).catch((error) => {
        throw writeError(path, error);
      });
    }
    const delta = lineDelta(before?.text ?? null, text);
    return {
      path: place.relative,
      kind: current ? "edited" : "created",
      linesAdded: delta.added,
      linesRemoved: delta.removed,
      by: "tool",
      hashes: { before: current ? hashOf(current.bytes) : null, after: hashOf(bytes) },
    };
  }

  function refuseProtected(place: Place, path: string): void {
    const isGit = place.relative.split("/").some((part) => part.toLowerCase() === ".git");
    const isProtected = protectedPaths.some((owned) => placeIn(owned, place.absolute) !== undefined);
    if (isGit || isProtected) {
      throw new ToolError(`Cannot write ${quote(path)}: it is protected; work in the project's own files`);
    }
  }

  /** Old content into the journal, then temp file, fsync, rename: a reader sees the old file or the new one. */
  async function replaceFile(place: Place, current: Current | undefined, bytes: Uint8Array): Promise<void> {
    const folder = dirname(place.absolute);
    const made = await mkdir(folder, { recursive: true });
    // A rename would pass over a file that its owner made read-only.
    if (current) await access(place.absolute, constants.W_OK);
    const temp = join(folder, `.smallcode-${randomUUID()}.tmp`);
    try {
      const file = await open(temp, "wx");
      try {
        await file.writeFile(bytes);
        if (options.sync ?? true) await file.sync();
      } finally {
        await file.close();
      }
      if (current) {
        await chmod(temp, current.mode & 0o7777);
        if (place.absolute.endsWith(".py")) await outdateBytecode(temp, current.modifiedMs);
      }
      options.journal.record({
        path: place.relative,
        before: current?.bytes ?? null,
        after: bytes,
        ...(current ? { mode: current.mode & 0o7777 } : {}),
        ...(made === undefined ? {} : { made: placeIn(root, made) ?? "" }),
      });
      await rename(temp, place.absolute);
    } catch (error) {
      await rm(temp, { force: true });
      if (made !== undefined) await removeEmpty(folder, made);
      throw error;
    }
    if (options.sync ?? true) await syncFolder(folder);
  }

  return {
    root,
    relative: async (path) => (await locate(root, path)).relative,
    async exists(path) {
      const found = await stat((await locate(root, path)).absolute).catch(() => undefined);
      return found === undefined ? undefined : found.isDirectory() ? "folder" : "file";
    },
    read,
    write,
    async *walk(path, walkOptions) {
      const place = await locate(root, path);
      const found = await stat(place.absolute).catch(() => undefined);
      if (!found) {
        throw new ToolError(`Cannot list ${quote(path)}: no such folder; call list_files without path`);
      }
      if (!found.isDirectory()) {
        throw new ToolError(`Cannot list ${quote(path)}: it is a file; use read_file`);
      }
      await access(place.absolute, constants.R_OK).catch((cause) => {
        throw new ToolError(`Cannot list ${quote(path)}: the folder may not be read`, { cause });
      });
      yield* walkFolder(root, place.absolute, walkOptions);
    },
  };
}

/** Python takes a .pyc for that of a file of the same size and second: what replaces a file is never of the second that this one had. */
async function outdateBytecode(temp: string, beforeMs: number): Promise<void> {
  const { atimeMs, mtimeMs } = await stat(temp);
  const next = Math.floor(beforeMs / 1000) + 1;
  if (mtimeMs < next * 1000) await utimes(temp, atimeMs / 1000, next);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

async function readCurrent(place: Place, path: string): Promise<Current | undefined> {
  const found = await stat(place.absolute).catch((error) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw new ToolError(`Cannot read ${quote(path)}: ${error.code ?? error.message}`, { cause: error });
  });
  if (!found) return undefined;
  if (found.isDirectory()) {
    throw new ToolError(`Cannot read ${quote(path)}: it is a folder; call list_files with this path`);
  }
  // A pipe or a device would block for ever.
  if (!found.isFile()) throw new ToolError(`Cannot read ${quote(path)}: it is not a regular file`);
  if (found.size > MAX_BYTES) {
    const size = Math.round(found.size / 1e6);
    throw new ToolError(
      `Cannot read ${quote(path)}: it has ${size} MB, more than 64 MB; use bash with head or grep`,
    );
  }
  const bytes = await readFile(place.absolute).catch((cause) => {
    const why = cause.code === "EACCES" ? "its permissions forbid it" : cause.code ?? cause.message;
    throw new ToolError(`Cannot read ${quote(path)}: ${why}`, { cause });
  });
  return {
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
    mode: found.mode,
    modifiedMs: found.mtimeMs,
  };
}

function decode(place: Place, bytes: Uint8Array): FileContent {
  const path = place.relative;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    throw new ToolError(
      `Cannot read ${quote(path)}: it is UTF-16, only UTF-8 is supported; convert it with iconv`,
    );
  }
  if (bytes.subarray(0, BINARY_PROBE_BYTES).includes(0)) {
    throw new ToolError(`Cannot read ${quote(path)}: it is a binary file of ${bytes.length} bytes`);
  }
  const hasBom = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(
      hasBom ? bytes.subarray(3) : bytes,
    );
    return { path, text, hasBom, hash: hashOf(bytes), bytes: bytes.length };
  } catch (cause) {
    throw new ToolError(
      `Cannot read ${quote(path)}: it is not UTF-8 text; convert it with iconv, or read it with bash`,
      { cause },
    );
  }
}

function refuseUnexpected(path: string, current: Current | undefined, expect: string | null): void {
  if (expect === null && current) {
    throw new ToolError(
      `Cannot create ${quote(path)}: the file exists already; read it first, then use patch`,
    );
  }
  if (expect !== null && !current) {
    throw new ToolError(`Cannot write ${quote(path)}: the file was deleted since it was read`);
  }
  if (expect !== null && current && hashOf(current.bytes) !== expect) {
    throw new ToolError(`Cannot write ${quote(path)}: it changed on disk since it was read; read it again`);
  }
}

/** Makes the rename itself durable; Windows has no such call for folders. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  if (!handle) return;
  try {
    await handle.sync();
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== "EINVAL" && code !== "EPERM" && code !== "EISDIR" && code !== "EBADF") throw error;
  } finally {
    await handle.close();
  }
}

function writeError(path: string, error: unknown): unknown {
  const reason = WRITE_FAULTS[(error as { code?: string }).code ?? ""];
  if (reason === undefined) return error;
  return new ToolError(`Cannot write ${quote(path)}: ${reason}`, { cause: error });
}

const WRITE_FAULTS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; nothing was changed",
  EDQUOT: "the disk quota is used up; nothing was changed",
  EFBIG: "it would be larger than the system allows; nothing was changed",
  EROFS: "the disk is read-only",
  EACCES: "permission denied; the file or its folder is read-only",
  EPERM: "permission denied; the file or its folder is read-only",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder",
  ENAMETOOLONG: "the name is too long",
  EMFILE: "too many files are open; try again",
};
