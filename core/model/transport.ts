/** The contract of a model server's client. Two implementations: OpenAI-compatible and Ollama native. */

import type { Sampling } from "../profile.ts";
import type { JsonSchema, Message, Reply, ToolSchema } from "../types.ts";

export type ServerKind = "ollama" | "lmstudio" | "llamacpp" | "vllm" | "openai" | "unknown";

/** What a server told about itself and a model; see FIELD.md section 1. */
export interface ServerFacts {
  readonly kind: ServerKind;
  readonly baseUrl: string;
  readonly version: string;
  readonly model: string;
  readonly models: readonly string[];
  /** Tokens loaded, and where the number comes from in words, e.g. `llama.cpp /props n_ctx`. */
  readonly window: number;
  readonly windowSource: string;
  /** Whether the number is what the server has loaded, rather than a fallback. */
  readonly windowIsLoaded: boolean;
  readonly can: {
    /** `undefined`: not known. */
    readonly nativeTools: boolean | undefined;
    readonly countTokens: boolean;
    readonly constrain: readonly ("json_schema" | "grammar")[];
    readonly prefill: boolean;
    readonly prefillProgress: boolean;
    readonly thinkingSwitch: boolean;
  };
}

/** One request. Messages are the harness' own; the transport writes them as this server and profile need. */
export interface ModelRequest {
  readonly messages: readonly Message[];
  /** Empty: no `tools` field is sent. */
  readonly tools: readonly ToolSchema[];
  readonly sampling: Sampling;
  readonly maxTokens: number;
  readonly stop?: readonly string[];
  /** Absent: the server's own default. */
  readonly thinking?: boolean;
  /** Tokens of reasoning after which the server ends it, where it can: llama.cpp. */
  readonly thinkingBudget?: number;
  readonly constraint?:
    | { readonly kind: "json_schema"; readonly schema: JsonSchema }
    | { readonly kind: "grammar"; readonly grammar: string };
  /** Text the reply must begin with; `Reply.text` always includes it, whatever the server echoes. */
  readonly prefill?: string;
}

/** What arrives while a reply is made. */
export type StreamPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string }
  | { readonly type: "call"; readonly index: number; readonly name: string; readonly arguments: string }
  | {
    readonly type: "prefill";
    readonly done: number;
    readonly total: number;
    readonly cached: number;
    readonly ms: number;
  }
  | { readonly type: "retry"; readonly attempt: number; readonly waitMs: number; readonly reason: string };

export interface ChatOptions {
  /** Aborting closes the socket at once and rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Return `"stop"` to end the reply here: it resolves with finish `stopped` and what had arrived. */
  readonly onPart: (part: StreamPart) => void | "stop";
}

export interface Transport {
  readonly facts: ServerFacts;
  /** Sends one request and resolves when the reply is whole. @throws {ProviderError} */
  chat(request: ModelRequest, options: ChatOptions): Promise<Reply>;
  /** Tokens of a request as the server would render it; `exact: false` is an estimate by a ratio learned from `usage`. */
  countTokens(
    request: Pick<ModelRequest, "messages" | "tools">,
    signal: AbortSignal,
  ): Promise<{ tokens: number; exact: boolean }>;
  /** Estimate without asking: tokens of a text by the learned ratio. */
  estimateTokens(text: string): number;
  close(): void;
}

/** How a family's roles are written on the wire (profile `roles`, `thinking.replay`). */
export interface WireRules {
  readonly system: "system" | "user";
  readonly toolResult: "tool" | "user";
  readonly replayReasoning: boolean;
}
