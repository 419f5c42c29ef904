/** The methods that a whole-file write drops from a class that it keeps. Pure; for every language that `core/syntax` outlines. */

import type { OutlineEntry } from "../tool.ts";
import { hasWord } from "./bound_names.ts";
import type { Dropped } from "./dropped_names.ts";
import { lineTexts } from "./source_lines.ts";

/** A text with its outline. */
export interface Outlined {
  readonly text: string;
  readonly parts: readonly OutlineEntry[];
}

/** A function inside a class, by both names. */
interface Member {
  readonly owner: OutlineEntry;
  readonly part: OutlineEntry;
}

/**
 * The methods that are gone though their class stays and the user's message does not speak of them.
 * @returns `undefined` when there are none; `withThem`: the new text with each at the end of its class
 */
export function findDroppedMembers(before: Outlined, after: Outlined, asked: string): Dropped | undefined {
  const kept = membersOf(after.parts);
  const gone = membersOf(before.parts).filter(({ owner, part }) =>
    !hasWord(asked, part.name) &&
    after.parts.some((part) => isSame(part, owner) && part.from < part.to) &&
    !kept.some((one) => one.owner.name === owner.name && one.part.name === part.name)
  );
  if (gone.length === 0) return undefined;
  const [old, lines] = [lineTexts(before.text), lineTexts(after.text)];
  const owners = new Set(
    gone.flatMap(({ owner }) => after.parts.find((part) => isSame(part, owner) && part.from < part.to) ?? []),
  );
  // From the last class to the first, so that the line numbers of those above stay true.
  for (const owner of [...owners].toSorted((a, b) => b.to - a.to)) {
    const texts = gone.filter((one) => isSame(one.owner, owner)).flatMap(({ part }) => [
      "",
      ...withLead(old, part),
    ]);
    const closes = /^\s*(?:\}|end\b)/.test(lines[owner.to - 1] ?? "");
    lines.splice(closes ? owner.to - 1 : owner.to, 0, ...texts);
  }
  return {
    names: [...new Set(gone.map(({ part }) => part.name))],
    withThem: `${lines.join("\n").trimEnd()}\n`,
  };
}

function isSame(a: OutlineEntry, b: OutlineEntry): boolean {
  return a.name === b.name && a.kind === b.kind;
}

/** Each function with the innermost class around it. */
function membersOf(parts: readonly OutlineEntry[]): readonly Member[] {
  return parts.filter(({ kind }) => kind === "function" || kind === "method").flatMap((part) => {
    const owner = parts.findLast(({ kind, from, to }) =>
      kind !== "function" && kind !== "method" && from <= part.from && to >= part.to
    );
    return owner ? [{ owner, part }] : [];
  });
}

/** The lines of a part with the comments and decorators right above it. */
function withLead(lines: readonly string[], part: OutlineEntry): readonly string[] {
  let from = part.from - 1;
  while (from > 0 && /^\s*(?:#|\/\/|\/\*|\*|@)/.test(lines[from - 1] ?? "")) from--;
  return lines.slice(from, part.to);
}
