/**
 * Finds the files that a message is about and shows them before the model asks: a small model rarely asks for them
 * (FIELD.md, twelve tasks by four agents: 0 and 1 solved without, 7 with files handed over).
 */

import type { OutlineEntry, Syntax, WorkspaceFiles } from "../tool.ts";
import { namedRegions, type Range } from "./named_regions.ts";
import type { ProjectFacts } from "./project_facts.ts";

/** A file worth showing, with why. Higher scores are shown first. */
export interface Candidate {
  readonly path: string;
  readonly score: number;
  readonly reason: string;
}

/** What was shown of one file. */
export interface Shown {
  readonly path: string;
  readonly hash: string;
  readonly reason: string;
  readonly how: "whole" | "regions" | "outline";
  readonly lines: number;
  /** The lines that were shown, where it was regions. */
  readonly regions?: readonly Range[];
  /** The text, where it was shown whole. */
  readonly content?: string;
  /** The first line that is not blank, for examples. */
  readonly sample: string;
}

export interface FirstLook {
  /** Ready to stand in the user message; empty when nothing was found. */
  readonly text: string;
  readonly shown: readonly Shown[];
}

const MAX_FILES = 8;
const MAX_SYMBOL_FILES = 400;
/** Entries looked at for a file that is named. */
const MAX_WALKED = 30_000;
/** A project with at most this many source files is shown even when the message names none. */
const TINY_PROJECT = 3;
const MAX_BYTES = 200_000;

const SOURCE =
  /\.(c|cc|cpp|cs|css|go|h|hpp|html|java|js|jsx|json|kt|md|mjs|php|py|rb|rs|sh|sql|swift|toml|ts|tsx|txt|ya?ml)$/i;
/** Written beside a plugin for its author's editor. */
const PLUGIN_TYPES = /(?:^|\/)smallcode\.d\.ts$/;
const CODE = /\.(c|cc|cpp|cs|css|go|h|hpp|html|java|js|jsx|kt|mjs|php|py|rb|rs|sh|swift|ts|tsx)$/i;
const TEST = /(^|\/)(tests?|__tests__|spec)\/|(^|\/)test_[^/]*$|[._-](test|spec)\.[a-z]+$|_test\.[a-z]+$/i;

/** Whether a path is that of source code, by its extension. */
export function isCodePath(path: string): boolean {
  return CODE.test(path);
}

/** Whether a path is a test's by its name or folder. */
export function isTestPath(path: string): boolean {
  return TEST.test(path);
}

/**
 * Ranks paths by what the message names: a path, a file name, its stem, a failing test, the whole of a tiny project.
 * @param hasMore the project has more paths than these
 */
export function rankPaths(task: string, paths: readonly string[], { hasMore = false } = {}): Candidate[] {
  const text = task.toLowerCase();
  const words = wordsOf(task);
  const sources = paths.filter((path) => SOURCE.test(path));
  const code = sources.filter((path) => CODE.test(path) && !PLUGIN_TYPES.test(path));
  const speaksOfTests = /\b(tests?|failing|fails?|spec)\b/.test(text);
  const found = new Map<string, Candidate>();
  const add = (path: string, score: number, reason: string) => {
    const before = found.get(path);
    if (!before || before.score < score) found.set(path, { path, score, reason });
  };
  const ends = pathEnds(words);
  for (const path of paths) {
    const lower = path.toLowerCase();
    const name = lower.slice(lower.lastIndexOf("/") + 1);
    const stem = name.replace(/\.[^.]+$/, "");
    if (words.has(lower)) add(path, 100, "named in the message");
    else if (ends.has(lower)) add(path, 95, "the end of a path in the message");
    else if (words.has(name) || UNSPACED.test(name) && text.includes(name)) {
      add(path, 90, "its name is in the message");
    } else if (stem.length > 3 && words.has(stem) && SOURCE.test(path)) {
      add(path, 50, "its stem is in the message");
    }
  }
  if (speaksOfTests) {
    for (const path of sources.filter((path) => TEST.test(path)).slice(0, 4)) {
      add(path, 40, "a test of the project");
    }
  }
  if (!hasMore && code.length <= TINY_PROJECT) {
    for (const path of code) add(path, TEST.test(path) ? 20 : 30, "one of the few source files");
  }
  for (const test of [...found.values()].filter(({ path }) => TEST.test(path))) {
    for (const path of code) {
      if (isTestedBy(path, test.path)) add(path, test.score + 5, `tested by ${test.path}`);
    }
  }
  return [...found.values()].sort((a, b) => b.score - a.score || a.path.localeCompare(b.path));
}

/** Scripts that set no blank between a file's name and the words around it. */
const UNSPACED = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]/u;

/** Words of a message, lower case, as they may name paths. */
function wordsOf(task: string): ReadonlySet<string> {
  const words = task.toLowerCase().split(/[^\p{L}\p{N}_./-]+/u);
  const inside = words.filter((word) => UNSPACED.test(word)).flatMap((word) =>
    word.match(/[a-z0-9_./-]+/g) ?? []
  );
  return new Set([...words, ...inside].map((word) => word.replace(/^[./]+|[.]+$/g, "")));
}

/** Files that a message names and that lie beyond what was walked of a large project; at most `MAX_FILES`. */
async function findFar(
  { task, facts, files, signal }: Pick<LookOptions, "task" | "facts" | "files" | "signal">,
): Promise<readonly string[]> {
  if (!facts.hasMore) return [];
  const isNamed = (path: string, word: string) => path === word || path.endsWith(`/${word}`);
  const lower = facts.paths.map((path) => path.toLowerCase());
  const named = [...wordsOf(task)].filter((word) =>
    SOURCE.test(word) && !lower.some((path) => isNamed(path, word))
  );
  const found: string[] = [];
  if (named.length === 0) return found;
  for await (const { path, kind } of files.walk(".", { signal, maxEntries: MAX_WALKED })) {
    if (kind === "file" && named.some((word) => isNamed(path.toLowerCase(), word))) found.push(path);
    if (found.length >= MAX_FILES) break;
  }
  return found;
}

/** What follows each slash of a longer path: a stack trace holds the whole path of a file. */
function pathEnds(words: ReadonlySet<string>): ReadonlySet<string> {
  const ends = new Set<string>();
  for (const word of words) {
    const parts = word.split("/").slice(-8);
    for (let i = 1; i < parts.length; i++) ends.add(parts.slice(i).join("/"));
  }
  return ends;
}

/** Whether the test's name says that it tests the file, e.g. `test_cart.py` and `cart.py`. */
function isTestedBy(path: string, test: string): boolean {
  if (TEST.test(path)) return false;
  const stem = (p: string) => p.slice(p.lastIndexOf("/") + 1).toLowerCase().replace(/\.[a-z]+$/, "");
  return stem(test).replace(/^test_|[._-](test|spec)$|_test$/g, "") === stem(path);
}

/**
 * The one file that a task will most likely change: the best shown file that is code and no test. None when the task names a file that is not
 * there yet, or asks for tests.
 */
export function focusOf(task: string, shown: readonly Shown[], paths: readonly string[]): string | undefined {
  if (/\b(add|create|generate|write)\b[^.]*\b(tests?|unittests?|specs?)\b/i.test(task)) return undefined;
  const named = task.match(/[\w./-]*\w\.[a-z]\w{0,4}\b/gi) ?? [];
  const known = new Set(
    [...paths, ...shown.map(({ path }) => path)].flatMap((
      path,
    ) => [path.toLowerCase(), path.slice(path.lastIndexOf("/") + 1).toLowerCase()]),
  );
  if (named.some((name) => SOURCE.test(name) && !known.has(name.replace(/^\.?\//, "").toLowerCase()))) {
    return undefined;
  }
  const isNamed = (path: string) => named.some((name) => path.endsWith(name));
  const files = shown.filter(({ path }) => !TEST.test(path) && (CODE.test(path) || isNamed(path)));
  const [first, second] = files;
  if (!first) return undefined;
  return !second || isNamed(first.path) && !isNamed(second.path) || first.reason.startsWith("tested by")
    ? first.path
    : undefined;
}

/** Names in the message that look like code: `snake_case`, `camelCase`, `name()`, or in backticks. At most 12. */
export function namedSymbols(task: string): string[] {
  const found = new Set<string>();
  for (
    const match of task.matchAll(/`([\p{L}_$][\p{L}\p{N}_$.]*)(?:\(\))?`|([\p{L}_$][\p{L}\p{N}_$]*)\(\)/gu)
  ) {
    found.add((match[1] ?? match[2] ?? "").split(".").pop() ?? "");
  }
  for (
    const [word] of task.matchAll(
      /\b[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+\b|\b[a-z]+[a-z0-9]*[A-Z][A-Za-z0-9]*\b/g,
    )
  ) found.add(word);
  found.delete("");
  return [...found].slice(0, 12);
}

interface LookOptions {
  readonly task: string;
  readonly facts: ProjectFacts;
  readonly files: WorkspaceFiles;
  readonly syntax: Syntax;
  readonly roomTokens: number;
  readonly estimate: (text: string) => number;
  readonly signal: AbortSignal;
}

/**
 * Reads the best candidates, as whole files while the room bears it, else as the regions that the message names, else as outlines.
 * @param roomTokens most tokens that the text may have (estimated by `estimate`)
 */
export async function lookFirst(options: LookOptions): Promise<FirstLook> {
  const { task, facts, files, syntax, estimate, signal } = options;
  const paths = [...facts.paths, ...await findFar(options)];
  const candidates = await addSymbolFiles(rankPaths(task, paths, facts), options);
  const parts: string[] = [];
  const shown: Shown[] = [];
  let room = options.roomTokens;
  for (const { path, reason } of candidates.slice(0, MAX_FILES)) {
    signal.throwIfAborted();
    const file = await readable(files, path);
    if (!file) continue;
    const lines = countLines(file.text);
    const fits = (text: string) => estimate(text) <= room;
    const whole = showWhole(path, file.text, lines);
    const part: Part | undefined = fits(whole)
      ? { how: "whole", text: whole, content: file.text }
      : showPart(task, file, await syntax.outline(path, file.text) ?? [], fits);
    if (!part) continue;
    const { text, ...how } = part;
    room -= estimate(text);
    parts.push(text);
    shown.push({
      path,
      hash: file.hash,
      reason,
      lines,
      ...how,
      sample: file.text.match(/\S.*/)?.[0] ?? "",
    });
  }
  return { text: parts.join("\n\n"), shown };
}

async function addSymbolFiles(
  ranked: readonly Candidate[],
  options: { task: string; facts: ProjectFacts; files: WorkspaceFiles; signal: AbortSignal },
): Promise<readonly Candidate[]> {
  const symbols = namedSymbols(options.task);
  if (symbols.length === 0 || (ranked[0]?.score ?? 0) >= 90) return ranked;
  const known = new Map(ranked.map((candidate) => [candidate.path, candidate]));
  for (const path of options.facts.paths.filter((path) => CODE.test(path)).slice(0, MAX_SYMBOL_FILES)) {
    options.signal.throwIfAborted();
    const file = await readable(options.files, path);
    const symbol = symbols.find((symbol) => file?.text.includes(symbol));
    if (!symbol || !file) continue;
    const defines = definition(symbol).test(file.text);
    const score = (defines ? 60 : 25) + (known.get(path)?.score ?? 0) / 10;
    if (score > (known.get(path)?.score ?? 0)) {
      known.set(path, { path, score, reason: `${defines ? "defines" : "uses"} ${symbol}` });
    }
  }
  return [...known.values()].sort((a, b) => b.score - a.score || a.path.localeCompare(b.path));
}

function definition(symbol: string): RegExp {
  const name = symbol.replace(/[$]/g, "\\$&");
  return new RegExp(
    `\\b(?:def|class|function|func|fn|const|let|var|type|interface|struct|enum|trait) ${name}\\b`,
  );
}

async function readable(files: WorkspaceFiles, path: string) {
  try {
    const file = await files.read(path);
    return file.bytes <= MAX_BYTES ? file : undefined;
  } catch (error) {
    if (error instanceof Error && error.name === "ToolError") return undefined; // binary, unreadable or gone: nothing to show
    throw error;
  }
}

function countLines(text: string): number {
  return text === "" ? 0 : text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
}

function showWhole(path: string, text: string, lines: number): string {
  const fence = text.includes("```") ? "~~~~" : "```";
  return `${path} (${lines} lines, whole):\n${fence}\n${text}${
    text.endsWith("\n") || text === "" ? "" : "\n"
  }${fence}`;
}

/** Lines as `read_file` shows them. */
function numbered(lines: readonly string[], [from, to]: Range): string {
  return lines.slice(from - 1, to).map((line, index) => `${from + index} | ${line}`).join("\n");
}

/** How a file is shown, and the text. */
type Part = Pick<Shown, "how" | "regions" | "content"> & { readonly text: string };

/** Of a file that is too long: as many named regions as fit, with the outline where that fits too; else the outline. */
function showPart(
  task: string,
  file: { readonly path: string; readonly text: string },
  outline: readonly OutlineEntry[],
  fits: (text: string) => boolean,
): Part | undefined {
  const lines = file.text.split(/\r\n|\n|\r/);
  if (lines.at(-1) === "") lines.pop();
  const about = { path: file.path, totalLines: lines.length, outline };
  const symbols = outline.slice(0, 60).map(({ name, from, to }) => `  ${name} ${from}-${to}`).join("\n");
  const head = (what: string) => `${file.path} (${lines.length} lines, too long to show${what})`;
  const show = (regions: readonly Range[]) =>
    [
      `${head("; the lines that the task names")}:`,
      ...[...regions].sort((a, b) => a[0] - b[0]).map((region) => numbered(lines, region)),
    ].join("\n\n");
  let regions: readonly Range[] = [];
  for (const region of namedRegions(task, about, namedSymbols(task))) {
    if (fits(show([...regions, region]))) regions = [...regions, region];
  }
  if (regions.length > 0) {
    const text = show(regions);
    const more = symbols === "" ? text : `${text}\n\nIts parts with line ranges:\n${symbols}`;
    return { how: "regions", text: fits(more) ? more : text, regions };
  }
  if (symbols === "") return undefined;
  const text = `${head("; its parts with line ranges")}:\n${symbols}`;
  return fits(text) ? { how: "outline", text } : undefined;
}
