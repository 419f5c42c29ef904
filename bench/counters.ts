/** Counts what a run cost from its events. */

import type { Event } from "../core/events.ts";

/** What the events of one run say. */
export interface Counters {
  readonly steps: number;
  readonly toolCalls: number;
  readonly corrections: number;
  readonly promptTokens: number;
  readonly prefilledTokens: number;
  readonly outputTokens: number;
  readonly outcome: string;
  readonly solvedBy: "model" | "harness" | "strong" | "cloud" | "none";
  /** The model's last words. */
  readonly answer: string;
}

export const NO_COUNTERS: Counters = {
  steps: 0,
  toolCalls: 0,
  corrections: 0,
  promptTokens: 0,
  prefilledTokens: 0,
  outputTokens: 0,
  outcome: "none",
  solvedBy: "none",
  answer: "",
};

/**
 * Adds one event. Everything is counted from the single steps, so that a run that was killed is counted as far as it came.
 * Where a server does not say what it took from its cache, all of the prompt counts as read.
 */
export function countEvent(counters: Counters, event: Event): Counters {
  switch (event.type) {
    case "step_start":
      return { ...counters, steps: counters.steps + 1 };
    case "tool_start":
      return { ...counters, toolCalls: counters.toolCalls + 1 };
    case "verdict":
      return event.kind === "correct" ? { ...counters, corrections: counters.corrections + 1 } : counters;
    case "reply": {
      const prompt = event.promptTokens ?? 0;
      return {
        ...counters,
        promptTokens: counters.promptTokens + prompt,
        prefilledTokens: counters.prefilledTokens + prompt - (event.cachedTokens ?? 0),
        outputTokens: counters.outputTokens + (event.outputTokens ?? 0),
      };
    }
    case "turn_end":
      return { ...counters, outcome: event.outcome, solvedBy: event.solvedBy, answer: event.text };
    default:
      return counters;
  }
}

/** An event of a line of `run --json`; `undefined` for a line that is none, such as the cut last one of a killed run. */
export function parseEvent(line: string): Event | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && "type" in value ? value as Event : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
