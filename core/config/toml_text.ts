/** TOML as text: where a key stands, and how to set one without touching the rest. */

import { parse, stringify } from "smol-toml";
import { ConfigError } from "../errors.ts";
import type { Value } from "./keys.ts";

interface Place {
  /** Dotted path of the assignment or table header on that line. */
  readonly path: string;
  /** Index of the line, from 0. */
  readonly index: number;
  readonly isTable: boolean;
}

/**
 * The line, 1-based, on which a dotted key is set: its own assignment, else the nearest table or inline table around it.
 * Quoted keys are compared without their quotes.
 */
export function findLine(text: string, path: string): number {
  const places = scan(text);
  const own = places.find((place) => place.path === path);
  if (own) return own.index + 1;
  const around = places.filter((place) => path.startsWith(`${place.path}.`));
  return (around.at(-1)?.index ?? 0) + 1;
}

/**
 * Sets a dotted key; comments, order and all other lines stay. A new key goes to the end of its table, a new table to the end of the file.
 * @throws {ConfigError} when the text is written in a way that cannot be changed line by line (an inline table, a value over several lines)
 */
export function setTomlValue(text: string, path: string, value: Value): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text === "" ? [] : text.replace(/\r?\n$/, "").split(/\r?\n/);
  const cut = path.lastIndexOf(".");
  const table = path.slice(0, cut);
  const line = stringify({ [path.slice(cut + 1)]: value }).trim();
  const places = scan(text);
  const own = places.find((place) => place.path === path && !place.isTable);
  const header = places.find((place) => place.path === table && place.isTable);
  if (own) {
    const written = (lines[own.index] ?? "").split("=")[0]?.trim() ?? "";
    const comment = commentOf(lines[own.index] ?? "");
    lines[own.index] = `${written} = ${line.slice(line.indexOf("=") + 1).trim()}${comment}`;
  } else if (header) {
    const next = places.find((place) => place.isTable && place.index > header.index)?.index ?? lines.length;
    let at = next;
    // Blank and comment lines before the next header belong to that header.
    while (at > header.index + 1 && /^\s*(#.*)?$/.test(lines[at - 1] ?? "")) at--;
    lines.splice(at, 0, line);
  } else {
    if (lines.length > 0) lines.push("");
    lines.push(`[${table}]`, line);
  }
  const result = lines.join(newline) + newline;
  if (JSON.stringify(read(result, path)) !== JSON.stringify(value)) {
    throw new ConfigError(
      `Cannot set "${path}" in the TOML file without rewriting it: set it by hand to ${line}`,
    );
  }
  return result;
}

/** The comment of an assignment with the blanks before it; a `#` inside quotes begins none. */
function commentOf(line: string): string {
  const value = line.slice(line.indexOf("=") + 1);
  const before = /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#])*/.exec(value)?.[0] ?? "";
  const comment = value.slice(before.length);
  return comment.startsWith("#") ? `${before.slice(before.trimEnd().length)}${comment}` : "";
}

function read(text: string, path: string): unknown {
  try {
    return path.split(".").reduce<unknown>(
      (table, name) => (table as Record<string, unknown> | undefined)?.[name],
      parse(text),
    );
  } catch (error) {
    throw new ConfigError(`Cannot set "${path}" in the TOML file without breaking it: set it by hand`, {
      cause: error,
    });
  }
}

/** Headers and assignments; what stands inside a multi-line string or array is passed over. */
function scan(text: string): Place[] {
  const places: Place[] = [];
  let table = "";
  let closing: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (closing !== undefined) {
      if (line.includes(closing)) closing = undefined;
      continue;
    }
    const header = /^\s*\[\[?([^\]]+)\]/.exec(line);
    if (header) {
      table = plain(header[1] ?? "");
      places.push({ path: table, index, isTable: true });
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 0 || /^\s*#/.test(line)) continue;
    const name = plain(line.slice(0, equals));
    places.push({ path: table ? `${table}.${name}` : name, index, isTable: false });
    const value = line.slice(equals + 1);
    const quote = /"""|'''/.exec(value);
    if (quote && value.indexOf(quote[0], quote.index + 3) < 0) closing = quote[0];
    else if (/^\s*\[/.test(value) && !value.includes("]")) closing = "]";
  }
  return places;
}

function plain(path: string): string {
  return path.split(".").map((part) => part.trim().replace(/^(["'])(.*)\1$/, "$2")).join(".");
}
