/** What follows when edits of a file are refused again and again: another form, then a merge. Pure; counted from the turn's calls. */

import type { CallRecord, ToolCall } from "../types.ts";

/** Refused edits of one file after which another form is asked for. */
const SWITCH_AFTER = 2;
/** Refused edits of one file after which the model is asked for the merged region: the last rung. */
const MERGE_AFTER = 3;
/** A file of at most this size is asked for whole: a small model can repeat it (issue 5: whole file for small files). */
const SMALL_LINES = 80;
const SMALL_CHARS = 3_500;

/** Refused edits of a file since it was last changed. */
export function countMisses(records: readonly CallRecord[], path: string): number {
  return records.filter(({ missed }) => missed === path).length;
}

/** How the next edit of a file is asked for, after the refused `call`; `undefined`: as before. */
export function nextForm(
  records: readonly CallRecord[],
  call: ToolCall,
  text: string,
): "whole_file" | "line_range" | "merge" | undefined {
  const misses = countMisses(records, missedPath(call) ?? "");
  if (misses === MERGE_AFTER) return "merge";
  if (misses !== SWITCH_AFTER) return undefined;
  const wasWhole = typeof call.args.content === "string";
  return isSmallFile(text) && !wasWhole ? "whole_file" : "line_range";
}

/** Whether a small model can write the whole file again. */
export function isSmallFile(text: string): boolean {
  return text.length <= SMALL_CHARS && text.split("\n").length <= SMALL_LINES;
}

/** The file that a refused call was to edit, as it counts. */
export function missedPath(call: ToolCall): string | undefined {
  return typeof call.args.path === "string" ? call.args.path.replace(/^(?:\.\/)+/, "") : undefined;
}
