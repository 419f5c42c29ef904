/** Search by ripgrep, where it is installed. */

import { spawn } from "node:child_process";
import type { ToolContext } from "../core/tool.ts";
import type { Match } from "./_search_lines.ts";

export interface RipgrepSearch {
  readonly pattern: string;
  readonly isLiteral: boolean;
  readonly ignoreCase: boolean;
  readonly maxLineChars: number;
  readonly wants: (path: string) => boolean;
  readonly budgetMs: number;
}

/** Why ripgrep gave no answer: it is not there, or does not read the pattern. */
export type RipgrepFault = "absent" | "pattern";

/** The same files as our own walk: hidden ones too, .gitignore without a repository too, no other ignore files. */
const SAME_FILES = ["--hidden", "--glob=!.git", "--no-require-git", "--no-ignore-global", "--no-ignore-dot"];

/**
 * Yields matches sorted by path.
 *
 * @returns `true`, `false` when the budget ran out, or why there is no answer (then nothing was yielded)
 */
export async function* searchRipgrep(
  path: string,
  search: RipgrepSearch,
  context: Pick<ToolContext, "files" | "signal">,
): AsyncGenerator<Match, boolean | RipgrepFault> {
  const { files, signal } = context;
  const child = spawn("rg", [
    ...["--no-config", "--color=never", "--no-heading", "--with-filename", "--line-number", "--null"],
    ...["--sort=path", `--max-columns=${search.maxLineChars}`, "--max-columns-preview", ...SAME_FILES],
    ...(search.isLiteral ? ["--fixed-strings"] : []),
    ...(search.ignoreCase ? ["--ignore-case"] : []),
    ...["--regexp", search.pattern, "--", await files.relative(path)],
  ], { cwd: files.root, stdio: ["ignore", "pipe", "pipe"], signal, timeout: search.budgetMs });
  const started = Promise.withResolvers<boolean>();
  const { promise: ended, resolve } = Promise.withResolvers<number | null>();
  let complaint = "";
  // A program that is not there has no pipes on Deno 2.6, and Node's types do not say so.
  (child.stderr as typeof child.stderr | null)?.on(
    "data",
    (data) => complaint = (complaint + String(data)).slice(0, 2_000),
  );
  child.on("spawn", () => started.resolve(true));
  child.on("error", () => {
    started.resolve(false);
    resolve(null);
  });
  child.on("close", (code) => resolve(code));
  // The pipes of a program that never started close with an error: they may not be read.
  if (!await started.promise) {
    signal.throwIfAborted();
    return "absent";
  }
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for await (const chunk of child.stdout) {
      const parts = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) {
        const match = readMatch(line);
        if (match && search.wants(match.path)) yield match;
      }
    }
    const code = await ended;
    signal.throwIfAborted();
    if (
      code === 2 && /regex parse error|is not allowed in a regex|look-around|backreferences/.test(complaint)
    ) {
      return "pattern";
    }
    // 1: no match. 2 otherwise: some file could not be read, which is no reason to give up the rest.
    return code !== null;
  } finally {
    child.kill("SIGKILL");
  }
}

function readMatch(line: string): Match | undefined {
  const end = line.indexOf("\0");
  const colon = line.indexOf(":", end);
  if (end === -1 || colon === -1) return undefined; // "binary file matches"
  return {
    path: line.slice(0, end).replace(/^\.\//, "").replaceAll("\\", "/"),
    line: Number(line.slice(end + 1, colon)),
    text: line.slice(colon + 1).replace(/\r$/, ""),
  };
}
