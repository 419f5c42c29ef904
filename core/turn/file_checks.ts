/**
 * Quick looks at single files around edits: the project's own linter and type checker where they take one file, and the language's syntax
 * check. Each is given 5 s; one that needs more is not used again. Only what was not there before is told.
 */

import type { AgentDeps } from "./agent_deps.ts";
import { editedPath } from "./edited_path.ts";
import { addCommand } from "../guard/ledger.ts";
import { judge } from "../guard/permissions.ts";
import { importNotThere, newProblems } from "../prompt/text/checks.ts";
import { isPermitted } from "../run_tool.ts";
import type { ToolOutput } from "../tool.ts";
import type { Baseline, CheckRun, ToolCall, Turn } from "../types.ts";
import { describeFailures, readTestRun } from "../verify/failures.ts";
import { type FileCommand, fileCommands } from "../verify/file_commands.ts";
import { missingImports } from "../verify/local_imports.ts";
import type { TestRun } from "../verify/runners/reader.ts";

const LIMIT_MS = 5_000;
/** Files of one reply that are looked at. */
const MAX_FILES = 5;
/** Lines of problems that stand below a result. */
const MAX_LINES = 10;

/** What one command said of a file. */
interface Said {
  readonly check: FileCommand;
  readonly run: TestRun;
  readonly output: string;
  readonly exitCode: number;
  readonly ms: number;
}

/** Whether the harness runs checks at all. */
export function checksOn(deps: AgentDeps): boolean {
  return deps.profile.harness.verify && deps.config.planner.validateAfterEdit;
}

/** Before the first edit of a file: what is wrong with it already. */
export async function lookBefore(
  turn: Turn,
  made: ToolCall,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  if (!checksOn(deps)) return turn;
  const path = await editedPath(made, deps);
  if (path === undefined || turn.problems?.[path]) return turn;
  if (await deps.world.files.exists(path) !== "file") return turn;
  return withProblems(turn, path, namesOf(await lookAt(path, deps, signal)));
}

/** After the calls of a reply: imports of files that are not there, and what is wrong with the changed files that was not before. */
export async function lookAfter(
  turn: Turn,
  outputs: readonly ToolOutput[],
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ readonly turn: Turn; readonly notes: readonly string[] }> {
  const paths = outputs.flatMap(({ changes = [] }) => changes.map(({ path }) => path));
  if (!checksOn(deps) || paths.length === 0) return { turn, notes: [] };
  const imports = await importNotes(outputs, deps);
  const looked = await problemNotes(turn, paths, deps, signal);
  return { turn: looked.turn, notes: [...imports, ...looked.notes] };
}

/** Once all calls of a reply ran: what its edits import and is not there. */
async function importNotes(outputs: readonly ToolOutput[], deps: AgentDeps): Promise<readonly string[]> {
  const notes: string[] = [];
  for (const { changes = [], diff } of outputs) {
    for (const { path, kind } of changes) {
      if (kind === "deleted" || diff === undefined) continue;
      const missing = await missingImports(path, diff, deps.world.files);
      notes.push(...missing.map(({ line, name }) => importNotThere(path, line, name)));
    }
  }
  return [...new Set(notes)];
}

async function problemNotes(
  turn: Turn,
  paths: readonly string[],
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ readonly turn: Turn; readonly notes: readonly string[] }> {
  let next = turn;
  const notes: string[] = [];
  for (const path of [...new Set(paths)].slice(0, MAX_FILES)) {
    const change = turn.ledger.changes.find((one) => one.path === path);
    if (!change || change.kind === "deleted") continue;
    // Of a file that a command edited it is not known how it was.
    const known = next.problems?.[path]?.now ?? (change.kind === "created" ? [] : undefined);
    const said = await lookAt(path, deps, signal);
    if (known) notes.push(...said.flatMap((one) => tellNew(one, known)));
    next = withProblems(next, path, namesOf(said));
  }
  return { turn: next, notes: notes.length === 0 ? [] : [newProblems(notes)] };
}

/**
 * At a turn's end where no test ran: the syntax of every changed file. Red speaks against the turn, green proves nothing, for none of the
 * code was run.
 */
export async function checkSyntax(turn: Turn, deps: AgentDeps, signal: AbortSignal): Promise<Turn> {
  let next = turn;
  for (const { path, kind, by } of turn.ledger.changes.slice(0, MAX_FILES * 4)) {
    if (kind === "deleted") continue;
    for (const said of (await lookAt(path, deps, signal, "syntax"))) {
      if (said.exitCode === 0) continue;
      const known = by === "tool" && kind === "edited" ? turn.problems?.[path]?.before : undefined;
      next = addRed(next, said, known, deps);
    }
  }
  return next;
}

function addRed(turn: Turn, said: Said, known: readonly string[] | undefined, deps: AgentDeps): Turn {
  const { check, run, output, exitCode, ms } = said;
  const { command } = check;
  const failures = run.failures.map(({ name }) => name);
  if (known && failures.every((name) => known.includes(name))) return turn;
  const base = { command, kind: "types" as const, ms, tests: undefined };
  const checkRun: CheckRun = { ...base, exitCode, failures, excerpt: describeFailures(run, output) };
  // The file was read before its first edit: then it is known how it stood.
  const before: Baseline | undefined = known &&
    { ...base, exitCode: known.length === 0 ? 0 : 1, failures: known };
  const where = { cwd: deps.world.files.root, by: "harness" as const, writesBefore: turn.ledger.writes };
  deps.emit({ type: "check", command, phase: "after", state: "red", failures, ms });
  return {
    ...turn,
    checks: [...(turn.checks ?? []).filter((one) => one.command !== command), checkRun],
    ...(before
      ? { baselines: [...(turn.baselines ?? []).filter((one) => one.command !== command), before] }
      : {}),
    ledger: addCommand(turn.ledger, { command, exitCode, ms }, where),
  };
}

async function lookAt(
  path: string,
  deps: AgentDeps,
  signal: AbortSignal,
  which: "all" | "syntax" = "all",
): Promise<readonly Said[]> {
  const said: Said[] = [];
  const { checks } = deps;
  const commands = fileCommands(path, checks.known(), checks.hasProgram);
  for (const check of commands) {
    if (which === "syntax" && !check.isSyntax || checks.slow.has(check.name)) continue;
    if (!await mayLook(check, deps, signal)) continue;
    const options = { timeoutMs: LIMIT_MS, signal, onOutput: () => {}, background: false };
    const { exitCode, output, timedOut, ms } = await checks.shell.run(check.command, options);
    if (timedOut) checks.slow.add(check.name);
    if (timedOut || exitCode === null || exitCode > 125) continue;
    const run = readTestRun(output, checks.shell.cwd());
    said.push({ check, run, output, exitCode, ms });
    if (check.isSyntax && exitCode !== 0) break; // the others would say the same in more words
  }
  return said;
}

/** Never a question in `ask` and `edits`, where there would be one at each edit; in `auto` without a sandbox one for each tool. */
async function mayLook(
  { name, command }: FileCommand,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<boolean> {
  const request = { effect: "run" as const, what: `look at edited files: ${name}`, command };
  const rules = deps.rules();
  const { decision } = judge(request, rules);
  if (decision !== "ask") return decision === "allow";
  if (rules.mode !== "auto") return false;
  const known = deps.checks.looks.get(name);
  if (known !== undefined) return known;
  const answer = await isPermitted("file_check", request, signal, deps);
  deps.checks.looks.set(name, answer);
  return answer;
}

function tellNew({ run, output, exitCode }: Said, known: readonly string[]): readonly string[] {
  if (exitCode === 0) return [];
  const isNew = (name: string) => !known.includes(name);
  if (run.failures.length > 0 && !run.failures.some(({ name }) => isNew(name))) return [];
  return describeFailures(run, output, ({ name }) => isNew(name)).split("\n").slice(0, MAX_LINES);
}

function namesOf(said: readonly Said[]): readonly string[] {
  return said.flatMap(({ run, exitCode }) =>
    exitCode === 0
      ? []
      : run.failures.length > 0
      ? run.failures.map(({ name }) => name)
      : [`exit ${exitCode}`]
  );
}

function withProblems(turn: Turn, path: string, now: readonly string[]): Turn {
  const before = turn.problems?.[path]?.before ?? now;
  return { ...turn, problems: { ...turn.problems, [path]: { before, now } } };
}
