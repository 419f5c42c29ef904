/** Changes of files become part of the turn: by tools, by commands, and by what runs in the background. */

import type { AgentDeps } from "./agent_deps.ts";
import { addedLines, removedLines } from "../edit/diff_lines.ts";
import { addChanges } from "../guard/ledger.ts";
import { unsettle } from "../plan/contract.ts";
import type { WatchedChanges } from "../sandbox/command_watch.ts";
import type { FileChange, Turn } from "../types.ts";

/** The turn with these changes in its ledger; each is an event, too. @param diff for faces, where it is known */
export function noteChanges(
  turn: Turn,
  found: readonly FileChange[],
  deps: Pick<AgentDeps, "emit">,
  diff = "",
): Turn {
  if (found.length === 0) return turn;
  const [only, ...others] = found;
  const changes = only?.kind === "edited" && others.length === 0 && isBlank(diff)
    ? [{ ...only, isBlank: true as const }]
    : found;
  for (const change of changes) deps.emit({ type: "edit", change, diff });
  const changed = new Set(changes.map(({ path }) => path));
  return {
    ...turn,
    ledger: addChanges(turn.ledger, changes),
    // A write changes what calls give: earlier calls no longer count as repetition. Refused edits of other files still count.
    calls: turn.calls.filter(({ missed }) => missed !== undefined && !changed.has(missed)),
    ...(turn.contract ? { contract: unsettle(turn.contract) } : {}),
  };
}

/** A diff of blank lines alone. */
function isBlank(diff: string): boolean {
  const lines = [...addedLines(diff), ...removedLines(diff)];
  return lines.length > 0 && lines.every((line) => line.trim() === "");
}

/** What background jobs changed since the last look. */
export async function noteJobs(turn: Turn, deps: AgentDeps): Promise<Turn> {
  return noteWatched(turn, await deps.changesByJobs(), deps);
}

/** What a look at the workspace found; where it did not see all of it, the report says so. */
export function noteWatched(
  turn: Turn,
  { changes, isWhole }: WatchedChanges,
  deps: Pick<AgentDeps, "emit">,
): Turn {
  const noted = noteChanges(turn, changes, deps);
  return isWhole || noted.ledger.unwatched ? noted : { ...noted, ledger: { ...noted.ledger, unwatched: 1 } };
}
