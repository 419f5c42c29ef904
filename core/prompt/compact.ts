/**
 * Makes room in a history: old tool results become stubs, in one deep batch; where that is not enough, the oldest part becomes a digest.
 * Pure and deterministic. Masking old observations halves the cost and equals or beats a model's summary (FIELD.md C10, arXiv 2508.21433).
 */

import type { Message, ToolCall, ToolMessage } from "../types.ts";
import { digestOf, maskedResult } from "./text/results.ts";

export interface CompactOptions {
  /** Tokens of everything in front of the messages. */
  readonly headTokens: number;
  /** Tokens to come down to, head included. */
  readonly targetTokens: number;
  readonly estimate: (text: string) => number;
  /** Index of the running turn's user message: it and what the user said before are never touched. */
  readonly start: number;
  /** Where the plan stands: it is in the smaller history, whatever is left out of it. */
  readonly anchor?: string;
}

export interface Compacted {
  readonly messages: readonly Message[];
  /** Tokens before and after, estimated, head included. */
  readonly before: number;
  readonly after: number;
  readonly how: "masked" | "digest";
  /** Index of the running turn's user message in `messages`. */
  readonly start: number;
}

/** Results that stay whole, newest first: the model is working on them. */
const KEEP_RESULTS = 2;
/** A result shorter than this costs less than its stub saves. */
const MIN_MASKED_CHARS = 240;
/** A compaction that frees less than this share is not worth the cache it costs (FIELD.md item 11). */
const MIN_FREED = 0.2;

/** The smaller history, or `undefined` when nothing worth it can be freed. */
export function compact(messages: readonly Message[], options: CompactOptions): Compacted | undefined {
  const size = (list: readonly Message[]) =>
    options.headTokens + list.reduce((sum, message) => sum + options.estimate(contentOf(message)), 0);
  const before = size(messages);
  const masked = keepAnchor(maskResults(messages), options.anchor);
  const after = size(masked);
  if (after <= options.targetTokens) {
    return worthIt({ messages: masked, before, after, how: "masked", start: options.start });
  }
  const digested = digestOldest(masked, options.start, options.anchor);
  if (!digested) return worthIt({ messages: masked, before, after, how: "masked", start: options.start });
  return worthIt({ ...digested, before, after: size(digested.messages), how: "digest" });
}

function worthIt(result: Compacted): Compacted | undefined {
  return result.before - result.after >= result.before * MIN_FREED ? result : undefined;
}

function contentOf(message: Message): string {
  if (message.role !== "assistant" || message.via === "text") return message.content;
  return message.content + JSON.stringify(message.calls);
}

function maskResults(messages: readonly Message[]): Message[] {
  const results = messages.filter((message) => message.role === "tool");
  const kept = new Set(results.slice(-KEEP_RESULTS).map((message) => message.callId));
  const calls = callsById(messages);
  return messages.map((message) =>
    message.role !== "tool" || kept.has(message.callId) || message.content.length < MIN_MASKED_CHARS
      ? message
      : { ...message, content: maskedResult(calls.get(message.callId), message.name, message.content) }
  );
}

/** The newest result tells where the plan stands, unless a result that stays whole does already. */
function keepAnchor(messages: Message[], anchor: string | undefined): Message[] {
  const last = messages.findLastIndex((message) => message.role === "tool");
  const at = messages[last];
  if (anchor === undefined || at === undefined) return messages;
  const isTold = messages.some((message) => message.role === "tool" && message.content.endsWith(anchor));
  return isTold ? messages : messages.with(last, { ...at, content: `${at.content}\n${anchor}` });
}

function callsById(messages: readonly Message[]): ReadonlyMap<string, ToolCall> {
  return new Map(
    messages.flatMap((m) => m.role === "assistant" ? m.calls.map((call) => [call.id, call] as const) : []),
  );
}

/**
 * Replaces earlier turns, and the running turn's steps but the last ones, by one digest each. A user message stays as it was said;
 * the digest follows the running turn's user message.
 */
function digestOldest(
  messages: readonly Message[],
  start: number,
  anchor = "",
): { messages: Message[]; start: number } | undefined {
  const user = messages[start];
  if (!user) return undefined;
  const results = messages.map((m, i) => m.role === "tool" ? i : -1).filter((i) => i > start);
  const keepFrom = stepStart(messages, results.at(-KEEP_RESULTS) ?? results[0] ?? start + 1);
  if (keepFrom <= start + 1 && start === 0) return undefined;
  const old = [...messages.slice(0, start), ...messages.slice(start + 1, keepFrom)];
  const asked = messages.slice(0, start).flatMap((m) =>
    m.role === "user" ? [m.content.split("\n").at(-1) ?? ""] : []
  );
  const done = old.flatMap((m) =>
    m.role === "assistant" ? m.calls.map((call) => [call, resultOf(old, call)] as const) : []
  );
  const digest: Message = {
    role: "user",
    content: [digestOf(asked, done), anchor].filter(Boolean).join("\n"),
  };
  return { messages: [user, digest, ...messages.slice(keepFrom)], start: 0 };
}

/** The assistant message that a result belongs to: a step is kept or dropped as a whole. */
function stepStart(messages: readonly Message[], index: number): number {
  let at = Math.min(index, messages.length);
  while (at > 0 && messages[at]?.role === "tool") at--;
  return at;
}

function resultOf(messages: readonly Message[], call: ToolCall): string {
  const result = messages.find((m): m is ToolMessage => m.role === "tool" && m.callId === call.id);
  return result?.content ?? "";
}
