/** A named part of a file -> the lines that it stands on and its new text in their place. Pure. */

import type { OutlineEntry } from "../tool.ts";
import { indentOf, joinLines, splitLines } from "./source_lines.ts";

/** Names of a file's parts that a refusal lists at most. */
const MAX_NAMES = 30;

/** Lines 1-based, inclusive. */
export interface SymbolLines {
  readonly from: number;
  readonly to: number;
  readonly replace: string;
}

/** Why a name is not one place; `message` is for the model. */
export interface NoSymbol {
  readonly why: "not_found" | "ambiguous";
  readonly message: string;
}

/** The lines of `name` (`total`, `Cart.total`, `total()`), and the replacement indented as the old part was: a model often writes a method as if it stood alone. */
export function linesOfSymbol(
  original: string,
  edit: { readonly name: string; readonly replace: string; readonly outline: readonly OutlineEntry[] },
): SymbolLines | NoSymbol {
  const places = placesOf(edit.name, edit.outline);
  const [place] = places;
  if (!place) {
    const names = [...new Set(edit.outline.map(({ name }) => name))].slice(0, MAX_NAMES).join(", ");
    return {
      why: "not_found",
      message: `There is no "${edit.name}" in the file. It has: ${names || "no named parts"}.`,
    };
  }
  if (places.length > 1) {
    const at = places.slice(0, 8).map(({ from, to }) => `${from}-${to}`).join(", ");
    return {
      why: "ambiguous",
      message: `"${edit.name}" stands ${places.length} times: give the lines of one (${at}).`,
    };
  }
  const neighbour = edit.outline.find((other) => other !== place && sharesLine(other, place));
  if (neighbour) {
    return {
      why: "ambiguous",
      message: `"${edit.name}" shares a line with "${neighbour.name}": give search, the lines to change.`,
    };
  }
  const { from, to } = place;
  const [first = ""] = splitLines(original).slice(from - 1, from).map(({ text }) => indentOf(text));
  const lines = splitLines(edit.replace);
  const isFlush = lines.length > 0 && indentOf(lines[0]?.text ?? "") === "";
  const replace = joinLines(
    lines.map(({ text, end }) => ({ text: isFlush && text !== "" ? first + text : text, end })),
  );
  return { from, to, replace };
}

/** A name with what it stands in (`Cart.total`, `Cart::total`) means the part inside that one, where there is one. */
function placesOf(name: string, outline: readonly OutlineEntry[]): readonly OutlineEntry[] {
  const plain = name.trim().replace(/\(.*\)$/, "");
  const whole = outline.filter((entry) => entry.name === plain);
  const path = plain.split(/\.|::|#/);
  if (whole.length > 0 || path.length < 2) return whole;
  const [outer, inner] = path.slice(-2);
  const around = outline.filter((entry) => entry.name === outer);
  return outline.filter((entry) =>
    entry.name === inner &&
    around.some(({ from, to }) => from <= entry.from && entry.to <= to)
  );
}

/** Whole lines are replaced: what begins on the first, or ends or begins on a line of both, would go with it. What lies around or inside does not. */
function sharesLine(other: OutlineEntry, place: OutlineEntry): boolean {
  if (other.from === place.from) return true;
  if (other.from < place.from) return other.to === place.from && other.to < place.to;
  return other.from === place.to && other.to > place.to;
}
