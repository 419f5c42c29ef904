/** How a turn ended, from the ledger alone (DESIGN decision 8). Pure. */

import type { Ledger, Outcome } from "../types.ts";
import { freshChecks } from "../guard/ledger.ts";

/** The outcome of a turn that came to its own end, and one sentence why. */
export function judgeOutcome(
  turn: { wantsChange: boolean; ledger: Ledger },
): { outcome: Outcome; reason: string } {
  const { ledger, wantsChange } = turn;
  if (ledger.changes.length === 0) {
    return wantsChange
      ? { outcome: "failed", reason: "a change was asked for and no file was changed" }
      : { outcome: "answered", reason: "no change was asked for and none was made" };
  }
  const checks = freshChecks(ledger);
  const red = checks.filter((run) => run.exitCode !== 0);
  if (red[0]) return { outcome: "failed", reason: `\`${red[0].command}\` fails after the last change` };
  if (checks.length === 0) return { outcome: "unverified", reason: "no check ran after the last change" };
  return {
    outcome: "verified",
    reason: `\`${checks.map((run) => run.command).join("`, `")}\` passed after the last change`,
  };
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
