/** What of a check's output counts: the tests that failed, how many ran, and the part of it that a model is shown. Pure; linear in the output. */

import { readCargo, readGo, readSurefire } from "./runners/compiled.ts";
import { readJest, readMocha, readVitest } from "./runners/javascript.ts";
import { readDeno, readNodeSpec, readTap } from "./runners/node_deno.ts";
import { readProblems } from "./runners/problems.ts";
import { readPytest, readUnittest } from "./runners/python.ts";
import { readJunitXml, readRspec } from "./runners/reports.ts";
import type { Failure, Reader, TestRun } from "./runners/reader.ts";

const READERS: readonly Reader[] = [
  readUnittest,
  readPytest,
  readJest,
  readVitest,
  readMocha,
  readNodeSpec,
  readTap,
  readDeno,
  readGo,
  readCargo,
  readSurefire,
  readRspec,
  readJunitXml,
];

const MAX_FAILURES = 200;
/** A longer line is data that was printed. */
const MAX_LINE = 1_000;

/**
 * Reads a whole output. Several runners in one output are added up; compilers and linters are read where no test failed.
 * @param root absolute path of the workspace: paths below it become relative
 * @param folder below the workspace, in which it ran: places in it are told from the workspace
 */
export function readTestRun(output: string, root: string, folder?: string): TestRun {
  const lines = plainLines(output, folder === undefined ? root : `${root.replace(/\/$/, "")}/${folder}`);
  const runs = READERS.flatMap((read) => read(lines) ?? []);
  const failed = runs.flatMap(({ failures }) => failures);
  const failures = failed.length > 0 ? failed : readProblems(lines)?.failures ?? [];
  const counts = runs.flatMap(({ tests }) => tests ?? []);
  const placed = folder === undefined ? failures : failures.map((one) => inFolder(one, folder));
  const byName = new Map(placed.map((failure) => [failure.name, failure]));
  return {
    failures: [...byName.values()].slice(0, MAX_FAILURES),
    tests: counts.length === 0 ? undefined : counts.reduce((sum, n) => sum + n, 0),
    ...(failed.length > 0 ? { isRed: true as const } : {}),
  };
}

/** A problem's name begins with its file, a test's may. */
function inFolder(failure: Failure, folder: string): Failure {
  const { at, name } = failure;
  if (at === undefined) return failure;
  const isFirst = name.startsWith(at.replace(/:\d+$/, ""));
  return { ...failure, at: `${folder}/${at}`, name: isFirst ? `${folder}/${name}` : name };
}

/** Without colours, the folder's own path taken off. */
function plainLines(output: string, root: string): readonly string[] {
  const folder = root.endsWith("/") ? root : `${root}/`;
  // deno-lint-ignore no-control-regex
  const plain = output.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r\n", "\n")
    .replaceAll(`file://${folder}`, "").replaceAll(folder, "");
  return plain.split("\n").map((line) => line.slice(0, MAX_LINE).trimEnd());
}

/** With the handle of the whole output 25. */
const SHOWN_LINES = 24;

/**
 * The failures as a model reads them, place first; at most 25 lines.
 * @param run what was read; where it names nothing, the part of the output that says what is wrong
 * @param isShown which of its failures count
 */
export function describeFailures(
  run: TestRun,
  output: string,
  isShown: (failure: Failure) => boolean = () => true,
): string {
  if (run.failures.length === 0) return wrongPart(output);
  const shown = run.failures.filter(isShown);
  const lines: string[] = [];
  for (const [i, { name, at, detail }] of shown.entries()) {
    // A problem's name begins with its file already.
    const head = at === undefined
      ? name
      : name.startsWith(`${at.replace(/:\d+$/, "")}: `)
      ? `${at}${name.slice(at.replace(/:\d+$/, "").length)}`
      : `${at}: ${name}`;
    const block = [head, ...detail.map((line) => `  ${line}`)].map((line) => line.slice(0, 200));
    const left = shown.length - i;
    if (lines.length + block.length > SHOWN_LINES - (left > 1 ? 1 : 0)) {
      if (lines.length === 0) return block.slice(0, SHOWN_LINES).join("\n");
      lines.push(`and ${left} more`);
      break;
    }
    lines.push(...block);
  }
  return lines.join("\n");
}

/** For a runner that is not known: at most 25 lines from the first that says what is wrong, the runner's own noise left out. */
function wrongPart(output: string): string {
  const lines = output.split("\n").map((line) => line.trimEnd().slice(0, 200)).filter((line) =>
    line !== "" && !/^[-=.\s]*$/.test(line)
  );
  const first = lines.findIndex((line) =>
    /(fail|error|assert|panicked|expected|traceback|not ok|✖|✕)/i.test(line)
  );
  const from = first < 0 ? Math.max(0, lines.length - SHOWN_LINES) : first;
  return lines.slice(from, from + SHOWN_LINES).join("\n");
}
