/** Path patterns as people and models write them. */

import picomatch from "picomatch";

/** Longer patterns are no patterns; picomatch itself stops at 65,536 characters. */
const MAX_PATTERN_CHARS = 1_000;

/** Whether the pattern has any sign of a glob. */
export function isGlob(pattern: string): boolean {
  return /[*?[\]{}]/.test(pattern);
}

/**
 * Makes a test for paths relative to the workspace. `*.ts` matches at any depth, `src/*.ts` from the root or below any folder,
 * a word without wildcards every path that holds it, in any case.
 *
 * @throws {RangeError} for a pattern over 1,000 characters
 */
export function matchPaths(pattern: string): (path: string) => boolean {
  if (pattern.length > MAX_PATTERN_CHARS) {
    throw new RangeError(
      `Cannot use a path pattern of ${pattern.length} characters: at most ${MAX_PATTERN_CHARS}`,
    );
  }
  const clean = pattern.replaceAll("\\", "/").replace(/^\.?\//, "");
  if (!isGlob(clean)) {
    const word = clean.toLowerCase();
    return (path) => path.toLowerCase().includes(word);
  }
  const globs = clean.startsWith("**/") ? [clean] : [clean, `**/${clean}`];
  return picomatch(globs, { dot: true, nocase: true, maxLength: 2 * MAX_PATTERN_CHARS });
}
