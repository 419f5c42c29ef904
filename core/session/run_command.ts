/** A plugin's `/command` in place of a turn of the model. */

import type { AgentDeps } from "../turn/agent_deps.ts";
import type { Finished } from "../agent.ts";
import { addChanges, EMPTY_LEDGER } from "../guard/ledger.ts";
import { PluginError } from "../plugin_host.ts";
import type { Extensions } from "../plugins/extensions.ts";
import type { Head, Message, Turn } from "../types.ts";
import { finishReport } from "../verify/report.ts";

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
  const failed = "failed" in answer;
  deps.emit({ type: "turn_start", task: start.task, wantsChange: false });
  for (const change of changes) deps.emit({ type: "edit", change, diff: "" });
  deps.emit({ type: "token", text });
  deps.emit({ type: "parsed", kind: "final", calls: [], dialect: "", repairs: [], why: "" });
  const turn: Turn = {
    number: start.number,
    task: start.task,
    wantsChange: false,
    head: start.head,
    epoch: start.epoch,
    messages: start.history,
    start: start.history.length,
    step: 0,
    toolCalls: 0,
    corrections: {},
    calls: [],
    ledger: addChanges(EMPTY_LEDGER, changes),
    tokens: { prompt: 0, prefilled: 0, output: 0 },
    measured: { messages: 0, tokens: 0 },
    startedAt,
  };
  const outcome = failed ? "failed" as const : "answered" as const;
  const reason = failed ? "the plugin's command failed" : "a plugin's command";
  const ms = deps.now() - startedAt;
  const report = finishReport(turn, { outcome, reason, notes: [], ms });
  deps.emit({
    type: "turn_end",
    outcome,
    reason,
    text,
    report,
    changes,
    steps: 0,
    toolCalls: 0,
    corrections: 0,
    promptTokens: 0,
    prefilledTokens: 0,
    outputTokens: 0,
    ms,
    model: deps.transport.facts.model,
    solvedBy: "none",
  });
  return { finished: { turn, outcome, reason, text, report } };
}
