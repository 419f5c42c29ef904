/**
 * Makes room in a history: old tool results become stubs, in one deep batch; where that is not enough, the oldest part becomes a digest.
 * Pure and deterministic. Masking old observations halves the cost and equals or beats a model's summary (FIELD.md C10, arXiv 2508.21433).
 */

import type { Message, ToolCall, ToolMessage } from "../types.ts";
import { digestLine, digestOf, isStub, maskedResult } from "./text/results.ts";

export interface CompactOptions {
  /** Tokens of everything in front of the messages. */
  readonly headTokens: number;
  /** Tokens to come down to, head included. */
  readonly targetTokens: number;
  readonly estimate: (text: string) => number;
  /** Index of the running turn's user message: it and what the user said before are never touched. */
  readonly start: number;
  /** Newest results that stay whole; default 2: the model is working on them. */
  readonly keep?: number;
  /** What the user said in earlier turns, oldest first. */
  readonly asked?: readonly string[];
  /** What the stubs say of results, by the call's id. */
  readonly notes?: ReadonlyMap<string, string>;
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

const KEEP_RESULTS = 2;
/** Share of the target that the lines of a digest may take. */
const DIGEST_SHARE = 0.3;
/** And at least so much: a few lines. */
const MIN_DIGEST_BYTES = 600;
/** A result shorter than this costs less than its stub saves. */
const MIN_MASKED_CHARS = 240;
/** A compaction that frees less than this share is not worth the cache it costs (FIELD.md item 11). */
const MIN_FREED = 0.2;

/** The smaller history, or `undefined` when nothing worth it can be freed. */
export function compact(messages: readonly Message[], options: CompactOptions): Compacted | undefined {
  const size = (list: readonly Message[]) =>
    options.headTokens + list.reduce((sum, message) => sum + options.estimate(contentOf(message)), 0);
  const before = size(messages);
  const masked = keepAnchor(maskResults(messages, options), options.anchor);
  const after = size(masked);
  if (after <= options.targetTokens) {
    return worthIt({ messages: masked, before, after, how: "masked", start: options.start });
  }
  const digested = digestOldest(messages, masked, options);
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

/** The results that a compaction masks, with their calls: long ones that are no stubs yet, but for the newest. */
export function resultsToMask(
  messages: readonly Message[],
  keep: number = KEEP_RESULTS,
): readonly { readonly call: ToolCall; readonly message: ToolMessage }[] {
  const results = messages.filter((message) => message.role === "tool");
  const calls = callsById(messages);
  return results.slice(0, -keep).flatMap((message) => {
    const call = calls.get(message.callId);
    const isLong = message.content.length >= MIN_MASKED_CHARS && !isStub(message.content);
    return call && isLong ? [{ call, message }] : [];
  });
}

function maskResults(messages: readonly Message[], { keep, notes }: CompactOptions): Message[] {
  const masked = new Map(
    resultsToMask(messages, keep).map(({ call, message }) => [message, stubOf(call, message, notes)]),
  );
  return messages.map((message) => {
    const content = message.role === "tool" ? masked.get(message) : undefined;
    return content === undefined ? message : { ...message, content };
  });
}

/** Without the note where it would be longer than what it stands for. */
function stubOf(call: ToolCall, { name, content }: ToolMessage, notes?: ReadonlyMap<string, string>): string {
  const stub = maskedResult(call, name, content, notes?.get(call.id));
  return stub.length < content.length ? stub : maskedResult(call, name, content);
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
  masked: readonly Message[],
  options: CompactOptions,
): { messages: Message[]; start: number } | undefined {
  const { start, keep = KEEP_RESULTS, asked = [], anchor = "" } = options;
  const user = messages[start];
  if (!user) return undefined;
  const results = messages.map((m, i) => m.role === "tool" ? i : -1).filter((i) => i > start);
  const keepFrom = stepStart(messages, results.at(-keep) ?? results[0] ?? start + 1);
  if (keepFrom <= start + 1 && start === 0) return undefined;
  const old = [...messages.slice(0, start), ...messages.slice(start + 1, keepFrom)];
  const earlier = old.flatMap(({ role, content }) => role === "user" ? [content] : []);
  const done = old.flatMap((m) =>
    m.role === "assistant"
      ? m.calls.map((call) => digestLine(call, resultOf(old, call), options.notes?.get(call.id)))
      : []
  );
  const digest: Message = {
    role: "user",
    content: [digestOf({ asked, done, earlier, maxBytes: digestBytes(options) }), anchor].filter(Boolean)
      .join("\n"),
  };
  return { messages: [user, digest, ...masked.slice(keepFrom)], start: 0 };
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

/** By the estimate's own measure, whatever it is. */
function digestBytes({ targetTokens, estimate }: CompactOptions): number {
  const bytes = targetTokens * DIGEST_SHARE * 1_000 / Math.max(1, estimate("x".repeat(1_000)));
  return Math.max(MIN_DIGEST_BYTES, Math.floor(bytes));
}
