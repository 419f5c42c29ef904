/** What a command may touch of the process it runs in. `main.ts` makes the real one, tests make their own. */

import type { Assets } from "../core/assets.ts";
import type { SmallCodeOptions } from "../core/api.ts";
import type { bindSmallCode } from "../core/smallcode.ts";

/** A conversation with a model in one workspace. */
export type Agent = InstanceType<ReturnType<typeof bindSmallCode>>;

export interface World {
  readonly version: string;
  readonly cwd: string;
  readonly home: string;
  readonly platform: "linux" | "darwin" | "windows";
  readonly env: Readonly<Record<string, string>>;
  readonly assets: Assets;
  /** Makes a conversation bound to the bundled tools and profiles. */
  readonly newAgent: (options: SmallCodeOptions) => Agent;
  /** Writes to stdout as it is. */
  readonly out: (text: string) => void;
  /** Writes to stderr as it is. */
  readonly err: (text: string) => void;
  /** All of stdin as text; only when it is not a terminal. */
  readonly readStdin: () => Promise<string>;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  /** Whether to colour: a terminal, and no `NO_COLOR`. */
  readonly colour: boolean;
  readonly columns: number;
  /** Aborted at the first Ctrl+C or SIGTERM, where a command has not taken them over. */
  readonly signal: AbortSignal;
}
