/** Applies an edit to a text, or says why not with all that the model needs to say it right. Pure. */

import type { OutlineEntry } from "../tool.ts";
import { inEndings, type Splice, withLineEnd, writeLines } from "./endings.ts";
import { asWholeLine, reindent } from "./indent.ts";
import { stripNumbers, withoutShownNumbers } from "./line_numbers.ts";
import { linesOfSymbol } from "./symbol.ts";
import { asFileWrites, findLines, type Found, type LineHit, nearestRegion, type Rung } from "./match.ts";
import { joinLines, lineTexts, mainEnding, numbered, type SourceLine, splitLines } from "./source_lines.ts";

export interface Replacement {
  readonly search: string;
  readonly replace: string;
  /** Replaces every exact hit; default false: the hit must be unique. */
  readonly replaceAll?: boolean;
  /** The line, 1-based, in which the search text starts: tells several hits apart. */
  readonly line?: number;
}

export type Edit =
  /** All or nothing, each against the text as it was given. */
  | { readonly kind: "search_replace"; readonly replacements: readonly Replacement[] }
  | { readonly kind: "whole_file"; readonly content: string }
  /** The whole of a named part becomes `replace`; its lines come from the text's own outline (`core/syntax`). */
  | {
    readonly kind: "symbol";
    readonly name: string;
    readonly replace: string;
    readonly outline: readonly OutlineEntry[];
  }
  /** Lines `from`-`to` (1-based, inclusive) become `replace`. */
  | { readonly kind: "line_range"; readonly from: number; readonly to: number; readonly replace: string };

export interface EditOptions {
  /** Off: exact matches only. */
  readonly fuzzy: boolean;
  /** The search text is whole lines: it never matches inside a line. */
  readonly wholeLines?: boolean;
}

export interface Applied {
  readonly kind: "applied";
  readonly text: string;
  /** Lines that changed in the new text, 1-based, inclusive; `to` is `from - 1` where lines were only removed. */
  readonly regions: readonly { readonly from: number; readonly to: number }[];
  /** What had to be overlooked, e.g. `indentation`; empty for exact matches. */
  readonly relaxed: readonly (Rung | "line numbers")[];
}

export interface Refused {
  readonly kind: "refused";
  readonly why: "not_found" | "ambiguous" | "no_change" | "empty_search" | "overlap" | "bad_range";
  /** For the model: what is wrong and what to do; holds the region of the file that it needs. */
  readonly message: string;
}

const BOM = "\ufeff";

/**
 * Applies an edit. Bytes outside the replaced stretch never change; the replacement is literal, in the file's own line endings.
 * A byte order mark is no part of the text: it stays, whatever the edit.
 */
export function applyEdit(original: string, edit: Edit, options: EditOptions): Applied | Refused {
  if (!original.startsWith(BOM)) return applyToText(original, edit, options);
  const applied = applyToText(original.slice(1), withoutMark(edit), options);
  return applied.kind === "refused" ? applied : { ...applied, text: BOM + applied.text };
}

function withoutMark(edit: Edit): Edit {
  const bare = (text: string) => text.startsWith(BOM) ? text.slice(1) : text;
  switch (edit.kind) {
    case "whole_file":
      return { ...edit, content: bare(edit.content) };
    case "search_replace":
      return {
        ...edit,
        replacements: edit.replacements.map((one) => ({
          ...one,
          search: bare(one.search),
          replace: bare(one.replace),
        })),
      };
    case "symbol":
    case "line_range":
      return edit;
  }
}

function applyToText(original: string, edit: Edit, options: EditOptions): Applied | Refused {
  switch (edit.kind) {
    case "whole_file":
      return replaceWhole(original, edit.content);
    case "symbol": {
      const lines = linesOfSymbol(original, edit);
      return "why" in lines
        ? refuse(lines.why, lines.message)
        : replaceRange(original, { kind: "line_range", ...lines });
    }
    case "line_range":
      return replaceRange(original, edit);
    case "search_replace":
      return replaceFound(original, edit.replacements, options);
  }
}

function replaceWhole(original: string, content: string): Applied | Refused {
  const lines = splitLines(original);
  const ending = mainEnding(lines);
  const text = ending === "\n" ? content : content.replace(/\r\n|\n|\r/g, ending);
  if (text === original) {
    return refuse(
      "no_change",
      "The file holds exactly this already: nothing was changed. If the task is done, answer in one sentence.",
    );
  }
  return { kind: "applied", text, regions: [{ from: 1, to: splitLines(text).length }], relaxed: [] };
}

function replaceRange(original: string, edit: Extract<Edit, { kind: "line_range" }>): Applied | Refused {
  const lines = splitLines(original);
  const { from, to } = edit;
  if (from < 1 || to < from - 1 || to > lines.length) {
    return refuse("bad_range", `There are no lines ${from}-${to}: the file has ${lines.length} lines.`);
  }
  const start = lines.slice(0, from - 1).reduce((sum, line) => sum + line.text.length + line.end.length, 0);
  const old = lines.slice(from - 1, to);
  const end = start + joinLines(old).length;
  const wanted = withoutShownNumbers(lineTexts(edit.replace), from);
  const text = writeLines(wanted, old, lines, to === lines.length);
  // Behind a last line without a newline, an insertion begins with one.
  const isBehind = old.length === 0 && from > lines.length && lines.length > 0 && lines.at(-1)?.end === "";
  return splice(original, [{
    start,
    end,
    text: isBehind ? mainEnding(lines) + text.replace(/(\r\n|\n|\r)$/, "") : text,
  }], []);
}

function replaceFound(
  original: string,
  replacements: readonly Replacement[],
  options: EditOptions,
): Applied | Refused {
  const lines = splitLines(original);
  const splices: Splice[] = [];
  const relaxed = new Set<Applied["relaxed"][number]>();
  for (const replacement of replacements) {
    const found = locate(original, lines, replacement, options);
    if ("kind" in found) return found;
    splices.push(...found.splices);
    for (const how of found.relaxed) relaxed.add(how);
  }
  splices.sort((a, b) => a.start - b.start);
  if (splices.some(({ start }, i) => start < (splices[i - 1]?.end ?? 0))) {
    return refuse("overlap", "Two of the edits change the same lines: give them as one.");
  }
  return splice(original, splices, [...relaxed]);
}

interface Located {
  readonly splices: readonly Splice[];
  readonly relaxed: Applied["relaxed"];
}

function locate(
  original: string,
  lines: readonly SourceLine[],
  replacement: Replacement,
  options: EditOptions,
): Located | Refused {
  const { search, replace } = replacement;
  if (search === replace) {
    return refuse(
      "no_change",
      "search and replace are the same: nothing would change. Give the new text as replace.",
    );
  }
  if (search === "") {
    if (original !== "") {
      return refuse("empty_search", "search is empty: copy the lines to change from the file into it.");
    }
    return { splices: [{ start: 0, end: 0, text: replace }], relaxed: [] };
  }
  if ((replacement.line ?? 0) > lines.length) {
    return refuse("bad_range", `There is no line ${replacement.line}: the file has ${lines.length} lines.`);
  }
  if (!options.wholeLines) {
    const exact = locateExact(original, lines, replacement, options);
    if (exact) return exact;
  }
  if (!options.fuzzy) return notFound(lines, search);
  return locateLines(lines, replacement) ?? locateUnescaped(original, lines, replacement, options) ??
    notFound(lines, search);
}

/** A search text that writes its line breaks as `\\n`: escaped once too often. */
function locateUnescaped(
  original: string,
  lines: readonly SourceLine[],
  replacement: Replacement,
  options: EditOptions,
): Located | Refused | undefined {
  if (!replacement.search.includes("\\n")) return undefined;
  const unescape = (text: string) => text.includes("\n") ? text : text.replaceAll("\\n", "\n");
  const search = replacement.search.replaceAll("\\n", "\n");
  const plain = { ...replacement, search, replace: unescape(replacement.replace) };
  const found = locateExact(original, lines, plain, options);
  return found && !("kind" in found) ? { ...found, relaxed: ["characters"] } : found;
}

function locateExact(
  original: string,
  lines: readonly SourceLine[],
  replacement: Replacement,
  { fuzzy }: EditOptions,
): Located | Refused | undefined {
  const { search, replace, replaceAll } = replacement;
  const starts: number[] = [];
  for (let at = original.indexOf(search); at >= 0; at = original.indexOf(search, at + search.length)) {
    starts.push(at);
  }
  const [first] = starts;
  if (first === undefined) return undefined;
  const spliceAt = (start: number, end: number, text: string): Splice => {
    const part = { start, end, text: inEndings(text, search, lines) };
    return part.text === "" ? withLineEnd(original, part) : part;
  };
  if (replaceAll) {
    return { splices: starts.map((at) => spliceAt(at, at + search.length, replace)), relaxed: [] };
  }
  const there = starts.filter((at) => lineAt(original, at) === replacement.line);
  const [hit = first] = there;
  // Hits that overlap are two places as well.
  const next = original.indexOf(search, first + 1);
  if (there.length !== 1 && next >= 0) {
    return ambiguous((starts.length > 1 ? starts : [first, next]).map((at) => lineAt(original, at)));
  }
  const elsewhere = otherLine(original, hit, search, lines);
  if (elsewhere !== undefined) return ambiguous([lineAt(original, hit), elsewhere]);
  const whole = fuzzy ? asWholeLine(original, hit, replacement) : undefined;
  const { start, replace: text } = whole ?? { start: hit, replace };
  return {
    splices: [spliceAt(start, hit + search.length, text)],
    relaxed: whole ? ["indentation"] : [],
  };
}

/** A line that the search text is but for white space, where the exact hit is a part of another line: either may be meant. */
function otherLine(
  original: string,
  at: number,
  search: string,
  lines: readonly SourceLine[],
): number | undefined {
  const end = at + search.length;
  const isPart = /[^\s]/.test(original[at - 1] ?? "\n") || /[^\s]/.test(original[end] ?? "\n");
  if (!isPart || search.trim() === search || search.includes("\n")) return undefined;
  const found = lines.findIndex(({ text }) => text.trim() === search.trim());
  return found < 0 ? undefined : found + 1;
}

/** By whole lines, along the ladder; first as it is, then with line numbers taken off. */
function locateLines(lines: readonly SourceLine[], replacement: Replacement): Located | Refused | undefined {
  const search = lineTexts(replacement.search);
  const replace = withoutBlankStart(lineTexts(replacement.replace), search);
  const plain = matchLines(lines, { search, replace, all: replacement.replaceAll, at: replacement.line });
  if (plain) return plain;
  const results = stripNumbers(search).map(({ lines: bare, first, strip }) =>
    matchLines(lines, { search: bare, replace: replace.map(strip), at: first })
  );
  // The space behind the mark is the mark's or the code's: the reading that needs no shift is meant.
  const found = results.find((one) => one && !("kind" in one) && one.relaxed.length === 0) ??
    results.find((one) => one);
  return !found || "kind" in found ? found : { ...found, relaxed: [...found.relaxed, "line numbers"] };
}

/** A first line of nothing but spaces, which the search text does not have, is the model's slip. */
function withoutBlankStart(replace: readonly string[], search: readonly string[]): readonly string[] {
  const [first = ""] = replace;
  return first !== "" && first.trim() === "" && search[0]?.trim() !== "" ? replace.slice(1) : replace;
}

interface Wanted {
  readonly search: readonly string[];
  readonly replace: readonly string[];
  /** Every hit is meant, where line endings and trailing space are all that was overlooked. */
  readonly all?: boolean | undefined;
  /** The line, 1-based, where the search text says it stands; tells several hits apart. */
  readonly at?: number | undefined;
}

function matchLines(lines: readonly SourceLine[], wanted: Wanted): Located | Refused | undefined {
  const { search, replace, all, at } = wanted;
  const found = findLines(lines, search);
  if (!found) return undefined;
  const isAll = all === true && found.rung === "trailing space";
  const hits = found.hits.length > 1 && at !== undefined && !isAll
    ? found.hits.filter((hit) => hit.at + 1 === at)
    : found.hits;
  if (hits.length === 0 || (hits.length > 1 && !isAll)) return ambiguous(found.hits.map((hit) => hit.at + 1));
  const splices: Splice[] = [];
  for (const hit of hits) {
    const part = spliceHit(lines, found, hit, replace);
    if (!part) return undefined;
    splices.push(part);
  }
  return { splices, relaxed: found.rung === "trailing space" ? [] : [found.rung] };
}

/** @returns nothing where the replacement's indentation would be a guess. */
function spliceHit(
  lines: readonly SourceLine[],
  found: Found,
  hit: LineHit,
  replace: readonly string[],
): Splice | undefined {
  const start = lines.slice(0, hit.at).reduce((sum, line) => sum + line.text.length + line.end.length, 0);
  const old = lines.slice(hit.at, hit.at + hit.count);
  const end = start + joinLines(old).length;
  const shown = withoutShownNumbers(replace, hit.at + 1);
  const wanted = found.rung === "blank lines" ? trimBlanks(shown) : shown;
  const matched = found.rung === "blank lines" ? old.filter(({ text }) => text.trim() !== "") : old;
  const texts = matched.map(({ text }) => text);
  const indented = reindent(found.search, texts, asFileWrites(found.search, texts, wanted));
  return indented && { start, end, text: writeLines(indented, old, lines, isLast(hit, lines)) };
}

function isLast(hit: LineHit, lines: readonly SourceLine[]): boolean {
  return hit.at + hit.count === lines.length;
}

function trimBlanks(lines: readonly string[]): readonly string[] {
  const from = lines.findIndex((line) => line.trim() !== "");
  const to = lines.findLastIndex((line) => line.trim() !== "");
  return from < 0 ? [] : lines.slice(from, to + 1);
}

function splice(
  original: string,
  splices: readonly Splice[],
  relaxed: Applied["relaxed"],
): Applied | Refused {
  let text = "";
  let at = 0;
  const regions: { from: number; to: number }[] = [];
  for (const part of splices) {
    text += original.slice(at, part.start);
    const from = lineAt(text, text.length);
    text += part.text;
    regions.push({ from, to: from + splitLines(part.text).length - 1 });
    at = part.end;
  }
  text += original.slice(at);
  if (text === original) {
    return refuse("no_change", "The file stands like this already: nothing was changed.");
  }
  return { kind: "applied", text, regions, relaxed };
}

/** The line, 1-based, in which an offset lies. */
function lineAt(text: string, offset: number): number {
  let line = 1;
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    if (match.index + match[0].length > offset) break;
    line++;
  }
  return line;
}

function ambiguous(at: readonly number[]): Refused {
  const places = at.slice(0, 8).join(", ");
  return refuse(
    "ambiguous",
    `The search text stands ${at.length} times (lines ${places}). Add the lines before or after it, so that it stands once.`,
  );
}

function notFound(lines: readonly SourceLine[], search: string): Refused {
  if (lines.length === 0) {
    return refuse("not_found", "The search text is not in the file: the file is empty.");
  }
  const { from, to } = nearestRegion(lines, lineTexts(search));
  const region = numbered(lines, from, Math.min(to, from + MAX_REGION - 1));
  return refuse(
    "not_found",
    `The search text is not in the file. Copy it exactly from these lines (without the numbers):\n${region}`,
  );
}

/** Lines of the nearest region that are shown at most. */
const MAX_REGION = 40;

function refuse(why: Refused["why"], message: string): Refused {
  return { kind: "refused", why, message };
}
