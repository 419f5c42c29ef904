/** The end of a turn: its report, and the event that says how it went. */

import type { Rung } from "../escalate/ladder.ts";
import type { EventBody } from "../events.ts";
import type { Outcome, Turn } from "../types.ts";
import { finishReport } from "../verify/report.ts";
import type { AgentDeps } from "./agent_deps.ts";
import { allCorrections } from "./hand_over.ts";

/** A turn that came to its end. */
export interface Finished {
  readonly turn: Turn;
  readonly outcome: Outcome;
  readonly reason: string;
  /** The model's last words. */
  readonly text: string;
  readonly report: string;
}

/** Reports a turn and tells its end. `notes` are lines for the report beside what the ledger says. */
export function tellEnd(
  turn: Turn,
  end: Omit<Finished, "turn" | "report"> & { readonly notes: readonly string[] },
  deps: Pick<AgentDeps, "emit" | "now" | "transport" | "tiers">,
): Finished {
  const { outcome, reason, text, notes } = end;
  const ms = deps.now() - turn.startedAt;
  const report = finishReport(turn, { outcome, reason, notes, ms });
  deps.emit({
    type: "turn_end",
    outcome,
    reason,
    text,
    report,
    changes: turn.ledger.changes,
    steps: turn.step,
    toolCalls: turn.toolCalls,
    corrections: allCorrections(turn),
    promptTokens: turn.tokens.prompt,
    prefilledTokens: turn.tokens.prefilled,
    outputTokens: turn.tokens.output,
    ms,
    model: deps.transport.facts.model,
    solvedBy: solverOf(turn, outcome, deps.tiers?.rungs ?? []),
  });
  return { turn, outcome, reason, text, report };
}

/** Nobody, where it was not solved, or where no model was asked. */
function solverOf(
  turn: Turn,
  outcome: Outcome,
  rungs: readonly Rung[],
): Extract<EventBody, { type: "turn_end" }>["solvedBy"] {
  const isSolved = outcome === "verified" || outcome === "unverified" || outcome === "answered";
  if (!isSolved || turn.step === 0) return "none";
  if (turn.helpers) {
    const isElsewhere = rungs.some(({ tier, isLocal }) => !isLocal && turn.helpers?.includes(tier));
    return isElsewhere ? "cloud" : "strong";
  }
  return allCorrections(turn) > 0 ? "harness" : "model";
}
