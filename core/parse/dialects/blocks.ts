/**
 * Edits without a call (Aider): a path above SEARCH/REPLACE marks is a patch; a path above a fence, and nothing else in
 * the reply, is a whole file. Both only when a tool that does this is offered.
 */

import { editDistance } from "../../edit_distance.ts";
import { type Fence, lineAbove, pathInLine, readFence } from "../fence.ts";
import { resolveName } from "../names.ts";
import {
  type Dialect,
  type Found,
  lineAfter,
  lineEnd,
  lineStart,
  matchAt,
  type Scan,
  skipSpace,
} from "../scan.ts";

const SEARCH = /[ \t]{0,3}<{5,9}[ \t]*(?:SEARCH|ORIGINAL|HEAD)\b[ \t]*>?[ \t]*([^\n]*)(?:\n|$)/iy;
const DIVIDER = /[ \t]{0,3}(={5,9})[ \t]*(?:\n|$)/y;
const END = /[ \t]{0,3}>{5,9}[ \t]*(?:(?:REPLACE|UPDATED|MODIFIED)\b)?[ \t]*(?:\n|$)/iy;

/** Marks with a word of the model's own (`<<<<<<< join`), which stand for ours only under a header that says a patch follows. */
const ODD_SEARCH = /<{7}[ \t]*[a-z]{1,20}[ \t]*\n/iy;
const ODD_END = /[ \t]{0,3}>{5,9}[ \t]*(?:[a-z]{1,20})?[ \t]*(?:\n|$)/iy;

/** A SEARCH/REPLACE block. */
export interface Block {
  /** Path on the SEARCH line, if any. */
  readonly path?: string;
  readonly search: string;
  readonly replace: string;
  readonly end: number;
  readonly isCut: boolean;
  readonly repairs?: readonly string[];
  readonly broken?: string;
  readonly fault?: Found["fault"];
}

/** Whether a SEARCH line stands at `at`. */
export function isBlockAt(text: string, at: number): boolean {
  return matchAt(text, at, SEARCH) !== undefined;
}

/** Whether a line stands at `at` that opens a block with another word than SEARCH. */
export function isOddBlockAt(text: string, at: number): boolean {
  return !isBlockAt(text, at) && matchAt(text, at, ODD_SEARCH) !== undefined;
}

/** Reads the block whose SEARCH line stands at `at`. Several dividers would leave the halves to a guess. */
export function readBlock(scan: Scan, at: number): Block {
  const { text } = scan;
  const isOdd = isOddBlockAt(text, at);
  const open = matchAt(text, at, isOdd ? ODD_SEARCH : SEARCH);
  const endMark = isOdd ? ODD_END : END;
  const from = at + (open?.[0].length ?? 0);
  const length = open?.[0].match(/<+/)?.[0].length;
  const lines: { start: number; end: number; length: number }[] = [];
  let isNested = false;
  let i = from;
  for (; i < text.length; i = lineEnd(text, i) + 1) {
    const divider = matchAt(text, i, DIVIDER);
    if (divider) lines.push({ start: i, end: i + divider[0].length, length: divider[1]?.length ?? 0 });
    else if (isBlockAt(text, i) || isOdd && isOddBlockAt(text, i)) isNested = true;
    else if (matchAt(text, i, endMark)) break;
  }
  // The divider is as long as the marks; an underline of another length is the text's own.
  const like = lines.filter((line) => line.length === length);
  const dividers = like.length === 1 ? like : lines;
  const isCut = i >= text.length;
  scan.steps.add(Math.min(i, text.length) - at);
  const end = isCut ? text.length : i + (matchAt(text, i, endMark)?.[0].length ?? 0);
  const path = isOdd ? undefined : pathInLine(open?.[1] ?? "");
  const whole = { search: "", replace: "", end, isCut, ...(path === undefined ? {} : { path }) };
  if (!isOdd && path === undefined && (open?.[1] ?? "").trim() !== "") {
    return { ...whole, broken: "text stands on the line of <<<<<<< SEARCH: begin it on the next line" };
  }
  if (isCut) return { ...whole, broken: "the line >>>>>>> REPLACE is missing" };
  if (dividers.length !== 1 || isNested) {
    const [broken, fault] = dividers.length === 0 ? ["the line ======= is missing", "unreadable" as const] : [
      "the text itself holds a line of marks, so its halves cannot be told apart",
      "marker_in_body" as const,
    ];
    return { ...whole, broken, fault };
  }
  const divider = dividers[0] as { start: number; end: number };
  const repairs = isOdd ? ["word of a mark"] : [];
  return { ...whole, search: text.slice(from, divider.start), replace: text.slice(divider.end, i), repairs };
}

/** SEARCH/REPLACE blocks under a path. */
export const searchReplace: Dialect = {
  name: "search-replace",
  opens: /^[ \t]{0,3}<{5,9}[ \t]*(?:SEARCH|ORIGINAL)\b/.source,
  read(scan, at) {
    const { text } = scan;
    const patch = resolveName("patch", scan.tools);
    const write = resolveName("write_file", scan.tools);
    if (!patch && !write) return undefined;
    const above = headerAbove(scan, at);
    const found: Found[] = [];
    let path = above?.path;
    for (let i = at; i < text.length;) {
      const block = readBlock(scan, i);
      path = block.path ?? path;
      const start = found.length === 0 ? above?.start ?? at : i;
      found.push(toFound(block, path, start, patch?.tool.name, write?.tool.name));
      const next = skipSpace(
        text,
        matchAt(text, block.end, /\s*```[ \t]*(?:\n|$)/y) ? skipFence(text, block.end) : block.end,
      );
      const line = lineStart(text, next);
      const other = line >= block.end && isBlockAt(text, line) ? line : nextUnnamed(scan, block.end);
      if (other === undefined) return withEnd(found, closeFence(text, block.end));
      i = other;
    }
    return found;
  },
};

const SEARCH_LINE = /^[ \t]{0,3}<{5,9}[ \t]*(?:SEARCH|ORIGINAL)\b/gim;
/** Prose between two blocks of one file, at most. */
const MAX_BETWEEN = 400;

/** The next block where it stands in a fence of its own below a few words, and no path says of which file it is: of the same. */
function nextUnnamed(scan: Scan, from: number): number | undefined {
  const { text, steps } = scan;
  const part = text.slice(from, from + MAX_BETWEEN);
  steps.add(part.length);
  SEARCH_LINE.lastIndex = 0;
  const next = SEARCH_LINE.exec(part);
  if (!next) return undefined;
  const between = part.slice(0, next.index);
  const isFenced = /^[ \t]{0,3}(?:`{3,}|~{3,})[ \t]*[\w+#-]*[ \t]*\n$/.test(
    between.slice(between.lastIndexOf("\n", between.length - 2) + 1),
  );
  return isFenced && !/[<{[]/.test(between) && headerAbove(scan, from + next.index) === undefined
    ? from + next.index
    : undefined;
}

function skipFence(text: string, at: number): number {
  return at + (matchAt(text, at, /\s*```[ \t]*(?:\n|$)/y)?.[0].length ?? 0);
}

function closeFence(text: string, at: number): number {
  return at + (matchAt(text, at, /[ \t]*```[ \t]*(?:\n|$)/y)?.[0].length ?? 0);
}

function withEnd(found: readonly Found[], end: number): readonly Found[] {
  return found.map((one, index) => index === found.length - 1 ? { ...one, end } : one);
}

function toFound(
  block: Block,
  path: string | undefined,
  start: number,
  patch: string | undefined,
  write: string | undefined,
): Found {
  const base = { start, end: block.end, dialect: "search-replace", repairs: [], isMarked: true };
  const name = patch ?? write ?? "";
  if (block.broken !== undefined) {
    return {
      ...base,
      name,
      args: undefined,
      broken: block.broken,
      isCut: block.isCut,
      ...(block.fault ? { fault: block.fault } : {}),
    };
  }
  if (path === undefined) return { ...base, name, args: { search: block.search, replace: block.replace } };
  if (block.search.trim() === "" && write !== undefined) {
    return { ...base, name: write, args: { path, content: block.replace } };
  }
  return { ...base, name, args: { path, search: block.search, replace: block.replace } };
}

/** The path over a block: on the line above, or above the fence that the block stands in. */
function headerAbove(scan: Scan, at: number): { path: string; start: number } | undefined {
  const { text } = scan;
  let from = at;
  for (let lines = 0; lines < 3; lines++) {
    const above = lineAbove(text, from);
    if (!above) return undefined;
    const fence = /^[ \t]{0,3}(?:`{3,}|~{3,})[ \t]*(.*)$/.exec(above.line);
    const path = fence ? pathInInfo(fence[1] ?? "") : withoutTool(scan, pathInLine(above.line));
    if (path !== undefined) return { path, start: above.start };
    if (!fence) return undefined;
    from = above.start;
  }
  return undefined;
}

/** A path behind the backticks: `python:src/a.py`, `src/a.py`, `ts title="a.ts"`. */
function pathInInfo(info: string): string | undefined {
  const named = /(?:title|file|path|filename)=["']?([^"'\s]+)/.exec(info)?.[1] ??
    /^\w+[: ](.+)$/.exec(info)?.[1] ?? info;
  return /[./\\]/.test(named) ? pathInLine(named) : undefined;
}

/** Words by which a line of prose says that a changed file follows. */
const ANNOUNCES =
  /\b(?:updated?|fixed|new|modified|creat(?:e|ed)|corrected|rewritten|chang(?:e|ed|es)|implement\w*|complete|full)\b/i;

/** A path and a fenced file, once or several times, and nothing else. */
export const wholeFile: Dialect = {
  name: "whole-file",
  opens: "^[ \\t]{0,3}(?:`{3,}|~{3,})[^\\n`]*$",
  read(scan, at) {
    const { text } = scan;
    const write = resolveName("write_file", scan.tools);
    if (!write) return undefined;
    const found: Found[] = [];
    for (let i = at;;) {
      const one = readFile(scan, i, write.tool.name);
      if (!one) return undefined;
      found.push(one);
      const first = found[0] as Found;
      if (found.length === 1 && !isIntroduced(text.slice(0, first.start))) return undefined;
      const next = nextFence(text, one.end);
      if (next === undefined) break;
      i = next;
    }
    const last = found.at(-1) as Found;
    return text.slice(last.end).trim() === "" ? found : undefined;
  },
};

function isIntroduced(before: string): boolean {
  const lines = before.trim();
  return lines === "" || (!lines.includes("\n") && lines.length < 200 && ANNOUNCES.test(lines));
}

/** The next fence when only a path stands between. */
function nextFence(text: string, end: number): number | undefined {
  const line = skipSpace(text, end);
  if (line >= text.length) return undefined;
  if (readFenceHead(text, lineStart(text, line))) return lineStart(text, line);
  const next = skipSpace(text, lineEnd(text, line));
  return next < text.length && readFenceHead(text, lineStart(text, next)) ? lineStart(text, next) : undefined;
}

function readFenceHead(text: string, at: number): boolean {
  return matchAt(text, at, /[ \t]{0,3}(?:`{3,}|~{3,})/y) !== undefined;
}

/** The path that a comment consists of, as models label a file. */
function pathInComment(line: string): string | undefined {
  const words = /^[ \t]*(?:#|\/\/|--|\/\*|<!--)[ \t]*(\S{1,200})[ \t]*(?:\*\/|-->)?[ \t]*$/.exec(line)?.[1];
  return words === undefined ? undefined : pathInLine(words);
}

/** `create_script slug.py`, `modify file say.py`: a name of the model's own for the tool that writes files, and the path. */
function pathOfCall(scan: Scan, line: string, write: string): string | undefined {
  const [, name = "", path = ""] =
    /^[ \t]*`?([a-z]{1,20}(?:_[a-z_]{1,40}| file))`?:?[ \t]+(\S{1,300})[ \t]*$/.exec(line) ?? [];
  const isWrite =
    /^(?:create|make|new|save|write|rewrite|overwrite|change|update|modify|replace)[_ ]/.test(name) ||
    resolveName(name, scan.tools)?.tool.name === write;
  return isWrite ? pathInLine(path) : undefined;
}

/** A line of a block that changes a file: what holds one is no file. */
export function holdsMarks(body: string): boolean {
  return /^[ \t]*(?:<{5,9}\W{0,3}[A-Z]{4,8}[ \t]*$|>{5,9}[ \t]*(?:REPLACE|UPDATED)\b)/m.test(body);
}

/** Nothing in the fence, and more than a language behind its marks. */
export function hasCodeInInfo({ info, bodyStart, bodyEnd }: Fence): boolean {
  return bodyEnd - bodyStart < 2 && /[^\w+#.:/\\=" -]/.test(info);
}

/** A path with spaces whose first word is a tool's name but for a letter is the path behind it; with the name glued to it, none. */
function withoutTool({ tools }: Scan, path: string | undefined): string | undefined {
  const [first = "", ...others] = path?.split(" ") ?? [];
  if (tools.some(({ name }) => name.includes("_") && first.startsWith(name))) return undefined;
  const isTool = others.length > 0 &&
    tools.some(({ name }) => name.length >= 5 && editDistance(first.slice(0, 60), name) <= 2);
  return isTool ? pathInLine(others.join(" ")) : path;
}

function readFile(scan: Scan, at: number, tool: string): Found | undefined {
  const { text } = scan;
  const fence = readFence(text, at, scan.isWhole);
  if (!fence) return undefined;
  scan.steps.add(3 * (fence.end - at));
  // A change is not the file.
  if (isBlockAt(text, fence.bodyStart)) return undefined;
  const isHalfBlock = holdsMarks(text.slice(fence.bodyStart, fence.bodyEnd));
  const above = lineAbove(text, at);
  const inInfo = pathInInfo(fence.info);
  const isAlone = scan.seeker.start >= at && fence.end >= scan.seeker.end;
  const label = isAlone ? pathInComment(lineAfter(text, fence.bodyStart)) : undefined;
  const called = above && pathOfCall(scan, above.line, tool);
  const path = inInfo ?? called ?? (above && withoutTool(scan, pathInLine(above.line))) ?? label;
  if (path === undefined) return undefined;
  const start = inInfo === undefined && above ? above.start : at;
  const base = { name: tool, start, end: fence.end, dialect: "whole-file", repairs: [], isMarked: true };
  if (isHalfBlock) {
    return { ...base, args: undefined, broken: "the marks of a SEARCH/REPLACE block are damaged" };
  }
  if (hasCodeInInfo(fence)) {
    return { ...base, args: undefined, broken: "the code begins on the line of the fence" };
  }
  if (fence.isClosed) return { ...base, args: { path, content: text.slice(fence.bodyStart, fence.bodyEnd) } };
  if (scan.isWhole && scan.files !== undefined && !scan.files(path)) {
    return { ...base, args: { path, content: text.slice(fence.bodyStart) }, repairs: ["missing end mark"] };
  }
  return { ...base, args: undefined, broken: "the closing fence is missing", isCut: true };
}
