/** What a turn or a session changed, as unified diffs, from the journal alone. */

import { createTwoFilesPatch } from "diff";
import { isUtf8 } from "node:buffer";
import { lineDelta } from "../edit/line_delta.ts";
import { contentOf, type JournalEntry } from "./journal.ts";
import type { Store } from "./store.ts";

/** Differing lines, at most, for a diff in full; a longer one is not read, and costs seconds. */
const MAX_EDIT_LENGTH = 2_000;

/** git looks for a NUL in as many bytes to call a file binary. */
const BINARY_PROBE_BYTES = 8_000;

/** A file's change from before the first of some edits to after the last. */
export interface FileDiff {
  readonly path: string;
  readonly kind: "created" | "edited" | "deleted";
  /** Lines; 0 for a binary file. */
  readonly added: number;
  readonly removed: number;
  /** Unified diff with 3 lines of context, or one sentence where that says nothing. Ends with a newline. */
  readonly text: string;
}

/** One diff per file that differs; files in the order of their first edit. */
export function diffOf(store: Store, entries: readonly JournalEntry[]): FileDiff[] {
  const diffs: FileDiff[] = [];
  for (const own of Map.groupBy(entries, (entry) => entry.path).values()) {
    const path = own[0]!.path;
    const [from, to] = [own[0]!.before, own.at(-1)!.after];
    if (from === to) continue;
    const kind = from === null ? "created" : to === null ? "deleted" : "edited";
    const [before, after] = [textOf(contentOf(store, from)), textOf(contentOf(store, to))];
    if (before === undefined || after === undefined) {
      diffs.push({ path, kind, added: 0, removed: 0, text: `Binary file ${path} ${kind}\n` });
      continue;
    }
    const { added, removed } = lineDelta(before, after);
    const patch = createTwoFilesPatch(
      from === null ? "/dev/null" : `a/${path}`,
      to === null ? "/dev/null" : `b/${path}`,
      before ?? "",
      after ?? "",
      undefined,
      undefined,
      { context: 3, maxEditLength: MAX_EDIT_LENGTH, headerOptions: FILE_HEADERS },
    );
    diffs.push({
      path,
      kind,
      added,
      removed,
      text: patch ?? `${path}: +${added} -${removed} lines, too many to show\n`,
    });
  }
  return diffs;
}

const FILE_HEADERS = { includeIndex: false, includeUnderline: false, includeFileHeaders: true };

/** Content as text, a BOM kept; `undefined` for binary content. */
export function textOf(content: Uint8Array | null): string | null | undefined {
  if (content === null) return null;
  if (content.subarray(0, BINARY_PROBE_BYTES).includes(0) || !isUtf8(content)) return undefined;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
}
