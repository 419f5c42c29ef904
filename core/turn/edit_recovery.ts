/** When edits of a file are refused again and again: what the model is asked for instead, and how its merged lines become an edit. */

import { mergeRegion, mergeRequest, takeMerged } from "../edit/merge_region.ts";
import { nearestLines } from "../edit/match.ts";
import { joinLines, lineTexts, numbered, splitLines } from "../edit/source_lines.ts";
import { ifRefused } from "../errors.ts";
import { nextForm } from "../guard/edit_misses.ts";
import { formatCall } from "../parse/dialect.ts";
import type { DialectName } from "../profile.ts";
import { askLineRange, askSymbol, askSymbolLike, askWholeFile } from "../prompt/text/edits.ts";
import type { FileContent, Seen, Syntax, WorkspaceFiles } from "../tool.ts";
import type { Parsed, ToolCall, Turn } from "../types.ts";

/** Lines of a region that a note shows at most. */
const MAX_LINES = 40;

/** What recovery acts through. */
export interface RecoveryDeps {
  readonly files: WorkspaceFiles;
  readonly seen: Seen;
  readonly syntax: Syntax;
  readonly dialect: DialectName;
  /** Whether the last rung may be asked for. */
  readonly merges: boolean;
}

/** A note for the tail of the refusal, and the region that it asks for where it is a merge. */
export interface Recovery {
  readonly note: string;
  readonly merge?: NonNullable<Turn["merge"]>;
  /** The form that it asks for, from now on. */
  readonly format?: NonNullable<Turn["editFormat"]>;
}

/** What to ask for after a refused edit; `undefined` when the refusal says enough. @param turn with the refused call counted */
export async function recoverEdit(
  turn: Turn,
  call: ToolCall,
  deps: RecoveryDeps,
): Promise<Recovery | undefined> {
  const file = await deps.files.read(String(call.args.path)).catch(ifRefused);
  if (!file) return undefined;
  switch (nextForm(turn.calls, call, file.text)) {
    case undefined:
      return undefined;
    case "whole_file": {
      const lines = splitLines(file.text).length;
      deps.seen.note(file.path, file.hash, 1, lines, lines);
      return { note: askWholeFile(file.path, file.text), format: "whole_file" };
    }
    case "line_range": {
      const note = await symbolNote(turn, call, file, deps);
      return note === undefined
        ? { note: lineRangeNote(turn, call, file, deps), format: "line_range" }
        : { note, format: "symbol" };
    }
    case "merge":
      return deps.merges ? askMerge(turn, call, file) : undefined;
  }
}

/** The function or class that the change is in, whole, as the call that would write it again; `undefined` where there is no one part of a fit size. */
async function symbolNote(
  turn: Turn,
  call: ToolCall,
  file: FileContent,
  deps: RecoveryDeps,
): Promise<string | undefined> {
  const meant = changeMeant(turn, call);
  const place = meant &&
    nearestLines(splitLines(file.text), lineTexts(meant.search));
  const outline = place && await deps.syntax.outline(file.path, file.text);
  if (!place || !outline) return undefined;
  const around = outline
    .filter(({ kind, from, to }) => !kind.startsWith("heading") && from <= place.from && place.to <= to)
    .toSorted((a, b) => a.to - a.from - (b.to - b.from));
  const [part] = around;
  if (
    !part || part.to - part.from >= MAX_LINES || outline.filter(({ name }) => name === part.name).length > 1
  ) {
    return undefined;
  }
  const lines = splitLines(file.text);
  deps.seen.note(file.path, file.hash, part.from, part.to, lines.length);
  const text = joinLines(lines.slice(part.from - 1, part.to));
  if (deps.dialect !== "raw" && deps.dialect !== "qwen-xml") return askSymbol(file.path, part.name, text);
  // The example changes nothing: a small model may copy it as it stands.
  const args = { path: file.path, symbol: part.name, search: "", replace: text };
  return askSymbolLike(file.path, part.name, formatCall(deps.dialect, { name: "patch", args }));
}

function lineRangeNote(turn: Turn, call: ToolCall, file: FileContent, deps: RecoveryDeps): string {
  const lines = splitLines(file.text);
  const meant = changeMeant(turn, call);
  const region = meant && mergeRegion(file.text, meant.search);
  const from = region?.from ?? 1;
  const shown = region ? numbered(lines, from, Math.min(region.to, from + MAX_LINES - 1)) : "";
  if (region) {
    deps.seen.note(file.path, file.hash, from, Math.min(region.to, from + MAX_LINES - 1), lines.length);
  }
  // The example changes nothing: a small model may copy it as it stands.
  const args = {
    path: file.path,
    start_line: from,
    end_line: from,
    search: "",
    replace: lines[from - 1]?.text ?? "",
  };
  return askLineRange(file.path, shown, formatCall(deps.dialect, { name: "patch", args }));
}

function askMerge(turn: Turn, call: ToolCall, file: FileContent): Recovery | undefined {
  const meant = changeMeant(turn, call);
  const region = meant && mergeRegion(file.text, meant.search);
  if (!meant || !region) return undefined;
  return {
    note: mergeRequest(region, meant.search, meant.replace),
    merge: { path: file.path, region },
  };
}

/** The newest search and replacement of the turn for this file: a form by line numbers has no search. */
function changeMeant(turn: Turn, call: ToolCall): { search: string; replace: string } | undefined {
  const made = turn.messages.slice(turn.start).flatMap((m) => m.role === "assistant" ? m.calls : []);
  for (const { args } of [call, ...made.reverse()]) {
    const { path, search, replace } = args;
    if (
      path === call.args.path && typeof search === "string" && search !== "" && typeof replace === "string"
    ) {
      return { search, replace };
    }
  }
  return undefined;
}

/** A reply that is the merged region in one closed block, as an edit by line numbers; any other reply as it is. */
export async function readMerged(
  turn: Turn,
  parsed: Parsed,
  text: string,
  files: WorkspaceFiles,
): Promise<Parsed> {
  if (!turn.merge || parsed.kind === "calls") return parsed;
  const { path, region } = turn.merge;
  const file = await files.read(path).catch(ifRefused);
  if (!file) return parsed;
  const merged = takeMerged(file.text, region, text);
  const [place] = merged.kind === "applied" ? merged.regions : [];
  if (merged.kind === "refused" || !place) return parsed;
  const replace = splitLines(merged.text).slice(place.from - 1, place.to).map((line) => line.text).join("\n");
  const args = { path, search: "", replace, start_line: region.from, end_line: region.to };
  return {
    kind: "calls",
    calls: [{ name: "patch", args }],
    text: "",
    via: "text",
    dialect: "merged region",
    repairs: [],
  };
}
