/** Patterns of model names: `*` stands for any text, `[a-z]` for one of these characters, all else for itself. */

/** Whether a text is one: other signs of globs are refused, and classes that are none. */
export function isPattern(text: string): boolean {
  if (!/^(?:[^?[\]{}()!|\\]|\[[^[\]\\]+\])+$/.test(text)) return false;
  try {
    return piecesOf(text).length > 0;
  } catch (error) {
    if (error instanceof SyntaxError) return false; // e.g. [z-a]
    throw error;
  }
}

/** Whether a name is what the pattern means. The leftmost place of each piece will do, so no name takes long. */
export function fitsPattern(name: string, pattern: string): boolean {
  let at = 0;
  return piecesOf(pattern).every((piece) => {
    const found = piece.exec(name.slice(at));
    at += found ? found.index + found[0].length : 0;
    return found !== null;
  });
}

/** What stands between the stars; the first begins the name, the last ends it. */
function piecesOf(pattern: string): readonly RegExp[] {
  const pieces = pattern.split("*").map((piece) => piece.replace(/[.+?^${}()|\\]/g, "\\$&"));
  return pieces.map((piece, i) =>
    new RegExp(`${i === 0 ? "^" : ""}${piece}${i === pieces.length - 1 ? "$" : ""}`)
  );
}
