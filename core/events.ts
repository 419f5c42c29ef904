/** The Event union: flat JSON records of what happened. Faces, traces and bench read these and nothing else. */

import type { Category, ContractItem, Effect, FileChange, Finish, Mode, Outcome, TierName } from "./types.ts";

/** Where and when; `at` is milliseconds since 1970, `turn` and `step` count from 1, 0 before the first. */
export interface EventHead {
  readonly at: number;
  readonly session: string;
  readonly turn: number;
  readonly step: number;
}

/** What happened. Text in events is not shortened; secrets are masked before an event leaves `emit`. */
export type EventBody =
  | {
    readonly type: "session_start";
    readonly cwd: string;
    readonly model: string;
    readonly baseUrl: string;
    readonly server: string;
    readonly profile: string;
    /** Tokens the server has loaded, and where that number comes from. */
    readonly window: number;
    readonly windowSource: string;
    readonly mode: Mode;
    readonly resumed: boolean;
    readonly version: string;
  }
  | { readonly type: "notice"; readonly level: "info" | "warning"; readonly text: string }
  | { readonly type: "turn_start"; readonly task: string; readonly wantsChange: boolean }
  | {
    readonly type: "route";
    readonly category: Category;
    readonly confidence: number;
    readonly tools: readonly string[];
    readonly reason: string;
  }
  | {
    readonly type: "first_look";
    readonly files: readonly { readonly path: string; readonly reason: string; readonly shown: string }[];
    readonly tokens: number;
  }
  | { readonly type: "epoch"; readonly epoch: number; readonly reason: string; readonly prefixHash: string }
  | {
    readonly type: "step_start";
    readonly tier: TierName;
    readonly model: string;
    readonly epoch: number;
    readonly prefixHash: string;
    /** Tokens of the request, counted by the server or estimated (see `exact`). */
    readonly promptTokens: number;
    readonly exact: boolean;
    /** Tokens, estimated from bytes, that are the same as the head of the turn's request before; 0 at the first step. */
    readonly sharedTokens: number;
    readonly maxTokens: number;
    /** Time since the reply before ended, with its calls and checks and a person's answers; 0 at the first step. */
    readonly harnessMs: number;
  }
  | {
    readonly type: "prefill";
    readonly done: number;
    readonly total: number;
    readonly cached: number;
    readonly ms: number;
  }
  | { readonly type: "retry"; readonly attempt: number; readonly waitMs: number; readonly reason: string }
  | { readonly type: "token"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | {
    readonly type: "reply";
    readonly text: string;
    readonly reasoning: string;
    readonly calls: readonly { readonly name: string; readonly arguments: string }[];
    readonly finish: Finish;
    readonly promptTokens?: number;
    readonly cachedTokens?: number;
    readonly outputTokens?: number;
    readonly ms: number;
    readonly prefillMs?: number;
    readonly outputMs?: number;
  }
  | {
    readonly type: "parsed";
    readonly kind: "calls" | "final" | "malformed";
    readonly calls: readonly string[];
    readonly dialect: string;
    readonly repairs: readonly string[];
    readonly why: string;
  }
  | {
    readonly type: "verdict";
    readonly kind: "run" | "finish" | "correct" | "escalate" | "stop";
    readonly reason: string;
  }
  | {
    readonly type: "tool_start";
    readonly id: string;
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
    readonly effect: Effect;
  }
  | { readonly type: "tool_output"; readonly id: string; readonly text: string }
  | {
    readonly type: "permission";
    readonly id: string;
    readonly what: string;
    readonly answer: "allowed" | "denied";
    readonly by: "mode" | "rule" | "person";
  }
  | {
    readonly type: "tool_end";
    readonly id: string;
    readonly name: string;
    readonly ok: boolean;
    readonly ms: number;
    /** What the model reads. */
    readonly result: string;
    readonly summary: string;
  }
  | { readonly type: "edit"; readonly change: FileChange; readonly diff: string }
  | { readonly type: "compaction"; readonly before: number; readonly after: number; readonly how: string }
  | {
    readonly type: "plan";
    readonly steps: readonly { readonly text: string; readonly state: "open" | "current" | "done" }[];
    readonly update: number;
  }
  | { readonly type: "contract"; readonly items: readonly ContractItem[] }
  | {
    readonly type: "check";
    readonly command: string;
    readonly phase: "baseline" | "after";
    readonly state: "green" | "red" | "not_run";
    readonly failures: readonly string[];
    readonly ms: number;
  }
  | { readonly type: "attempt"; readonly number: number; readonly strategy: string }
  /** A reply that was tried in a copy of the workspace; `lines` added and removed. */
  | {
    readonly type: "candidate";
    readonly number: number;
    readonly of: number;
    readonly state: "green" | "red" | "no_edit" | "not_run";
    readonly failures: number;
    readonly lines: number;
  }
  | {
    readonly type: "escalation";
    readonly from: string;
    readonly to: string;
    readonly host: string;
    readonly reason: string;
    readonly answer: "asked" | "declined" | "sent";
    readonly preview: string;
  }
  | {
    readonly type: "plugin";
    readonly plugin: string;
    /**
     * `started`: its sandbox runs. `called`: the host did what it asked. `denied`: it did not (of
     * more than 10 in one call the 100th and the 1000th). `failed`: one of its functions threw or
     * answered nonsense. `stopped`: it was ended (time, memory, flood, crash). `said`: its `console`.
     */
    readonly action: "started" | "called" | "denied" | "failed" | "stopped" | "said";
    /** e.g. `read ./docs/a.md`, `fetch https://api.example.com/x`, `tool web_search: no reply after 30 s`. */
    readonly what: string;
    readonly ms: number;
  }
  | {
    readonly type: "mcp";
    readonly server: string;
    /** `started`: it answered. `failed`: it did not start. `stopped`: it ended, or was ended (flood, nonsense). */
    readonly action: "started" | "failed" | "stopped";
    /** e.g. `3 tools`, `it ended with exit code 1: no such package`. */
    readonly what: string;
    readonly ms: number;
  }
  | { readonly type: "error"; readonly name: string; readonly message: string; readonly fault?: string }
  | {
    readonly type: "turn_end";
    readonly outcome: Outcome;
    readonly reason: string;
    /** The model's last words. */
    readonly text: string;
    /** The finish report, made from the ledger. */
    readonly report: string;
    readonly changes: readonly FileChange[];
    readonly steps: number;
    readonly toolCalls: number;
    readonly corrections: number;
    readonly promptTokens: number;
    readonly prefilledTokens: number;
    readonly outputTokens: number;
    readonly ms: number;
    /** The model that began it. */
    readonly model: string;
    /** Who solved it: the model that began it alone, with the harness' corrections, a stronger tier on this machine, or one elsewhere. */
    readonly solvedBy: "model" | "harness" | "strong" | "cloud" | "none";
  };

export type Event = EventHead & EventBody;

/** Takes what happened; the head is added by whoever owns the session. */
export type Emit = (body: EventBody) => void;
