/** What a reader makes of a check's output, and what readers share. Pure. */

/** One test that failed, or one problem that a compiler or linter told. */
export interface Failure {
  /** The same from run to run: no times, and no line numbers, which an edit above shifts. */
  readonly name: string;
  /** Place in the project that is most likely at fault, e.g. `src/cart.js:12`; absent where none is told. */
  readonly at?: string;
  /** What was said, at most 6 lines. */
  readonly detail: readonly string[];
}

/** What one reader made of an output. */
export interface TestRun {
  readonly failures: readonly Failure[];
  /** Tests that ran, those that were skipped left out; `undefined` where the runner does not say. */
  readonly tests: number | undefined;
  /** Of a whole output: a test runner named tests that failed, whatever the exit code. */
  readonly isRed?: true;
}

/** Reads the lines of one runner; `undefined`: they are not of this runner. Paths in the project are relative by then. */
export type Reader = (lines: readonly string[]) => TestRun | undefined;

export const MAX_DETAIL = 6;

/** A failure with its detail cut and without empty lines. */
export function failure(name: string, at: string | undefined, detail: readonly string[]): Failure {
  const kept = detail.map((line) => line.trim()).filter((line) =>
    line !== "" && !/^(?:[-=~^.⎯\s]+|[-+] (?:Expected|Received))$/.test(line)
  );
  return { name: name.trim().slice(0, 200), ...(at ? { at } : {}), detail: kept.slice(0, MAX_DETAIL) };
}

/** Whether a path that a runner names is the project's own: relative, and of no library. */
export function isOwn(path: string): boolean {
  return !/^(?:[/<]|[A-Za-z]:|node:|ext:|https?:|file:|async |internal\/)/.test(path) &&
    !/(?:^|\/)(?:node_modules|site-packages|\.deno)\//.test(path);
}

const FRAME = /(?:^|[\s(])(?:\.\/)?([^\s()]{1,300}?):(\d{1,7}):\d{1,7}\)?$/;

/** The first place of the project in stack lines of a JavaScript engine. */
export function firstFrame(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const [, path, row] = FRAME.exec(line.trimEnd()) ?? [];
    if (path !== undefined && isOwn(path)) return `${path}:${row}`;
  }
  return undefined;
}

/** Lines from `from` up to the first that ends them, which is not among them. */
export function until(lines: readonly string[], from: number, end: RegExp): readonly string[] {
  const at = lines.findIndex((line, i) => i >= from && end.test(line));
  return lines.slice(from, at < 0 ? lines.length : at);
}

/** Sums the numbers before the given words: `2 failed, 1 passed` of `failed|passed` is 3. */
export function sumOf(line: string, words: string): number {
  return [...line.matchAll(new RegExp(`\\b(\\d{1,7}) (?:${words})\\b`, "g"))]
    .reduce((sum, match) => sum + Number(match[1]), 0);
}
