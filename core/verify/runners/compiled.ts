/** go test, cargo test, Maven's Surefire. Written against Go 1.26.8, Cargo 1.95.0 and Surefire 3.2.5. */

import { type Failure, failure, isOwn, sumOf, type TestRun, until } from "./reader.ts";

/** `--- FAIL: TestAdd`, with its lines below it, or with `-v` above it; the package's line comes last. */
export function readGo(lines: readonly string[]): TestRun | undefined {
  const isGo = lines.some((line) =>
    /^(?:ok {2}|FAIL|\? {3})\t\S+\t|^FAIL\t\S+ \[|^=== RUN {3}|^--- (?:FAIL|PASS): Test/.test(line)
  );
  if (!isGo) return undefined;
  const failures: Failure[] = [];
  const said = new Map<string, string[]>();
  let failed: string[] = [];
  const build = new Map<string, string[]>();
  let building = "";
  let current = "";
  let verdicts = 0;
  for (const line of lines) {
    const started = /^=== (?:RUN|NAME|CONT) +(\S+)/.exec(line)?.[1];
    const ended = /^\s*--- (FAIL|PASS|SKIP): (\S+)/.exec(line);
    const finished = /^(?:ok {2}|FAIL)\t(\S+)(.*)/.exec(line);
    if (started !== undefined) current = started;
    else if (ended) {
      current = ended[2] ?? "";
      if (ended[1] !== "SKIP") verdicts++;
      if (ended[1] === "FAIL") failed.push(current);
    } else if (finished) {
      const module = finished[1] ?? "";
      if (/\[(?:build|setup) failed\]/.test(finished[2] ?? "")) {
        const lines = build.get(module) ?? [];
        failures.push(failure(`${module} [build failed]`, placeOfGo(lines), lines));
      }
      failures.push(...leavesOf(failed).map((name) => ofGo(`${module} ${name}`, said.get(name) ?? [])));
      failed = [];
      said.clear();
    } else if (/^# \S/.test(line)) building = line.split(" ")[1] ?? "";
    else if (building !== "" && /^\S+\.go:\d+:\d+: /.test(line)) {
      build.set(building, [...build.get(building) ?? [], line]);
    } else if (current !== "") said.set(current, [...said.get(current)?.slice(0, 60) ?? [], line]);
  }
  failures.push(...leavesOf(failed).map((name) => ofGo(name, said.get(name) ?? [])));
  const isVerbose = lines.some((line) => /^=== RUN /.test(line));
  const hasTests = lines.some((line) =>
    /^(?:ok {2}|FAIL)\t/.test(line) && !/\[no tests to run\]$/.test(line)
  );
  return { failures, tests: isVerbose ? verdicts : hasTests ? undefined : 0 };
}

/** A test whose subtests failed says nothing of its own. */
function leavesOf(names: readonly string[]): readonly string[] {
  return names.filter((name) => !names.some((other) => other.startsWith(`${name}/`)));
}

function ofGo(name: string, lines: readonly string[]): Failure {
  const detail = until(lines, 0, /^goroutine \d+|^(?:FAIL|PASS|exit status \d+)$/);
  return failure(name, placeOfGo(lines), detail);
}

function placeOfGo(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const [, path = "", row] = /^\s*(?:vet: )?(\S{1,300}\.go):(\d+)(?::\d+)?(?::| \+0x|$)/.exec(line) ?? [];
    if (path !== "" && isOwn(path)) return `${path}:${row}`;
  }
  return undefined;
}

/** `test name ... FAILED`, and why behind `---- name stdout ----`. Each target has its own result line. */
export function readCargo(lines: readonly string[]): TestRun | undefined {
  const results = lines.filter((line) => /^test result: /.test(line));
  if (results.length === 0) return undefined;
  const blocks = new Map<string, readonly string[]>();
  lines.forEach((line, i) => {
    const name = /^---- (\S.*) stdout ----$/.exec(line)?.[1];
    if (name !== undefined) blocks.set(name, until(lines, i + 1, /^---- \S|^failures:$/));
  });
  const failures = lines.flatMap((line) => /^test (\S.*) \.\.\. FAILED$/.exec(line)?.[1] ?? []).map(
    (name) => {
      const block = blocks.get(name) ?? [];
      const panic = block.findIndex((line) => /\bpanicked at /.test(line));
      const place = /panicked at (?:'.*', )?(\S+\.rs):(\d+):\d+/.exec(block[panic] ?? "");
      const said = until(block, panic + 1, /^(?:stack backtrace:|note: )/);
      return failure(name, place ? `${place[1]}:${place[2]}` : undefined, said.length > 0 ? said : block);
    },
  );
  return { failures, tests: results.reduce((sum, line) => sum + sumOf(line, "passed|failed"), 0) };
}

/** `[ERROR]   CalcTest.adds:2 expected: …` in the results of each module, above their sum. */
export function readSurefire(lines: readonly string[]): TestRun | undefined {
  const ends = lines.flatMap((line, i) =>
    /^(?:\[\w+\] )?Tests run: \d+, Failures: \d+, Errors: \d+, Skipped: \d+$/.test(line) ? [i] : []
  );
  if (ends.length === 0) return undefined;
  const failures = ends.flatMap((end, i) => resultsBefore(lines, end, ends[i - 1] ?? 0)).flatMap((line) => {
    const [, owner, test, row, said = ""] =
      /^(?:\[ERROR\] )? {2}(\w[\w$.]*)\.(\w[\w$]*)(?::(\d+)|»)? ?(.*)$/.exec(line) ?? [];
    if (owner === undefined || test === undefined) return [];
    return [failure(`${owner}.${test}`, row === undefined ? undefined : `${owner}.java:${row}`, [said])];
  });
  const counts = ends.map((end) => {
    const [ran = 0, , , skipped = 0] = [...(lines[end] ?? "").matchAll(/: (\d+)/g)].map((match) =>
      Number(match[1])
    );
    return ran - skipped;
  });
  return { failures, tests: counts.reduce((sum, n) => sum + n, 0) };
}

/** The list of a module's results, between its heading and its sum. */
function resultsBefore(lines: readonly string[], end: number, from: number): readonly string[] {
  const begin = lines.slice(from, end).findLastIndex((line) => /^(?:\[\w+\] )?Results:? ?$/.test(line));
  return lines.slice(from + Math.max(begin, 0), end);
}
