/** After the edits of a reply: names that they took away and that are still used. */

import type { AgentDeps } from "./agent_deps.ts";
import { namesLost } from "../prompt/text/checks.ts";
import type { ToolOutput } from "../tool.ts";
import type { Turn } from "../types.ts";
import { findLost } from "../verify/lost_names.ts";

/** The turn that knows them, and what the model is told of them. */
export async function tellLost(
  turn: Turn,
  outputs: readonly ToolOutput[],
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ readonly turn: Turn; readonly notes: readonly string[] }> {
  const edits = outputs.flatMap(({ changes = [], diff = "" }) => changes.map(({ path }) => ({ path, diff })));
  if (!deps.profile.harness.keepNames || edits.length === 0) return { turn, notes: [] };
  const lost = await findLost(turn.lost ?? [], edits, deps.world.files, signal);
  return { turn: { ...turn, lost }, notes: lost.length === 0 ? [] : [namesLost(lost)] };
}
