/** The tests that are about a changed file, by its name or because they import it; and how they are run alone. */

import { posix } from "node:path";
import { ifRefused } from "../errors.ts";
import { isTestPath } from "../prompt/first_look.ts";
import type { WorkspaceFiles } from "../tool.ts";

const MAX_NEAREST = 8;
/** Test files that are read for their imports. */
const MAX_READ = 200;
/** Named like a test, not only lying among tests: a fixture is run by nothing. */
const RUNNABLE = /^test_[^/]*$|[._-](?:test|spec)\.\w+$/i;

/** Test files for the changed ones, the surest first; at most 8. @param paths files of the project */
export async function nearestTests(
  changed: readonly string[],
  paths: readonly string[],
  files: Pick<WorkspaceFiles, "read">,
): Promise<readonly string[]> {
  const tests = paths.filter((path) => isTestPath(path) && RUNNABLE.test(posix.basename(path)));
  const sources = changed.filter((path) => !isTestPath(path));
  const stems = new Set(sources.map(stemOf));
  const own = tests.filter((path) => changed.includes(path));
  const named = tests.filter((path) => stems.has(stemOf(path)));
  const found = new Set([...own, ...named]);
  for (const path of tests.filter((path) => !found.has(path)).slice(0, MAX_READ)) {
    if (found.size >= MAX_NEAREST) break;
    const content = await files.read(path).catch(ifRefused);
    if (content && importsAny(content.text, stems)) found.add(path);
  }
  return [...found].slice(0, MAX_NEAREST);
}

/** `src/calc.ts`, `calc.test.ts`, `test_calc.py` and `calc_spec.rb` are all `calc`. */
function stemOf(path: string): string {
  return posix.basename(path).toLowerCase().replace(/\.\w+$/, "").replace(
    /^tests?[_-]|[._-](?:tests?|spec)$/g,
    "",
  );
}

function importsAny(text: string, stems: ReadonlySet<string>): boolean {
  const lines = text.split("\n").filter((line) => /\b(?:import|from|require|use|include)\b/.test(line));
  const words = new Set(lines.flatMap((line) => line.toLowerCase().split(/[^\p{L}\p{N}_-]+/u)));
  return [...stems].some((stem) => words.has(stem));
}

/** A path as every shell takes it; one with `'`, a line end or a backslash cannot be quoted so. */
export function quotePath(path: string): string {
  return /^[\w./@+-]+$/.test(path) && !path.startsWith("-") ? path : `'./${path}'`;
}

/**
 * A command for some files; `undefined` where a name cannot be quoted in every shell.
 * @param perFile see `ProjectCheck.perFile`
 * @param folder see `ProjectCheck.folder`: files outside of it are left out
 */
export function commandFor(perFile: string, given: readonly string[], folder?: string): string | undefined {
  const paths = folder === undefined
    ? given
    : given.flatMap((path) => path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : []);
  if (paths.length === 0 || paths.some((path) => /['\n\\]/.test(path))) return undefined;
  const folders = [...new Set(paths.map((path) => `./${posix.dirname(path)}`.replace(/\/\.$/, "")))];
  return perFile.replace("{files}", () => paths.map(quotePath).join(" "))
    .replace("{folders}", () => folders.map(quotePath).join(" "));
}
