/** Search without ripgrep: files as .gitignore leaves them, read as a stream. */

import { createReadStream } from "node:fs";
import { join } from "node:path";
import type { ToolContext } from "../core/tool.ts";

/** A line that matches. Lines are 1-based. */
export interface Match {
  readonly path: string;
  readonly line: number;
  readonly text: string;
}

export interface LineSearch {
  readonly test: (line: string) => boolean;
  readonly maxLineChars: number;
  /** Whether a file, by its path, is searched. */
  readonly wants: (path: string) => boolean;
  /** Milliseconds after which the search ends with what it has. */
  readonly budgetMs: number;
}

const MAX_ENTRIES = 200_000;

/**
 * Yields matches in the order of the walk; binary files (a NUL in what is read) are passed over.
 *
 * @returns whether all of it was searched within the budget
 */
export async function* searchLines(
  path: string,
  search: LineSearch,
  context: Pick<ToolContext, "files" | "signal">,
): AsyncGenerator<Match, boolean> {
  const { files, signal } = context;
  const deadline = performance.now() + search.budgetMs;
  if (await files.exists(path) === "file") {
    yield* searchFile(files.root, await files.relative(path), search, deadline);
    return performance.now() < deadline;
  }
  let entries = 0;
  for await (const entry of files.walk(path, { signal, maxEntries: MAX_ENTRIES })) {
    entries++;
    if (performance.now() > deadline) return false;
    if (entry.kind === "file" && search.wants(entry.path)) {
      yield* searchFile(files.root, entry.path, search, deadline);
    }
  }
  return entries < MAX_ENTRIES && performance.now() < deadline;
}

async function* searchFile(
  root: string,
  path: string,
  search: LineSearch,
  deadline: number,
): AsyncGenerator<Match> {
  const stream = createReadStream(join(root, path));
  const decoder = new TextDecoder();
  const found: Match[] = [];
  let rest = "";
  let line = 0;
  const take = (text: string) => {
    line++;
    const shown = text.endsWith("\r") ? text.slice(0, -1) : text;
    if (search.test(shown)) found.push({ path, line, text: shown });
  };
  try {
    for await (const chunk of stream) {
      const bytes = chunk as Uint8Array;
      if (bytes.includes(0)) return;
      const parts = decoder.decode(bytes, { stream: true }).split("\n");
      // Of a line without an end only what is tested is kept: a 50 MB line costs no more than a short one.
      for (const part of parts.slice(0, -1)) {
        take((rest + part).slice(0, search.maxLineChars));
        rest = "";
      }
      rest = (rest + (parts.at(-1) ?? "")).slice(0, search.maxLineChars);
      yield* found.splice(0);
      if (performance.now() > deadline) return;
    }
    if (rest !== "") take(rest);
    yield* found.splice(0);
  } catch (error) {
    const { code } = error as { code?: string };
    // A file that may not be read, or went away meanwhile, has no matches; the rest of the search goes on.
    if (code !== "EACCES" && code !== "ENOENT" && code !== "EPERM") throw error;
  } finally {
    stream.destroy();
  }
}
