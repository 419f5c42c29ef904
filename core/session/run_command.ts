/** A plugin's `/command` in place of a turn of the model. */

import type { AgentDeps } from "../turn/agent_deps.ts";
import { addChanges, EMPTY_LEDGER } from "../guard/ledger.ts";
import { PluginError } from "../plugin_host.ts";
import type { Extensions } from "../plugins/extensions.ts";
import { type Finished, tellEnd } from "../turn/tell_end.ts";
import { NOTHING_DONE } from "../turn/start_turn.ts";
import type { Head, Message, Turn } from "../types.ts";

/**
 * Runs a message that is a command of a plugin. `finished`: it gave its answer; `task`: what the model is to be asked instead; neither:
 * the message is no such command.
 */
export async function runPluginCommand(
  start: {
    readonly task: string;
    readonly number: number;
    readonly epoch: number;
    readonly history: readonly Message[];
    readonly head: Head;
  },
  extensions: Pick<Extensions, "runCommand">,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ readonly finished?: Finished; readonly task?: string }> {
  if (!start.task.startsWith("/")) return {};
  const startedAt = deps.now();
  const answer = await extensions.runCommand(start.task, signal).catch((error: unknown) => {
    if (!(error instanceof PluginError)) throw error;
    return { text: error.message, changes: [], failed: true };
  });
  if (!answer) return {};
  if ("task" in answer && answer.task !== undefined) return { task: answer.task };
  const { text, changes } = answer;
  deps.emit({ type: "turn_start", task: start.task, wantsChange: false });
  for (const change of changes) deps.emit({ type: "edit", change, diff: "" });
  deps.emit({ type: "token", text });
  deps.emit({ type: "parsed", kind: "final", calls: [], dialect: "", repairs: [], why: "" });
  const turn: Turn = {
    ...NOTHING_DONE,
    number: start.number,
    task: start.task,
    wantsChange: false,
    head: start.head,
    epoch: start.epoch,
    messages: start.history,
    start: start.history.length,
    ledger: addChanges(EMPTY_LEDGER, changes),
    startedAt,
  };
  const how = "failed" in answer
    ? { outcome: "failed" as const, reason: "the plugin's command failed" }
    : { outcome: "answered" as const, reason: "a plugin's command" };
  return { finished: tellEnd(turn, { ...how, text, notes: [] }, deps) };
}
