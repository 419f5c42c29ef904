/** The contract of a profile: data about a model family. One YAML file in `profiles/` is one profile. */

/** Sampling as sent to the server; an absent field is not sent. */
export interface Sampling {
  readonly temperature?: number;
  readonly topP?: number;
  readonly topK?: number;
  readonly minP?: number;
  readonly repeatPenalty?: number;
  readonly presencePenalty?: number;
  readonly seed?: number;
}

/**
 * How calls are asked for. `native`: the protocol's `tools` field. All others are text in the system message:
 * `hermes` (`<tool_call>` JSON), `json` (one fenced JSON object), `raw` (header lines and raw blocks), `qwen-xml`, `pythonic`.
 */
export type DialectName = "native" | "hermes" | "json" | "raw" | "qwen-xml" | "pythonic";

/** How edits are asked for. */
export type EditFormat = "search_replace" | "whole_file" | "line_range" | "symbol";

/**
 * How the envelope of a call (tool, path, marks) is held, code never: `free` leaves it to the model; `constrained` lets the server allow
 * nothing but a call or an answer in plain words; `prefill` writes the first line of a change whose file is sure. What a server cannot do is `free`.
 */
export type EnvelopeHold = "free" | "constrained" | "prefill";

/** Parts of the harness that can be switched off, so that the bench can tell what each is worth. */
export interface HarnessSwitches {
  /** Prompt head frozen for an epoch; off: project facts and tools are laid anew at each step. */
  readonly freezePrefix: boolean;
  /** Calls written as text are understood; off: native calls only. */
  readonly textCalls: boolean;
  /** Damaged calls are mended; off: they are malformed. */
  readonly repairCalls: boolean;
  /** Output is clamped to what the window leaves. */
  readonly clampOutput: boolean;
  /** Files a message is about are shown before the model asks. */
  readonly firstLook: boolean;
  /** Tools are selected by category; off: all are offered. */
  readonly route: boolean;
  /** Files and results too long for the window are cut with directions. */
  readonly readGuard: boolean;
  /** Inexact search text is matched by the documented relaxations. */
  readonly fuzzyEdit: boolean;
  /** After refused edits another form is asked for. */
  readonly editRecovery: boolean;
  /** The last such form: the change merged into the lines that are shown. */
  readonly semanticMerge: boolean;
  /** After misread calls, and where the profile asks for it, the server allows nothing but a call. */
  readonly constrain: boolean;
  /** Edits that break the syntax are refused. */
  readonly syntaxGate: boolean;
  /** A rewrite that drops names which the message does not speak of is refused once; names that are used and gone are told. */
  readonly keepNames: boolean;
  /** Old tool results are masked when the budget is reached. */
  readonly compaction: boolean;
  /** Plans are kept, advanced, anchored and held to, whoever laid them. */
  readonly plan: boolean;
  /** The model is asked for a plan where a task has several steps. */
  readonly askPlan: boolean;
  /** Checks are run by the harness and failures fed back. */
  readonly verify: boolean;
  /** Repetition, early ends and runaway output are noticed and answered. */
  readonly govern: boolean;
  /** A result that stands in the context already is not written again. */
  readonly dedup: boolean;
  /** Tools and edit forms that a model fails with are offered later or not at all, by what was seen of them. */
  readonly scores: boolean;
  /** Attempts after a red check differ in sampling, edit form and what is shown; off: the error is shown again. */
  readonly improve: boolean;
  /** A final text that claims what did not happen is corrected once, and told in the report. */
  readonly claims: boolean;
  /** Files go back when a check that was green is red at the end. */
  readonly hardFail: boolean;
  /** Plugins that were granted take part. */
  readonly plugins: boolean;
  /** MCP servers are started and their tools offered. */
  readonly mcp: boolean;
}

export interface Profile {
  readonly name: string;
  /** Lower-case patterns of model names (picomatch globs over the name as each server writes it); the longest match wins. */
  readonly match: readonly string[];
  /** Tokens the model was trained for: only an upper bound and a fallback, never the window by itself. */
  readonly trainedWindow: number;
  readonly dialect: DialectName;
  readonly editFormat: EditFormat;
  readonly envelope: EnvelopeHold;
  readonly sampling: Sampling;
  readonly thinking: {
    readonly supported: boolean;
    /** How the server is told: the chat template's argument, Ollama's `think`, `reasoning_effort`, or not at all. */
    readonly control: "none" | "template" | "effort";
    /** Whether steps of a turn think. */
    readonly enabled: boolean;
    /** Tokens of reasoning after which it is ended, where the server can. */
    readonly budgetTokens: number;
    /** Whether reasoning is sent back in later requests (FIELD.md C8: helps some families, hurts others). */
    readonly replay: boolean;
  };
  readonly roles: {
    /** `user`: the family has no system role; its text goes in front of the first user message. */
    readonly system: "system" | "user";
    /** Which role carries the result of a call that was written as text. */
    readonly toolResult: "tool" | "user";
  };
  /** Most tokens asked for in one reply. */
  readonly maxOutputTokens: number;
  /** Share of the window, in percent, that the first look may fill. */
  readonly firstLookPct: number;
  readonly harness: HarnessSwitches;
}
