/** Everything the loop acts through; made once per session by `session/open_deps.ts`. */

import type { Baselines, ProjectChecks } from "./baselines.ts";
import type { Config } from "../config/config.ts";
import type { Emit } from "../events.ts";
import type { Rung } from "../escalate/ladder.ts";
import type { ConstraintTrust } from "../guard/misread.ts";
import type { Heads } from "./heads.ts";
import type { Transport } from "../model/transport.ts";
import type { Profile } from "../profile.ts";
import type { RunDeps } from "../run_tool.ts";
import type { CommandWatch, WatchedChanges } from "../sandbox/command_watch.ts";
import type { PutBack } from "../store/rejected.ts";
import type { ScoreBook } from "../store/scores.ts";
import type { ToolContext } from "../tool.ts";
import type { ProjectFacts } from "../prompt/project_facts.ts";
import type { TierName, Turn } from "../types.ts";

/** Everything the loop acts through; made once per session. */
export interface AgentDeps extends RunDeps {
  readonly config: Config;
  /** The tier whose model these serve. */
  readonly tier: TierName;
  readonly profile: Profile;
  readonly transport: Transport;
  readonly emit: Emit;
  /** What tools are given, less what changes from step to step. */
  readonly world: Omit<ToolContext, "asked" | "signal" | "output" | "limits" | "contract">;
  /** Watches the workspace around commands; gives what a command changed. */
  readonly watchFiles: (signal: AbortSignal) => Promise<() => Promise<WatchedChanges>>;
  /** Called before checks; what it gives is called after and gives what is different since, whoever did it. */
  readonly lookAtFiles: CommandWatch["look"];
  /** What background jobs changed since the last look. */
  readonly changesByJobs: () => Promise<WatchedChanges>;
  /** See `Heads`. */
  readonly heads: Pick<Heads, "next" | "openAll" | "renew">;
  /** What is known of this model's calls. */
  readonly scores: Pick<ScoreBook, "note" | "flush">;
  /** Whether the server kept to constraints so far. */
  readonly constraints: ConstraintTrust;
  /** Whether a path is a file that was there when the session began: a bare fence under its name is a new version of it. */
  readonly isKnownFile: (path: string) => boolean;
  /** The project's own checks, as the session knows them. */
  readonly checks: ProjectChecks;
  /** How they stood before the running turn changed anything. */
  readonly baselines: Baselines;
  /** Puts back the files that the running turn changed, where their old content is known, and keeps the change as a patch. */
  readonly putBack: () => Promise<PutBack>;
  readonly newId: () => string;
  /** Keeps the history for resuming; called whenever messages were added. */
  readonly save: (turn: Turn) => void;
  /** The ways to a stronger model; absent where only one tier is configured. */
  readonly tiers?: Tiers;
  /** Where requests go and how secrets are hidden from it; absent where nothing leaves this machine. */
  readonly leaves?: { readonly hide: (text: string) => string; readonly hidden: () => number };
}

/** The configured tiers, and the session's account of escalations. */
export interface Tiers {
  readonly rungs: readonly Rung[];
  readonly facts: ProjectFacts;
  /** Connects at the first time. @throws {ProviderError} */
  readonly open: (tier: TierName, signal: AbortSignal) => Promise<AgentDeps>;
  /** What `open` gave. */
  readonly opened: (tier: TierName) => AgentDeps;
  /** Escalations of the session so far, those before a resume included. */
  readonly sent: () => number;
  readonly countSent: () => void;
  /** Hosts that the person has allowed for the session. */
  readonly allowed: Set<string>;
}
