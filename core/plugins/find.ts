/** Where plugins lie. Nothing of a plugin is read or run here. */

import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";

/** Who brought a plugin. */
export type Origin = "project" | "user" | "bundled";

/** A file or folder that may be a plugin. */
export interface FoundPlugin {
  readonly origin: Origin;
  /** What grants are kept under: its absolute real path, or `bundled:NAME`. */
  readonly id: string;
  /** As a person reads it, e.g. `./plugins/todo.ts`. */
  readonly shown: string;
  /** The file name without `.ts`, or the folder's name. */
  readonly stem: string;
}

/** The folders that are looked through, in the order in which a name is won. */
export function pluginFolders(root: string, configFolder: string) {
  return [
    { origin: "project", folder: join(root, ".smallcode", "plugins"), shown: "./.smallcode/plugins" },
    { origin: "project", folder: join(root, "plugins"), shown: "./plugins" },
    { origin: "user", folder: join(configFolder, "plugins"), shown: join(configFolder, "plugins") },
  ] as const;
}

/** The project's and the user's plugins, by folder and then by name; a folder that is not there holds none. */
export async function findPlugins(root: string, configFolder: string): Promise<readonly FoundPlugin[]> {
  const found: FoundPlugin[] = [];
  for (const { origin, folder, shown } of pluginFolders(root, configFolder)) {
    for (const name of (await readdir(folder).catch(() => [])).toSorted()) {
      const stem = await stemOf(folder, name);
      if (stem === undefined) continue;
      const id = await realpath(join(folder, name)).catch(() => undefined);
      if (id === undefined || found.some((one) => one.id === id)) continue;
      found.push({ origin, id, shown: `${shown}/${name}`, stem });
    }
  }
  return found;
}

/** Declarations, tests and names that begin with `_` or `.` are no plugins. */
async function stemOf(folder: string, name: string): Promise<string | undefined> {
  if (/^[._]|\.d\.ts$|[._]test\.ts$/.test(name)) return undefined;
  const info = await stat(join(folder, name)).catch(() => undefined);
  if (info?.isFile()) return name.endsWith(".ts") ? name.slice(0, -".ts".length) : undefined;
  if (!info?.isDirectory()) return undefined;
  const entry = await stat(join(folder, name, "plugin.ts")).catch(() => undefined);
  return entry?.isFile() ? name : undefined;
}
