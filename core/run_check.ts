/** Runs the project's own check as the harness: permitted, sandboxed and accounted for like a command of the model. */

import { didRun } from "./guard/ledger.ts";
import { isPermitted, type RunDeps } from "./run_tool.ts";
import type { ToolContext } from "./tool.ts";
import { failedTests, testsRun } from "./verify/failures.ts";

/** A check that ran, or why it did not. */
export type Checked =
  | {
    readonly kind: "ran";
    readonly command: string;
    readonly exitCode: number | null;
    readonly output: string;
    readonly failures: readonly string[];
    /** Tests that ran, where the runner says. */
    readonly tests: number | undefined;
    readonly ms: number;
  }
  | { readonly kind: "not_run"; readonly command: string; readonly why: string };

/** Runs `command`; a check that cannot start, finds no tests or does not end in time did not run. Emits one `check` event. */
export async function runCheck(
  check: { command: string; phase: "baseline" | "after"; timeoutMs: number },
  context: Pick<ToolContext, "shell" | "signal" | "output">,
  deps: RunDeps,
): Promise<Checked> {
  const { command, phase, timeoutMs } = check;
  const request = { effect: "run" as const, what: `run: ${command}`, command };
  const started = deps.now();
  const checked = await isPermitted(`check_${phase}`, request, context.signal, deps)
    ? await run(command, timeoutMs, context)
    : { kind: "not_run" as const, command, why: "it was not permitted" };
  deps.emit({
    type: "check",
    command,
    phase,
    state: checked.kind === "not_run" ? "not_run" : checked.exitCode === 0 ? "green" : "red",
    failures: checked.kind === "ran" ? checked.failures : [checked.why],
    ms: deps.now() - started,
  });
  return checked;
}

async function run(
  command: string,
  timeoutMs: number,
  context: Pick<ToolContext, "shell" | "signal" | "output">,
): Promise<Checked> {
  const result = await context.shell.run(command, {
    timeoutMs,
    signal: context.signal,
    onOutput: context.output,
    background: false,
  });
  if (result.timedOut) {
    return { kind: "not_run", command, why: `it did not end within ${timeoutMs / 1000} s` };
  }
  const { exitCode, output, ms } = result;
  if (!didRun(exitCode)) {
    return { kind: "not_run", command, why: `it could not be run (exit ${exitCode ?? "none"})` };
  }
  const tests = testsRun(output);
  if (exitCode === 0 && tests === 0) return { kind: "not_run", command, why: "it found no tests" };
  return {
    kind: "ran",
    command,
    exitCode,
    output,
    failures: failedTests(output),
    tests,
    ms,
  };
}
