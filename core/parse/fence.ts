/** Fenced code: where it ends, and how a file's path is written above it. */

import { lineEnd, lineStart, matchAt } from "./scan.ts";

/** A fence that begins at a line's start. Indices into the text. */
export interface Fence {
  /** What stands behind the opening backticks. */
  readonly info: string;
  readonly bodyStart: number;
  /** Index of the closing line, or the text's end. */
  readonly bodyEnd: number;
  /** Index after the closing line's backticks. */
  readonly end: number;
  readonly isClosed: boolean;
}

const OPEN = /[ \t]{0,3}(`{3,}|~{3,})([^\n`]*)(?:\n|$)/y;
const LINE = /[ \t]{0,3}(`{3,}|~{3,})[ \t]*([^\n`]*)/y;

/**
 * Reads the fence that opens on the line at `at`. A fence with a language inside opens a nested one.
 * @param isWhole the reply ended on its own: when the outer fence shares its end with an inner one, it ends there. Of a
 * reply that was cut nobody knows.
 */
export function readFence(text: string, at: number, isWhole = true): Fence | undefined {
  const open = matchAt(text, at, OPEN);
  if (!open) return undefined;
  const mark = open[1] ?? "```";
  const bodyStart = at + open[0].length;
  let depth = 1;
  let lastBare: number | undefined;
  for (let i = bodyStart; i < text.length;) {
    const line = matchAt(text, i, LINE);
    if (line && line[1]?.[0] === mark[0] && (line[1]?.length ?? 0) >= mark.length) {
      const isBare = (line[2] ?? "").trim() === "";
      depth += isBare ? -1 : 1;
      if (isBare) lastBare = i;
      if (depth === 0) return closed(text, open[2] ?? "", bodyStart, i);
    }
    i = lineEnd(text, i) + 1;
  }
  if (lastBare !== undefined && isWhole) return closed(text, open[2] ?? "", bodyStart, lastBare);
  return { info: (open[2] ?? "").trim(), bodyStart, bodyEnd: text.length, end: text.length, isClosed: false };
}

function closed(text: string, info: string, bodyStart: number, bodyEnd: number): Fence {
  return { info: info.trim(), bodyStart, bodyEnd, end: lineEnd(text, bodyEnd), isClosed: true };
}

const PATH = /^(?:[A-Za-z]:[\\/])?[\p{L}\p{N}_.@~+()[\]\\/-][\p{L}\p{N}_.@~+()[\]\\/ -]{0,199}$/u;
const NO_EXTENSION =
  /^(?:Makefile|Dockerfile|Rakefile|Gemfile|Procfile|LICENSE|README|Justfile|CMakeLists\.txt)$/;

/** The path that a line consists of, without the marks that models put around one; nothing if it is another line. */
export function pathInLine(line: string): string | undefined {
  const bare = line
    .trim()
    .replace(/^#{1,6}[ \t]+|^[-*][ \t]+|^(?:\/\/|--|;)[ \t]+/, "")
    .replace(/^(?:\*\*)?(?:file ?name|file ?path|file|path)(?:\*\*)?[ \t]*:[ \t]*(?:\*\*)?/i, "")
    .replace(/^[*`"'_]+|[*`"':]+$/g, "")
    .trim();
  if (!PATH.test(bare) || bare.endsWith(".") || bare.includes("..") && bare.startsWith("...")) {
    return undefined;
  }
  const name = bare.split(/[\\/]/).at(-1) ?? "";
  const hasExtension = /^[^.\s].*\.[A-Za-z0-9]{1,10}$|^\.[A-Za-z][\w.-]*$/.test(name);
  if (!hasExtension && !NO_EXTENSION.test(name)) return undefined;
  return bare.includes(" ") && !/[\\/]/.test(bare) ? undefined : bare;
}

/** The nearest line above `at` that is not blank, with its start. */
export function lineAbove(text: string, at: number): { line: string; start: number } | undefined {
  let end = lineStart(text, at) - 1;
  for (let blanks = 0; end >= 0 && blanks < 2; blanks++) {
    const start = lineStart(text, end);
    const line = text.slice(start, end);
    if (line.trim() !== "") return { line, start };
    end = start - 1;
  }
  return undefined;
}
