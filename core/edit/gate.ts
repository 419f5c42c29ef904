/** The gate before a write: what may not reach the disk. Gives a refusal for the model, or nothing. */

import { isElision } from "../parse/elision.ts";
import type { Syntax, SyntaxProblem } from "../tool.ts";
import { numbered, splitLines } from "./source_lines.ts";

/** Lines shown around a new error. */
const SHOWN_LINES = 12;
const SHOWN_ERRORS = 3;
/** An existing file may not shrink below this share of its lines in one whole-file write. */
const MIN_SHARE = 0.5;
/** Files shorter than this may shrink as they like. */
const SMALL_LINES = 20;

/** Why a new text may not be written, in words for the model with the lines that it needs; `undefined` when it may. */
export async function refuseBroken(
  path: string,
  before: string,
  after: string,
  syntax: Syntax,
): Promise<string | undefined> {
  const problems = await syntax.parseErrors(path, after);
  if (!problems || problems.length === 0) return undefined;
  const known = before === "" ? [] : await syntax.parseErrors(path, before) ?? [];
  // A file that did not parse before may be mended step by step.
  if (known.length > 0) return undefined;
  return `Not written: ${path} would no longer parse.\n${
    problems.slice(0, SHOWN_ERRORS).map((p) => showProblem(p, after)).join("\n")
  }`;
}

function showProblem(problem: SyntaxProblem, text: string): string {
  const lines = splitLines(text);
  const from = Math.max(1, problem.line - SHOWN_LINES / 2);
  const to = Math.min(lines.length, from + SHOWN_LINES - 1);
  return `Line ${problem.line}: ${problem.message}\n${numbered(lines, from, to)}`;
}

/** The first line of the new text that stands for left-out code and is not in the old text. */
export function findElision(before: string, added: string): string | undefined {
  const kept = new Set(splitLines(before).map(({ text }) => text.trim()));
  for (const { text } of splitLines(added)) {
    if (isElision(text) && !kept.has(text.trim())) return text.trim();
  }
  return undefined;
}

/** Whether a whole-file write drops most of an existing file. */
export function shrinks(before: string, after: string): boolean {
  const lines = splitLines(before).length;
  return lines >= SMALL_LINES && splitLines(after).length < lines * MIN_SHARE;
}
