/** Names the tests that failed, from a runner's whole output. Pure; linear in the output. */

/** How each runner names a failed test. The first group that matched is the name. */
const PATTERNS: readonly RegExp[] = [
  /^(?:FAIL|ERROR): (\S+ \([^)\n]*\))/gm, // unittest
  /^(?:FAILED|ERROR) (\S+::[^\s]+)/gm, // pytest -q summary
  /^[ \t]*not ok \d+ - ([^\n#]+)/gm, // TAP: node --test with the tap reporter, prove
  /^[ \t]*✖ ([^\n(]+)/gm, // node --test, spec reporter
  /^[ \t]*[●✕×] ([^\n]+)/gm, // jest, vitest
  /^[ \t]*--- FAIL: (\S+)/gm, // go test
  /^test (\S+) \.\.\. FAILED/gm, // cargo test
  /^(?!test )([^\n]+?) \.\.\. FAILED/gm, // deno test
  /^[ \t]*\d+\) ([^\n]+)/gm, // mocha
];

const MAX_NAMES = 50;

/** Names of failed tests, sorted, without doubles; empty when the runner is not known or names none. */
export function failedTests(output: string): readonly string[] {
  const names = new Set<string>();
  for (const pattern of PATTERNS) {
    for (const match of output.matchAll(pattern)) {
      if (names.size < MAX_NAMES) names.add((match[1] ?? "").trim().slice(0, 160));
    }
  }
  return [...names].sort();
}

/** How many tests ran, as the runner says; `undefined` when it does not. Runners that say it for each file are added up. */
export function testsRun(output: string): number | undefined {
  const announced = [...output.matchAll(/^running (\d+) tests?/gm)].map((match) => Number(match[1]));
  if (announced.length > 0) return announced.reduce((sum, n) => sum + n, 0);
  const said = /^Ran (\d+) tests?/m.exec(output) ?? /^(?:#|ℹ) tests (\d+)/m.exec(output);
  if (said) return Number(said[1]);
  const counts = [...output.matchAll(/\b(\d+) (?:passed|failed|errors?)\b/g)].slice(-3).map((match) =>
    Number(match[1])
  );
  const sum = counts.reduce((total, n) => total + n, 0);
  // "0 errors" alone is what a linter says.
  return sum > 0 || /\b0 passed\b/.test(output) ? sum : undefined;
}

const SHOWN_LINES = 25;

/** The part of an output that says what is wrong: at most 25 lines around the last failures, the runner's own noise left out. */
export function failureExcerpt(output: string): string {
  const lines = output.split("\n").map((line) => line.trimEnd().slice(0, 200)).filter((line) =>
    line !== "" && !/^[-=.\s]*$/.test(line)
  );
  const first = lines.findIndex((line) =>
    /(fail|error|assert|panicked|expected|traceback|not ok|✖|✕)/i.test(line)
  );
  const from = first < 0 ? Math.max(0, lines.length - SHOWN_LINES) : first;
  const shown = lines.slice(from, from + SHOWN_LINES);
  return shown.join("\n");
}
