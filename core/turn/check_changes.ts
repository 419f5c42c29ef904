/** The project's checks around a turn's changes: how they stood before the first, and what they say after the last. */

import type { AgentDeps } from "./agent_deps.ts";
import { contextFor } from "./call_context.ts";
import { checkContract } from "./check_contract.ts";
import { HUNG } from "./baselines.ts";
import { addRun, runIn } from "./count_check.ts";
import { ENDED } from "./run_check.ts";
import { checksOn, checkSyntax } from "./file_checks.ts";
import { followChecks } from "./follow_plan.ts";
import { changesFiles } from "../guard/command_changes.ts";
import { freshChecks } from "../guard/ledger.ts";
import { newFailures } from "../guard/red_checks.ts";
import { openItems, unsettle } from "../plan/contract.ts";
import { isCodePath } from "../prompt/first_look.ts";
import { noteJobs, noteWatched } from "./note_changes.ts";
import { runOriginals } from "./original_tests.ts";
import { unwrapUse } from "../route/menu.ts";
import type { Checked } from "./run_check.ts";
import type { ToolContext } from "../tool.ts";
import type { ToolCall, Turn } from "../types.ts";
import type { ProjectCheck } from "../verify/project_check.ts";
import { commandFor, nearestTests } from "../verify/nearest_tests.ts";
import { shownCommand } from "../verify/shown_command.ts";
import { nameList } from "../name_list.ts";

/** Before the first call of a turn that may change files: how the project's checks stand, so that only what is worse counts later. */
export async function takeBaselines(
  turn: Turn,
  made: ToolCall,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  if (turn.baselines || turn.ledger.writes > 0 || !checksOn(deps) || !mayChange(turn, made, deps)) {
    return turn;
  }
  const context = contextFor("check_baseline", turn, deps, signal);
  const compare = await deps.lookAtFiles(signal);
  const baselines = await deps.baselines.take(context, deps);
  const changed = (await compare()).flatMap(({ path, kind }) => kind === "created" ? [] : [path]);
  return { ...withNote(turn, "changed while the checks ran before the first edit", changed), baselines };
}

/** Edits always; commands that write, and where a change was asked for, those that run code. */
function mayChange(turn: Turn, made: ToolCall, deps: AgentDeps): boolean {
  const { name, args } = unwrapUse(made, deps.tools);
  const effect = deps.tools.get(name)?.effect;
  if (effect === "write") return true;
  if (effect !== "run" || typeof args.command !== "string" || args.job) return false;
  const changing = changesFiles(args.command);
  return changing === "yes" || changing === "maybe" && turn.wantsChange;
}

/** Before a turn with changes ends: the project's checks, what they say of the plan, and the contract. */
export async function checkWork(turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Turn> {
  const noted = await noteJobs(turn, deps);
  if (noted.ledger.changes.length === 0) return noted;
  const due = await dueChecks(noted, deps, signal);
  const isBare = checksOn(deps) && freshChecks(noted.ledger).length === 0;
  if (due.length === 0 && !isBare && openItems(noted.contract ?? []).length === 0) return noted;
  const checked = await checkOnce(noted, due, deps, signal);
  // A job, a check that formats, or a person changed code meanwhile, which no check has seen: once more.
  if (checked.ledger.writes === noted.ledger.writes && !checked.meanwhile) return checked;
  return await checkOnce(checked, await allChecks(checked, deps, signal), deps, signal);
}

async function checkOnce(
  turn: Turn,
  due: readonly ProjectCheck[],
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  const { meanwhile: _, ...rest } = turn;
  const compare = await deps.lookAtFiles(signal);
  const checked = followChecks(await runChecks(rest, due, deps, signal), deps);
  const held = await checkContract(checked, contextFor("check_contract", checked, deps, signal), deps);
  // A new file that is no code may be a check's own report.
  const { changes, isWhole } = await deps.changesByJobs();
  const byJobs = changes.filter(({ path, kind }) => kind !== "created" || isCodePath(path));
  const known = new Set(byJobs.map(({ path }) => path));
  const others = (await compare()).filter(({ path }) => !known.has(path));
  const told = others.flatMap(({ path, kind }) => kind === "created" ? [] : [path]);
  const code = told.filter((path) => isCodePath(path) && !REPORT.test(path));
  const noted = noteWatched(
    withNote(held, "changed while the checks ran", told),
    { changes: byJobs, isWhole },
    deps,
  );
  if (code.length === 0) return noted;
  return { ...noted, meanwhile: code, ...noted.contract ? { contract: unsettle(noted.contract) } : {} };
}

/** What test runs and builds write anew each time. */
const REPORT = /\.(?:html|css)$|(?:^|\/)(?:coverage|htmlcov|reports?|dist|build|out|target|node_modules)\//;

/** The turn with a line for its report. */
function withNote(turn: Turn, what: string, paths: readonly string[]): Turn {
  if (paths.length === 0) return turn;
  const note = `${what}: ${nameList(paths, 5)}`;
  return turn.notes?.includes(note) ? turn : { ...turn, notes: [...turn.notes ?? [], note] };
}

/** The project's checks but those that ran after the last change already. */
async function dueChecks(turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<readonly ProjectCheck[]> {
  return (await allChecks(turn, deps, signal)).filter(({ command }) => !ranAlready(command, turn));
}

async function allChecks(turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<readonly ProjectCheck[]> {
  if (!checksOn(deps)) return [];
  return withThoseBefore(await deps.checks.find(signal), turn).filter((check) => isAbout(check, turn));
}

async function runChecks(
  turn: Turn,
  due: readonly ProjectCheck[],
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  if (!checksOn(deps)) return turn;
  const context = contextFor("check_after", turn, deps, signal);
  let next = turn;
  for (const check of due) next = await checkOne(next, check, context, deps);
  return freshChecks(next.ledger).length > 0 ? next : await checkBare(next, context, deps);
}

/** Those that are found, and those that said something before the change and are not found since: what took them away is a change like any other. */
function withThoseBefore(found: readonly ProjectCheck[], { baselines = [] }: Turn): readonly ProjectCheck[] {
  const known = new Set(found.map(({ command }) => command));
  const gone = baselines.filter(({ command, exitCode }) => exitCode !== null && !known.has(command));
  return [...found, ...gone.map(({ command, kind }) => ({ command, kind, from: "before the change" }))];
}

/** Where no check ran: the changed program as the message shows how, else the syntax of what was changed. */
async function checkBare(turn: Turn, context: ToolContext, deps: AgentDeps): Promise<Turn> {
  const changed = turn.ledger.changes.flatMap(({ path, kind }) => kind === "deleted" ? [] : [path]);
  const command = shownCommand(turn.task, changed);
  if (command === undefined) return await checkSyntax(turn, deps, context.signal);
  const checked = await runIn(deps.checks.shell, { command, kind: "test" }, turn, { context, deps });
  const next = await addRun(turn, checked, {}, context.signal, deps);
  return checked.state === "ran" ? next : await checkSyntax(next, deps, context.signal);
}

/**
 * Run by the harness since the last change, and since the last command that may have changed what is not looked at (ignored files); a run
 * of the model's own may have had other folders and variables.
 */
function ranAlready(command: string, { ledger }: Turn): boolean {
  const run = freshChecks(ledger).find((run) => run.command === command && run.by === "harness");
  if (!run) return false;
  const since = ledger.commands.slice(ledger.commands.lastIndexOf(run) + 1);
  return since.every(({ by, command }) => by === "harness" || changesFiles(command) === "no");
}

async function checkOne(
  turn: Turn,
  check: ProjectCheck,
  context: ToolContext,
  deps: AgentDeps,
): Promise<Turn> {
  const { command, kind } = check;
  const { slow, hung } = deps.checks;
  const isSlow = slow.has(command);
  let next = turn;
  if (isSlow) {
    const nearest = await runNearest(next, check, context, deps);
    next = nearest.turn;
    if (nearest.isRed) return next; // what is known to be wrong is told before minutes are spent
    // How long it may take is known once the copy has run it.
    if (next.baselines) next = { ...next, baselines: await deps.baselines.settle(context.signal, command) };
  }
  const checked = hung.has(command)
    ? { state: "not_run" as const, command, kind, because: "slow" as const, why: HUNG, ms: 0 }
    : await runIn(deps.checks.shell, check, next, { context, deps });
  if (hasHung(checked)) {
    slow.add(command);
    // It did not end in this time before the change either, as far as is known.
    hung.add(command);
  }
  next = await addRun(next, checked, {}, context.signal, deps);
  next = await runAgain(next, check, context, deps);
  if (hasHung(checked) && !isSlow) next = (await runNearest(next, check, context, deps)).turn;
  return tellsLess(checked, next) && kind === "test" ? await runOriginals(next, check, context, deps) : next;
}

/** The checks of a folder are about what lies in it. */
function isAbout({ folder }: ProjectCheck, { ledger }: Turn): boolean {
  return folder === undefined || ledger.changes.some(({ path }) => path.startsWith(`${folder}/`));
}

/** A test that fails now and then takes no change back: what broke is run once more before it counts. */
async function runAgain(
  turn: Turn,
  check: ProjectCheck,
  context: ToolContext,
  deps: AgentDeps,
): Promise<Turn> {
  const first = turn.checks?.find(({ command }) => command === check.command);
  const before = turn.baselines?.find(({ command }) => command === check.command);
  if (!first || !before || first.ms > AGAIN_MS || first.exitCode === ENDED) return turn;
  const broken = first.exitCode === 0 ? [] : newFailures(first, before);
  if (broken.length === 0 || deps.checks.confirmed.has(keyOf(check.command, broken))) return turn;
  const checked = await runIn(deps.checks.shell, check, turn, { context, deps });
  const { run: { failures }, exitCode } = checked.state === "ran"
    ? checked
    : { run: { failures: [] }, exitCode: 1 };
  const gone = broken.filter((name) => !failures.some((failure) => failure.name === name));
  if (checked.state !== "ran" || gone.length === 0 || exitCode !== 0 && gone.length < broken.length) {
    deps.checks.confirmed.add(keyOf(check.command, broken));
    return turn;
  }
  return await addRun(turn, checked, { flaky: gone }, context.signal, deps);
}

/** A check that takes longer is not run twice. */
const AGAIN_MS = 30_000;

function keyOf(command: string, failures: readonly string[]): string {
  return [command, ...failures].join("\n");
}

function hasHung(checked: Checked): boolean {
  return checked.state === "not_run" && checked.because === "slow";
}

/** Green, or nothing found to run where something was: what that is worth depends on the tests. */
function tellsLess(checked: Checked, { baselines = [] }: Turn): boolean {
  if (checked.state === "ran") return checked.exitCode === 0;
  const before = baselines.find(({ command }) => command === checked.command);
  return checked.because === "empty" && before?.exitCode === 0;
}

/** Where all tests take long: those that are about the changed files. */
async function runNearest(
  turn: Turn,
  check: ProjectCheck,
  context: ToolContext,
  deps: AgentDeps,
): Promise<{ turn: Turn; isRed: boolean }> {
  if (check.kind !== "test" || check.perFile === undefined) return { turn, isRed: false };
  const changed = turn.ledger.changes.map(({ path }) => path);
  const tests = await nearestTests(changed, await deps.checks.paths(context.signal), deps.world.files);
  const command = commandFor(check.perFile, tests, check.folder);
  if (command === undefined || deps.checks.hung.has(command)) return { turn, isRed: false };
  const checked = await runIn(deps.checks.shell, { ...check, command }, turn, {
    context,
    deps,
    of: check.command,
  });
  if (hasHung(checked)) deps.checks.hung.add(command);
  const next = await addRun(turn, checked, { of: check.command }, context.signal, deps);
  return { turn: next, isRed: checked.state === "ran" && checked.exitCode !== 0 };
}
