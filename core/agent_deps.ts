/** Everything the loop acts through; made once per session by `conversation.ts`. */

import type { Config } from "./config/config.ts";
import type { Emit } from "./events.ts";
import type { ConstraintTrust } from "./guard/misread.ts";
import type { Transport } from "./model/transport.ts";
import type { Profile } from "./profile.ts";
import type { RunDeps } from "./run_tool.ts";
import type { Undone } from "./store/journal.ts";
import type { ToolContext } from "./tool.ts";
import type { FileChange, Head, Turn } from "./types.ts";

/** Everything the loop acts through; made once per session. */
export interface AgentDeps extends RunDeps {
  readonly config: Config;
  readonly profile: Profile;
  readonly transport: Transport;
  readonly emit: Emit;
  /** What tools are given, less what changes from step to step. */
  readonly world: Omit<ToolContext, "signal" | "output" | "limits">;
  /** Watches the workspace around commands; gives what a command changed. */
  readonly watchFiles: (signal: AbortSignal) => Promise<() => Promise<readonly FileChange[]>>;
  /** The head's tools: what the menu added since the last request, and all of them for a model that asks. */
  readonly heads: { readonly takeOpened: () => Head | undefined; readonly openAll: () => Head };
  /** Whether the server kept to constraints so far. */
  readonly constraints: ConstraintTrust;
  /** Whether a path is a file that was there when the session began: a bare fence under its name is a new version of it. */
  readonly isKnownFile: (path: string) => boolean;
  /** The project's own check, e.g. `npm test`; absent where none was found. */
  readonly checkCommand?: string;
  /** Puts the files that tools changed in the running turn back. */
  readonly putBack: () => Promise<readonly Undone[]>;
  readonly newId: () => string;
  /** Keeps the history for resuming; called whenever messages were added. */
  readonly save: (turn: Turn) => void;
}
