/** The third rung of the ladder: the work begins anew in a context that holds the task, the file it is about, what was done, and what went wrong. */

import type { AgentDeps } from "./agent_deps.ts";
import { correct } from "./attempt.ts";
import { splitLines } from "../edit/source_lines.ts";
import { ifRefused } from "../errors.ts";
import { freshContext } from "./history.ts";
import { anewMessage } from "../prompt/text/fresh_context.ts";
import { goOn } from "../prompt/text/loops.ts";
import { shownWhole } from "../prompt/text/shown.ts";
import type { FileContent } from "../tool.ts";
import type { ToolCall, Turn, Verdict } from "../types.ts";

/** Share of the window that the file may fill. */
const FILE_SHARE = 0.25;

/** Sends the model back with a correction, where the verdict says so in a fresh context. */
export async function sendBack(
  turn: Turn,
  calls: readonly ToolCall[],
  verdict: Extract<Verdict, { kind: "correct" }>,
  deps: AgentDeps,
): Promise<Turn> {
  if (!verdict.isFresh) return correct(turn, calls, verdict, deps);
  const { reason, message } = verdict;
  const corrections = { ...turn.corrections, [reason]: (turn.corrections[reason] ?? 0) + 1 };
  const file = await focusFile(turn, deps);
  const lines = file ? splitLines(file.text).length : 0;
  const content = anewMessage({
    asked: turn.asked ?? [],
    files: file ? shownWhole(file.path, lines, file.text) : "",
    task: turn.task,
    ledger: turn.ledger,
    wrong: message,
    how: goOn(turn.wantsChange),
  });
  const next = freshContext({ ...turn, corrections }, { why: reason, content }, deps);
  if (file) {
    deps.world.seen.note(file.path, file.hash, 1, lines, lines);
    deps.world.seen.show(file.path, { hash: file.hash, text: file.text });
  }
  return next;
}

/** The file that the task is about, where it is there and small enough to be shown whole. */
async function focusFile(turn: Turn, deps: AgentDeps): Promise<FileContent | undefined> {
  if (!turn.focus) return undefined;
  const file = await deps.world.files.read(turn.focus.path).catch(ifRefused);
  const { transport } = deps;
  return file && transport.estimateTokens(file.text) <= transport.facts.window * FILE_SHARE
    ? file
    : undefined;
}
