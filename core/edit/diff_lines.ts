/** The lines of a unified diff. */

/** The lines that it adds, without their mark. */
export function addedLines(diff: string): readonly string[] {
  return linesMarked(diff, "+");
}

/** The lines that it takes away, without their mark. */
export function removedLines(diff: string): readonly string[] {
  return linesMarked(diff, "-");
}

function linesMarked(diff: string, mark: "+" | "-"): readonly string[] {
  const header = mark.repeat(3);
  return diff.split("\n").flatMap((line) =>
    line.startsWith(mark) && !line.startsWith(header) ? [line.slice(1)] : []
  );
}
