/** The last rung of an edit: a model merges the change into the region that it is shown. What is shown, and what of its reply is taken. Pure. */

import { type Applied, applyEdit, type Refused } from "./apply_edit.ts";
import { findElision } from "./gate.ts";
import { nearestRegion } from "./match.ts";
import { joinLines, lineTexts, splitLines } from "./source_lines.ts";

/** A longer region is not merged: the model would have to repeat too much. */
const MAX_LINES = 80;

/** A stretch of a file, lines 1-based and inclusive, with its text as it stands. */
export interface MergeRegion {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The region to show for a search text that was not found; `undefined` where it would be empty or over 80 lines. */
export function mergeRegion(original: string, search: string): MergeRegion | undefined {
  const lines = splitLines(original);
  if (lines.length === 0 || search.trim() === "") return undefined;
  const { from, to } = nearestRegion(lines, lineTexts(search));
  if (to - from >= MAX_LINES) return undefined;
  return { from, to, text: joinLines(lines.slice(from - 1, to)) };
}

/** What the model is asked: the exact text in view, the change that was meant, the form of the reply. */
export function mergeRequest(region: MergeRegion, search: string, replace: string): string {
  const fence = fenceFor([region.text, search, replace]);
  const block = (text: string) => `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
  return `Lines ${region.from}-${region.to} of the file stand like this:\n${block(region.text)}
This change could not be placed. Old:\n${block(search)}\nNew:\n${block(replace)}
Make the change in the lines above. Reply with all of these lines, changed, in one ${fence} block and nothing else.`;
}

/** A fence longer than any run of backticks in the texts. */
function fenceFor(texts: readonly string[]): string {
  const longest = Math.max(2, ...texts.flatMap((text) => (text.match(/`+/g) ?? []).map((run) => run.length)));
  return "`".repeat(longest + 1);
}

/**
 * Puts the model's reply in the place of the region, and nowhere else. The result still has to pass `refuseBroken()`.
 * Refused: anything but one closed block, left-out code, a file whose region is no longer what was shown.
 */
export function takeMerged(original: string, region: MergeRegion, reply: string): Applied | Refused {
  const shown = joinLines(splitLines(original).slice(region.from - 1, region.to));
  if (shown !== region.text) {
    return refuse(`Lines ${region.from}-${region.to} have changed since they were shown: read them again.`);
  }
  const replace = onlyBlock(reply);
  if (replace === undefined || replace.trim() === "") {
    return refuse("The merged lines were not in one closed block: nothing was changed.");
  }
  const left = findElision(region.text, replace);
  if (left !== undefined) {
    return refuse(`The merged line "${left}" stands for code that was left out: nothing was changed.`);
  }
  return applyEdit(original, { kind: "line_range", from: region.from, to: region.to, replace }, {
    fuzzy: true,
  });
}

/** The inside of the reply's one block; its fence is the first line that opens one. */
function onlyBlock(reply: string): string | undefined {
  const lines = lineTexts(reply);
  const open = lines.findIndex((line) => line.startsWith("```"));
  if (open < 0) return undefined;
  const fence = /^`+/.exec(lines[open] ?? "")?.[0] ?? "";
  const close = lines.findIndex((line, i) => i > open && line.trimEnd() === fence);
  if (close < 0 || lines.slice(close + 1).some((line) => line.startsWith(fence))) return undefined;
  return lines.slice(open + 1, close).join("\n");
}

function refuse(message: string): Refused {
  return { kind: "refused", why: "not_found", message };
}
