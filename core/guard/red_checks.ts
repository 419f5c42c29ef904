/** Which red checks speak against a turn, given how things stood before its first edit. Pure. */

import type { Baseline, CheckKind, CheckRun, CommandRun, Turn } from "../types.ts";
import { isTestPath } from "../prompt/first_look.ts";
import { freshChecks } from "./ledger.ts";

/** A check that is red after the last change, and why that counts or does not. */
export interface RedCheck {
  readonly run: CommandRun;
  /** `broke`: it was green at the start. `unmended`: the message asked to mend it. `aside`: it was red before, or nothing is known. */
  readonly kind: "broke" | "unmended" | "aside";
}

type Checked = Pick<Turn, "task" | "ledger" | "baselines" | "checks">;

/** The red checks after the last change, oldest first. A green one that lost tests, though no test was changed, is red. */
export function redChecks(turn: Checked): readonly RedCheck[] {
  return freshChecks(turn.ledger).filter((run) => run.exitCode !== 0 || lostTests(run, turn)).map((run) => ({
    run,
    kind: kindOf(run, turn),
  }));
}

function lostTests({ command }: CommandRun, { ledger, baselines, checks }: Checked): boolean {
  const after = checks?.find((check) => check.command === command);
  const before = baselines?.find((baseline) => baseline.command === command);
  return before !== undefined && after !== undefined && loadsFewer(after, before) &&
    !ledger.changes.some(({ path }) => isTestPath(path));
}

function kindOf(run: CommandRun, turn: Checked): RedCheck["kind"] {
  const after = turn.checks?.find(({ command }) => command === run.command);
  const before = turn.baselines?.find(({ command }) => command === (after?.of ?? run.command));
  const mends = asksToMend(turn.task, after?.kind ?? "test");
  if (after?.originals) {
    // Tests that follow a change that was asked for fail as they were; only those that were to be mended must not.
    const stillFails = before?.failures.some((failure) => after.failures.includes(failure)) ?? false;
    return mends && before?.exitCode !== 0 && stillFails ? "unmended" : "aside";
  }
  if (before?.exitCode === 0) return "broke";
  if (before && after && (newFailures(after, before).length > 0 || loadsFewer(after, before))) return "broke";
  return mends ? "unmended" : "aside";
}

/** Failures that are known not to have been there before. A red check that named no failure tells nothing. */
export function newFailures(after: CheckRun, before: Baseline): readonly string[] {
  const known = new Set(before.failures);
  if (before.exitCode !== 0 && (known.size === 0 || loadsMore(after, before))) return [];
  return after.failures.filter((failure) => !known.has(failure));
}

/** How runners name what could not be loaded or built: pytest, unittest, jest, go. */
const NOT_LOADED = /^[^:>]+\.py$|_FailedTest|Test suite failed to run|\[(?:build|setup) failed\]/;

/** Whether tests run now that could not before: their failures may have been there all the time. */
function loadsMore(after: CheckRun, before: Baseline): boolean {
  if (before.failures.some((name) => NOT_LOADED.test(name) && !after.failures.includes(name))) return true;
  return after.of === undefined && after.tests !== undefined && after.tests > (before.tests ?? 0);
}

/** Whether the same check runs fewer tests than before: some no longer load, or were taken out. */
export function loadsFewer(after: CheckRun, before: Baseline): boolean {
  return after.of === undefined && before.tests !== undefined && after.tests !== undefined &&
    after.tests < before.tests;
}

/** Work that is asked for with words of mending: "add error handling", "pass the name", "a debug flag". */
const NO_MENDING =
  /\b(?:(?:errors?|failures?|bug) (?:handl\w+|messages?|codes?|class(?:es)?|types?|pages?|reports?|boundar\w+)|(?:handle|raise|throw|return|catch|log)\w* (?:an? |the )?(?:\w+ )?(?:errors?|failures?)|debug (?:flag|mode|log\w*|output|print\w*|level|option)|pass(?:es)? (?:it|them|in|an?|the|its?|every|each)\b(?! tests?| checks?| suite))/gi;
const MEND =
  /\b(fix|mend|repair|correct|debug|solve|fail(s|ed|ing|ure)?|broken|crash(es)?|errors?|bug|pass(es)?|green|wrong)\b/i;

/** What a message that asks to mend says where it means more than the tests. */
const MEANS: Readonly<Record<Exclude<CheckKind, "test">, RegExp>> = {
  types: /\b(?:typ(?:es?|ings?|echeck\w*)|type-?check\w*|tsc|mypy|TS\d{3,5}|compil\w*)\b/i,
  lint: /\b(?:lint\w*|eslint|ruff|warnings?|style)\b/i,
  build: /\b(?:builds?|compil\w*)\b/i,
};

/** Whether a message asks to make a check of that kind green. */
export function asksToMend(task: string, kind: CheckKind): boolean {
  return MEND.test(task.replace(NO_MENDING, "")) && (kind === "test" || MEANS[kind].test(task));
}
