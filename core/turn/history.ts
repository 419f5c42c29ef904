/** Adding to a turn's history so that it stays valid: each call answered once, in order, with nothing in between. */

import type { AgentDeps } from "./agent_deps.ts";
import { courseOf } from "../guard/misread.ts";
import { untold } from "../plan/plan.ts";
import type { Message, ToolCall, ToolMessage, Turn } from "../types.ts";

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
  return addMessages(turn, answersTo(calls, turn.messages, content), deps);
}

/**
 * Starts the model's context anew: the same head, then one message, which has to say all that the model needs. The store keeps what was
 * said before; open calls are answered first. Files count as unseen, calls as not made: the model knows of neither. Spent budgets stay
 * spent. A new epoch, since the server reads again from the head's end on.
 * @param anew `why` is for the event, `content` for the model (see `anewMessage`)
 */
export function freshContext(
  turn: Turn,
  anew: { readonly why: string; readonly content: string },
  deps: AgentDeps,
): Turn {
  const closed = addMessages(turn, missingAnswers(turn.messages, "Not run: the work starts anew"), deps);
  const { merge: _, ...rest } = closed; // it speaks of lines that are out of sight
  const epoch = turn.epoch + 1;
  deps.world.seen.forgetAll();
  const head = deps.heads.renew(courseOf(turn, deps.profile));
  deps.emit({ type: "epoch", epoch, reason: `fresh context: ${anew.why}`, prefixHash: head.hash });
  const next: Turn = {
    ...rest,
    head,
    epoch,
    messages: [{ role: "user", content: anew.content, startsContext: true }],
    start: 0,
    calls: [],
    measured: { messages: 0, tokens: 0 },
    ...(rest.plan ? { plan: untold(rest.plan) } : {}),
  };
  deps.save(next);
  return next;
}

/** What the model is shown of a whole history: from the last message on that starts a context. */
export function contextStart(messages: readonly Message[]): number {
  return Math.max(0, messages.findLastIndex((message) => message.role === "user" && message.startsContext));
}

/** What a history that was broken off lacks to be valid: an answer to each open call of its last reply. */
export function missingAnswers(messages: readonly Message[], content: string): readonly ToolMessage[] {
  const last = messages.findLast((m) => m.role === "assistant");
  return answersTo(last?.role === "assistant" ? last.calls : [], messages, content);
}

function answersTo(
  calls: readonly ToolCall[],
  messages: readonly Message[],
  content: string,
): readonly ToolMessage[] {
  const answered = new Set(messages.flatMap((m) => m.role === "tool" ? [m.callId] : []));
  return calls.filter((call) => !answered.has(call.id)).map(({ id, name }) => ({
    role: "tool",
    callId: id,
    name,
    content,
  }));
}
