/** Commands that end well and say nothing of the code: they print, look, check style or types, or find no tests to run. Pure. */

import { changesBy } from "../guard/command_changes.ts";
import { parseCommandLine, type SimpleCommand } from "../guard/command_line.ts";
import { programName } from "../guard/command_risk.ts";
import { runsCode } from "../guard/ledger.ts";
import type { TestRun } from "./runners/reader.ts";

/** Programs that read code and run none of it, beside those of `core/guard/command_changes.ts`. */
const READERS =
  /^(?:(?:npx|bunx) (?:--no-install |-y |--yes )?|(?:pnpm|yarn) exec )?(?:eslint|tslint|standard|xo|prettier|biome|oxlint|stylelint|markdownlint|htmlhint|tsc|vue-tsc|flow|knip|pyright|pylint|black|isort|rubocop|golangci-lint|staticcheck|gofmt|hadolint|yamllint|commitlint)(?: |$)/;
/** Code that stands in the command itself, and takes nothing from the project. */
const INLINE = /^(?:node|python[\d.]*|ruby|perl|php|deno)(?: eval| -[cepr]| --eval| --print)(?: |$)/;
const TAKES = /\b(?:import|require|load|open|read\w*|source|exec\w*|spawn\w*|subprocess|system|include\w*)\b/;

/**
 * Whether a command line surely runs none of the project's code. Where in doubt it does.
 * @param scripts what `npm run NAME` stands for, by name
 */
export function testsNothing(line: string, scripts: Readonly<Record<string, unknown>> = {}): boolean {
  return isIdle(line, scripts, 0);
}

function isIdle(line: string, scripts: Readonly<Record<string, unknown>>, depth: number): boolean {
  const parsed = parseCommandLine(line);
  if (parsed.kind === "complex" || depth > 5) return false;
  return parsed.commands.every((command) => {
    const script = scriptOf(command, scripts);
    if (script !== undefined) return isIdle(script, scripts, depth + 1);
    if (runsCode(command, [])) return false;
    const words = command.words.map(({ text }) => text).join(" ");
    return READERS.test(words) || INLINE.test(words) && !TAKES.test(words) || changesBy(command) === "no";
  });
}

/** `npm run lint`, `yarn lint`: the text of that script. */
function scriptOf(
  command: SimpleCommand,
  scripts: Readonly<Record<string, unknown>>,
): string | undefined {
  if (!/^(?:npm|pnpm|yarn|bun)$/.test(programName(command) ?? "")) return undefined;
  const named = command.words.slice(1).map(({ text }) => text).find((word) => !/^(?:run|-.*)$/.test(word));
  const text = named === undefined ? undefined : scripts[named];
  return typeof text === "string" ? text : undefined;
}

/** A program's own word that there is nothing to run. */
const NOTHING =
  /^(?:error: No test modules found|(?:Error: )?No tests? (?:files? )?found|error: No matching files found|(?:\[\w+\] )?(?:No tests to run|Tests are skipped)\.?$|No tests executed|No tests were found|npm (?:error|ERR!) Missing script:|No test is available in )/im;
/** make, where a file or folder has the target's name, or the target no recipe. */
const MADE =
  /^make(?:\[\d+\])?: (?:['`][^']{1,100}' is up to date|Nothing to be done for ['`][^']{1,100}')\.?$/;
const GRADLE = /^> Task :(?:\S+:)?test(?: (\S+))?$/;

/** pytest's and unittest's own code for it. */
const NO_TESTS_RAN = 5;

/** Whether a run found nothing to test, by its own word; not where it could not load what it found. */
export function foundNoTests(run: TestRun, output: string, exitCode: number | null): boolean {
  if (run.failures.length > 0) return false;
  if (run.tests !== undefined) {
    return run.tests === 0 && (exitCode === 0 || exitCode === NO_TESTS_RAN || NOTHING.test(output));
  }
  if (NOTHING.test(output) && !/^Passed! /m.test(output)) return true;
  const lines = output.split("\n").map((line) => line.trimEnd()).filter((line) => line !== "");
  if (lines.length > 0 && lines.every((line) => MADE.test(line))) return true;
  const tasks = lines.flatMap((line) => GRADLE.exec(line) ? [GRADLE.exec(line)?.[1]] : []);
  return tasks.length > 0 && tasks.every((state) => state === "NO-SOURCE");
}
