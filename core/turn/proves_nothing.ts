/** Which runs of the model's own prove nothing, though their words are those of a test runner. */

import { realpathSync } from "node:fs";
import { resolve, sep } from "node:path";
import type { AgentDeps } from "./agent_deps.ts";
import { executesCode } from "../guard/ledger.ts";
import type { ToolOutput } from "../tool.ts";
import { folderEntered } from "../verify/covers.ts";
import { readTestRun } from "../verify/failures.ts";
import { foundNoTests } from "../verify/tests_nothing.ts";

/** What these run is said elsewhere: a script, a rule, a task. */
const BY_NAME = /(?:^|[\s;&|(])(?:npm|pnpm|yarn|bun|make|gmake|deno task)(?= |$)/;

/**
 * `isCheck: false` for a run that found no tests, that hides with its exit code that some failed, that ran outside of the workspace, or that
 * runs by name what is not known to be a test and names none. What is not clear is left to the command's words (`executesCode`).
 * @param cwd where the command began, absolute
 */
export function provesNothing(
  { text, command }: Pick<ToolOutput, "text" | "command">,
  cwd: string,
  deps: Pick<AgentDeps, "world" | "checks">,
): { readonly isCheck?: false } {
  if (!command) return {};
  const { root } = deps.world.files;
  if (!isBelow(realOf(resolve(cwd, folderEntered(command.command) ?? ".")), root)) return { isCheck: false };
  if (!executesCode(command.command, [])) return {};
  const said = text.replace(/(?:^|\n)Exit code: \d+$/, "");
  const tested = readTestRun(said, root);
  if (foundNoTests(tested, said, command.exitCode) || command.exitCode === 0 && tested.isRed) {
    return { isCheck: false };
  }
  const isKnown = !BY_NAME.test(command.command) || tested.tests !== undefined ||
    tested.failures.length > 0 ||
    deps.checks.known().some((check) => check.kind === "test" && command.command.includes(check.command));
  return isKnown ? {} : { isCheck: false };
}

/** A folder may be named through a link; one that is not there stays as it is named. */
function realOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function isBelow(folder: string, root: string): boolean {
  return folder === root || folder.startsWith(root.endsWith(sep) ? root : root + sep);
}
