/** What the bench may touch of the process it runs in. */

import { fileURLToPath } from "node:url";
import type { Assets } from "../core/assets.ts";

/** What the bench needs of the process it runs in; `cli/world.ts` has all of it. */
export interface BenchWorld {
  readonly version: string;
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly assets: Assets;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly stdoutIsTerminal: boolean;
  readonly columns: number;
  readonly signal: AbortSignal;
}

/** The folder that holds the suites. */
export function suitesFolder(world: Pick<BenchWorld, "assets">): string {
  return fileURLToPath(world.assets("suites")).replace(/[\\/]$/, "");
}
