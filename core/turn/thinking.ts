/** Thinking held to its budget: ended by the server where it can, else by closing the stream and asking again without it; never kept when oversize. */

import type { ServerFacts } from "../model/transport.ts";
import { reasoningAt } from "../parse/reasoning.ts";
import { repeatedTail } from "../parse/stream.ts";
import type { Profile } from "../profile.ts";
import { THOUGHT_ONLY } from "../prompt/text/replies.ts";
import type { Reply, Turn } from "../types.ts";

/** A server that keeps the budget itself may count otherwise than we do: it gets this much more before the stream is closed. */
const TOLERANCE = 1.25;
/** So many new characters between two looks at the reasoning's end. */
const CHECK_EVERY = 400;
const TAIL = 3_000;

/** What a request says about thinking; nothing for a family that cannot. A reply that only thought is followed by one without. */
export function thinkingFor(
  turn: Turn,
  { thinking }: Profile,
): { readonly thinking?: boolean; readonly thinkingBudget?: number } {
  if (turn.messages.at(-1)?.content === THOUGHT_ONLY) return NO_THINKING;
  if (!thinking.supported) return {};
  return thinking.enabled ? { thinking: true, thinkingBudget: thinking.budgetTokens } : { thinking: false };
}

/** What is asked for after a reply whose thinking was ended. */
export const NO_THINKING = { thinking: false, thinkingBudget: 0 } as const;

/** Whether a request can keep the model from thinking (FIELD.md section 1, row "thinking"); elsewhere only a correction can. */
export function canForbidThinking(facts: ServerFacts, { thinking }: Profile): boolean {
  switch (facts.kind) {
    case "llamacpp":
      return true;
    case "ollama":
      return thinking.supported && facts.can.thinkingSwitch;
    case "vllm":
    case "openai":
      return thinking.supported && thinking.control !== "none";
    case "lmstudio":
    case "unknown":
      return thinking.supported && thinking.control === "effort";
  }
}

/** Watches the reasoning of one reply, in its own field or at the start of the text. */
export class ThinkingWatch {
  readonly #budget: number;
  readonly #estimate: (text: string) => number;
  #reasoning = "";
  #text = "";
  #isText = false;
  #checkedAt = 0;

  constructor(budgetTokens: number, estimate: (text: string) => number) {
    this.#budget = budgetTokens;
    this.#estimate = estimate;
  }

  /** Takes the next piece. Gives why it should end here: over the budget, or going round in circles. */
  push(type: "reasoning" | "text", piece: string): "budget" | "repetition" | undefined {
    if (type === "reasoning") this.#reasoning += piece;
    else if (this.#isText) return undefined;
    else this.#takeText(piece);
    const thought = this.#reasoning;
    if (thought.length - this.#checkedAt < CHECK_EVERY) return undefined;
    this.#checkedAt = thought.length;
    if (repeatedTail(thought.slice(-TAIL)) !== undefined) return "repetition";
    return this.#estimate(thought) > this.#budget * TOLERANCE ? "budget" : undefined;
  }

  #takeText(piece: string): void {
    this.#text += piece;
    const start = this.#text.search(/\S/);
    if (start < 0) return;
    const span = reasoningAt(this.#text, start);
    if (span && !span.isClosed) this.#reasoning = this.#text;
    // A mark may still be on its way: the longest has some thirty characters.
    else if (span || this.#text.length - start > 40) this.#isText = true;
  }
}

/** What of a reply goes into the history: all of it, but for reasoning over its budget. */
export function keptOf(
  reply: Reply,
  { thinking }: Profile,
  estimate: (text: string) => number,
): { readonly content: string; readonly reasoning?: string } {
  const most = thinking.budgetTokens * TOLERANCE;
  const start = Math.max(0, reply.text.search(/\S/));
  const span = reasoningAt(reply.text, start);
  const isOver = span !== undefined && estimate(reply.text.slice(0, span.end)) > most;
  return {
    content: isOver ? reply.text.slice(span.end) : reply.text,
    ...(reply.reasoning && estimate(reply.reasoning) <= most ? { reasoning: reply.reasoning } : {}),
  };
}
