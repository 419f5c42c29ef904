/** Room for the next request: old results become stubs, or a digest stands for the oldest part. */

import type { AgentDeps } from "./agent_deps.ts";
import { courseOf } from "../guard/misread.ts";
import { anchorLine } from "../plan/anchor.ts";
import { budgetTokens, clampOutput, COMPACTED_PCT, LEAST_OUTPUT } from "../prompt/budget.ts";
import { compact } from "../prompt/compact.ts";
import { noteMasked } from "./note_masked.ts";
import { promptTokens, textOfRequest } from "./prompt_size.ts";
import type { Turn } from "../types.ts";

/** Over the budget, old results make room: a new epoch, since the server must read again from the first change on. */
export async function makeRoom(turn: Turn, deps: AgentDeps): Promise<Turn> {
  const { transport, config, profile } = deps;
  const window = transport.facts.window;
  const budget = budgetTokens(window, config.context.maxBudgetPct);
  const now = promptTokens(turn, deps);
  if (!profile.harness.compaction || now <= budget) return turn;
  const options = {
    headTokens: transport.estimateTokens(textOfRequest(turn, 0)),
    targetTokens: budgetTokens(window, COMPACTED_PCT),
    estimate: (text: string) => transport.estimateTokens(text),
    start: turn.start,
    asked: turn.asked ?? [],
    ...(turn.plan
      ? { anchor: anchorLine(turn.plan, { estimate: (text) => transport.estimateTokens(text) }) }
      : {}),
  };
  const fits = (tokens: number) => clampOutput(window, tokens, window) >= window * LEAST_OUTPUT;
  const tried = keptResults(turn).map((keep) => ({ keep, ...compact(turn.messages, { ...options, keep }) }));
  const most = tried.find(({ after = now }) => fits(after)) ?? tried.at(-1);
  if (most?.after === undefined) return turn;
  const { keep } = most;
  const notes = await noteMasked(turn, keep, deps);
  const compacted = compact(turn.messages, { ...options, keep, notes }) ??
    compact(turn.messages, { ...options, keep });
  if (!compacted) return turn;
  deps.world.seen.hideAll();
  const { before, after, how, messages, start } = compacted;
  const head = deps.heads.renew(courseOf(turn, profile));
  deps.emit({ type: "compaction", before, after, how });
  deps.emit({
    type: "epoch",
    epoch: turn.epoch + 1,
    reason: "old results made room",
    prefixHash: head.hash,
  });
  const next = {
    ...turn,
    head,
    epoch: turn.epoch + 1,
    messages,
    start,
    measured: { messages: 0, tokens: 0 },
  };
  deps.save(next);
  return next;
}

/**
 * How many of the newest results stay whole, in the order to try: all that the model has not seen yet, so that nothing is read in vain; where the
 * request would not fit so, the two it is working on, then the last.
 */
function keptResults({ messages }: Turn): readonly number[] {
  const unseen = messages.length - 1 - messages.findLastIndex(({ role }) => role !== "tool");
  return [...new Set([Math.max(2, unseen), 2, 1])];
}
