/** `.env` files: `NAME=value` lines, read with their line numbers and changed without touching the rest. */

export interface EnvLine {
  readonly name: string;
  readonly value: string;
  /** 1-based. */
  readonly line: number;
}

// `[^]`: a carriage return inside a value is part of it.
const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=([^]*)$/;

/** The assignments of a `.env` file in order; lines that are none (comments, parts of a longer value) are passed over. */
export function parseDotenv(text: string): EnvLine[] {
  const lines: EnvLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const match = ASSIGNMENT.exec(raw);
    if (match?.[1] !== undefined) {
      lines.push({ name: match[1], value: unquote(match[2] ?? ""), line: index + 1 });
    }
  }
  return lines;
}

/** A quoted value ends at its quote, an unquoted one before ` #`; only double quotes know `\n`, `\"` and `\\`. */
function unquote(raw: string): string {
  const text = raw.trim();
  const quote = text[0];
  if (quote === "'") {
    const end = text.indexOf("'", 1);
    if (end > 0) return text.slice(1, end);
  }
  if (quote === '"') {
    const match = /^"((?:[^"\\]|\\[^])*)"/.exec(text);
    if (match) return (match[1] ?? "").replace(/\\([^])/g, (_, c: string) => c === "n" ? "\n" : c);
  }
  const comment = text.search(/\s#/);
  return (comment < 0 ? text : text.slice(0, comment)).trim();
}

/**
 * Sets names in a `.env` text; all other lines, comments and line endings stay as they are. A name set twice is changed where it counts,
 * at its last line. `undefined` removes a name.
 */
export function setDotenv(text: string, values: Readonly<Record<string, string | undefined>>): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lines: (string | undefined)[] = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  const present = parseDotenv(text);
  for (const [name, value] of Object.entries(values)) {
    const at = present.filter((line) => line.name === name).map((line) => line.line - 1);
    const last = at.at(-1);
    if (value === undefined) { for (const index of at) lines[index] = undefined; }
    else if (last === undefined) lines.push(`${name}=${quoteIfNeeded(value)}`);
    else lines[last] = `${name}=${quoteIfNeeded(value)}`;
  }
  const kept = lines.filter((line) => line !== undefined);
  return kept.length === 0 ? "" : kept.join(newline) + newline;
}

function quoteIfNeeded(value: string): string {
  if (/^[^\s#"'\\]+$/.test(value)) return value;
  return `"${value.replace(/["\\]/g, "\\$&").replaceAll("\n", "\\n")}"`;
}
