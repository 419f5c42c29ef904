/** How a turn ended, from the ledger alone (DESIGN decision 8). Pure. */

import { freshChecks } from "../guard/ledger.ts";
import { describeAssertion, openItems } from "../plan/contract.ts";
import { isCodePath } from "../prompt/first_look.ts";
import { redChecks } from "../guard/red_checks.ts";
import type { CommandRun, Outcome, Turn } from "../types.ts";
import { covers } from "./covers.ts";
import { testsNothing } from "./tests_nothing.ts";
import { nameList } from "../name_list.ts";

/** What an outcome is judged from. */
type Judged = Pick<
  Turn,
  "task" | "wantsChange" | "ledger" | "baselines" | "checks" | "weakened" | "meanwhile" | "contract"
>;

/** The outcome of a turn that came to its own end, and one sentence why. */
export function judgeOutcome(turn: Judged): { outcome: Outcome; reason: string } {
  const { ledger, wantsChange } = turn;
  if (ledger.changes.length === 0) {
    return wantsChange
      ? { outcome: "failed", reason: "a change was asked for and no file was changed" }
      : { outcome: "answered", reason: "no change was asked for and none was made" };
  }
  const red = redChecks(turn);
  const against = red.find(({ kind }) => kind !== "aside");
  if (against) {
    const { run, kind } = against;
    const was = run.exitCode === 0
      ? "runs fewer tests than before the change"
      : kind === "unmended"
      ? "is still red after the change"
      : baselineOf(run, turn)?.exitCode === 0
      ? "was green and is red after the change"
      : "fails where it did not before the change";
    return { outcome: "failed", reason: `\`${run.command}\` ${was}` };
  }
  const originals = red.find(({ run }) => runOf(run, turn)?.originals);
  if (originals) {
    const files = runOf(originals.run, turn)?.originals?.join(", ");
    return {
      outcome: "unverified",
      reason: `the tests pass only as they were changed in this turn: ${files}`,
    };
  }
  if (red.length > 0) {
    return {
      outcome: "unverified",
      reason: `red, and not known to be green before: \`${names(red.map(({ run }) => run))}\``,
    };
  }
  const green = freshChecks(ledger).filter((run) => run.exitCode === 0);
  // Of a text, what the user set as its check is all that there is to run.
  const isCode = ledger.changes.some(({ path }) => isCodePath(path));
  const executing = green.filter((run) =>
    (runOf(run, turn)?.kind ?? "test") === "test" && !(isCode && testsNothing(run.command))
  );
  if (executing.length === 0) {
    const reason = green.length === 0
      ? "no check ran after the last change"
      : `\`${names(green)}\` passed, but runs none of the code`;
    return { outcome: "unverified", reason: `${reason}${notRun(turn)}` };
  }
  const unrun = ledger.changes.filter(({ path, kind }) =>
    kind !== "deleted" && !executing.some(({ command }) => covers(command, path))
  );
  if (unrun.length > 0) {
    const paths = nameList(unrun.map(({ path }) => path), 3);
    return { outcome: "unverified", reason: `\`${names(green)}\` passed, but runs none of ${paths}` };
  }
  if (ledger.changes.every(({ isBlank }) => isBlank)) {
    return { outcome: "unverified", reason: `\`${names(green)}\` passed, but only blank lines were changed` };
  }
  const open = openItems(turn.contract ?? []);
  if (open.length > 0) {
    const said = open.map(({ assertion, state }) => `${describeAssertion(assertion)} (${state})`).join(", ");
    return { outcome: "unverified", reason: `of the contract is not fulfilled: ${said}` };
  }
  const doubt = doubtOf(turn);
  if (doubt) return { outcome: "unverified", reason: doubt };
  return { outcome: "verified", reason: `\`${names(green)}\` passed after the last change` };
}

function runOf({ command }: CommandRun, turn: Judged) {
  return turn.checks?.find((check) => check.command === command);
}

function baselineOf(run: CommandRun, turn: Judged) {
  const command = runOf(run, turn)?.of ?? run.command;
  return turn.baselines?.find((baseline) => baseline.command === command);
}

/** Why green checks do not verify. */
function doubtOf({ baselines, checks, weakened, meanwhile }: Judged): string | undefined {
  if (meanwhile) return `code was changed while the checks ran: ${meanwhile.slice(0, 3).join(", ")}`;
  if (weakened && weakened.length > 0) {
    return `the tests that passed were changed in this turn: ${weakened.join(", ")}`;
  }
  if (checks && checks.length > 0 && !baselines) return "how the checks stood before the change is not known";
  const unknown = baselines?.find(({ isUnknown }) => isUnknown);
  if (unknown) return `how \`${unknown.command}\` stood before the change is not known: ${unknown.why}`;
  const silent = checks?.find(({ isUnknown }) => isUnknown);
  if (silent) return `how \`${silent.command}\` stands after the change is not known: ${silent.why}`;
  const flaky = checks?.find((check) => check.flaky !== undefined);
  if (flaky) {
    return `\`${flaky.command}\` failed, and passed when it ran again with nothing changed: ${
      flaky.flaky?.slice(0, 3).join(", ")
    }`;
  }
  const gone = checks?.find(({ command, of, exitCode }) =>
    exitCode === null &&
    baselines?.some((before) => before.command === (of ?? command) && before.exitCode === 0)
  );
  return gone && `\`${gone.command}\` was green before the change and is not run since: ${gone.why}`;
}

/** Checks that had something to say and did not run. */
function notRun({ checks }: Judged): string {
  const silent = (checks ?? []).filter(({ exitCode }) => exitCode === null);
  return silent.map(({ command, why }) => `; \`${command}\`: ${why}`).join("");
}

function names(runs: readonly { readonly command: string }[]): string {
  return runs.map((run) => run.command).join("`, `");
}

/** Exit code of an outcome (DESIGN decision 8). */
export function exitCodeOf(outcome: Outcome, options: { requireVerified: boolean }): 0 | 1 | 130 {
  switch (outcome) {
    case "verified":
    case "answered":
      return 0;
    case "unverified":
      return options.requireVerified ? 1 : 0;
    case "failed":
    case "stopped":
      return 1;
    case "cancelled":
      return 130;
  }
}
