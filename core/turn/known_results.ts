/** Calls whose answer the model has in front of it: a result that stands above is not written a second time, a note is not kept twice. */

import type { AgentDeps } from "./agent_deps.ts";
import { callKey, isNews } from "../guard/repetition.ts";
import { DONE_ALREADY, sameResult } from "../prompt/text/results.ts";
import { unwrapUse } from "../route/menu.ts";
import { answerUnrun, type Ran } from "../run_tool.ts";
import type { Message, ToolCall, Turn } from "../types.ts";

/** A result of fewer characters costs hardly more than the line that stands for it. */
const MIN_CHARS = 300;

/** A write that does the same however often it is made, and was made in this turn: answered without running it. */
export function doneAlready(turn: Turn, made: ToolCall, deps: AgentDeps): Ran | undefined {
  const call = unwrapUse(made, deps.tools);
  if (!deps.profile.harness.dedup || !deps.tools.get(call.name)?.isIdempotent) return undefined;
  const before = findResult(turn.messages.slice(turn.start), made, (text) => !text.startsWith("Error: "));
  if (!before) return undefined;
  const record = { result: "done", isNews: false };
  const answer = { ok: true, text: DONE_ALREADY, summary: "done already", record };
  return answerUnrun({ call, made, step: turn.step }, answer, deps.emit);
}

/**
 * The run call, with whether its result is news. The call of a pure tool is always made: nothing else is as sure to notice every change on disk, by
 * whatever program. But where the result is word for word one that stands unmasked in the context, a line says so in its place.
 */
export function shortenKnown(turn: Turn, made: ToolCall, ran: Ran, deps: AgentDeps): Ran {
  const { name } = unwrapUse(made, deps.tools);
  const tool = deps.tools.get(name);
  if (!tool || (tool.effect !== "read" && tool.effect !== "none")) return ran;
  const { content } = ran.message;
  const known = (told: string, news: boolean): Ran => ({
    ...ran,
    message: { ...ran.message, content: told },
    record: { ...ran.record, isNews: news },
  });
  if (ran.output?.isKnown) return known(content, false);
  const above = deps.profile.harness.dedup && tool.isPure && ran.record.ok && content.length >= MIN_CHARS
    ? findResult(turn.messages, made, (text) => text === content || text.startsWith(`${content}\n`))
    : undefined;
  if (above) return known(sameResult(made.name, content, above.resultsSince), false);
  return known(content, isNews(content, turn.messages));
}

/** The newest answer to an equal call that fits. `resultsSince`: results that came after it. */
function findResult(
  messages: readonly Message[],
  made: ToolCall,
  fits: (text: string) => boolean,
): { readonly resultsSince: number } | undefined {
  const key = callKey(made);
  const equal = new Set(
    messages.flatMap((m) =>
      m.role === "assistant"
        ? m.calls.flatMap((call) => call.name === made.name && callKey(call) === key ? [call.id] : [])
        : []
    ),
  );
  const results = messages.filter((m) => m.role === "tool");
  const at = results.findLastIndex((m) => equal.has(m.callId) && fits(m.content));
  return at < 0 ? undefined : { resultsSince: results.length - 1 - at };
}
