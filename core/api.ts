/** What a program gives to an agent and gets from it. */

import type { Assets } from "./assets.ts";
import type { Flags } from "./config/load.ts";
import type { Event } from "./events.ts";
import type { OpenTurn } from "./store/turns.ts";
import type { Tool } from "./tool.ts";
import type { Answer, Mode, Outcome, Question } from "./types.ts";

/** What the program brings along: `main.ts` makes it from the bundled tools and profiles. */
export interface Bundle {
  readonly version: string;
  readonly assets: Assets;
  readonly tools: () => Promise<readonly Tool[]>;
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly platform: "linux" | "darwin" | "windows";
}

export interface SmallCodeOptions extends Flags {
  /** The workspace; default: the process' current folder. */
  readonly cwd?: string;
  /** A session to go on with: its id, a unique prefix of it, or `last` for the newest of this folder. */
  readonly resume?: string;
  /** Where sessions and the journal are kept; default: the user's data folder. */
  readonly dataFolder?: string;
  /** Counts an `unverified` outcome as no success. */
  readonly requireVerified?: boolean;
  /** Answers permission questions. Without it every question is answered no, and the default mode is `edits`. */
  readonly ask?: (question: Question, signal: AbortSignal) => Promise<Answer>;
  /** Decides about the files of a turn that a crash cut off, at the next start. Without it they are kept, and a notice tells how to undo it. */
  readonly recover?: (turn: OpenTurn, signal: AbortSignal) => Promise<"keep" | "restore">;
}

/** What `run` gives. */
export interface RunResult {
  /** True exactly when `exitCode` is 0. */
  readonly success: boolean;
  readonly exitCode: 0 | 1 | 130;
  readonly outcome: Outcome;
  readonly reason: string;
  /** The model's answer. */
  readonly text: string;
  /** What happened, from the ledger. */
  readonly report: string;
  /** Relative to the workspace, as are the two after it. */
  readonly filesCreated: readonly string[];
  readonly filesEdited: readonly string[];
  readonly filesDeleted: readonly string[];
  readonly toolCalls: readonly CallSummary[];
  readonly usage: {
    readonly promptTokens: number;
    /** Prompt tokens that the server had to read; the others came from its cache. */
    readonly prefilledTokens: number;
    readonly outputTokens: number;
  };
  readonly durationMs: number;
  readonly session: string;
}

export interface CallSummary {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly ok: boolean;
}

/** An agent as programs see it: `new SmallCode(options)`. What each member does stands at the class, in `smallcode.ts`. */
export interface Agent {
  on<Type extends Event["type"]>(
    type: Type,
    listener: (event: Extract<Event, { type: Type }>) => void,
  ): () => void;
  on(type: "event", listener: (event: Event) => void): () => void;
  /** @throws {ConfigError | ProviderError} when it could not begin; these two classes are told by their `name` */
  run(task: string, options?: { signal?: AbortSignal }): Promise<RunResult>;
  abort(): void;
  close(): Promise<void>;
  mode: Mode | undefined;
}
