/** `smallcode trust`: which folders may bring plugins, MCP servers, hooks and their own configuration. */

import { resolve } from "node:path";
import { findFolders } from "../core/config/folders.ts";
import { isTrusted, listTrusted, trustFolder, untrustFolder } from "../core/config/trust.ts";
import type { World } from "./world.ts";

export interface TrustOptions {
  /** Relative to the current folder; default: that folder. */
  readonly dir?: string;
  readonly action: "add" | "remove" | "list";
}

/**
 * Adds a folder to the trusted ones, takes it off, or lists them.
 * @returns exit code 0; 1 when a folder that was to be taken off is not on the list
 * @throws {ConfigError} when there is no such folder or the list cannot be read or written
 */
export async function trustCommand(options: TrustOptions, world: World): Promise<number> {
  const { config } = findFolders(world);
  const folder = resolve(world.cwd, options.dir ?? ".");
  switch (options.action) {
    case "list": {
      const listed = await listTrusted(config);
      world.out(listed.length === 0 ? "no folder is trusted\n" : listed.map((path) => `${path}\n`).join(""));
      return 0;
    }
    case "add":
      world.out(`trusted: ${await trustFolder(config, folder)} and what lies in it\n`);
      return 0;
    case "remove": {
      const removed = await untrustFolder(config, folder);
      if (removed) world.out(`no longer trusted: ${folder}\n`);
      else world.err(`"${folder}" is not on the list\n`);
      if (await isTrusted(config, folder)) {
        world.err("a folder around it is still trusted: smallcode trust --list\n");
      }
      return removed ? 0 : 1;
    }
  }
}
