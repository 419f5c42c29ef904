/** Which files a plugin may touch: grants and paths as written, to the real places that they mean. */

import { join, parse, resolve } from "node:path";
import process from "node:process";
import { ToolError } from "../errors.ts";
import { locate, placeIn, quote } from "./workspace_paths.ts";

/** The host did not do what a plugin asked. `denied`: it was not granted or permitted; otherwise it could not be done. */
export class HostRefusal extends Error {
  override readonly name = "HostRefusal";
  readonly kind: "denied" | "failed";

  constructor(kind: "denied" | "failed", message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export interface PathWorld {
  readonly root: string;
  readonly home: string;
  readonly protectedPaths: readonly string[];
}

/** Kernel views: `/proc/self/environ` has the keys, `/proc/self/mem` the program, `/dev` the disks. Never, whatever was granted. */
const KERNEL_FOLDERS = ["/proc", "/sys", "/dev"];
/** Of the workspace: what SmallCode itself obeys at its next start, in a trusted folder even servers and permissions. */
const OWN_SETTINGS = /^(?:smallcode\.toml|\.env|\.smallcode(?:\/.*)?)$/i;
/** Keys lie here: it is read only where an entry names it, not as a part of a folder. */
const KEYS = /(?:^|\/)\.env(?:\.[^/]*)?$/i;
/** Names that are a device, a stream or another name on some system: plugins are written for all of them. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|conin\$|conout\$|com[\d¹²³]|lpt[\d¹²³])(?:\s*\..*)?$/i;
// deno-lint-ignore no-control-regex -- control characters are what is looked for
const UNPORTABLE = /[\x00-\x1f\x7f:*?"<>|\\]/;

/**
 * The real place that a plugin's path means, once it lies in what was granted.
 *
 * @param entries of the grant, as written
 * @returns absolute, every link followed; the file itself may be missing
 * @throws {HostRefusal} with a message that names the path as the plugin wrote it
 */
export async function judgePath(
  path: string,
  entries: readonly string[],
  verb: "read" | "write",
  world: PathWorld,
): Promise<string> {
  const place = await realPlace(absolutePath(path, world));
  const isGranted = await anyOf(entries, async (entry) => {
    const granted = await grantedPlace(entry, world);
    return granted !== undefined &&
      (granted === place || placeIn(granted, place) !== undefined && !(verb === "read" && KEYS.test(place)));
  });
  if (!isGranted) {
    throw new HostRefusal("denied", `Not granted: ${verb} ${quote(path)}. Granted: ${listOf(entries)}`);
  }
  await refuseProtected(place, path, verb, world);
  return place;
}

/** @throws {HostRefusal} for what no plugin reads or writes, whatever was granted */
async function refuseProtected(
  place: string,
  path: string,
  verb: "read" | "write",
  world: PathWorld,
): Promise<void> {
  const isProtected = await anyOf(world.protectedPaths, async (owned) => {
    const real = await realPlace(owned);
    return placeIn(real, place) !== undefined;
  });
  const isKernel = KERNEL_FOLDERS.some((folder) => placeIn(folder, place) !== undefined);
  const isGit = verb === "write" && place.split(/[\\/]/).some((part) => part.toLowerCase() === ".git");
  const isSetting = verb === "write" && OWN_SETTINGS.test(placeIn(world.root, place) ?? "");
  if (isProtected || isKernel || isGit || isSetting) {
    throw new HostRefusal("denied", `Not granted to any plugin: ${verb} ${quote(path)}`);
  }
}

/** An entry of the workspace must lie in it, also through links: a project could have linked `docs` to the home folder. */
async function grantedPlace(entry: string, world: PathWorld): Promise<string | undefined> {
  try {
    const place = await realPlace(absolutePath(entry, world));
    const isOfWorkspace = !isAbsolutePath(entry) && !entry.startsWith("~/");
    return isOfWorkspace && placeIn(world.root, place) === undefined ? undefined : place;
  } catch (error) {
    if (error instanceof HostRefusal) return undefined;
    throw error;
  }
}

function absolutePath(path: string, world: PathWorld): string {
  const text = process.platform === "win32" ? path.replaceAll("\\", "/") : path;
  const rest = text.slice(parse(text).root.length);
  const isPlain = text !== "" && text.length <= 4096 && text.isWellFormed() && !UNPORTABLE.test(rest) &&
    rest.split("/").every((part) =>
      !DEVICE_NAME.test(part) && (part === "." || part === ".." || !/[. ]$/.test(part))
    );
  if (!isPlain) {
    throw new HostRefusal("denied", `Cannot use path ${quote(path)}: it is not a plain path with /`);
  }
  if (text === "~" || text.startsWith("~/")) return join(world.home, text.slice(1));
  return resolve(world.root, text);
}

function isAbsolutePath(entry: string): boolean {
  return parse(entry).root !== "";
}

async function realPlace(absolute: string): Promise<string> {
  try {
    return (await locate(parse(absolute).root, absolute)).absolute;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new HostRefusal("denied", error.message, error);
  }
}

async function anyOf<T>(items: readonly T[], holds: (item: T) => Promise<boolean>): Promise<boolean> {
  for (const item of items) if (await holds(item)) return true;
  return false;
}

export function listOf(entries: readonly string[]): string {
  return entries.length === 0 ? "nothing" : entries.join(", ");
}
