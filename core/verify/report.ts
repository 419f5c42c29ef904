/** The report a person reads at the end of a turn, made from what happened and nothing else. Pure. */

import { freshChecks } from "../guard/ledger.ts";
import { newFailures } from "../guard/red_checks.ts";
import { contractLines } from "../plan/contract.ts";
import { howEnded } from "../prompt/text/fresh_context.ts";
import type { Baseline, CheckRun, CommandRun, FileChange, Outcome, Turn } from "../types.ts";
import { nameList } from "../name_list.ts";

/** How the turn ended. */
export interface Ending {
  readonly outcome: Outcome;
  readonly reason: string;
  /** Lines about what else is to be known, e.g. which files were put back. */
  readonly notes: readonly string[];
  /** Milliseconds since the turn began. */
  readonly ms: number;
}

/** More commands than this are counted; the last ones are told. */
const MAX_COMMANDS = 10;
const COMMAND_CHARS = 90;
/** Of more files that commands changed the first are told, and the others counted. */
const MAX_BY_COMMANDS = 40;
/** Failing tests that are named. */
const MAX_FAILING = 3;

/** One fact a line: files, commands, checks before and after, what was not checked, attempts, contract, notes, the outcome, the cost. */
export function finishReport(turn: Turn, { outcome, reason, notes, ms }: Ending): string {
  const { ledger } = turn;
  return [
    ...changeLines(ledger.changes),
    ...commandLines(ledger.commands),
    ...ledger.unwatched ? [notLookedFor(ledger.unwatched)] : [],
    ...checkLines(turn),
    ...uncheckedLine(turn),
    ...attemptLines(turn),
    ...contractLines(turn.contract ?? []),
    ...notes,
    ...turn.notes ?? [],
    `${outcome}: ${reason}`,
    ...costLine(turn, ms),
  ].map((line) => `  ${line}`).join("\n");
}

/** In their order; what tools changed is told in full. */
function changeLines(changes: readonly FileChange[]): readonly string[] {
  const byCommands = changes.filter(({ by }) => by === "command");
  const left = new Set(byCommands.slice(MAX_BY_COMMANDS));
  const lines = changes.filter((change) => !left.has(change)).map(changeLine);
  return left.size === 0 ? lines : [...lines, `and ${left.size} more files by commands`];
}

function changeLine({ kind, path, linesAdded, linesRemoved, by }: FileChange): string {
  const isCounted = by === "tool" || linesAdded + linesRemoved > 0;
  const delta = isCounted ? [`+${linesAdded} -${linesRemoved}`] : [];
  const how = [...delta, ...by === "command" ? ["by a command"] : []].join(", ");
  return `${kind.padEnd(8)} ${path}  (${how})`;
}

/** Commands of the model; the same one again and again is one line with all its exit codes. The harness's own are told as checks. */
function commandLines(commands: readonly CommandRun[]): readonly string[] {
  const byCommand = Map.groupBy(commands.filter(({ by }) => by === "model"), ({ command }) => command);
  const lines = [...byCommand.values()].map((runs) => {
    const codes = runs.map(howEnded);
    const changes = codes.filter((code, i) => code !== codes[i - 1]);
    return `ran      ${short(runs[0]?.command ?? "")}  (${changes.slice(-5).join(", then ")})`;
  });
  const left = lines.length - MAX_COMMANDS;
  return left <= 0 ? lines : [`ran      ${left} more commands`, ...lines.slice(left)];
}

/** The limits are those of core/store/scan.ts. */
function notLookedFor(commands: number): string {
  const which = commands === 1 ? "a command" : `${commands} commands`;
  return `unseen   what ${which} changed was not all looked for: over 20,000 files, or over 300 ms`;
}

function checkLines({ baselines = [], checks = [], ledger }: Turn): readonly string[] {
  const isFresh = new Set(freshChecks(ledger).map(({ command }) => command));
  const after = checks.flatMap((check) => {
    const before = baselines.find(({ command }) => command === (check.of ?? check.command));
    const was = before && before.exitCode !== null ? `${stateOf(before)} before, ` : "";
    const stale = check.exitCode === null || isFresh.has(check.command) ? "" : " (before the last change)";
    const state = `${was}${stateOf(check)}${check.exitCode === null ? "" : " after"}${stale}`;
    return [`check    ${short(check.command)}  ${state}`, ...failingLine(check, before)];
  });
  const known = new Set(checks.map(({ of, command }) => of ?? command));
  const only = baselines.filter(({ command, exitCode }) => !known.has(command) && exitCode !== null).map((
    check,
  ) => `check    ${short(check.command)}  ${stateOf(check)} before, not run after`);
  return [...after, ...only];
}

/** Which tests fail; where some did not before, those. */
function failingLine(after: CheckRun, before: Baseline | undefined): readonly string[] {
  if (after.exitCode === 0 || after.exitCode === null) return [];
  const added = before ? newFailures(after, before) : [];
  const names = added.length > 0 ? added : after.failures;
  if (names.length === 0) return [];
  const more = names.length > MAX_FAILING ? `, and ${names.length - MAX_FAILING} more` : "";
  return [
    `${added.length > 0 ? "broke   " : "fails   "} ${
      names.slice(0, MAX_FAILING).map(short).join(", ")
    }${more}`,
  ];
}

function stateOf({ exitCode, failures, tests, why }: Omit<CheckRun, "excerpt">): string {
  if (exitCode === null) return `not run${why ? `: ${why}` : ""}`;
  const count = tests === undefined ? "" : ` of ${tests}`;
  if (exitCode === 0) {
    return tests === undefined ? "green" : `green (${tests} ${tests === 1 ? "test" : "tests"})`;
  }
  return failures.length === 0 ? `red (exit ${exitCode})` : `red (${failures.length}${count} failed)`;
}

/** Files that changed after the last check that ran, or that none ran on. */
function uncheckedLine({ ledger }: Turn): readonly string[] {
  if (ledger.changes.length === 0 || freshChecks(ledger).length > 0) return [];
  const paths = ledger.changes.map(({ path }) => path);
  return [`not checked by any run: ${nameList(paths, 5)}`];
}

function attemptLines({ attempts = [], corrections }: Turn): readonly string[] {
  const tried = attempts.map(({ strategy }) => strategy.replaceAll("_", " "));
  const others = Object.entries(corrections).filter(([reason, n]) =>
    n > 0 && !(reason === "red" && tried.length > 0)
  );
  return [
    ...tried.length > 0 ? [`tried    ${tried.join(", then ")}`] : [],
    ...others.length > 0
      ? [`corrected: ${others.map(([reason, n]) => n > 1 ? `${reason} ${n} times` : reason).join(", ")}`]
      : [],
  ];
}

function costLine({ step, tokens }: Turn, ms: number): readonly string[] {
  if (step === 0) return [];
  const cached = tokens.prompt - tokens.prefilled;
  const reused = cached > 0 ? ` (${cached} more from the cache)` : "";
  return [
    `${step} ${
      step === 1 ? "step" : "steps"
    }, ${tokens.prefilled} tokens read${reused}, ${tokens.output} written, ${(ms / 1_000).toFixed(1)} s`,
  ];
}

function short(command: string): string {
  const line = command.trim().split("\n", 1)[0] ?? "";
  return line.length <= COMMAND_CHARS && line === command.trim() ? line : `${line.slice(0, COMMAND_CHARS)}…`;
}
