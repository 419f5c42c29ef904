/** Pieces of files as they are shown outside a tool's result. */

/** Lines of a file, as they are shown in a fresh context. `lines` are numbered. */
export function shownLines(path: string, total: number, lines: string): string {
  return `${path} (${total} lines), the part in question:\n${lines}`;
}

/** Lines of a file that are to come back changed: as they stand, without numbers. */
export function shownSection(path: string, from: number, to: number, text: string): string {
  return `Lines ${from}-${to} of ${path} stand like this:\n${block(text)}`;
}

/** A file in full, in a fresh context. */
export function shownWhole(path: string, lines: number, text: string): string {
  return `${path} (${lines} lines, whole):\n${block(text)}`;
}

/** The names of a long file's parts, in a fresh context. */
export function shownParts(
  path: string,
  lines: number,
  parts: readonly { name: string; from: number; to: number }[],
): string {
  return `${path} (${lines} lines), its parts with line ranges:\n${
    parts.slice(0, 60).map(({ name, from, to }) => `  ${name} ${from}-${to}`).join("\n")
  }`;
}

export function block(text: string): string {
  const fence = fenceFor(text);
  return `${fence}\n${text.replace(/\r?\n$/, "")}\n${fence}`;
}

/** A fence longer than any run of backticks in the text. */
export function fenceFor(text: string): string {
  return "`".repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
}
