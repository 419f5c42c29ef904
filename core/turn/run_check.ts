/** Runs one of the project's checks as the harness: permitted, sandboxed and accounted for like a command of the model. */

import { didRun } from "../guard/ledger.ts";
import { isPermitted, type RunDeps } from "../run_tool.ts";
import type { Shell, ToolContext } from "../tool.ts";
import type { CheckKind } from "../types.ts";
import { doesNotEnd } from "../prompt/text/checks.ts";
import { readTestRun } from "../verify/failures.ts";
import { failure, type TestRun } from "../verify/runners/reader.ts";
import { foundNoTests } from "../verify/tests_nothing.ts";

/** A check to run. */
export interface CheckCall {
  readonly command: string;
  readonly kind: CheckKind;
  readonly phase: "baseline" | "after";
  readonly timeoutMs: number;
  /** How long it took before the change, in ms: where it does not end now, it is red. Absent: that is not known. */
  readonly endedIn?: number;
  /** The folder below the workspace that the command goes into. */
  readonly folder?: string;
  /** A shell that starts in the folder that is checked. */
  readonly shell: Shell;
}

/** A check that ran, or why it did not. */
export type Checked =
  | {
    readonly state: "ran";
    readonly command: string;
    readonly kind: CheckKind;
    readonly exitCode: number | null;
    readonly output: string;
    readonly run: TestRun;
    readonly ms: number;
  }
  | {
    readonly state: "not_run";
    readonly command: string;
    readonly kind: CheckKind;
    /** `slow`: it was ended; `empty`: there is nothing to run yet. */
    readonly because: "denied" | "slow" | "empty" | "broken";
    readonly why: string;
    readonly ms: number;
  };

/** Asks for permission, then runs; emits one `check` event. */
export async function runCheck(
  check: CheckCall,
  context: Pick<ToolContext, "signal" | "output">,
  deps: RunDeps,
): Promise<Checked> {
  if (await mayCheck(check, context.signal, deps)) return await runPermitted(check, context, deps);
  const { command, kind } = check;
  const why = "it was not permitted";
  deps.emit({ type: "check", command, phase: check.phase, state: "not_run", failures: [why], ms: 0 });
  return { state: "not_run", command, kind, because: "denied", why, ms: 0 };
}

/** Whether the check may run, as the rules or a person say. */
export async function mayCheck(
  { command, phase }: Pick<CheckCall, "command" | "phase">,
  signal: AbortSignal,
  deps: RunDeps,
): Promise<boolean> {
  const request = { effect: "run" as const, what: `run: ${command}`, command };
  return await isPermitted(`check_${phase}`, request, signal, deps);
}

/** Runs a check that is permitted; one that cannot start, finds no tests or does not end in time did not run. Emits one `check` event. */
export async function runPermitted(
  check: CheckCall,
  context: Pick<ToolContext, "signal" | "output">,
  deps: Pick<RunDeps, "emit">,
): Promise<Checked> {
  const checked = await run(check, context);
  deps.emit({
    type: "check",
    command: check.command,
    phase: check.phase,
    state: checked.state === "not_run" ? "not_run" : checked.exitCode === 0 ? "green" : "red",
    failures: checked.state === "ran" ? checked.run.failures.map(({ name }) => name) : [checked.why],
    ms: checked.ms,
  });
  return checked;
}

/** The runner is not installed: Python and npx say so with an exit code of their own. */
const NOT_INSTALLED =
  /: No module named (?:pytest|mypy|tox)$|^npm (?:error|ERR!) (?:npx canceled|could not determine executable)/m;

/** As `timeout` says it. */
export const ENDED = 124;

async function run(check: CheckCall, context: Pick<ToolContext, "signal" | "output">): Promise<Checked> {
  const { command, kind, timeoutMs, endedIn, folder, shell } = check;
  const result = await shell.run(command, {
    timeoutMs,
    signal: context.signal,
    onOutput: context.output,
    background: false,
  });
  const { exitCode, output, ms } = result;
  const notRun = (because: "slow" | "empty" | "broken", why: string) =>
    ({ state: "not_run", command, kind, because, why, ms }) as const;
  if (result.timedOut) {
    if (endedIn === undefined) {
      return notRun("slow", `it did not end within ${Math.round(timeoutMs / 1000)} s`);
    }
    const said = doesNotEnd(timeoutMs, endedIn);
    const run = { failures: [failure(said, undefined, [])], tests: undefined };
    return { state: "ran", command, kind, exitCode: ENDED, output: `${said}\n${output}`, run, ms };
  }
  if (!didRun(exitCode)) return notRun("broken", `it could not be run (exit ${exitCode ?? "none"})`);
  const run = readTestRun(output, shell.cwd(), folder);
  if (foundNoTests(run, output, exitCode)) return notRun("empty", "it found no tests");
  if (run.failures.length === 0 && exitCode !== 0 && NOT_INSTALLED.test(output)) {
    return notRun("broken", "its runner is not installed");
  }
  // `jest || true`: the tests that failed are named, whatever the command ends with.
  return {
    state: "ran",
    command,
    kind,
    exitCode: exitCode === 0 && run.isRed ? 1 : exitCode,
    output,
    run,
    ms,
  };
}
