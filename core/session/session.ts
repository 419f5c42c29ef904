/** What stands once a session is opened: what it is opened with, and what keeps its events and its course. */

import type { Bundle, SmallCodeOptions } from "../api.ts";
import type { Loaded } from "../config/config.ts";
import { secretsOf } from "../config/secrets.ts";
import type { Event } from "../events.ts";
import type { Transport } from "../model/transport.ts";
import type { Profile } from "../profile.ts";
import type { Store } from "../store/store.ts";
import type { Mode } from "../types.ts";
import type { Ahead } from "./begin_project.ts";
import type { FoundPlugins } from "./open_plugins.ts";
import type { SessionEvents } from "./session_events.ts";
import type { SessionState } from "./session_state.ts";

/** What a conversation is opened with. */
export interface Opening {
  readonly options: SmallCodeOptions & { readonly cwd: string };
  readonly bundle: Bundle;
  readonly publish: (event: Event) => void;
  /** The mode in force, given the configured one. */
  readonly mode: (configured: Mode) => Mode;
  readonly signal: AbortSignal;
}

/** What does not belong to one session: the folder, its configuration, the model server, the store, the plugins. */
export interface Ground {
  readonly opening: Opening;
  /** Absolute real path of the workspace. */
  readonly root: string;
  readonly loaded: Loaded;
  readonly transport: Transport;
  readonly profile: Profile;
  readonly store: Store;
  readonly plugins: FoundPlugins;
  readonly ahead: Ahead;
}

/** A session that this process holds the lock of. */
export interface Session extends Ground {
  readonly id: string;
  readonly isResumed: boolean;
  /** Events of the session before it was resumed, oldest first. */
  readonly earlier: readonly Event[];
  readonly events: SessionEvents;
  readonly state: SessionState;
}

/** The mode in force now. */
export function modeOf({ opening, loaded: { config } }: Ground): Mode {
  return opening.mode(config.permissions.mode ?? (opening.options.ask ? "ask" : "edits"));
}

/** The secrets that the configuration holds. */
export function keysOf({ loaded: { config } }: Ground): readonly string[] {
  return secretsOf(config);
}
