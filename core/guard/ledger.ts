/** Keeps the account of what really happened in a turn. Pure. */

import type { ToolOutput } from "../tool.ts";
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

function mergeChange(before: FileChange | undefined, after: FileChange): FileChange | undefined {
  if (!before) return after;
  if (before.kind === "created" && after.kind === "deleted") return undefined;
  const kind = before.kind === "created" ? "created" : before.kind === "deleted" ? "edited" : after.kind;
  return {
    ...after,
    kind,
    linesAdded: before.linesAdded + after.linesAdded,
    linesRemoved: before.linesRemoved + after.linesRemoved,
  };
}

/** Adds a command that ran. Whether it is a check is judged here, from its words and the files changed so far. */
export function addCommand(
  ledger: Ledger,
  command: NonNullable<ToolOutput["command"]>,
  where: { cwd: string; by: CommandRun["by"]; writesBefore: number },
): Ledger {
  const isCheck = executesCode(command.command, ledger.changes.map(({ path }) => path));
  const run = { ...command, cwd: where.cwd, by: where.by, isCheck, afterChanges: where.writesBefore };
  return { ...ledger, commands: [...ledger.commands, run] };
}

const TEST_RUNNERS =
  /(^|[\s;&|(])(pytest|py\.test|tox|nox|jest|vitest|mocha|rspec|ctest|phpunit|(npm|pnpm|yarn|bun)( run)? test|npm t|node --test|deno (test|task test)|cargo (test|nextest)|go test|make (test|check)|dotnet test|mvn (test|verify)|gradle test|\.\/gradlew test|python3? -m (pytest|unittest|doctest))(\s|$)/;
const RUNNERS = /(^|[\s;&|(])(python3?|node|deno run|bun|ruby|php|bash|sh|go run|cargo run|java|\.\/)/;

/** Whether a command runs a test runner, or a program by a file that was changed in this turn. */
export function executesCode(command: string, changedPaths: readonly string[]): boolean {
  if (TEST_RUNNERS.test(command)) return true;
  return RUNNERS.test(command) &&
    changedPaths.some((path) => command.includes(path.slice(path.lastIndexOf("/") + 1)));
}

/** The last run of each check command that ran after the last change, oldest first. */
export function freshChecks(ledger: Ledger): readonly CommandRun[] {
  const last = new Map<string, CommandRun>();
  for (const run of ledger.commands) {
    if (!run.isCheck || run.afterChanges < ledger.writes) continue;
    last.delete(run.command);
    last.set(run.command, run);
  }
  return [...last.values()];
}
