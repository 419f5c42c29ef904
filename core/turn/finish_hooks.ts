/** The plugins' word on the model's last words, before they count. */

import type { AgentDeps } from "./agent_deps.ts";
import { addChanges } from "../guard/ledger.ts";
import { checkWork } from "./check_changes.ts";
import type { Turn, Verdict } from "../types.ts";

/**
 * Asks the `beforeFinish` hooks where the verdict is to finish. One of them may send the model back, once a turn; what they changed is in the
 * ledger and checked like any other change.
 */
export async function askHooks(
  turn: Turn,
  verdict: Verdict,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ readonly turn: Turn; readonly verdict: Verdict }> {
  if (verdict.kind !== "finish") return { turn, verdict };
  const changed = turn.ledger.changes.map(({ path }) => path);
  const { more, add, changes } = await deps.hooks.beforeFinish({ text: verdict.text, changed }, signal);
  for (const change of changes) deps.emit({ type: "edit", change, diff: "" });
  const checked = changes.length === 0
    ? turn
    : await checkWork({ ...turn, ledger: addChanges(turn.ledger, changes) }, deps, signal);
  if (more !== undefined && !turn.corrections.plugin) {
    return { turn: checked, verdict: { kind: "correct", reason: "plugin", message: more } };
  }
  return {
    turn: add.length === 0 ? checked : { ...checked, notes: [...checked.notes ?? [], ...add] },
    verdict,
  };
}
