/** Broken code is not delivered: where a check that was green is red, the files go back, and the rejected change is kept. */

import type { AgentDeps } from "./agent_deps.ts";
import { redChecks } from "../guard/red_checks.ts";
import { addMessages } from "./history.ts";
import { filesPutBack } from "../prompt/text/checks.ts";
import type { Turn } from "../types.ts";

/** Files that commands changed and that stay so; of more the number is told. */
const MOST_TOLD = 40;

/** Puts files back at a turn's end. The model is told at the end of the history: its next turn begins with other files than it left. */
export async function putBackIfBroken(
  turn: Turn,
  deps: AgentDeps,
): Promise<{ turn: Turn; notes: readonly string[] }> {
  const broke = redChecks(turn).find(({ kind }) => kind === "broke");
  const isKept = !deps.profile.harness.hardFail || deps.config.planner.keepFailed;
  if (!broke || isKept) return { turn, notes: [] };
  const { files, patch } = await deps.putBack();
  const back = files.filter(({ kind }) => kind !== "left").map(({ path }) => path);
  const changes = turn.ledger.changes.filter(({ path }) => !back.includes(path));
  const byCommands = changes.filter(({ path }) => !files.some((file) => file.path === path));
  const notes = [
    ...files.map(({ path, kind, reason }) => `put back: ${path} (${kind}${reason ? `: ${reason}` : ""})`),
    ...byCommands.slice(0, MOST_TOLD).map(({ path, kind }) => `not put back: ${path} (${kind} by a command)`),
    ...byCommands.length > MOST_TOLD
      ? [`not put back: ${byCommands.length - MOST_TOLD} more files that commands changed`]
      : [],
    ...patch
      ? [`the rejected change is kept: git apply ${patch.path} (in this session: ${patch.handle})`]
      : [],
  ];
  const next = { ...turn, ledger: { ...turn.ledger, changes } };
  if (back.length === 0) return { turn: next, notes };
  const told = filesPutBack(back, broke.run.command);
  return { turn: addMessages(next, [{ role: "user", content: told }], deps), notes };
}
