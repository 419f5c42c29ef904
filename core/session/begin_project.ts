/** What of the user's project needs no model server: it is tried and loaded while that answers. */

import type { Bundle } from "../api.ts";
import type { Loaded } from "../config/config.ts";
import { type CommandSandbox, findSandbox, type SandboxOptions } from "../sandbox/command_sandbox.ts";
import type { Tool } from "../tool.ts";

export interface Ahead {
  /** What commands are held to, and their environment. */
  readonly confine: SandboxOptions;
  readonly sandbox: Promise<CommandSandbox>;
  readonly tools: Promise<readonly Tool[]>;
}

/** Begins with a project: a failure is thrown where what failed is awaited, not before. */
export function beginProject({ config }: Loaded, root: string, bundle: Bundle): Ahead {
  const protectedPaths = [config.paths.config, config.paths.data];
  // Python tells a stale .pyc by second and size: an edit within the same second would not be seen by the next test run.
  const env = { PYTHONDONTWRITEBYTECODE: "1", ...bundle.env };
  const { network } = config.permissions;
  const confine = { root, protectedPaths, platform: bundle.platform, env, network };
  const ahead = { confine, sandbox: findSandbox(confine), tools: bundle.tools() };
  void Promise.allSettled([ahead.sandbox, ahead.tools]);
  return ahead;
}
