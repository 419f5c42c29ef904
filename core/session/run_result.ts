/** What `run` gives, from a finished turn and the calls that were made in it. */

import type { CallSummary, RunResult } from "../api.ts";
import type { EventBody } from "../events.ts";
import type { Finished } from "../turn/tell_end.ts";
import type { FileChange } from "../types.ts";
import { exitCodeOf } from "../verify/outcome.ts";

/** Gathers the calls of a turn from its events. */
export function collectCalls() {
  const args = new Map<string, CallSummary["args"]>();
  const calls: CallSummary[] = [];
  return {
    take(body: EventBody) {
      if (body.type === "tool_start") args.set(body.id, body.args);
      if (body.type === "tool_end") {
        calls.push({ name: body.name, args: args.get(body.id) ?? {}, ok: body.ok });
      }
    },
    list: () => calls,
  };
}

/** The result of a finished turn. */
export function resultOf(
  finished: Finished,
  toolCalls: readonly CallSummary[],
  about: { session: string; durationMs: number; requireVerified: boolean },
): RunResult {
  const { turn, outcome, reason, text, report } = finished;
  const exitCode = exitCodeOf(outcome, about);
  const paths = (kind: FileChange["kind"]) =>
    turn.ledger.changes.filter((change) => change.kind === kind).map((change) => change.path);
  return {
    success: exitCode === 0,
    exitCode,
    outcome,
    reason,
    text,
    report,
    filesCreated: paths("created"),
    filesEdited: paths("edited"),
    filesDeleted: paths("deleted"),
    toolCalls,
    usage: {
      promptTokens: turn.tokens.prompt,
      prefilledTokens: turn.tokens.prefilled,
      outputTokens: turn.tokens.output,
    },
    durationMs: about.durationMs,
    session: about.session,
  };
}
