/**
 * The last attempt, where `planner.best_of` is above 1: several replies to the same message at rising temperature, each tried in a copy of the
 * workspace, the best by the check, then the smallest. Only its calls reach the workspace, by the way that all calls take.
 */

import type { AgentDeps } from "./agent_deps.ts";
import { askModel } from "./ask_model.ts";
import { contextFor } from "./call_context.ts";
import { ifRefused } from "../errors.ts";
import { spentBudget } from "../guard/govern.ts";
import { openSeen } from "../guard/seen.ts";
import { addMessages } from "./history.ts";
import { assistantMessage, callsOf, countReply, readReply } from "./read_reply.ts";
import { unwrapUse } from "../route/menu.ts";
import { runCalls } from "./run_calls.ts";
import { runCheck } from "./run_check.ts";
import { openWorkspace } from "../sandbox/workspace.ts";
import type { CheckRun, Parsed, Reply, Turn } from "../types.ts";
import { bestOf, type Tried } from "../verify/best_of.ts";

/** A reply whose calls were tried. */
interface Candidate extends Tried {
  readonly reply: Reply;
  readonly parsed: Extract<Parsed, { kind: "calls" }>;
}

/** Asks and tries, where the running attempt says so; any other turn is given back as it is. */
export async function askSeveral(start: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Turn> {
  const attempt = start.attempts?.at(-1);
  const check = start.checks?.find(({ command }) => command === attempt?.judge);
  if (attempt?.strategy !== "best_of" || !check || attempt.isAsked) return start;
  const before = start.attempts?.slice(0, -1) ?? [];
  const message = { head: start.head, messages: start.messages };
  let turn: Turn = { ...start, attempts: [...before, { ...attempt, isAsked: true }] };
  const candidates: Candidate[] = [];
  const known = new Set<string>();
  for (let i = 0; i < deps.config.planner.bestOf; i++) {
    if (spentBudget(turn, deps.config.limits, deps.now()) !== undefined) break;
    const asking = { ...turn, attempts: [...before, { ...attempt, candidate: i }] };
    const asked = await askModel(asking, i === 0 ? undefined : message, 0, deps, signal);
    if ("problem" in asked) break;
    const { reply } = asked;
    const parsed = await readReply(turn, reply, deps);
    turn = { ...countReply(turn, reply, asked.promptTokens), measured: turn.measured };
    const key = parsed.kind === "calls"
      ? JSON.stringify(parsed.calls.map(({ name, args }) => [name, args]))
      : "";
    if (parsed.kind !== "calls" || known.has(key)) continue;
    known.add(key);
    const tried = await tryCalls(parsed, turn, check, deps, signal);
    if (!tried) break;
    candidates.push({ ...tried, reply, parsed });
    deps.emit({ type: "candidate", number: i + 1, of: deps.config.planner.bestOf, ...tried });
  }
  const best = bestOf(candidates, { failures: check.failures.length });
  if (!best) return turn;
  const calls = callsOf(best.parsed, turn, deps);
  turn = addMessages(turn, [assistantMessage(best.reply, best.parsed, calls, deps)], deps);
  return await runCalls(turn, calls, best.parsed, deps, signal);
}

/** The edits of a reply in a copy of the workspace, and the check after them. `undefined`: no copy can be made, so nothing can judge. */
async function tryCalls(
  parsed: Extract<Parsed, { kind: "calls" }>,
  turn: Turn,
  check: CheckRun,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Tried | undefined> {
  const scratch = await deps.checks.openScratch(signal);
  if (!scratch) return undefined;
  try {
    const context = contextFor("candidate", turn, deps, signal);
    const files = await openWorkspace({
      root: scratch.root,
      journal: { record: () => {} },
      protectedPaths: [],
      sync: false,
    });
    const seen = seenOf(turn);
    let lines = 0;
    for (const made of parsed.calls) {
      const call = unwrapUse({ id: "", name: made.name, args: made.args }, deps.tools);
      const tool = deps.tools.get(call.name);
      if (tool?.effect !== "write" || typeof call.args.path !== "string") continue;
      const checked = await tool.check(call.args);
      if ("problem" in checked) continue;
      const output = await tool.run(checked.args, { ...context, files, seen }).catch(ifRefused);
      for (const change of output?.changes ?? []) lines += change.linesAdded + change.linesRemoved;
    }
    if (lines === 0) return { state: "no_edit", failures: 0, lines };
    const timeoutMs = Math.max(deps.config.tools.bashTimeoutMs, check.ms * 3);
    const call = {
      command: check.command,
      kind: check.kind,
      phase: "after" as const,
      timeoutMs,
      shell: scratch.shell,
    };
    // It is no check of the workspace: the candidate's own event tells of it.
    const quiet = { ...deps, emit: () => {} };
    const ran = await runCheck(call, context, quiet);
    if (ran.state === "not_run") return { state: "not_run", failures: 0, lines };
    const { failures } = ran.run;
    return { state: ran.exitCode === 0 ? "green" : "red", failures: failures.length, lines };
  } finally {
    await scratch.close();
  }
}

/** What the message of this attempt showed; the copy has the same content. */
function seenOf(turn: Turn) {
  const seen = openSeen();
  const shown = turn.attempts?.at(-1)?.shown;
  if (shown) seen.note(shown.path, shown.hash, shown.from, shown.to, shown.lines);
  return seen;
}
