/**
 * Names that an edit took away and that are still used: what a small model breaks most when it writes a file anew (it drops the
 * functions beside the one it works on), or renames in one file only. Read line by line, so it errs on the side of silence.
 */

import { posix } from "node:path";
import type { WorkspaceFiles } from "../tool.ts";
import { hasWord, nameRules, namesBound } from "../edit/bound_names.ts";
import { removedLines } from "../edit/diff_lines.ts";
import { lineTexts } from "../edit/source_lines.ts";
import type { LostName } from "../types.ts";

/** A longer line or file is generated. */
const MAX_LINE = 2_000;
const MAX_CHARS = 400_000;
/** Other files that are read for uses of a lost name. */
const MAX_FILES = 200;
const MAX_ENTRIES = 5_000;

/** Names that the removed lines of a unified diff bind. */
function namesRemoved(path: string, diff: string): ReadonlySet<string> {
  const language = nameRules(path);
  if (!language) return new Set();
  return namesBound(removedLines(diff), language);
}

/** The first line of a text that uses a name without binding it anywhere; 0 when there is none. */
function lineOfUse(path: string, text: string, name: string): number {
  const language = nameRules(path);
  if (!language) return 0;
  const word = name.replace(/\$/g, "\\$");
  const use = new RegExp(`(?<![\\w$."'\`/-])${word}(?![\\w$"'\`])(?!\\s*(?::|=(?![=>])))`);
  const binding = new RegExp(
    `\\b(?:def|class|function\\*?)\\s+${word}(?![\\w$])|` +
      `(?:\\b(?:const|let|var|for|as)\\s+|[(,]\\s*|^\\s*)${word}\\s*(?::|=(?![=>])|=>|\\bin\\b)`,
  );
  const parameter = new RegExp(
    `\\b(?:def|function)\\b[^(]{0,100}\\([^)]{0,500}(?<![\\w$.])${word}(?![\\w$])`,
  );
  let found = 0;
  for (const [index, line] of lineTexts(text).entries()) {
    if (line.length > MAX_LINE || !line.includes(name)) continue;
    const code = withoutStrings(line, language.comment);
    if (binding.test(code) || parameter.test(code)) return 0;
    if (found === 0 && use.test(code)) found = index + 1;
  }
  return found;
}

/** A line with its strings emptied and its comment cut off, as far as one line tells. */
function withoutStrings(line: string, comment: string): string {
  const code = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""');
  const end = code.indexOf(comment);
  return end < 0 ? code : code.slice(0, end);
}

/** What of the workspace is looked at. */
type Files = Pick<WorkspaceFiles, "read" | "exists" | "walk">;

/**
 * The names that the edits of a reply took away and that are still used, with those that were open before.
 * @param edits path and unified diff of each
 */
export async function findLost(
  before: readonly LostName[],
  edits: readonly { readonly path: string; readonly diff: string }[],
  files: Files,
  signal: AbortSignal,
): Promise<readonly LostName[]> {
  const names = new Map<string, Set<string>>();
  const note = (path: string, name: string) => names.set(path, (names.get(path) ?? new Set()).add(name));
  for (const { from, name } of before) note(from, name);
  for (const { path, diff } of edits) {
    for (const name of namesRemoved(path, diff)) note(path, name);
  }
  const found: LostName[] = [];
  for (const [from, wanted] of names) found.push(...await usesOfLost(from, [...wanted], files, signal));
  return found;
}

/** Where names that are gone from a file are still used: in the file itself, or in one that imports them from it. */
async function usesOfLost(
  from: string,
  wanted: readonly string[],
  files: Files,
  signal: AbortSignal,
): Promise<readonly LostName[]> {
  const language = nameRules(from);
  if (!language) return [];
  const own = await files.exists(from) === "file" ? (await files.read(from)).text : "";
  if (own.length > MAX_CHARS) return [];
  const bound = namesBound(lineTexts(own), language);
  const names = wanted.filter((name) => !bound.has(name));
  if (names.length === 0) return [];
  const found: LostName[] = [];
  for (const name of names) {
    const line = lineOfUse(from, own, name);
    if (line > 0) found.push({ name, from, path: from, line });
  }
  const imports = importsOf(from);
  let read = 0;
  for await (const entry of files.walk(".", { signal, maxEntries: MAX_ENTRIES })) {
    if (entry.path === from || entry.kind !== "file") continue;
    if (nameRules(entry.path) !== language || read++ >= MAX_FILES) continue;
    const text = await files.read(entry.path).then((file) => file.text, () => "");
    if (text.length > MAX_CHARS) continue;
    for (const name of names) {
      const line = lineTexts(text).findIndex((each) => each.length <= MAX_LINE && imports(each, name)) + 1;
      if (line > 0) found.push({ name, from, path: entry.path, line });
    }
  }
  return found;
}

/** Whether a line takes a name out of the file, by the last part of the file's name: `from shop import calc`, `shop.calc`, `{ calc } from "./shop.js"`. */
function importsOf(from: string): (line: string, name: string) => boolean {
  const module = posix.basename(from).replace(/\.\w+$/, "");
  const isPython = from.endsWith(".py");
  if (isPython && !/^\w+$/.test(module)) return () => false; // no statement can name such a file
  return (line, name) => {
    if (!line.includes(name) || !line.includes(module)) return false;
    if (!hasWord(line, name)) return false;
    if (isPython) {
      const [, imported, list] = /^\s*from ([\w.]{1,200}) import (.{1,2000})/.exec(line) ?? [];
      if (imported !== undefined && list !== undefined) {
        return imported.split(".").at(-1) === module && hasWord(list, name);
      }
      return new RegExp(`(?<![\\w.])${module}\\.${name}(?!\\w)`).test(line);
    }
    const [, list, imported] = /\{([^}]{1,2000})\}[^"']{0,100}["']([^"']{1,300})["']/.exec(line) ?? [];
    if (list === undefined || imported === undefined || !imported.startsWith(".")) return false;
    return posix.basename(imported).replace(/\.\w+$/, "") === module && hasWord(list, name);
  };
}
