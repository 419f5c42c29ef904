/** One model call: measured, clamped, watched while it arrives. */

import type { AgentDeps } from "./agent_deps.ts";
import { chatInEnvelope, envelopeOf } from "./call_envelope.ts";
import type { Emit } from "../events.ts";
import type { CutFor } from "../guard/govern.ts";
import { sumOf } from "../guard/ladder.ts";
import type { StreamPart } from "../model/transport.ts";
import { ReplyWatch } from "../parse/stream.ts";
import { clampOutput } from "../prompt/budget.ts";
import { type Layout, sharedMessages } from "../prompt/shared_prefix.ts";
import type { Head, Message, Reply, Turn, Usage } from "../types.ts";
import { promptTokens, textOfRequest } from "./prompt_size.ts";
import { canForbidThinking, NO_THINKING, thinkingFor, ThinkingWatch } from "./thinking.ts";
import { samplingNow } from "../verify/improve.ts";

/** Another tool list: a new epoch, since the server must read everything again. */
export function changeHead(turn: Turn, head: Head | undefined, deps: AgentDeps): Turn {
  if (!head || head.hash === turn.head.hash) return turn;
  const epoch = turn.epoch + 1;
  deps.emit({ type: "epoch", epoch, reason: `tools now: ${head.shown.join(", ")}`, prefixHash: head.hash });
  return { ...turn, head, epoch, measured: { messages: 0, tokens: 0 } };
}

/** One model call. A request that does not fit the window is a problem in words, with the numbers. */
export async function askModel(
  turn: Turn,
  before: Layout | undefined,
  replyEnded: number,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ reply: Reply; promptTokens: number; cutFor?: CutFor } | { problem: string }> {
  const { transport, profile, config } = deps;
  const window = transport.facts.window;
  const wanted = Math.min(profile.maxOutputTokens, config.limits.outputTokens - turn.tokens.output);
  const messages: Message[] = [{ role: "system", content: turn.head.system }, ...turn.messages];
  const size = await measure(turn, messages, window - wanted, deps, signal);
  const maxTokens = profile.harness.clampOutput ? clampOutput(window, size.tokens, wanted) : wanted;
  if (maxTokens === 0) return { problem: tooLong(turn, size.tokens, deps) };
  const shared = sharedMessages(before, turn);
  deps.emit({
    type: "step_start",
    tier: deps.tier,
    model: transport.facts.model,
    epoch: turn.epoch,
    prefixHash: turn.head.hash,
    promptTokens: size.tokens,
    exact: size.exact,
    sharedTokens: before ? transport.estimateTokens(textOfRequest(turn, shared)) : 0,
    maxTokens,
    harnessMs: replyEnded === 0 ? 0 : deps.now() - replyEnded,
  });
  const started = deps.now();
  let cutFor: CutFor | undefined;
  let thoughtFor: "budget" | "repetition" | undefined;
  const watched = () => {
    const watch = new ReplyWatch(turn.head.offered);
    const thinking = new ThinkingWatch(
      profile.thinking.budgetTokens,
      (text) => transport.estimateTokens(text),
    );
    return (part: StreamPart) => {
      emitPart(part, deps.emit);
      if (!profile.harness.govern || (part.type !== "text" && part.type !== "reasoning")) return;
      thoughtFor = thinking.push(part.type, part.text);
      if (thoughtFor) return "stop" as const;
      if (part.type !== "text" || !profile.harness.textCalls) return;
      const sign = watch.push(part.text).find(({ kind }) => kind !== "call");
      if (!sign || sign.kind === "call") return;
      cutFor = sign.kind;
      return "stop" as const;
    };
  };
  const envelope = envelopeOf(turn, deps);
  const given = sumOf(turn.corrections);
  const request = {
    messages,
    tools: turn.head.nativeTools,
    // The constraint sees to the form: only the content is left to be right.
    sampling: envelope.kind === "constrained" && envelope.answers === "none"
      ? profile.sampling
      : samplingNow(profile.sampling, given, turn.attempts?.at(-1)),
    maxTokens,
    ...thinkingFor(turn, profile),
  };
  let reply = await chatInEnvelope(envelope, request, { deps, signal, onPart: watched() });
  if (thoughtFor && canForbidThinking(transport.facts, profile)) {
    deps.emit({
      type: "notice",
      level: "info",
      text: endedThinking(thoughtFor, profile.thinking.budgetTokens),
    });
    const { reasoning, usage, earlier } = reply;
    const again = await chatInEnvelope(envelope, { ...request, ...NO_THINKING }, {
      deps,
      signal,
      onPart: watched(),
    });
    const before = addUsage(addUsage(usage, earlier), again.earlier);
    reply = { ...again, reasoning: again.reasoning || reasoning, earlier: before };
  }
  emitReply(reply, deps.now() - started, deps.emit);
  return { reply, promptTokens: size.tokens, ...(cutFor ? { cutFor } : {}) };
}

/** The request does not fit, and nothing could be left out. */
function tooLong(turn: Turn, tokens: number, { transport }: AgentDeps): string {
  const { window } = transport.facts;
  const message = transport.estimateTokens(turn.messages[turn.start]?.content ?? "");
  const why = message > window / 2
    ? `your message alone has about ${message}. Shorten it, or put the text into a file and name the file`
    : "start a new session";
  return `the window is full: ${tokens} tokens of ${window} are used, ${why}; or give the server a larger window`;
}

function endedThinking(why: "budget" | "repetition", budgetTokens: number): string {
  const what = why === "budget"
    ? `over its budget of ${budgetTokens} tokens (thinking.budget_tokens)`
    : "repeating itself";
  return `Thinking was ended, ${what}; the reply is asked for without it`;
}

/** Tokens of the request: what the last reply's usage told plus an estimate of the rest; asked of the server only when it is near the window. */
async function measure(
  turn: Turn,
  messages: readonly Message[],
  nearTokens: number,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ tokens: number; exact: boolean }> {
  const { measured, head } = turn;
  const tokens = promptTokens(turn, deps);
  const isFirst = measured.tokens === 0;
  if (!isFirst && tokens < nearTokens * 0.85) return { tokens, exact: false };
  return await deps.transport.countTokens({ messages, tools: head.nativeTools }, signal);
}

function emitPart(part: StreamPart, emit: Emit): void {
  switch (part.type) {
    case "text":
      return emit({ type: "token", text: part.text });
    case "reasoning":
      return emit({ type: "reasoning", text: part.text });
    case "prefill":
      return emit(part);
    case "retry":
      return emit(part);
    case "call":
      return;
  }
}

function emitReply(reply: Reply, ms: number, emit: Emit): void {
  emit({
    type: "reply",
    text: reply.text,
    reasoning: reply.reasoning,
    calls: reply.calls.map(({ name, arguments: args }) => ({ name, arguments: args })),
    finish: reply.finish,
    ms,
    ...addUsage(reply.usage, reply.earlier),
    ...reply.timings,
  });
}

/** Of requests that made one reply together; what neither tells stays untold. */
function addUsage(one: Usage, other: Usage = {}): Usage {
  const keys = ["promptTokens", "cachedTokens", "outputTokens"] as const;
  return Object.fromEntries(keys.flatMap((key) => {
    const [a, b] = [one[key], other[key]];
    return a === undefined && b === undefined ? [] : [[key, (a ?? 0) + (b ?? 0)]];
  }));
}
