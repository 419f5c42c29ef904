/** The match ladder: where a search text stands in a file. Each rung is a documented relaxation and demands a unique hit. Pure. */

import { editDistance } from "../edit_distance.ts";
import { shiftOf } from "./indent.ts";
import type { SourceLine } from "./source_lines.ts";

/** A stretch of lines that a search matched. */
export interface LineHit {
  /** Index of the first line, from 0. */
  readonly at: number;
  readonly count: number;
}

export type Rung =
  | "trailing space"
  | "indentation"
  | "characters"
  | "inner space"
  | "blank lines"
  | "anchors";

export interface Found {
  readonly rung: Rung;
  readonly hits: readonly LineHit[];
  /** The search lines that were compared, blank ones at the ends left out on the rung `blank lines`. */
  readonly search: readonly string[];
}

/** Each line between the anchors must be at least this similar; below it another statement is meant (measured on the corpus' edits). */
const MIN_SIMILARITY = 0.9;
/** An anchor match needs a first line, a last line and something between. */
const MIN_ANCHOR_LINES = 3;
/** Similarity is not computed for longer lines: they are data. */
const MAX_SIMILAR_CHARS = 400;

/** The first rung with a hit, or `undefined`. */
export function findLines(lines: readonly SourceLine[], search: readonly string[]): Found | undefined {
  if (search.every((line) => line.trim() === "")) return undefined;
  const texts = lines.map(({ text }) => text);
  // Brackets alone say no place: they stand as they are written, or nowhere.
  const folds = search.some((line) => /[\p{L}\p{N}]/u.test(line)) ? FOLDS : FOLDS.slice(0, 1);
  for (const [rung, fold] of folds) {
    const hits = findFolded(texts.map(fold), search.map(fold))
      .filter(({ at, count }) => shiftOf(search, texts.slice(at, at + count)) !== undefined);
    if (hits.length > 0) return { rung, hits, search };
  }
  return folds === FOLDS ? findWithoutBlanks(texts, search) ?? findByAnchors(texts, search) : undefined;
}

/** How two lines are made comparable, from the strictest on. Each fold includes those before it; indentation must differ by one shift. */
const FOLDS: readonly (readonly [Rung, (line: string) => string])[] = [
  ["trailing space", (line) => line.trimEnd()],
  ["indentation", (line) => line.trim()],
  ["characters", (line) => foldCharacters(line).trim()],
  ["inner space", (line) => foldSpace(foldCharacters(line))],
];

const QUOTES: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201a\u201b\u2032]/g, "'"],
  [/[\u201c\u201d\u201e\u201f\u2033]/g, '"'],
];

const FOLDED: readonly (readonly [RegExp, string])[] = [
  ...QUOTES,
  [/[\u2010-\u2015\u2212]/g, "-"],
  [/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, " "],
  [/\u2026/g, "..."],
  [/[\ufeff\u200b-\u200d]/g, ""],
  [/\\(?=[\\"'`$nt])/g, ""], // escaped once too often
];

function foldCharacters(line: string): string {
  return FOLDED.reduce((text, [from, to]) => text.replace(from, to), line);
}

/**
 * A replacement as the file writes: where the search text has typographic quotes for the file's plain ones, or escapes once
 * too often, so has the replacement.
 */
export function asFileWrites(
  search: readonly string[],
  matched: readonly string[],
  replacement: readonly string[],
): readonly string[] {
  const [said, real] = [search.join("\n"), matched.join("\n")];
  const plain = QUOTES.filter(([marks]) => said.match(marks) && !real.match(marks));
  const straight = replacement.map((line) =>
    plain.reduce((text, [from, to]) => text.replace(from, to), line)
  );
  const isEscaped = /\\["'`$]/.test(said) && matched.length === search.length &&
    search.every((line, i) => unescapeOnce(line).trim() === matched[i]?.trim());
  // A replacement with a bare quote of a kind that the search text escapes was written as it stands.
  const escaped = new Set(said.match(/(?<=\\)["'`]/g) ?? []);
  const isToo = isEscaped &&
    !straight.some((line) => (line.match(/(?<!\\)["'`]/g) ?? []).some((quote) => escaped.has(quote)));
  return isToo ? straight.map(unescapeOnce) : straight;
}

function unescapeOnce(line: string): string {
  return line.replace(/\\([\\"'`$])/g, "$1");
}

/** Space only where it parts two words. */
function foldSpace(line: string): string {
  return line.trim().replace(/\s+/g, " ").replace(/ ?([^\w\s]) ?/g, "$1");
}

function findFolded(texts: readonly string[], search: readonly string[]): LineHit[] {
  const hits: LineHit[] = [];
  for (let at = 0; at + search.length <= texts.length; at++) {
    if (search.every((line, i) => texts[at + i] === line)) hits.push({ at, count: search.length });
  }
  return hits;
}

/** Blank lines may be missing or too many, on either side and at the ends. */
function findWithoutBlanks(texts: readonly string[], search: readonly string[]): Found | undefined {
  const wanted = search.filter((line) => line.trim() !== "");
  const kept = texts.map((text, at) => ({ text, at })).filter(({ text }) => text.trim() !== "");
  const hits = findFolded(kept.map(({ text }) => text.trim()), wanted.map((line) => line.trim()))
    .filter(({ at, count }) =>
      shiftOf(wanted, kept.slice(at, at + count).map(({ text }) => text)) !== undefined
    )
    .map(({ at, count }) => {
      const first = kept[at]?.at ?? 0;
      return { at: first, count: (kept[at + count - 1]?.at ?? first) - first + 1 };
    });
  return hits.length === 0 ? undefined : { rung: "blank lines", hits, search: wanted };
}

function findByAnchors(texts: readonly string[], search: readonly string[]): Found | undefined {
  if (search.length < MIN_ANCHOR_LINES) return undefined;
  const wanted = search.map((line) => line.trim());
  const hits: LineHit[] = [];
  for (let at = 0; at + wanted.length <= texts.length; at++) {
    if (texts[at]?.trim() !== wanted[0] || texts[at + wanted.length - 1]?.trim() !== wanted.at(-1)) continue;
    const block = texts.slice(at, at + wanted.length);
    const isLike = wanted.every((line, i) => isAlike(line, block[i]?.trim() ?? ""));
    if (isLike && shiftOf(search, block)) hits.push({ at, count: wanted.length });
  }
  return hits.length === 0 ? undefined : { rung: "anchors", hits, search };
}

/** Numbers, operators and the words that turn a meaning round: two lines that differ in them say different things, however alike they look. */
const WEIGHTY =
  /\d+|[-+*\/%<>=!&|^~?]+|\b(?:not|no|and|or|true|false|null|nil|none|undefined|break|continue|return)\b/gi;

function isAlike(a: string, b: string): boolean {
  if (a === b) return true;
  const weight = (line: string) => (line.match(WEIGHTY) ?? []).join(" ");
  return similarity(a, b) >= MIN_SIMILARITY && weight(a) === weight(b);
}

/** 1 for equal lines, else 1 less the share of characters that must change (Levenshtein). */
export function similarity(a: string, b: string): number {
  if (a === b) return 1;
  const longer = Math.max(a.length, b.length);
  if (longer === 0 || longer > MAX_SIMILAR_CHARS) return 0;
  return 1 - editDistance(a, b) / longer;
}

/** The lines of the file that are most like the search text, with those around them: where the model should look. 1-based, inclusive. */
export function nearestRegion(
  lines: readonly SourceLine[],
  search: readonly string[],
): { from: number; to: number } {
  const place = nearestLines(lines, search);
  return { from: Math.max(1, place.from - CONTEXT), to: Math.min(lines.length, place.to + CONTEXT) };
}

/** As `nearestRegion`, without the lines around. */
export function nearestLines(
  lines: readonly SourceLine[],
  search: readonly string[],
): { from: number; to: number } {
  const wanted = new Set(search.map((line) => foldSpace(line)).filter((line) => line !== ""));
  const words = new Set(search.flatMap((line) => line.match(/\w{2,}/g) ?? []));
  const scores = lines.map(({ text }) => {
    if (wanted.has(foldSpace(text))) return 10;
    return (text.slice(0, MAX_SIMILAR_CHARS).match(/\w{2,}/g) ?? []).filter((word) => words.has(word)).length;
  });
  const size = Math.max(1, search.length);
  let sum = scores.slice(0, size).reduce((total, score) => total + score, 0);
  let best = { at: 0, sum };
  for (let at = 1; at + size <= lines.length; at++) {
    sum += (scores[at + size - 1] ?? 0) - (scores[at - 1] ?? 0);
    if (sum > best.sum) best = { at, sum };
  }
  return { from: best.at + 1, to: Math.min(lines.length, best.at + size) };
}

/** Lines shown around a region. */
const CONTEXT = 3;
