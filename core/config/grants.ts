/** What the person decided about plugins: `plugins.json` of the configuration folder, by plugin id (real path, or `bundled:NAME`). */

import { join } from "node:path";
import type { z } from "zod";
import { ConfigError } from "../errors.ts";
import type { Grant } from "../plugin_host.ts";
import { readIfThere, writeAtomic } from "./private_file.ts";

/** A decision is bound to the content of the plugin's files, and to what they asked for. */
export interface StoredGrant extends Grant {
  readonly name: string;
  readonly decision: "granted" | "declined";
  /** Switched off without losing the grant. */
  readonly disabled: boolean;
}

/** All decisions by plugin id. @throws {ConfigError} when the file cannot be read */
export async function readGrants(configFolder: string): Promise<Readonly<Record<string, StoredGrant>>> {
  const path = fileIn(configFolder);
  const text = await readIfThere(path);
  if (text === undefined) return {};
  try {
    const { z } = await import("zod");
    return grantsShape(z).parse(JSON.parse(text));
  } catch (cause) {
    throw new ConfigError(`Cannot read "${path}": it is not a list of grants; mend or delete it`, { cause });
  }
}

/** Gives or replaces one; the file is 0600 and replaced at once. */
export async function writeGrant(configFolder: string, id: string, grant: StoredGrant): Promise<void> {
  await write(configFolder, { ...await readGrants(configFolder), [id]: grant });
}

/** Takes one back. @returns whether there was one */
export async function removeGrant(configFolder: string, id: string): Promise<boolean> {
  const { [id]: known, ...others } = await readGrants(configFolder);
  if (known) await write(configFolder, others);
  return known !== undefined;
}

function write(configFolder: string, grants: Readonly<Record<string, StoredGrant>>): Promise<void> {
  return writeAtomic(fileIn(configFolder), `${JSON.stringify(grants, null, 2)}\n`, 0o600);
}

function grantsShape(zod: typeof z) {
  const lists = zod.array(zod.string());
  const grant = zod.strictObject({
    name: zod.string(),
    hash: zod.string(),
    decision: zod.enum(["granted", "declined"]),
    disabled: zod.boolean(),
    read: lists,
    write: lists,
    net: lists,
    run: lists,
    env: lists,
  });
  return zod.record(zod.string(), grant);
}

function fileIn(configFolder: string): string {
  return join(configFolder, "plugins.json");
}
