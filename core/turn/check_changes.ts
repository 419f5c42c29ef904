/** The project's checks around a turn's changes: how they stood before the first, and what they say after the last. */

import { lstat, mkdir, realpath, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { AgentDeps } from "./agent_deps.ts";
import { WAIT_MS } from "./baselines.ts";
import { contextFor } from "./call_context.ts";
import { checkContract } from "./check_contract.ts";
import { ifRefused } from "../errors.ts";
import { checksOn, checkSyntax } from "./file_checks.ts";
import { followChecks } from "./follow_plan.ts";
import { changesFiles } from "../guard/command_changes.ts";
import { addCommand, freshChecks } from "../guard/ledger.ts";
import { asksToMend, loadsFewer, newFailures } from "../guard/red_checks.ts";
import { noteJobs, noteWatched } from "./note_changes.ts";
import { allOfIt, fewerTests, testsAsTheyWere } from "../prompt/text/checks.ts";
import { isTestPath } from "../prompt/first_look.ts";
import { unwrapUse } from "../route/menu.ts";
import { type Checked, runCheck } from "./run_check.ts";
import type { Shell, ToolContext } from "../tool.ts";
import type { CheckRun, ToolCall, Turn } from "../types.ts";
import type { ProjectCheck } from "../verify/checks.ts";
import { describeFailures } from "../verify/failures.ts";
import { commandFor, nearestTests } from "../verify/nearest_tests.ts";
import { shownCommand } from "../verify/shown_command.ts";
import { asksForTests } from "../route/asks_for_tests.ts";
import { decidesTests, testPart } from "../verify/decides_tests.ts";

/** No check is given more than this, however slow its baseline was. */
const MOST_MS = 600_000;

/** An output of more lines than this says more than its excerpt. */
const LONG_OUTPUT = 40;

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
  return { ...turn, baselines: await deps.baselines.take(context, deps) };
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
  const checked = followChecks(await checkChanges(await noteJobs(turn, deps), deps, signal), deps);
  const held = await checkContract(checked, contextFor("check_contract", checked, deps, signal), deps);
  // A job may have changed files beside the checks. What was created meanwhile may be a check's own report.
  const { changes, isWhole } = await deps.changesByJobs();
  return noteWatched(held, { changes: changes.filter(({ kind }) => kind !== "created"), isWhole }, deps);
}

/** The project's checks, those left out that ran after the last change already. */
async function checkChanges(turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Turn> {
  if (turn.ledger.changes.length === 0 || !checksOn(deps)) return turn;
  const context = contextFor("check_after", turn, deps, signal);
  let next = turn;
  for (const check of await deps.checks.find(signal)) {
    if (!ranAlready(check.command, next)) next = await checkOne(next, check, context, deps);
  }
  return freshChecks(next.ledger).length > 0 ? next : await checkBare(next, context, deps);
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

/** Run by the harness since the last change; a run of the model's own may have had other folders and variables. */
function ranAlready(command: string, { ledger }: Turn): boolean {
  return freshChecks(ledger).some((run) => run.command === command && run.by === "harness");
}

async function checkOne(
  turn: Turn,
  check: ProjectCheck,
  context: ToolContext,
  deps: AgentDeps,
): Promise<Turn> {
  const isSlow = deps.checks.slow.has(check.command);
  let next = turn;
  if (isSlow) {
    const nearest = await runNearest(next, check, context, deps);
    next = nearest.turn;
    if (nearest.isRed) return next; // what is known to be wrong is told before minutes are spent
  }
  const checked = await runIn(deps.checks.shell, check, turn, { context, deps });
  if (checked.state === "not_run" && checked.because === "slow") deps.checks.slow.add(check.command);
  next = await addRun(next, checked, {}, context.signal, deps);
  if (checked.state === "not_run" && checked.because === "slow" && !isSlow) {
    next = (await runNearest(next, check, context, deps)).turn;
  }
  const isGreen = checked.state === "ran" && checked.exitCode === 0;
  return isGreen && check.kind === "test" ? await runOriginals(next, check, context, deps) : next;
}

async function runIn(
  shell: Shell,
  { command, kind }: Pick<ProjectCheck, "command" | "kind">,
  turn: Turn,
  { context, deps }: { context: ToolContext; deps: AgentDeps },
): Promise<Checked> {
  const before = turn.baselines?.find((baseline) => baseline.command === command);
  const timeoutMs = Math.min(
    MOST_MS,
    Math.max(deps.config.tools.bashTimeoutMs, WAIT_MS, 3 * (before?.ms ?? 0)),
  );
  return await runCheck({ command, kind, phase: "after", timeoutMs, shell }, context, deps);
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
  const command = commandFor(check.perFile, tests);
  if (command === undefined) return { turn, isRed: false };
  const checked = await runIn(deps.checks.shell, { command, kind: "test" }, turn, { context, deps });
  const next = await addRun(turn, checked, { of: check.command }, context.signal, deps);
  return { turn: next, isRed: checked.state === "ran" && checked.exitCode !== 0 };
}

/** Puts a run into the ledger and beside it what of it counts. All baselines are known from then on. */
async function addRun(
  turn: Turn,
  checked: Checked,
  part: Pick<CheckRun, "of" | "originals">,
  signal: AbortSignal,
  deps: AgentDeps,
): Promise<Turn> {
  const baselines = turn.baselines ? await deps.baselines.settle(signal) : undefined;
  const settled = baselines ? { ...turn, baselines } : turn;
  const label = part.originals ? `${checked.command} (tests as they were)` : checked.command;
  const run = checkRunOf({ ...checked, command: label }, part, settled, deps);
  const others = (turn.checks ?? []).filter(({ command }) => command !== label);
  const where = { cwd: deps.world.files.root, by: "harness" as const, writesBefore: turn.ledger.writes };
  const command = { command: label, exitCode: run.exitCode, ms: run.ms };
  return {
    ...settled,
    checks: [...others, run],
    ledger: checked.state === "ran" ? addCommand(turn.ledger, command, where) : turn.ledger,
  };
}

function checkRunOf(
  checked: Checked,
  part: Pick<CheckRun, "of" | "originals">,
  turn: Turn,
  deps: AgentDeps,
): CheckRun {
  const { command, kind, ms } = checked;
  const base = { command, kind, ms, ...part };
  if (checked.state === "not_run") {
    return { ...base, exitCode: null, why: checked.why, failures: [], tests: undefined, excerpt: "" };
  }
  const { run, output, exitCode } = checked;
  const { tests } = run;
  const state = { ...base, exitCode, failures: run.failures.map(({ name }) => name), tests, excerpt: "" };
  const before = turn.baselines?.find((baseline) => baseline.command === (part.of ?? command));
  const lines: string[] = [];
  if (part.originals) lines.push(testsAsTheyWere(part.originals));
  if (before && loadsFewer(state, before)) lines.push(fewerTests(state.tests ?? 0, before.tests ?? 0));
  if (exitCode !== 0) {
    const fresh = new Set(before ? newFailures(state, before) : state.failures);
    const isShown = (name: string) => fresh.size === 0 || asksToMend(turn.task, kind) || fresh.has(name);
    const shown = describeFailures(run, output, ({ name }) => isShown(name));
    lines.push(shown);
    if (output.trimEnd().split("\n").length > LONG_OUTPUT) {
      lines.push(allOfIt(deps.world.results.keep(output)));
    }
  }
  return { ...state, excerpt: lines.join("\n") };
}

/**
 * Green tests that the turn itself changed, though it was not asked to, prove nothing: they are run once more as they were, in a copy of the
 * workspace. New tests stay in it.
 */
async function runOriginals(
  turn: Turn,
  check: ProjectCheck,
  context: ToolContext,
  deps: AgentDeps,
): Promise<Turn> {
  const { weakened: _, ...rest } = turn;
  const before = turn.baselines?.find(({ command }) => command === check.command);
  if (asksForTests(turn.task) || before?.exitCode === null || !before) return rest;
  const changed = await changedTests(turn, deps);
  if (changed.length === 0) return rest;
  const paths = changed.map(({ path }) => path);
  const unproved = { ...rest, weakened: paths };
  if (changed.some(({ text }) => text === undefined)) return unproved;
  const scratch = await deps.checks.openScratch(context.signal);
  if (!scratch) return unproved;
  try {
    for (const { path, text = null } of changed) {
      if (!await writeInto(scratch.root, path, text)) return unproved;
    }
    const checked = await runIn(scratch.shell, check, turn, { context, deps });
    if (checked.state === "not_run") return unproved;
    return await addRun(rest, checked, { of: check.command, originals: paths }, context.signal, deps);
  } finally {
    await scratch.close();
  }
}

/** Writes or removes a file of a copy; not through a link, which leads out of it. */
async function writeInto(root: string, path: string, text: string | null): Promise<boolean> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  if (relative(root, await realpath(dirname(file))) !== dirname(path).replace(/^\.$/, "")) return false;
  if ((await lstat(file).catch(() => undefined))?.isSymbolicLink()) return false;
  await (text === null ? rm(file, { force: true }) : writeFile(file, text));
  return true;
}

/** A test, or what decides how tests run, that was changed. */
interface ChangedTest {
  readonly path: string;
  /** As it was before the turn; `null`: it was not there; absent: that is not known. */
  readonly text?: string | null;
}

/** New tests are none of them; new configuration of tests is. */
async function changedTests(turn: Turn, deps: AgentDeps): Promise<readonly ChangedTest[]> {
  const originals = deps.baselines.originals();
  const changed: ChangedTest[] = [];
  for (const { path, kind } of turn.ledger.changes) {
    const before = originals.get(path);
    if (!decidesTests(path) || kind === "created" && isTestPath(path)) continue;
    const now = kind === "deleted" ? undefined : await deps.world.files.read(path).catch(ifRefused);
    if (kind === "created") {
      if (now && testPart(path, now.text) !== testPart(path, emptyOf(path))) {
        changed.push({ path, text: null });
      }
      continue;
    }
    if (before === undefined) {
      changed.push({ path });
      continue;
    }
    if (now === undefined || testPart(path, now.text) !== testPart(path, before)) {
      changed.push({ path, text: before });
    }
  }
  return changed;
}

function emptyOf(path: string): string {
  return path.endsWith(".json") ? "{}" : "";
}
