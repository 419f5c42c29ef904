/** Which red checks speak against a turn, given how things stood before its first edit. Pure. */

import type { Baseline, CommandRun, Turn } from "../types.ts";
import { freshChecks } from "./ledger.ts";

/** A check that is red after the last change, and why that counts or does not. */
export interface RedCheck {
  readonly run: CommandRun;
  /** `broke`: it was green at the start. `unmended`: the message asked to mend it. `aside`: it was red before, or nothing is known. */
  readonly kind: "broke" | "unmended" | "aside";
}

type Checked = Pick<Turn, "task" | "ledger" | "baseline" | "check">;

/** The red checks after the last change, oldest first. */
export function redChecks(turn: Checked): readonly RedCheck[] {
  return freshChecks(turn.ledger).filter((run) => run.exitCode !== 0).map((run) => ({
    run,
    kind: kindOf(run, turn),
  }));
}

function kindOf(run: CommandRun, turn: Checked): RedCheck["kind"] {
  const before = turn.baseline?.command === run.command ? turn.baseline : undefined;
  if (before?.exitCode === 0) return "broke";
  if (before && turn.check?.command === run.command && hasNewFailures(before, turn.check)) return "broke";
  return asksToMend(turn.task) ? "unmended" : "aside";
}

/** Whether a check fails where it is known not to have failed before, or loads fewer tests. A check that named no failure tells nothing. */
function hasNewFailures(before: Baseline, after: Baseline): boolean {
  const known = new Set(before.failures);
  if (known.size > 0 && after.failures.some((failure) => !known.has(failure))) return true;
  return before.tests !== undefined && after.tests !== undefined && after.tests < before.tests;
}

/** Work that is asked for with words of mending: "add error handling", "pass the name", "a debug flag". */
const NO_MENDING =
  /\b(?:(?:errors?|failures?|bug) (?:handl\w+|messages?|codes?|class(?:es)?|types?|pages?|reports?|boundar\w+)|(?:handle|raise|throw|return|catch|log)\w* (?:an? |the )?(?:\w+ )?(?:errors?|failures?)|debug (?:flag|mode|log\w*|output|print\w*|level|option)|pass(?:es)? (?:it|them|in|an?|the|its?|every|each)\b(?! tests?| checks?| suite))/gi;
const MEND =
  /\b(fix|mend|repair|correct|debug|solve|fail(s|ed|ing|ure)?|broken|crash(es)?|errors?|bug|pass(es)?|green|wrong)\b/i;

/** Whether a message asks to make something red green. */
export function asksToMend(task: string): boolean {
  return MEND.test(task.replace(NO_MENDING, ""));
}
