/**
 * What compilers, type checkers and linters tell, and a program that died with a stack. Written against TypeScript 7.0.2, ESLint 10.15.0,
 * ruff 0.17.6, mypy 2.4.1, rustc 1.95.0, Go 1.26.8, Deno 2.9.6.
 */

import { type Failure, failure, isOwn, type TestRun } from "./reader.ts";
import { exceptionOf, lastPythonFrame } from "./python.ts";

/** A path with an ending, then the line: `a.go:3:5: message`, `a.py:3: error: message`, `a.ts(3,5): error TS1: message`. */
const ON_ONE_LINE =
  /^(?:vet: )?(?:\.\/)?([^\s:(][^:(]{0,300}\.\w{1,8})(?::(\d+)(?::\d+)?(?:: | - )|\((\d+),\d+\): )(?!warning|note|info)(\S.*)$/;
/** A message whose place stands a few lines below it, behind `-->` or `at`. */
const HEAD = /^(?:error(?:\[E\d+\])?: |TS\d+ \[ERROR\]: |[A-Z]{1,5}\d{2,4} (?=\S))(\S.*)$/;
const PLACE = /^\s+(?:-->|at) (?:\.\/)?(\S+):(\d+):\d+$/;
const PLACE_WITHIN = 8;
/** What Node writes below the line at which it ended. */
const THROWN = /^(?:Uncaught )?\w*(?:Error|Exception)\b.*: \S/;

export function readProblems(lines: readonly string[]): TestRun | undefined {
  const failures: Failure[] = [];
  let file = "";
  for (const [i, line] of lines.entries()) {
    const [, path = "", row, other, said = ""] = ON_ONE_LINE.exec(line) ?? [];
    if (path !== "") failures.push(problem(path, row ?? other ?? "", said));
    if (/^\S+\.\w{1,8}$/.test(line)) file = line;
    const [, under, message = ""] = /^ +(\d+):\d+ +error +(\S.*)$/.exec(line) ?? [];
    if (under !== undefined && file !== "") {
      failures.push(problem(file, under, message.replace(/ {2,}/g, " ")));
    }
    const [, broken, at] = /^(?:\.\/)?(\S{1,300}\.\w{1,8}):(\d+)$/.exec(line) ?? [];
    const thrown = broken === undefined
      ? undefined
      : lines.slice(i + 1, i + 6).find((one) => THROWN.test(one));
    if (broken !== undefined && thrown !== undefined && isOwn(broken)) {
      failures.push(problem(broken, at ?? "", thrown));
    }
    const [, script, number, told] = /^(?:bash: )?(\S{1,300}): line (\d+): (\S.*)$/.exec(line) ?? [];
    if (script !== undefined && isOwn(script)) failures.push(problem(script, number ?? "", told ?? ""));
    const head = HEAD.test(line) ? line : undefined;
    const place = head === undefined ? undefined : placeBelow(lines, i);
    if (head !== undefined && place) failures.push(problem(place.path, place.row, head.replace(" [*]", "")));
  }
  const crash = failures.length > 0 ? undefined : readTraceback(lines);
  if (crash) failures.push(crash);
  return failures.length === 0 ? undefined : { failures: numbered(failures), tests: undefined };
}

function placeBelow(lines: readonly string[], from: number): { path: string; row: string } | undefined {
  for (const line of lines.slice(from + 1, from + 1 + PLACE_WITHIN)) {
    if (HEAD.test(line)) return undefined;
    const [, path, row] = PLACE.exec(line) ?? [];
    if (path !== undefined && row !== undefined) return isOwn(path) ? { path, row } : undefined;
  }
  return undefined;
}

function problem(path: string, row: string, said: string): Failure {
  return failure(`${path}: ${said}`, `${path}:${row}`, []);
}

/** The same message twice in a file is two problems. */
function numbered(failures: readonly Failure[]): readonly Failure[] {
  const times = new Map<string, number>();
  return failures.map((one) => {
    const n = (times.get(one.name) ?? 0) + 1;
    times.set(one.name, n);
    return n === 1 ? one : { ...one, name: `${one.name} (${n})` };
  });
}

/** A Python program that died. */
function readTraceback(lines: readonly string[]): Failure | undefined {
  const from = lines.findLastIndex((line) => /^Traceback \(most recent call last\):/.test(line));
  if (from < 0) return undefined;
  const block = lines.slice(from);
  const said = exceptionOf(block.slice(1));
  return failure(said[0] ?? "it ended with an exception", lastPythonFrame(block), said.slice(1));
}
