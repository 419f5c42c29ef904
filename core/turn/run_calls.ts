/** Runs a reply's calls in order, with the project's checks before the first change, and writes the tail that the model reads. */

import type { AgentDeps } from "./agent_deps.ts";
import { contextFor } from "./call_context.ts";
import { takeBaselines } from "./check_changes.ts";
import { recoverEdit, type Recovery } from "./edit_recovery.ts";
import { takeContract } from "./check_contract.ts";
import { lookAfter, lookBefore } from "./file_checks.ts";
import { followCall, tellPlan } from "./follow_plan.ts";
import { changesFiles } from "../guard/command_changes.ts";
import { addCommand } from "../guard/ledger.ts";
import { callKey, countStale, STALE_TOLD } from "../guard/repetition.ts";
import { dialectNow } from "../guard/misread.ts";
import { envelopeOf } from "./call_envelope.ts";
import { addMessages, answerOpenCalls } from "./history.ts";
import { doneAlready, shortenKnown } from "./known_results.ts";
import { describeMalformed } from "../parse/dialect.ts";
import type { DialectName } from "../profile.ts";
import { refuseOutside } from "./outside_attempt.ts";
import { askCall, askConstrained, OTHER_FORM } from "../prompt/text/calls.ts";
import { NOTHING_NEW } from "../prompt/text/loops.ts";
import { roomLeft } from "../prompt/text/results.ts";
import { unwrapUse } from "../route/menu.ts";
import { noteChanges } from "./note_changes.ts";
import { tellLost } from "./tell_lost.ts";
import { type Ran, runTool } from "../run_tool.ts";
import { provesNothing } from "./proves_nothing.ts";
import { scoreCall } from "./score_calls.ts";
import type { Tool, ToolOutput } from "../tool.ts";
import type { Args, FileChange, Malformed, Parsed, ToolCall, Turn } from "../types.ts";

/** Runs the calls in order; each is answered at once, so an abort between two leaves only unanswered ones to close. */
export async function runCalls(
  start: Turn,
  calls: readonly ToolCall[],
  parsed: Parsed,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  let turn = start;
  let recovery: Recovery | undefined;
  let outputs: readonly ToolOutput[] = [];
  for (const [index, call] of calls.entries()) {
    const room = deps.config.limits.toolCalls - turn.toolCalls;
    if (room <= 0) return answerOpenCalls(turn, calls, "Not run: the turn's tool calls are used up", deps);
    turn = await lookBefore(await takeBaselines(turn, call, deps, signal), call, deps, signal);
    const cwd = deps.world.shell.cwd();
    const ran = await refuseOutside(turn, call, deps) ?? doneAlready(turn, call, deps) ??
      await runWatched(call, turn, deps, signal);
    scoreCall(turn, call, ran, deps);
    const isLast = index === calls.length - 1;
    const noted = takeContract(countCall(turn, ran, cwd, deps), ran.output?.contract ?? {}, deps);
    const called = followCall(noted, ran, call, deps);
    const { turn: counted, notes: anchor } = isLast ? tellPlan(called, deps) : { turn: called, notes: [] };
    if (ran.record.missed !== undefined) recovery = await recoverFrom(counted, call, deps) ?? recovery;
    if (ran.output) outputs = [...outputs, ran.output];
    const looked = await lookAfter(counted, isLast ? outputs : [], deps, signal);
    const lost = await tellLost(looked.turn, isLast ? outputs : [], deps, signal);
    const notes = isLast
      ? [
        ...looked.notes,
        ...lost.notes,
        ...tailNotes(counted, parsed, deps),
        ...recovery ? [recovery.note] : askAgain(counted, ran, deps),
        ...anchor,
      ]
      : [];
    const message = notes.length === 0
      ? ran.message
      : { ...ran.message, content: [ran.message.content, ...notes].join("\n") };
    turn = addMessages(lost.turn, [message], deps);
  }
  if (recovery?.format) turn = { ...turn, editFormat: recovery.format };
  return recovery?.merge ? { ...turn, merge: recovery.merge } : turn;
}

/** After a refused edit: another form to ask for, where the same was refused before. */
async function recoverFrom(turn: Turn, made: ToolCall, deps: AgentDeps): Promise<Recovery | undefined> {
  const { harness } = deps.profile;
  if (!harness.govern || !harness.editRecovery) return undefined;
  const { files, seen, syntax } = deps.world;
  const dialect = dialectForEdits(turn, deps);
  return await recoverEdit(turn, unwrapUse(made, deps.tools), {
    files,
    seen,
    syntax,
    dialect,
    merges: harness.semanticMerge,
  });
}

/**
 * Where the head shows an edit tool in brief, a server may hold native calls to the parameters that it was told: another form of edit is asked
 * for as text.
 */
function dialectForEdits(turn: Turn, { profile }: AgentDeps): DialectName {
  const dialect = dialectNow(turn, profile.dialect);
  const { head } = turn;
  const isBrief = head.nativeTools.some(({ name, parameters }) =>
    head.offered.some((whole) =>
      whole.name === name && whole.brief?.forms &&
      Object.keys(parameters.properties ?? {}).length < Object.keys(whole.parameters.properties ?? {}).length
    )
  );
  return dialect === "native" && isBrief ? "raw" : dialect;
}

/** A call that came through `use` runs as the call inside it; the history keeps it as it was made. */
async function runWatched(made: ToolCall, turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Ran> {
  const call = unwrapUse(made, deps.tools);
  const ran = await runAndCompare(call, turn, deps, signal);
  const { message, record } = ran;
  const named = call === made ? ran : {
    ...ran,
    message: { ...message, name: made.name },
    record: { ...record, name: made.name, key: callKey(made) },
  };
  return shortenKnown(turn, made, named, deps);
}

async function runAndCompare(call: ToolCall, turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Ran> {
  const context = contextFor(call.id, turn, deps, signal);
  if (deps.tools.get(call.name)?.effect !== "run") return await runTool(call, turn.step, context, deps);
  const compare = await deps.watchFiles(signal);
  const ran = await runTool(call, turn.step, context, deps).catch(async (error: unknown) => {
    deps.save(noteChanges(turn, (await compare()).changes, deps)); // what was done before the abort
    throw error;
  });
  const { changes, isWhole } = await compare();
  const seen = isWhole ? ran : { ...ran, isUnwatched: true as const };
  if (changes.length === 0) return seen;
  if (!ran.output) return { ...seen, byOthers: [...ran.byOthers, ...changes] };
  return { ...seen, output: { ...ran.output, changes: [...ran.output.changes ?? [], ...changes] } };
}

/** @param cwd where a command of this call began */
function countCall(turn: Turn, ran: Ran, cwd: string, deps: AgentDeps): Turn {
  const { output } = ran;
  const changes = [...output?.changes ?? [], ...ran.byOthers].filter(isReal);
  const seen = noteChanges(turn, changes, deps, output?.diff);
  const mayWrite = ran.isUnwatched && output?.command && changesFiles(output.command.command) !== "no";
  // What is not seen is taken for a change: a check before it covers nothing any more.
  const noted = mayWrite ? { ...seen, ledger: { ...seen.ledger, writes: seen.ledger.writes + 1 } } : seen;
  // What a command itself wrote was there while it ran: it covers its own changes.
  const where = { cwd, by: "model" as const, writesBefore: noted.ledger.writes };
  const run = output?.command
    ? addCommand(noted.ledger, output.command, { ...where, ...provesNothing(output, cwd, deps) })
    : noted.ledger;
  const ledger = ran.isUnwatched ? { ...run, unwatched: (run.unwatched ?? 0) + 1 } : run;
  const states = changes.reduce(addState, turn.states ?? {});
  return { ...noted, toolCalls: turn.toolCalls + 1, ledger, states, calls: [...noted.calls, ran.record] };
}

function addState(
  states: NonNullable<Turn["states"]>,
  { path, hashes }: FileChange,
): NonNullable<Turn["states"]> {
  if (!hashes) return states;
  const known = states[path] ?? [hashes.before ?? "none"];
  return { ...states, [path]: [...known, hashes.after] };
}

/** A write of what stood there already changed nothing. */
function isReal(change: FileChange): boolean {
  return change.by === "command" || change.kind !== "edited" || change.linesAdded + change.linesRemoved > 0;
}

/** Lines for the newest tool result: what of the reply did not run, and how much room is left when it is scarce. */
function tailNotes(turn: Turn, parsed: Parsed, deps: AgentDeps): string[] {
  const notes: string[] = [];
  if (parsed.kind === "calls" && parsed.problem) {
    notes.push(correctionFor(parsed.problem, turn, deps));
  }
  if (deps.profile.harness.govern && countStale(turn.calls) === STALE_TOLD) notes.push(NOTHING_NEW);
  // As it was before these results: they may go over the budget, and older ones then make room.
  const left = deps.transport.facts.window - turn.measured.tokens;
  if (turn.measured.tokens > 0 && left < deps.transport.facts.window / 4) notes.push(roomLeft(left));
  return notes;
}

/** After a refused edit of a file that the model has seen and did not change yet: the line that asked for it. */
function askAgain(turn: Turn, { record }: Ran, deps: AgentDeps): string[] {
  const { missed } = record;
  if (missed === undefined || deps.world.seen.hash(missed) === undefined) return [];
  const isDue = turn.wantsChange && !turn.ledger.changes.some(({ path }) => path === missed);
  return isDue && deps.profile.harness.govern ? [askCall(missed)] : [];
}

/** What was sent, what is expected, and one example, which a small model copies: none where the server will see to the form. In the dialect that was asked for, or in another after the same fault twice. */
export function correctionFor(problem: Malformed, turn: Turn, deps: AgentDeps): string {
  const corrections = { ...turn.corrections, malformed: (turn.corrections.malformed ?? 0) + 1 };
  if (envelopeOf({ ...turn, corrections }, deps).kind === "constrained") {
    return askConstrained(problem.why, turn.task);
  }
  const isOther = deps.profile.harness.govern && turn.misread?.otherDialect === true;
  const dialect = isOther ? dialectNow(turn, deps.profile.dialect) : deps.profile.dialect;
  // Another dialect has to be shown, even where it is not clear what was meant.
  const name = problem.tool ?? (isOther ? turn.head.shown[0] : undefined);
  const tool = name === undefined ? undefined : deps.tools.get(name);
  const text = describeMalformed(problem, {
    dialect,
    ...(tool ? { tool: tool.schema, example: exampleArgs(tool, turn) } : {}),
  });
  return isOther ? `${text}\n${OTHER_FORM}` : text;
}

/** A small model copies an example as it stands: it is made of the file that the task is about, so that a copy does no harm. */
function exampleArgs(tool: Tool, turn: Turn): Args {
  if (!turn.focus) return tool.example;
  const { path, line } = turn.focus;
  const real: Args = { path, search: line, replace: line, content: line, pattern: line };
  return Object.fromEntries(Object.entries(tool.example).map(([name, value]) => [name, real[name] ?? value]));
}
