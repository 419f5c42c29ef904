/**
 * What a whole-file write drops without being asked to: a small model that writes a file anew leaves out what it does not work on.
 * Pure; knows the languages of `bound_names.ts`.
 */

import { hasWord, type NameRules, nameRules, namesBound } from "./bound_names.ts";
import { lineTexts, splitLines } from "./source_lines.ts";

/** Names that a new text drops, and that text with them. */
export interface Dropped {
  readonly names: readonly string[];
  readonly withThem: string;
}

/** A statement at the top of a file with the comments and decorators above it. */
interface Statement {
  readonly names: readonly string[];
  readonly isImport: boolean;
  readonly lines: readonly string[];
}

/**
 * The names at the top of a file that a whole-file write drops though the user's message does not speak of them. Imports count only
 * where what is kept still uses them.
 * @returns `undefined` when nothing is dropped, or the language is not read
 */
export function findDropped(path: string, before: string, after: string, asked: string): Dropped | undefined {
  const rules = nameRules(path);
  if (!rules) return undefined;
  const lines = lineTexts(after);
  const kept = namesBound(lines, rules);
  const gone = statementsOf(before, rules).filter(({ names }) =>
    names.some((name) => !kept.has(name) && !hasWord(asked, name))
  );
  const parts = gone.filter(({ isImport }) => !isImport);
  const used = [...lines, ...parts.flatMap((part) => part.lines)];
  const imports = gone.filter(({ isImport, names }) =>
    isImport && names.some((name) => !kept.has(name) && used.some((line) => hasWord(line, name)))
  );
  const names = new Set(
    [...imports, ...parts].flatMap((part) => part.names).filter((name) => !kept.has(name)),
  );
  if (names.size === 0) return undefined;
  const at = endOfImports(lines);
  const withThem = [
    ...lines.slice(0, at),
    ...imports.flatMap((part) => part.lines),
    ...(at === 0 && parts.length === 0 && imports.length > 0 ? [""] : []),
    ...parts.flatMap((part) => ["", ...part.lines, ""]),
    ...lines.slice(at),
  ];
  return { names: [...names], withThem: `${withThem.join("\n").replace(/\n{4,}/g, "\n\n\n").trim()}\n` };
}

function statementsOf(text: string, rules: NameRules): readonly Statement[] {
  const statements: Statement[] = [];
  let lines: string[] = [];
  let hasHead = false;
  const close = () => {
    const names = [...namesBound(lines, rules)];
    while (lines.at(-1)?.trim() === "") lines.pop();
    if (names.length > 0) statements.push({ names, isImport: isImport(lines), lines });
    lines = [];
    hasHead = false;
  };
  for (const { text: line } of splitLines(text)) {
    const isTop = /^[^\s)}\]]/.test(line);
    const leads = /^(?:#|\/\/|\/\*|@)/.test(line);
    if (isTop && hasHead) close();
    lines.push(line);
    hasHead ||= isTop && !leads;
  }
  close();
  return statements;
}

function isImport(lines: readonly string[]): boolean {
  return lines.some((line) => /^(?:import|from)\b|^(?:const|let|var)\b.*\brequire\(/.test(line));
}

/** Where the leading comment, docstring and imports of a file end: an index of a line. */
function endOfImports(lines: readonly string[]): number {
  let end = 0;
  let isOpen = false;
  for (const [index, line] of lines.entries()) {
    const quotes = line.split('"""').length - 1;
    const isHead = isOpen || quotes > 0 || line.trim() === "" || isImport([line]) ||
      /^(?:#|\/\/|\/\*| ?\*|["']use )/.test(line);
    if (!isHead) break;
    if (quotes % 2 === 1) isOpen = !isOpen;
    if (line.trim() !== "") end = index + 1;
  }
  return end;
}
