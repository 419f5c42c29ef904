/** What dialects share: the text under the cursor, what they find in it, and a budget that keeps all of them linear. */

import type { Malformed, ToolSchema } from "../types.ts";

/** Something in a reply that has the shape of a call, before names and arguments are fitted to the tools. */
export interface Found {
  /** As written. */
  readonly name: string;
  /** An object, text that may hold one, or nothing. */
  readonly args: unknown;
  /** Span in the text: `start` inclusive, `end` exclusive. */
  readonly start: number;
  readonly end: number;
  readonly dialect: string;
  readonly repairs: readonly string[];
  /** The text ended, or the call broke off, inside an argument. */
  readonly isCut?: boolean;
  /** The call's own closing mark was not there (an end of the text in its place). */
  readonly isOpen?: boolean;
  /** Written with marks that nothing else uses: if it is not a call then it is a broken one, never prose. */
  readonly isMarked: boolean;
  /** Values carry no type of their own (XML): giving them the schema's types is no repair. */
  readonly isUntyped?: boolean;
  /** Arguments stand beside the name, so every required one must be there for it to be a call. */
  readonly isFlat?: boolean;
  /** Set instead of a call: why the marked text is not readable. */
  readonly broken?: string;
  /** What kind of fault `broken` is, where it is not simply unreadable. */
  readonly fault?: Malformed["kind"];
}

/** A way to write calls. */
export interface Dialect {
  readonly name: string;
  /**
   * Source of a regular expression without groups that matches where such a call may begin, flags `im`. `TOOL_NAME` in it
   * stands for the names of the offered tools.
   */
  readonly opens: string;
  /**
   * Reads the calls that begin at `at`.
   * @param length characters that `opens` matched.
   * @returns nothing when what stands there is not of this dialect.
   */
  read(scan: Scan, at: number, length: number): readonly Found[] | undefined;
}

/** The text being read. */
export interface Scan {
  readonly text: string;
  readonly seeker: Seeker;
  readonly tools: readonly ToolSchema[];
  readonly steps: Steps;
  /** Whether the reply ended on its own (`stop`), so that a missing end mark was forgotten and not cut off. */
  readonly isWhole: boolean;
  /** Whether a path is a file of the workspace; absent where nobody can tell. */
  readonly files?: (path: string) => boolean;
  /** Reads YAML, where that is loaded. */
  readonly yaml?: (source: string) => unknown;
  /** Whether a name, cleaned of artefacts, means an offered tool. */
  readonly knows: (name: string) => boolean;
}

/**
 * Counts characters looked at. Attempts at every opening mark would be quadratic on hostile text; when the budget is
 * spent no new attempt begins, so a whole parse stays linear whatever it reads.
 */
export class Steps {
  #count = 0;
  readonly #limit: number;

  /** @param length characters of the reply; each may be looked at about 16 times. */
  constructor(length: number) {
    this.#limit = 16 * length + 200_000;
  }

  /** Characters looked at so far. */
  get count(): number {
    return this.#count;
  }

  get isSpent(): boolean {
    return this.#count > this.#limit;
  }

  add(characters: number): void {
    this.#count += characters;
  }
}

/**
 * Searches forward for fixed marks. What was not found is not searched again, so that many openings of which none is
 * closed cost one search.
 */
export class Seeker {
  readonly #text: string;
  readonly #known = new Map<string, { readonly from: number; readonly index: number }>();
  /** Where the text's first and last characters stand that are no white space (`end` exclusive). */
  readonly start: number;
  readonly end: number;

  constructor(text: string) {
    this.#text = text;
    this.start = skipSpace(text, 0);
    this.end = text.trimEnd().length;
  }

  /** As `text.indexOf(mark, from)`. */
  find(mark: string, from: number): number {
    const known = this.#known.get(mark);
    if (known && known.from <= from && (known.index < 0 || known.index >= from)) return known.index;
    const index = this.#text.indexOf(mark, from);
    this.#known.set(mark, { from, index });
    return index;
  }
}

const SPACE = /[\s\u00a0\ufeff]*/y;

/** Index of the first character at or after `at` that is not white space. */
export function skipSpace(text: string, at: number): number {
  SPACE.lastIndex = at;
  SPACE.exec(text);
  return Math.max(at, SPACE.lastIndex);
}

/** Match of a regular expression exactly at `at`; `source` is compiled once. */
export function matchAt(text: string, at: number, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}

/** How much of a line is looked at: enough to tell whether it is blank or prose, whatever its length. */
const LINE_CHARS = 200;

/** The line's characters before `at`, the last ones of a long line. */
export function lineBefore(text: string, at: number): string {
  const part = text.slice(Math.max(0, at - LINE_CHARS), at);
  return part.slice(part.lastIndexOf("\n") + 1);
}

/** The line's characters from `at`, the first ones of a long line. */
export function lineAfter(text: string, at: number): string {
  const part = text.slice(at, at + LINE_CHARS);
  const end = part.indexOf("\n");
  return end < 0 ? part : part.slice(0, end);
}

/** Index where the line that holds `at` begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Index of the line break that ends the line of `at`, or of the text's end. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** Words that announce an example; what follows them at once is shown, not meant. */
const EXAMPLE =
  /\b(?:examples?|e\.g\.|for instance|looks? like|would (?:be|look)|such as|sample|syntax(?: is)?|format is|you (?:can|could|would|might)(?: also)? (?:use|call|run|write)|never (?:write|use|send))(?:[^\n.!?]{0,60})\s*$/i;

/** An example announced by a sentence of its own. */
const EXAMPLE_BELOW = /\bexamples?\b[^\n.!?]{0,20}\b(?:follows?|below|here)\b[.:]?\s*$/i;

/** Words by which a sentence reports what somebody or something else wrote. */
const REPORT =
  /\b(?:answered|replied|says?|said|printed|logged|wrote|returned|contains?)\b[^\n.!?]{0,40}:\s*$/i;

/** Words that announce what a document or a line of it holds; "to make the file, the call is:" announces a call. */
const CONTENT =
  /(?:\bcontents? of \S+|\b(?:line \d+|log(?: file)?|page|readme|document|fixture|prompt|transcript)(?: of \S+)?\s+(?:is|was|reads|has|ends with|begins with|starts with))\s*:\s*$/i;

/** A fence's opening line, which may stand between the words and what they announce. */
const FENCE_LINE = /\n[ \t]*(?:`{3,}|~{3,})[\w-]*[ \t]*\n?\s*$/;

function wordsBefore(text: string, at: number): string {
  return text.slice(Math.max(0, at - 120), at).replace(FENCE_LINE, "");
}

/** Whether the words just before `at` say that an example follows. */
export function isExample(text: string, at: number): boolean {
  const words = wordsBefore(text, at);
  return EXAMPLE.test(words) || EXAMPLE_BELOW.test(words);
}

/** Whether what stands from `start` to `end` in lines of its own is shown: the sentence around it reports it. */
export function isReported(text: string, start: number, end: number): boolean {
  const before = wordsBefore(text, start);
  return REPORT.test(before) || CONTENT.test(before) || GOES_ON.test(text.slice(end, end + 60));
}

/** A sentence that goes on after what it showed. */
const GOES_ON = /^\s*(?:is|was|are|were|which|shows?|means|would|appears?)\b/;
