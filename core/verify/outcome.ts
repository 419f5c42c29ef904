/** How a turn ended, from the ledger alone (DESIGN decision 8). Pure. */

import { freshChecks } from "../guard/ledger.ts";
import { describeAssertion, openItems } from "../plan/contract.ts";
import { redChecks } from "../guard/red_checks.ts";
import type { Outcome, Turn } from "../types.ts";

/** The outcome of a turn that came to its own end, and one sentence why. */
export function judgeOutcome(
  turn: Pick<Turn, "task" | "wantsChange" | "ledger" | "baseline" | "check" | "contract">,
): { outcome: Outcome; reason: string } {
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
    const was = kind === "unmended"
      ? "is still red after the change"
      : turn.baseline?.exitCode === 0
      ? "was green and is red after the change"
      : "fails where it did not before the change";
    return { outcome: "failed", reason: `\`${run.command}\` ${was}` };
  }
  const green = freshChecks(ledger).filter((run) => run.exitCode === 0);
  if (red.length > 0) {
    return {
      outcome: "unverified",
      reason: `red, and not known to be green before: \`${names(red.map(({ run }) => run))}\``,
    };
  }
  if (green.length === 0) return { outcome: "unverified", reason: "no check ran after the last change" };
  const open = openItems(turn.contract ?? []);
  if (open.length > 0) {
    const said = open.map(({ assertion, state }) => `${describeAssertion(assertion)} (${state})`).join(", ");
    return { outcome: "unverified", reason: `of the contract is not fulfilled: ${said}` };
  }
  return { outcome: "verified", reason: `\`${names(green)}\` passed after the last change` };
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
