/** Adding to a turn's history so that it stays valid: each call answered once, in order, with nothing in between. */

import type { AgentDeps } from "./agent_deps.ts";
import type { Message, ToolCall, ToolMessage, Turn } from "./types.ts";

/** Appends messages and keeps the turn for resuming. */
export function addMessages(turn: Turn, messages: readonly Message[], deps: AgentDeps): Turn {
  if (messages.length === 0) return turn;
  const next = { ...turn, messages: [...turn.messages, ...messages] };
  deps.save(next);
  return next;
}

/** Calls that will not run are answered with the correction; a reply without calls is answered by a user message. */
export function addCorrection(
  turn: Turn,
  calls: readonly ToolCall[],
  reason: string,
  message: string,
  deps: AgentDeps,
): Turn {
  const corrections = { ...turn.corrections, [reason]: (turn.corrections[reason] ?? 0) + 1 };
  const counted = { ...turn, corrections };
  if (calls.length === 0) return addMessages(counted, [{ role: "user", content: message }], deps);
  return answerOpenCalls(counted, calls, message, deps);
}

/** Answers those of the calls that have no answer yet, each with the same words. */
export function answerOpenCalls(
  turn: Turn,
  calls: readonly ToolCall[],
  content: string,
  deps: AgentDeps,
): Turn {
  const answered = new Set(turn.messages.flatMap((m) => m.role === "tool" ? [m.callId] : []));
  const open = calls.filter((call) => !answered.has(call.id));
  const messages = open.map((call): ToolMessage => ({
    role: "tool",
    callId: call.id,
    name: call.name,
    content,
  }));
  return addMessages(turn, messages, deps);
}

/** Answers what an abort left open, so that the session can be resumed. */
export function closeHistory(turn: Turn, deps: AgentDeps): Turn {
  const last = turn.messages.findLast((m) => m.role === "assistant");
  return answerOpenCalls(turn, last?.role === "assistant" ? last.calls : [], "Cancelled by the user", deps);
}
