/** Regular expressions of a model, run by an engine that backtracks: made safe, or refused. */

/** How lines are tested. */
export interface LineTest {
  readonly test: (line: string) => boolean;
  /** Lines are cut to this before they are tested: it bounds the steps of the worst pattern that is let through. */
  readonly maxLineChars: number;
}

/** Parts that match nearly everything, each with `*`, `+` or `{n,}`: the steps grow with this power of a line's length. */
const WIDE_REPEAT = /(?:\.|\[\^[^\]]*\]|\\[SWD])(?:[*+]|\{\d+,\})/g;

/** At 0, 1, 2, 3 wide repeats: at most some 10^8 steps a line, a second at the very worst. */
const MAX_LINE_CHARS = [2_000, 2_000, 800, 250];

/**
 * @returns how to test, or why the pattern is not run: `invalid` or `slow`
 */
export function compileRegex(pattern: string, flags: "" | "i"): LineTest | "invalid" | "slow" {
  let regex: RegExp;
  try {
    regex = new RegExp(pattern, flags);
  } catch {
    return "invalid"; // the model's mistake is a value
  }
  const maxLineChars = MAX_LINE_CHARS[pattern.match(WIDE_REPEAT)?.length ?? 0];
  if (hasNestedRepeat(pattern) || maxLineChars === undefined) return "slow";
  return { test: (line) => regex.test(line.slice(0, maxLineChars)), maxLineChars };
}

/** Whether a group that can match in many ways is itself repeated, as in `(a+)+` or `(a|ab)*`: exponential when it fails. */
function hasNestedRepeat(pattern: string): boolean {
  const varies: boolean[] = [];
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i];
    if (char === "\\") i++;
    else if (inClass) inClass = char !== "]";
    else if (char === "[") inClass = true;
    else if (char === "(") varies.push(false);
    else if (char === "|" || isRepeat(pattern, i)) varies[varies.length - 1] = true;
    else if (char === ")") {
      const inner = varies.pop() ?? false;
      if (inner && isRepeat(pattern, i + 1)) return true;
      if (inner) varies[varies.length - 1] = true;
    }
  }
  return false;
}

function isRepeat(pattern: string, at: number): boolean {
  return pattern[at] === "*" || pattern[at] === "+" || /^\{\d*,?\d*\}/.test(pattern.slice(at, at + 12));
}
