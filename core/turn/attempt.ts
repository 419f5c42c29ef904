/** Attempts to mend a red check: which comes next, what the model is shown for it, and what it may change meanwhile. */

import type { AgentDeps } from "./agent_deps.ts";
import { splitLines } from "../edit/source_lines.ts";
import { ifRefused } from "../errors.ts";
import { sumOf } from "../guard/ladder.ts";
import { newFailures, redChecks } from "../guard/red_checks.ts";
import { addCorrection, freshContext } from "./history.ts";
import { openStep } from "../plan/plan.ts";
import type { CommandRun, FileChange, ToolCall, Turn, Verdict } from "../types.ts";
import { describeFailures, readTestRun } from "../verify/failures.ts";
import { nextStrategy, REWRITE_LINES } from "../verify/improve.ts";
import { fileAtFault, firstFailure, lineAtFault, namedPaths, partAtFault } from "../verify/places.ts";
import { type Place, type Red, retryFor } from "../verify/retry.ts";

/** After the checks of a final reply: the turn with what comes next where one is red. */
export async function prepareRetry(turn: Turn, deps: AgentDeps): Promise<Turn> {
  const { retry: _, ...rest } = turn;
  const run = redChecks(turn).find(({ kind }) => kind !== "aside")?.run;
  const { improve, govern } = deps.profile.harness;
  if (!run || !improve || !govern) return rest;
  const red = await examine(run, turn, deps);
  const { place } = red;
  const strategy = nextStrategy(
    (turn.attempts ?? []).map(({ strategy }) => strategy),
    deps.config.planner.maxRetries,
    {
      failures: Math.max(1, red.failures.length),
      window: deps.transport.facts.window,
      // Only what a model planned is written anew by a model.
      canCompare: deps.config.planner.bestOf > 1 &&
        turn.checks?.some(({ command }) => command === run.command) === true,
      hasPlan: turn.plan?.by === "model" && openStep(turn.plan) !== undefined,
      ...(place
        ? {
          place: {
            fileTokens: deps.transport.estimateTokens(place.file.text),
            ...(place.part ? { partLines: place.part.to - place.part.from + 1 } : {}),
          },
        }
        : {}),
    },
  );
  return strategy ? { ...rest, retry: retryFor(strategy, red, turn) } : rest;
}

/** Sends the model back: for a red check as the prepared attempt says, else with the correction. */
export function correct(
  turn: Turn,
  calls: readonly ToolCall[],
  verdict: Extract<Verdict, { kind: "correct" }>,
  deps: AgentDeps,
): Turn {
  const { retry, ...rest } = turn;
  if (verdict.reason !== "red" || !retry) {
    return addCorrection(turn, calls, verdict.reason, verdict.message, deps);
  }
  const { strategy, isFresh, message, only, merge, shown, judge } = retry;
  const corrections = { ...turn.corrections, red: (turn.corrections.red ?? 0) + 1 };
  const attempt = {
    strategy,
    corrections: sumOf(corrections),
    ...(only ? { only } : {}),
    ...(shown ? { shown } : {}),
    ...(judge === undefined ? {} : { judge }),
  };
  const attempts = [...turn.attempts ?? [], attempt];
  deps.emit({ type: "attempt", number: attempts.length, strategy });
  const next = isFresh
    ? freshContext({ ...rest, corrections }, { why: strategy, content: message }, deps)
    : addCorrection(rest, calls, "red", message, deps);
  if (shown) deps.world.seen.note(shown.path, shown.hash, shown.from, shown.to, shown.lines);
  const asks = strategy === "replan" ? { planAsked: true } : {};
  return { ...next, attempts, ...asks, ...(merge ? { merge } : {}) };
}

async function examine(run: CommandRun, turn: Turn, deps: AgentDeps): Promise<Red> {
  const own = turn.checks?.find(({ command }) => command === run.command);
  const output = outputOf(run, turn);
  const said = own ? undefined : readTestRun(output, deps.world.files.root);
  const excerpt = said ? describeFailures(said, output) : own?.excerpt ?? "";
  const before = turn.baselines?.find((baseline) => baseline.command === (own?.of ?? run.command));
  const added = own && before ? newFailures(own, before) : [];
  const all = said ? said.failures.map(({ name }) => name) : own?.failures ?? [];
  // Where some are new, those that were there before do not count.
  const failures = added.length > 0 ? added : all;
  const first = firstFailure(excerpt, failures);
  const changed = likeliestLast(turn);
  const named = await Promise.all(
    namedPaths(first).map((path) => deps.world.files.relative(path).catch(ifRefused)),
  );
  const others = [...named.filter((path) => path !== undefined), ...turn.focus ? [turn.focus.path] : []];
  const path = fileAtFault(first, changed, others);
  const place = path === undefined ? undefined : await placeIn(path, first, deps);
  return { run, excerpt, failures, ...(place ? { place } : {}) };
}

/** The changed files that are there: those by commands, those by tools, the one that the task is about. */
function likeliestLast({ ledger, focus }: Turn): readonly string[] {
  const there = ledger.changes.filter(({ kind }) => kind !== "deleted");
  const rank = ({ path, by }: FileChange) => path === focus?.path ? 2 : by === "tool" ? 1 : 0;
  return there.toSorted((a, b) => rank(a) - rank(b)).map(({ path }) => path);
}

/** What the newest run of a command by the model said. */
function outputOf({ command }: CommandRun, { messages }: Turn): string {
  const calls = messages.flatMap((message) => message.role === "assistant" ? message.calls : []);
  const call = calls.findLast(({ args }) => args.command === command);
  const result = messages.findLast((message) => message.role === "tool" && message.callId === call?.id);
  return result?.content ?? "";
}

async function placeIn(path: string, output: string, deps: AgentDeps): Promise<Place | undefined> {
  const file = await deps.world.files.read(path).catch(ifRefused);
  if (!file) return undefined;
  const outline = await deps.world.syntax.outline(file.path, file.text) ?? [];
  const lines = splitLines(file.text).length;
  // A short file is a part by itself where the output points at none.
  const whole = lines > 0 && lines <= REWRITE_LINES
    ? { name: file.path, kind: "file", from: 1, to: lines }
    : undefined;
  const part = partAtFault(output, file.path, outline) ?? whole;
  const line = lineAtFault(output, file.path);
  return {
    file,
    lines,
    outline,
    ...(part ? { part } : {}),
    ...(line === undefined ? {} : { line }),
  };
}
