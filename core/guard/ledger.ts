/** Keeps the account of what really happened in a turn. Pure. */

import type { ToolOutput } from "../tool.ts";
import { parseCommandLine, type SimpleCommand } from "./command_line.ts";
import { innerCommands } from "./command_risk.ts";
import type { CommandRun, FileChange, Ledger } from "../types.ts";

export const EMPTY_LEDGER: Ledger = { changes: [], commands: [], writes: 0 };

/** Adds the changes of one call; several changes of one file become one. */
export function addChanges(ledger: Ledger, changes: readonly FileChange[]): Ledger {
  if (changes.length === 0) return ledger;
  const byPath = new Map(ledger.changes.map((change) => [change.path, change]));
  for (const change of changes) {
    const merged = mergeChange(byPath.get(change.path), change);
    if (merged) byPath.set(change.path, merged);
    else byPath.delete(change.path);
  }
  return { ...ledger, changes: [...byPath.values()], writes: ledger.writes + changes.length };
}

function mergeChange(before: FileChange | undefined, change: FileChange): FileChange | undefined {
  if (!before) return change;
  const { isBlank, ...after } = change;
  if (before.kind === "created" && after.kind === "deleted") return undefined;
  const kind = before.kind === "created" ? "created" : before.kind === "deleted" ? "edited" : after.kind;
  return {
    ...after,
    kind,
    linesAdded: before.linesAdded + after.linesAdded,
    linesRemoved: before.linesRemoved + after.linesRemoved,
    ...(isBlank && before.isBlank ? { isBlank } : {}),
  };
}

/** Adds a command that ran. Whether it is a check is judged here, from its words and the files changed so far. */
export function addCommand(
  ledger: Ledger,
  command: NonNullable<ToolOutput["command"]>,
  where: { cwd: string; by: CommandRun["by"]; writesBefore: number; isCheck?: boolean },
): Ledger {
  const isCheck = where.isCheck ??
    (where.by === "harness" || executesCode(command.command, ledger.changes.map(({ path }) => path)));
  const run = { ...command, cwd: where.cwd, by: where.by, isCheck, afterChanges: where.writesBefore };
  return { ...ledger, commands: [...ledger.commands, run] };
}

const TEST_RUNNER =
  /^(?:(?:uv|poetry|pipenv|pdm|hatch) run |npx (?:-y |--yes )?|bunx |(?:pnpm|yarn) exec )?(?:pytest|py\.test|tox|nox|jest|vitest|mocha|rspec|ctest|phpunit|(?:npm|pnpm|yarn|bun)(?: run)? test(?::[\w:-]+)?|npm t|node --test|deno (?:test|task test)|cargo (?:test|nextest)|go test|make (?:-\w+ )*(?:test|check)|dotnet test|mvn (?:test|verify)|gradlew? test|python[\d.]* -m (?:pytest|unittest|doctest))(?: |$)/;
const PROGRAM = /^(?:python[\d.]*|node|deno run|bun|ruby|php|bash|sh|go run|cargo run|java)(?: |$)/;
/** A script that is a test by its name, run by its own program: `sh test_cart.sh`, `node cart.test.js`. */
const TEST_FILE = /^(?:tests?[_-].+|.+[_.-](?:tests?|spec)|tests?)\.\w{1,5}$/i;
/** Options by which a runner says something or reads the code, and runs none of it. */
const RUNS_NOTHING =
  / (?:--help|--version|--collect-only|--co|--fixtures|--markers|--setup-plan|--no-run|--dry-run|--list|--listTests|--check|--syntax-check|-m (?:py_compile|compileall)|-V|-DskipTests|-Dmaven\.test\.skip(?:=true)?)(?: |$)|^(?:bash|sh) -n |^ruby -c |^php -l |^g?make (?:.* )?(?:-[a-z]*n[a-z]*|--just-print)(?: |$)|^go test (?:.* )?-(?:c|list)(?: |=|$)/;

/**
 * Whether a command line's exit code is that of a test runner, or of a program by a file that was changed in this turn. In
 * `npm test | tail`, `npm test || true` and `npm test; ls` it is another's.
 */
export function executesCode(line: string, changedPaths: readonly string[]): boolean {
  const parsed = parseCommandLine(line);
  if (parsed.kind === "complex" || /(?:^|[;&|({\n])\s*!\s/.test(line)) return false;
  const onlyAnd = !/[;|\n]|(?<![&>])&(?![&>\d])/.test(line);
  const deciding = onlyAnd ? parsed.commands : parsed.commands.slice(-1);
  return deciding.some((command) => runsCode(command, changedPaths));
}

/** Whether one command is a test runner, or a program by a file that was changed. */
export function runsCode(command: SimpleCommand, changedPaths: readonly string[]): boolean {
  const inner = innerCommands(command);
  if (inner === "unknown") return false;
  // `timeout 60 npm test`, `bash -c "npm test"`; one level, as people write it.
  const words = (inner.at(-1) ?? command).words.map(({ text }) => text);
  const called = [baseName(words[0] ?? ""), ...words.slice(1)].join(" ");
  if (RUNS_NOTHING.test(called)) return false;
  if (TEST_RUNNER.test(called)) return true;
  const changed = new Set(changedPaths.map(baseName));
  if (changed.has(baseName(words[0] ?? ""))) return true;
  const runs = (file: string) => changed.has(file) || TEST_FILE.test(file);
  return PROGRAM.test(called) && words.slice(1).some((word) => runs(baseName(word)));
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The last run of each check command that ran to its end after the last change, oldest first. */
export function freshChecks(ledger: Ledger): readonly CommandRun[] {
  const last = new Map<string, CommandRun>();
  for (const run of ledger.commands) {
    if (!run.isCheck || run.afterChanges < ledger.writes || !didRun(run.exitCode)) continue;
    last.delete(run.command);
    last.set(run.command, run);
  }
  return [...last.values()];
}

/** Whether an exit code tells of a program's own end: not of one that was killed, or that the shell could not start (126, 127). */
export function didRun(exitCode: number | null): boolean {
  return exitCode !== null && exitCode !== 126 && exitCode !== 127;
}
