/** Where a path really leads: containment in the workspace, with every symlink followed first. */

import { lstat, readdir, readlink, realpath } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { ToolError } from "../errors.ts";
import { editDistance } from "../edit_distance.ts";

/** Linux and macOS limits in bytes: NAME_MAX and PATH_MAX. */
const MAX_NAME_BYTES = 255;
const MAX_PATH_BYTES = 4096;
/** As many links in a chain as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;
/** A file may not stand in for a Windows device; opening one of these blocks or talks to hardware. */
const WINDOWS_DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?$/i;

/** A path inside the workspace, symlinks resolved. */
export interface Place {
  readonly absolute: string;
  /** Relative to the root, `/` separated; `.` for the root itself. */
  readonly relative: string;
}

/**
 * Resolves a path that may or may not exist to the place that a read or write would really reach.
 *
 * @param root absolute real path of the workspace
 * @throws {ToolError} for an empty, too long or NUL-holding path, and when the place is outside
 */
export async function locate(root: string, path: string): Promise<Place> {
  const problem = pathProblem(path);
  if (problem) throw new ToolError(`Cannot use path ${quote(path)}: ${problem}`);
  const wanted = resolve(root, path);
  const absolute = await followLinks(wanted, MAX_LINKS);
  const inside = placeIn(root, absolute);
  if (inside === undefined) throw new ToolError(await outsideMessage(root, path, wanted));
  return { absolute, relative: inside };
}

/** The path relative to `folder`, `/` separated, or `undefined` when it is not below; compares text only. */
export function placeIn(folder: string, absolute: string): string | undefined {
  const inside = relative(folder, absolute);
  if (inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  return inside === "" ? "." : inside.replaceAll(sep, "/");
}

/** A path as it is shown to the model: control characters escaped, long ones cut. */
export function quote(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}...` : path);
}

/** Names in the folder, or elsewhere among `paths`, that a wrong path may have meant; the best first, at most 3. */
export async function namesNear(root: string, wanted: Place, paths: readonly string[]): Promise<string[]> {
  const name = basename(wanted.absolute).toLowerCase();
  const siblings = await readdir(dirname(wanted.absolute)).catch(() => []);
  const folder = placeIn(root, dirname(wanted.absolute)) ?? ".";
  const ranked = new Map<string, number>();
  for (const sibling of siblings.slice(0, 2000)) {
    const distance = editDistance(name, sibling.toLowerCase());
    if (distance <= Math.max(1, name.length / 4)) {
      ranked.set(folder === "." ? sibling : `${folder}/${sibling}`, distance);
    }
  }
  for (const path of paths) {
    if (basename(path).toLowerCase() === name) ranked.set(path, Math.min(ranked.get(path) ?? 1, 0.5));
  }
  return [...ranked].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1)).slice(0, 3).map(([path]) => path);
}

function pathProblem(path: string): string | undefined {
  if (path.trim() === "") return "it is empty";
  if (path.includes("\0")) return "it holds a NUL character";
  if (new TextEncoder().encode(path).length > MAX_PATH_BYTES) {
    return `it is longer than ${MAX_PATH_BYTES} bytes`;
  }
  const parts = path.split(/[\\/]/);
  const long = parts.find((part) => new TextEncoder().encode(part).length > MAX_NAME_BYTES);
  if (long !== undefined) return `a name in it is longer than ${MAX_NAME_BYTES} bytes`;
  if (sep === "\\" && parts.some((part) => WINDOWS_DEVICE.test(part))) return "it names a device";
  return undefined;
}

/** Real path of the deepest existing part, the missing rest appended; a dangling link is followed to where it points. */
async function followLinks(absolute: string, linksLeft: number): Promise<string> {
  try {
    return await realpath(absolute);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code === "ELOOP" || linksLeft === 0) {
      throw new ToolError(`Cannot use path ${quote(absolute)}: its symlinks lead in a circle`);
    }
    if (code !== "ENOENT" && code !== "ENOTDIR") throw accessError(absolute, code, error);
  }
  const parent = dirname(absolute);
  if (parent === absolute) return absolute;
  const link = await lstat(absolute).then((s) => s.isSymbolicLink(), () => false);
  if (link) return followLinks(resolve(await realpath(parent), await readlink(absolute)), linksLeft - 1);
  return join(await followLinks(parent, linksLeft), basename(absolute));
}

function accessError(path: string, code: string | undefined, cause: unknown): ToolError {
  return new ToolError(`Cannot use path ${quote(path)}: ${code ?? "it cannot be reached"}`, { cause });
}

/** Small models write `/src/a.ts` for `src/a.ts`: the message then names the path that would have worked. */
async function outsideMessage(root: string, path: string, wanted: string): Promise<string> {
  const base = `Cannot use path ${quote(path)}: it leads outside the workspace`;
  if (placeIn(root, wanted) !== undefined) return `${base} through a symlink`;
  const tail = path.replace(/^(?:[A-Za-z]:)?[\\/]+/, "").split(/[\\/]/).filter((part) => part !== "..");
  for (let skip = 0; skip < Math.min(tail.length, 8); skip++) {
    const candidate = tail.slice(skip).join("/");
    if (candidate !== "" && await lstat(join(root, candidate)).then(() => true, () => false)) {
      return `${base}; use ${quote(candidate)}`;
    }
  }
  return `${base}; paths are relative to the workspace, e.g. "src/main.ts"`;
}
