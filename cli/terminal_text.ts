/** Text made safe and pretty for a terminal. */

/**
 * Removes what a terminal would obey: escape sequences and control characters other than tab and newline, so that neither a model nor a
 * file can move the cursor, set the title or write the clipboard.
 */
export function plainText(text: string): string {
  return text.replace(ESCAPES, "").replace(CONTROLS, "");
}

// deno-lint-ignore no-control-regex -- the control characters are what is looked for
const ESCAPES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[\]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
// deno-lint-ignore no-control-regex -- the same
const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;

export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

const CODES: Readonly<Record<Style, readonly [number, number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

/** Gives a function that colours a text, or leaves it alone where colours are off. */
export function painter(colour: boolean): (style: Style, text: string) => string {
  return (style, text) => colour ? `\x1b[${CODES[style][0]}m${text}\x1b[${CODES[style][1]}m` : text;
}

/** One line of at most `columns` characters. */
export function oneLine(text: string, columns: number): string {
  const line = plainText(text).replace(/\s+/g, " ").trim();
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
