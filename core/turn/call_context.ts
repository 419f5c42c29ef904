/** What a call of a tool, or a check, is given for one turn. */

import type { AgentDeps } from "./agent_deps.ts";
import { checkItems } from "./check_contract.ts";
import { missingAnswers } from "./history.ts";
import { resultRoom } from "../prompt/budget.ts";
import { promptTokens } from "./prompt_size.ts";
import type { ToolContext } from "../tool.ts";
import type { Turn } from "../types.ts";

/** Of a result that says only that there is no room for more. */
const SHORT_RESULT_TOKENS = 350;

/** The context of one call. @param id under which its output is shown */
export function contextFor(id: string, turn: Turn, deps: AgentDeps, signal: AbortSignal): ToolContext {
  const { window } = deps.transport.facts;
  // Each further call of the reply will add a result too.
  const after = Math.max(0, missingAnswers(turn.messages, "").length - 1) * SHORT_RESULT_TOKENS;
  const context = {
    ...deps.world,
    asked: turn.task,
    signal,
    output: (text: string) => deps.emit({ type: "tool_output", id, text }),
    limits: {
      resultChars: deps.config.context.resultChars,
      bashTimeoutMs: deps.config.tools.bashTimeoutMs,
      roomTokens: resultRoom({
        window,
        maxBudgetPct: deps.config.context.maxBudgetPct,
        promptTokens: promptTokens(turn, deps) + after,
        compacts: deps.profile.harness.compaction,
      }),
      windowTokens: window,
    },
  };
  const check: ToolContext["contract"]["check"] = (items) => checkItems(items, context, deps);
  return { ...context, contract: { items: turn.contract ?? [], check } };
}
