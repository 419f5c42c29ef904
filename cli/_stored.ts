/** The store as the commands that look back at sessions open it. */

import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { findFolders } from "../core/config/folders.ts";
import { openStore, type Store } from "../core/store/store.ts";
import type { World } from "./world.ts";

/** What a command that looks back is given, and closed after. */
export interface Stored {
  readonly store: Store;
  /** Absolute real path of the workspace. */
  readonly root: string;
}

/** @param cwd the project folder; relative to the current one, which is the default */
export async function withStored<T>(
  world: World,
  cwd: string | undefined,
  use: (stored: Stored) => Promise<T> | T,
): Promise<T> {
  const wanted = resolve(world.cwd, cwd ?? ".");
  const root = await realpath(wanted).catch(() => wanted);
  const store = await openStore({ folder: findFolders(world).data, now: Date.now });
  try {
    for (const notice of store.notices) world.err(`${notice}\n`);
    return await use({ store, root });
  } finally {
    store.close();
  }
}
