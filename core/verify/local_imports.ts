/** Imports of files of the project that are not there: relative ones in JavaScript, TypeScript and Python, read line by line. */

import { posix } from "node:path";
import { addedLines } from "../edit/diff_lines.ts";
import { splitLines } from "../edit/source_lines.ts";
import { ToolError } from "../errors.ts";
import type { WorkspaceFiles } from "../tool.ts";

/** An import of a file by a relative path. */
export interface LocalImport {
  /** 1-based. */
  readonly line: number;
  /** As it is written, e.g. `./cart` or `.cart`. */
  readonly name: string;
  /** Paths of which one must exist, relative to the workspace. */
  readonly candidates: readonly string[];
}

const SCRIPT = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** A longer file is generated. */
const MAX_CHARS = 400_000;
const SCRIPT_IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(["'])(\.{1,2}\/[^"'\n]{1,200})\1/g;
const PYTHON_IMPORT = /^\s*from\s+(\.{1,8})(\w[\w.]{0,200})\s+import\b/;
const EXTENSIONS = [".ts", ".tsx", ".mts", ".cts", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".json"];

/** The relative imports of a file, by its name's ending. Lines that are comments are left out. */
export function localImports(path: string, text: string): readonly LocalImport[] {
  if (text.length > MAX_CHARS) return [];
  const read = SCRIPT.test(path) ? readScript : /\.pyi?$/.test(path) ? readPython : undefined;
  if (!read) return [];
  return splitLines(text).flatMap(({ text: line }, index) =>
    /^\s*(?:\/\/|\/?\*|#)/.test(line)
      ? []
      : read(posix.dirname(path), line).map((found) => ({ line: index + 1, ...found }))
  );
}

type Found = Omit<LocalImport, "line">;

function readScript(folder: string, line: string): readonly Found[] {
  return [...line.matchAll(SCRIPT_IMPORT)].map(([, , name = ""]) => {
    const base = posix.join(folder, name.replace(/[?#].*$/, ""));
    const bare = base.replace(/\.[cm]?jsx?$/, "");
    return {
      name,
      candidates: [
        base,
        ...EXTENSIONS.map((extension) => base + extension),
        // TypeScript names the file that it compiles to.
        ...bare === base ? [] : EXTENSIONS.map((extension) => bare + extension),
      ],
    };
  });
}

function readPython(folder: string, line: string): readonly Found[] {
  const [, dots, module] = PYTHON_IMPORT.exec(line) ?? [];
  if (dots === undefined || module === undefined) return [];
  const base = posix.join(folder, "../".repeat(dots.length - 1), module.replaceAll(".", "/"));
  return [{ name: dots + module, candidates: [`${base}.py`, `${base}.pyi`, base] }];
}

/**
 * The imports of a file that lead nowhere, among the lines that were added.
 * @param diff unified diff of the change: an import that stood there before is not told
 */
export async function missingImports(
  path: string,
  diff: string,
  files: Pick<WorkspaceFiles, "read" | "exists">,
): Promise<readonly LocalImport[]> {
  const added = new Set(addedLines(diff));
  // A file that a later call of the same reply took away imports nothing.
  if (await files.exists(path) !== "file") return [];
  const { text } = await files.read(path);
  const lines = splitLines(text);
  const missing: LocalImport[] = [];
  for (const found of localImports(path, text)) {
    if (!added.has(lines[found.line - 1]?.text ?? "")) continue;
    if (!await anyExists(found.candidates, files)) missing.push(found);
  }
  return missing;
}

async function anyExists(
  paths: readonly string[],
  files: Pick<WorkspaceFiles, "exists">,
): Promise<boolean> {
  try {
    for (const path of paths) if (await files.exists(path) !== undefined) return true;
    return false;
  } catch (error) {
    if (error instanceof ToolError) return true; // outside the workspace: not ours to judge
    throw error;
  }
}
