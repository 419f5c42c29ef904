/**
 * How the project's checks stand before a turn changes anything: only what is worse later counts against the change.
 *
 * The first call of a turn that may change files waits for them, at most 20 s. A check that is slower goes on in a copy of the workspace
 * that is made before that call, in the background, and is awaited before the outcome is judged.
 */

import { ifRefused } from "../errors.ts";
import type { Emit } from "../events.ts";
import { type Checked, mayCheck, runCheck, runPermitted } from "./run_check.ts";
import type { RunDeps } from "../run_tool.ts";
import type { Shell, ToolContext } from "../tool.ts";
import type { Baseline } from "../types.ts";
import type { ProjectCheck } from "../verify/project_check.ts";
import { decidesTests } from "../verify/decides_tests.ts";

/** The call that is about to change files waits this long for all checks together. */
export const WAIT_MS = 20_000;
/** With less than this left, a check is not begun in the workspace. */
const LEAST_MS = 500;
/** A check in the copy takes at most this long. */
const COPY_MS = 300_000;

/** Why a check is not run again. */
export const HUNG = "it did not end before in this session";

/** A copy of the workspace with a shell in it. */
export interface Scratch {
  /** Absolute real path. */
  readonly root: string;
  readonly shell: Shell;
  /** Ends what runs in it and removes it. */
  close(): Promise<void>;
}

/** What the session knows of the project's checks. */
export interface ProjectChecks {
  /** Those that are to be run as the project stands now. @param paths its files, where they are known already */
  readonly find: (signal: AbortSignal, paths?: readonly string[]) => Promise<readonly ProjectCheck[]>;
  /** As they were found last. */
  readonly known: () => readonly ProjectCheck[];
  /** Files of the project that .gitignore does not exclude. */
  readonly paths: (signal: AbortSignal) => Promise<readonly string[]>;
  /** Starts each command in the workspace and carries nothing over. */
  readonly shell: Shell;
  /** Copies the workspace as it stands; `undefined` where it is too large. */
  readonly openScratch: (signal: AbortSignal) => Promise<Scratch | undefined>;
  /** Commands that took longer than the wait: the next turn begins them in the copy. */
  readonly slow: Set<string>;
  /** Commands that did not end after a change, and of which it is not known that they ever do: they are not run again in the session. */
  readonly hung: Set<string>;
  /** Failures that came again when their check ran once more, behind its command: they are not flaky. */
  readonly confirmed: Set<string>;
  readonly hasProgram: (name: string) => boolean;
  /** What a person said to looks at single files, by the look's name. */
  readonly looks: Map<string, boolean>;
}

/** The baselines of the running turn. */
export interface Baselines {
  /** Takes them, or begins to, once a turn; gives what is known when the call may go on. */
  take(context: ToolContext, deps: RunDeps): Promise<readonly Baseline[]>;
  /** Those that are known once the one of this command has ended; absent: once all have. */
  settle(signal: AbortSignal, command?: string): Promise<readonly Baseline[]>;
  /** Texts of the tests, and of what says how they run, when the baselines were taken; by path. */
  originals(): ReadonlyMap<string, string>;
  /** The turn's end: ends what still runs, removes the copy and forgets all of it. */
  close(): Promise<void>;
}

/** Tests over this number, or of this many characters together, are not kept. */
const MAX_ORIGINALS = 400;
const MAX_ORIGINAL_CHARS = 4_000_000;

/** Opens the baselines of a session; nothing runs yet. */
export function openBaselines(checks: ProjectChecks): Baselines {
  const known: Baseline[] = [];
  const originals = new Map<string, string>();
  let ending = new AbortController();
  let scratch: Scratch | undefined;
  let pending: Promise<void> = Promise.resolve();
  /** Those that go on in the copy, by their command. */
  const ended = new Map<string, PromiseWithResolvers<void>>();

  async function takeInPlace(
    paths: readonly string[],
    context: ToolContext,
    deps: RunDeps,
  ): Promise<readonly ProjectCheck[]> {
    const slow: ProjectCheck[] = [];
    const deadline = deps.now() + WAIT_MS;
    for (const check of await checks.find(context.signal, paths)) {
      if (checks.hung.has(check.command)) {
        known.push(unknown(check, HUNG));
        continue;
      }
      const timeoutMs = deadline - deps.now();
      if (checks.slow.has(check.command) || timeoutMs < LEAST_MS) {
        slow.push(check);
        continue;
      }
      const { command } = check;
      const call = { ...callOf(check), phase: "baseline" as const, timeoutMs, shell: checks.shell };
      const checked = await runCheck(call, context, deps);
      if (checked.state === "not_run" && checked.because === "slow") {
        checks.slow.add(command);
        slow.push(check);
      } else known.push(baselineOf(checked));
    }
    return slow;
  }

  async function takeInCopy(
    slow: readonly ProjectCheck[],
    context: ToolContext,
    deps: RunDeps,
  ): Promise<void> {
    const allowed: ProjectCheck[] = [];
    for (const check of slow) {
      if (await mayCheck({ ...check, phase: "baseline" }, context.signal, deps)) allowed.push(check);
      else known.push(unknown(check, "it was not permitted"));
    }
    if (allowed.length === 0) return;
    scratch = await checks.openScratch(context.signal);
    if (!scratch) {
      const why = `it takes longer than ${WAIT_MS / 1000} s, and the folder is too large to copy`;
      known.push(...allowed.map((check) => unknown(check, why)));
      return;
    }
    const { shell } = scratch;
    const signal = AbortSignal.any([context.signal, ending.signal]);
    for (const { command } of allowed) ended.set(command, Promise.withResolvers());
    pending = runAll(allowed, shell, { signal, emit: deps.emit });
  }

  /** One after the other: the machine is small. Never rejects. */
  async function runAll(
    list: readonly ProjectCheck[],
    shell: Shell,
    { signal, emit }: { signal: AbortSignal; emit: Emit },
  ): Promise<void> {
    for (const check of list) {
      const { command } = check;
      const call = { ...callOf(check), phase: "baseline" as const, timeoutMs: COPY_MS, shell };
      const baseline = await runPermitted(call, { signal, output: () => {} }, { emit }).then(
        (checked) => {
          if (checked.state === "not_run" && checked.because === "slow") checks.hung.add(command);
          return baselineOf(checked);
        },
        (error: unknown) => unknown(check, signal.aborted ? "it was ended" : String(error)),
      );
      known.push(baseline);
      ended.get(command)?.resolve();
    }
  }

  return {
    async take(context, deps) {
      const paths = await checks.paths(context.signal);
      await keepOriginals(paths, originals, context);
      const slow = await takeInPlace(paths, context, deps);
      if (slow.length > 0) await takeInCopy(slow, context, deps);
      return [...known];
    },
    async settle(signal, command) {
      const own = command === undefined ? pending : ended.get(command)?.promise;
      if (own) await orAborted(own, signal);
      return [...known];
    },
    originals: () => originals,
    async close() {
      ending.abort();
      await pending;
      await scratch?.close();
      ending = new AbortController();
      scratch = undefined;
      known.length = 0;
      ended.clear();
      originals.clear();
    },
  };
}

function baselineOf(checked: Checked): Baseline {
  const { command, kind, ms } = checked;
  if (checked.state === "ran") {
    const { failures, tests } = checked.run;
    return {
      command,
      kind,
      ms,
      exitCode: checked.exitCode,
      failures: failures.map(({ name }) => name),
      tests,
    };
  }
  const nothing = { command, kind, ms, exitCode: null, why: checked.why, failures: [], tests: undefined };
  const isUnknown = checked.because === "denied" || checked.because === "slow";
  return isUnknown ? { ...nothing, isUnknown } : nothing;
}

function callOf({ command, kind, folder }: ProjectCheck) {
  return folder === undefined ? { command, kind } : { command, kind, folder };
}

function unknown({ command, kind }: ProjectCheck, why: string): Baseline {
  return { command, kind, exitCode: null, why, failures: [], tests: undefined, ms: 0, isUnknown: true };
}

async function keepOriginals(
  paths: readonly string[],
  originals: Map<string, string>,
  { files, signal }: ToolContext,
): Promise<void> {
  let chars = 0;
  for (const path of paths.filter(decidesTests).slice(0, MAX_ORIGINALS)) {
    signal.throwIfAborted();
    const content = await files.read(path).catch(ifRefused);
    if (content === undefined) continue;
    chars += content.text.length;
    if (chars > MAX_ORIGINAL_CHARS) return;
    originals.set(path, content.text);
  }
}

/** @throws the signal's reason when it is aborted first */
async function orAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
