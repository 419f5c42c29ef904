/** Reasoning inside the text: `<think>` in all spellings, opener missing, closer missing. */

import { matchAt } from "./scan.ts";

const WORDS =
  "(?:\\w{1,10}:)?(?:think|thinking|thought|thoughts|reasoning|reflection|scratchpad|cot_budget_reflect)";

/** Source of a pattern for all marks that open reasoning. */
export const REASONING_OPENS = [
  `<${WORDS}>`,
  /\[THINK\]/.source,
  /<\|(?:START_THINKING|begin_of_thought|content_thinking)\|>/.source,
  /<\|channel\|?>(?:thought|analysis)(?!\s+to=)\s*(?:<\|message\|>)?/.source,
  "\u25c1think\u25b7",
  /<\|open\|>think<\|sep\|>/.source,
].join("|");

/** Source of a pattern for all marks that close it. */
export const REASONING_CLOSES = [
  `</${WORDS}>`,
  /\[\/THINK\]/.source,
  /<\|(?:END_THINKING|end_of_thought)\|>/.source,
  "\u25c1/think\u25b7",
  /\[BEGIN FINAL RESPONSE\]/.source,
  /<\|close\|>think<\|sep\|>/.source,
].join("|");

const OPEN = new RegExp(REASONING_OPENS, "iy");
const CLOSE = new RegExp(`${REASONING_CLOSES}|<channel\\|>`, "ig");
const HARMONY_CLOSE = /<\|(?:end|start|channel|return|call)\|>/g;
const INKLING_CLOSE = /<\|end_message\|>/g;

/**
 * Span of the reasoning that opens at `at`.
 * @returns `isClosed` false: no closing mark, so all the rest is reasoning.
 */
export function reasoningAt(text: string, at: number): { end: number; isClosed: boolean } | undefined {
  const open = matchAt(text, at, OPEN)?.[0];
  if (open === undefined) return undefined;
  const close = open.includes("<|message|>")
    ? HARMONY_CLOSE
    : open.includes("content_thinking")
    ? INKLING_CLOSE
    : CLOSE;
  close.lastIndex = at + open.length;
  const found = close.exec(text);
  if (!found) return { end: text.length, isClosed: false };
  // Harmony's next message begins with the mark that ends this one.
  const isShared = /start|\|channel|call/.test(found[0]) && close === HARMONY_CLOSE;
  return { end: isShared ? found.index : found.index + found[0].length, isClosed: true };
}
