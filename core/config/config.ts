/** The validated configuration: what every other part is given instead of the environment. */

import type { HarnessSwitches, Sampling } from "../profile.ts";
import type { CheckKind, Mode, TierName } from "../types.ts";

export type ProviderName =
  | "ollama"
  | "lmstudio"
  | "llamacpp"
  | "vllm"
  | "openrouter"
  | "openai"
  | "anthropic"
  | "deepseek"
  | "custom";

/** One model behind one server. */
export interface Endpoint {
  readonly tier: TierName;
  readonly provider: ProviderName;
  /** Ends without a slash, e.g. `http://localhost:11434/v1`. */
  readonly baseUrl: string;
  /** Empty: the server's only or first model. */
  readonly model: string;
  /** Only where the key may go to this host (DESIGN decision 10). */
  readonly apiKey?: string;
  /** Tokens, instead of what the server or the profile says; the default tier's is `context.window`. */
  readonly window?: number;
}

/** Budgets of one turn; each way around the loop consumes one. */
export interface Limits {
  readonly steps: number;
  readonly toolCalls: number;
  readonly corrections: number;
  readonly outputTokens: number;
  readonly minutes: number;
}

/** A server of tools (Model Context Protocol) as one file names it. */
export interface McpServer {
  readonly name: string;
  /** e.g. `./smallcode.toml:12`. */
  readonly from: string;
  /** Whether a file of the workspace names it. */
  readonly isProject: boolean;
  readonly isEnabled: boolean;
  /** Of its start, and of a call. */
  readonly timeoutMs: number;
  /** Names, as the server gives them, of those that are offered; absent: all. */
  readonly tools?: readonly string[];
  /** Whether a tool that the server calls read-only counts as one that only reads. */
  readonly trustReadOnly: boolean;
  readonly way:
    /** A program to start, word by word. `written`: a variable as the file has it, `value`: as the program gets it. */
    | {
      readonly kind: "command";
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, { readonly written: string; readonly value: string }>>;
      readonly isSandboxed: boolean;
      /** Absent: as `permissions.network` says. */
      readonly network?: boolean;
    }
    /** `apiKey` goes to this URL's scheme, host and port only. */
    | { readonly kind: "url"; readonly url: string; readonly apiKeyEnv?: string; readonly apiKey?: string }
    | { readonly kind: "broken"; readonly problem: string }
    /** Of a folder that is not trusted: nothing but its name was taken over. */
    | { readonly kind: "untrusted" };
}

export interface Config {
  /** `default` is absent when nothing was configured: detection finds it. */
  readonly endpoints: Readonly<Partial<Record<TierName, Endpoint>>>;
  /** Model asked for, also where no base URL is set: the server that detection finds is asked for it. */
  readonly model?: string;
  /** `OLLAMA_HOST` as written, for detection. */
  readonly ollamaHost?: string;
  readonly context: {
    /** Share of the window, in percent, that a request may fill. */
    readonly maxBudgetPct: number;
    readonly workingMemoryTokens: number;
    /** Tokens; overrides what the server says (and is `num_ctx` on Ollama). */
    readonly window?: number;
    /** Characters a tool result may have before it is cut. */
    readonly resultChars: number;
  };
  readonly tools: {
    /** Names offered; absent: all. */
    readonly enabled?: readonly string[];
    readonly bashTimeoutMs: number;
  };
  readonly plugins: {
    /** Names of those that take part; absent: all that were granted. */
    readonly enabled?: readonly string[];
  };
  readonly mcp: readonly McpServer[];
  readonly planner: {
    readonly autoPlan: boolean;
    readonly maxRetries: number;
    readonly validateAfterEdit: boolean;
    /** Replies that the last attempt after a red check asks for; 1: no such attempt. */
    readonly bestOf: number;
    /** Files stay as a failed turn left them. */
    readonly keepFailed: boolean;
  };
  /** Commands of the project's checks; empty: none; absent: what is found. */
  readonly checks: Partial<Readonly<Record<CheckKind, string>>>;
  readonly escalation: {
    readonly maxPerSession: number;
    readonly confirm: boolean;
    /** Whether a turn begins at the weakest tier that does not fail too often. */
    readonly adaptive: boolean;
  };
  readonly permissions: {
    /** Absent: `ask` at a terminal, `edits` elsewhere. */
    readonly mode?: Mode;
    readonly allow: readonly string[];
    readonly deny: readonly string[];
    /** Whether commands in the operating system's sandbox reach the network. */
    readonly network: boolean;
  };
  readonly harness: Partial<HarnessSwitches>;
  readonly sampling: Sampling;
  readonly limits: Limits;
  readonly paths: { readonly config: string; readonly data: string };
  /** Whether the user trusts the workspace folder. */
  readonly trusted: boolean;
}

/** One value with where it came from, for `smallcode config`. */
export interface Explained {
  /** Dotted key, e.g. `context.max_budget_pct`. */
  readonly key: string;
  /** Secrets are masked. */
  readonly value: string;
  /** e.g. `flag --model`, `./smallcode.toml:3`, `environment SMALLCODE_MODEL`, `profile qwen3-8b`, `default`. */
  readonly from: string;
  /** `false`: the part that reads it is not built yet. */
  readonly takesEffect: boolean;
}

/** What loading a configuration gives. */
export interface Loaded {
  readonly config: Config;
  readonly explained: readonly Explained[];
  /** What an untrusted folder's files asked for and did not get, and keys withheld from hosts, in sentences for the user. */
  readonly warnings: readonly string[];
}
