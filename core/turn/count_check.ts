/** Runs one of the project's checks after a change, and puts it into the turn beside how it stood before. */

import type { AgentDeps } from "./agent_deps.ts";
import { WAIT_MS } from "./baselines.ts";
import { addCommand } from "../guard/ledger.ts";
import { asksToMend, loadsFewer, newFailures } from "../guard/red_checks.ts";
import { allOfIt, fewerTests, testsAsTheyWere } from "../prompt/text/checks.ts";
import { type Checked, runCheck } from "./run_check.ts";
import type { Shell, ToolContext } from "../tool.ts";
import type { CheckRun, Turn } from "../types.ts";
import type { ProjectCheck } from "../verify/project_check.ts";
import { describeFailures } from "../verify/failures.ts";

/** No check is given more than this, however slow its baseline was. */
const MOST_MS = 600_000;
/** A check that ended so many times faster before the change will not end any more. */
const TIMES = 10;

/** An output of more lines than this says more than its excerpt. */
const LONG_OUTPUT = 40;

/** Runs a check in a shell, with the time that its baseline calls for. */
export async function runIn(
  shell: Shell,
  { command, kind, folder }: Pick<ProjectCheck, "command" | "kind" | "folder">,
  turn: Turn,
  { context, deps, of }: { context: ToolContext; deps: AgentDeps; of?: string },
): Promise<Checked> {
  const before = turn.baselines?.find((baseline) => baseline.command === (of ?? command));
  const most = Math.min(MOST_MS, Math.max(deps.config.tools.bashTimeoutMs, WAIT_MS, 3 * (before?.ms ?? 0)));
  const call = { command, kind, phase: "after" as const, shell, ...folder === undefined ? {} : { folder } };
  if (before === undefined || before.exitCode === null) {
    return await runCheck({ ...call, timeoutMs: most }, context, deps);
  }
  const timeoutMs = Math.min(most, Math.max(WAIT_MS, TIMES * before.ms));
  return await runCheck({ ...call, timeoutMs, endedIn: before.ms }, context, deps);
}

/** Puts a run into the ledger and beside it what of it counts. Its baseline is known from then on. */
export async function addRun(
  turn: Turn,
  checked: Checked,
  part: Pick<CheckRun, "of" | "originals" | "flaky">,
  signal: AbortSignal,
  deps: AgentDeps,
): Promise<Turn> {
  // How a check stood that said nothing now need not be waited for.
  const isAwaited = turn.baselines !== undefined && checked.state === "ran";
  const baselines = isAwaited
    ? await deps.baselines.settle(signal, part.of ?? checked.command)
    : turn.baselines;
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
  part: Pick<CheckRun, "of" | "originals" | "flaky">,
  turn: Turn,
  deps: AgentDeps,
): CheckRun {
  const { command, kind, ms } = checked;
  const base = { command, kind, ms, ...part };
  if (checked.state === "not_run") {
    const isUnknown = checked.because === "slow" || checked.because === "denied";
    const nothing = { exitCode: null, why: checked.why, failures: [], tests: undefined, excerpt: "" };
    return isUnknown ? { ...base, ...nothing, isUnknown } : { ...base, ...nothing };
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
