/** jest, vitest and mocha. Written against jest 30.5.2, vitest 4.1.12 and mocha 12.0.3. */

import { type Failure, failure, firstFrame, sumOf, type TestRun, until } from "./reader.ts";

/** Source lines that jest shows: `  > 4 |  expect(…)`. */
const CODE_LINE = /^\s*>? *\d* *\|/;

/** `  ● add › adds two numbers` under `FAIL file`. A long run repeats its failures in a summary: each counts once. */
export function readJest(lines: readonly string[]): TestRun | undefined {
  const total = lines.findLast((line) => /^Tests: +\S.* total$/.test(line));
  const isJest = total !== undefined || lines.some((line) => /^Test Suites: /.test(line));
  if (!isJest) return undefined;
  const failures = new Map<string, Failure>();
  let file = "";
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    file = /^(?:FAIL|PASS) (\S+)/.exec(line)?.[1] ?? file;
    const title = /^ {2}● (\S.*)$/.exec(line)?.[1];
    if (title === undefined || title === "Console") continue;
    const block = until(lines, i + 1, /^ {2}● |^(?:FAIL|PASS) |^Test Suites: |^Summary of all/);
    const stack = block.filter((one) => /^\s+at /.test(one));
    const said = until(block, 0, /^\s+(?:at |>? *\d+ \|)/).filter((one) => !CODE_LINE.test(one));
    const name = `${file} › ${title}`;
    if (!failures.has(name)) {
      failures.set(name, failure(name, firstFrame(stack) ?? file, [...marked(block), ...said]));
    }
  }
  return { failures: [...failures.values()], tests: total === undefined ? 0 : sumOf(total, "failed|passed") };
}

/** The source line that jest points at. */
function marked(block: readonly string[]): readonly string[] {
  const line = block.find((one) => /^\s*> *\d+ \|/.test(one));
  return line === undefined ? [] : [line.slice(line.indexOf("|") + 1)];
}

/** ` FAIL  file > add > adds two numbers`, the message below; several names may share one message. */
export function readVitest(lines: readonly string[]): TestRun | undefined {
  if (
    !lines.some((line) => /^ +Test Files {2}/.test(line)) && !lines.some((line) => /^ RUN {2}v\d/.test(line))
  ) {
    return undefined;
  }
  const failures = new Map<string, Failure>();
  for (let i = 0; i < lines.length; i++) {
    if (!/^ FAIL {2}\S/.test(lines[i] ?? "")) continue;
    const names = until(lines, i, /^(?! FAIL {2})/);
    const block = until(lines, i + names.length, /^⎯{5,}|^ FAIL {2}/);
    const places = block.filter((line) => /^ ❯ /.test(line));
    for (const line of names) {
      const name = line.slice(7).replace(/ \[ \S+ \]$/, "");
      failures.set(name, failure(name, firstFrame(places), [...pointed(block), ...until(block, 0, /^ ❯ /)]));
    }
    i += names.length + block.length - 1;
  }
  const counts = lines.findLast((line) => /^ +Tests {2}/.test(line));
  return {
    failures: [...failures.values()],
    tests: counts === undefined ? 0 : sumOf(counts, "failed|passed"),
  };
}

/** The source line above the caret. */
function pointed(block: readonly string[]): readonly string[] {
  const caret = block.findIndex((line) => /^\s+\| +\^/.test(line));
  const line = caret < 1 ? undefined : block[caret - 1];
  return line === undefined ? [] : [line.slice(line.indexOf("|") + 1)];
}

/** `  1) suite` and the titles below it, the last with a colon, in the list behind `N failing`. */
export function readMocha(lines: readonly string[]): TestRun | undefined {
  const passing = lines.findLastIndex((line) => /^ +\d+ passing\b/.test(line));
  if (passing < 0) return undefined;
  const list = lines.slice(passing);
  const failures: Failure[] = [];
  for (let i = 0; i < list.length; i++) {
    if (!/^ {2}\d+\) \S/.test(list[i] ?? "")) continue;
    const end = list.findIndex((line, at) => at >= i && /:\s*$/.test(line));
    if (end < 0 || end - i > 20) continue;
    const titles = list.slice(i, end + 1).map((line) => line.trim().replace(/^\d+\) /, "").replace(/:$/, ""));
    const block = until(list, end + 1, /^ {2}\d+\) \S/);
    const said = until(block, 0, /^\s+(?:at |\+ expected - actual)/);
    failures.push(
      failure(titles.join(" > "), firstFrame(block.filter((line) => /^\s+at /.test(line))), said),
    );
    i = end;
  }
  return { failures, tests: list.reduce((sum, line) => sum + sumOf(line, "passing|failing"), 0) };
}
