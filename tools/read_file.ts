/** `read_file`: a file, or a part of it, as numbered lines; and long results by their handle. */

import { structuredPatch } from "diff";
import { type SourceLine, splitLines } from "../core/edit/source_lines.ts";
import { ToolError } from "../core/errors.ts";
import { byteLength } from "../core/model/tokens.ts";
import {
  defineTool,
  type FileContent,
  type OutlineEntry,
  type ToolContext,
  type ToolOutput,
} from "../core/tool.ts";
import { contentLimit, cutLine } from "./_limit.ts";
import { listFolder } from "./_list_folder.ts";

/** A longer line is generated or minified; FIELD.md item 16 has one of 649 kB that ended a session. */
const MAX_LINE_CHARS = 2_000;
/** Parts that a result's overlong lines are wrapped at; each fits the smallest result. */
const WRAP_CHARS = 1_000;
/** Lines of a file that is too long to be shown (issue 5, read guard). */
const GUARD_LINES = 30;
/** Files of more lines get no diff: it would take seconds. */
const MAX_DIFF_LINES = 5_000;
/** Symbols that the guard names. */
const MAX_SYMBOLS = 40;
/** Bytes of code in a token, on the careful side: profiles of this size measure 3 to 4. */
const BYTES_PER_TOKEN = 3.5;

/** The part of a text that is shown. Lines are 1-based, inclusive. */
interface Part {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  /** Numbers of lines that are shown in part only. */
  readonly cut: readonly number[];
}

export default defineTool({
  name: "read_file",
  category: "read",
  effect: "read",
  isPure: true,
  description: "Read a file, or some of its lines.",
  parameters: (z) =>
    z.object({
      path: z.string(),
      start_line: z.number().int().nullish(),
      end_line: z.number().int().nullish(),
    }),
  brief: {
    description: "Read a file, or some of its lines.",
    parameters: ["path", "start_line", "end_line"],
  },
  example: { path: "main.py" },
  async run({ path, start_line, end_line }, context) {
    const range = { from: start_line ?? undefined, to: end_line ?? undefined };
    if (/^result:\d+$/.test(path.trim())) return readResult(path.trim(), range, context);
    if (await context.files.exists(path) === "folder") return await listFolder(path, 1, context);
    const file = await context.files.read(path);
    const lines = splitLines(file.text);
    if (lines.length === 0) {
      context.seen.note(file.path, file.hash, 0, 0, 0);
      return { text: `${file.path} is empty`, summary: "empty" };
    }
    const isAll = range.from === undefined && range.to === undefined;
    const since = isAll && context.switches.readGuard ? sinceShown(file, lines.length, context) : undefined;
    if (since) return since;
    const isGuarded = isAll && context.switches.readGuard && isTooLong(file, context);
    const part = isGuarded
      ? showLines(lines, 1, Math.min(GUARD_LINES, lines.length), contentLimit(context) / 2)
      : showLines(lines, ...clampRange(file.path, lines.length, range), contentLimit(context));
    noteSeen(file, part, lines.length, context);
    if (part.from === 1 && part.to === lines.length && part.cut.length === 0) {
      context.seen.show(file.path, file);
    }
    const notes = isGuarded
      ? await guardNotes(file, part, lines.length, context)
      : [...continuation(file.path, part, lines.length, range.to), ...cutNotes(file.path, part)];
    return { text: [part.text, ...notes].join("\n"), summary: summaryOf(part, lines.length) };
  },
});

/** A file that stands whole in the context already: that it is unchanged, or what changed, where this is shorter than the file. */
function sinceShown(file: FileContent, total: number, { seen }: ToolContext): ToolOutput | undefined {
  const before = seen.shown(file.path);
  if (!before) return undefined;
  const again = `${call(file.path, 1, Math.min(total, GUARD_LINES))} shows lines again`;
  if (before.hash === file.hash) {
    const text = `${file.path} is unchanged since it was shown above (${total} lines). ${again}.`;
    return text.length < file.text.length ? { text, summary: "unchanged", isKnown: true } : undefined;
  }
  if (total + splitLines(before.text).length > MAX_DIFF_LINES) return undefined;
  const { hunks } = structuredPatch("", "", before.text, file.text, "", "", { context: 3 });
  const changes = hunks.flatMap(({ oldStart, oldLines, newStart, newLines, lines }) => [
    `@@ -${oldStart},${oldLines} +${newStart},${newLines} @@`,
    ...lines,
  ]);
  const text =
    `${file.path} has changed since it was shown above; the rest is as shown. Now ${total} lines. ${again}.\n${
      changes.join("\n")
    }`;
  if (text.length > file.text.length / 2) return undefined;
  seen.show(file.path, file);
  seen.note(file.path, file.hash, 1, total, total);
  return { text, summary: `${hunks.length} changed place${hunks.length === 1 ? "" : "s"}` };
}

function isTooLong(file: FileContent, { limits }: ToolContext): boolean {
  const tokens = file.bytes / BYTES_PER_TOKEN;
  return tokens > limits.windowTokens / 2 || tokens > limits.roomTokens;
}

type Wanted = { readonly from: number | undefined; readonly to: number | undefined };

/** The range that was meant: 0 is the first line, a negative or too large end the last. */
function clampRange(path: string, total: number, wanted: Wanted): [from: number, to: number] {
  const from = Math.max(1, wanted.from ?? 1);
  const to = wanted.to === undefined || wanted.to < 0 ? total : Math.min(Math.max(1, wanted.to), total);
  if (from > total) {
    throw new ToolError(
      `Cannot read lines from ${from} of ${JSON.stringify(path)}: it has ${total} lines; call ${
        call(path, Math.max(1, total - GUARD_LINES + 1), total)
      }`,
    );
  }
  if (to < from) {
    throw new ToolError(
      `Cannot read lines ${from}-${to} of ${JSON.stringify(path)}: start_line is behind end_line`,
    );
  }
  return [from, to];
}

/** As many whole lines from `from` to `to` as fit; at least one. */
function showLines(lines: readonly SourceLine[], from: number, to: number, maxChars: number): Part {
  const shown: string[] = [];
  const cut: number[] = [];
  let chars = 0;
  for (let number = from; number <= to; number++) {
    const source = lines[number - 1]?.text ?? "";
    const text = cutLine(source, Math.min(MAX_LINE_CHARS, Math.floor(maxChars / 2)));
    chars += byteLength(text) + String(number).length + 4;
    if (chars > maxChars && shown.length > 0) break;
    if (text !== source) cut.push(number);
    shown.push(`${number} | ${text}`);
  }
  return { text: shown.join("\n"), from, to: from + shown.length - 1, cut };
}

/** A line that was cut has not been seen: nobody may rewrite the file from memory of it. */
function noteSeen(file: FileContent, part: Part, total: number, { seen }: ToolContext): void {
  let from = part.from;
  for (const number of [...part.cut, part.to + 1]) {
    if (number > from) seen.note(file.path, file.hash, from, number - 1, total);
    from = number + 1;
  }
}

function continuation(path: string, part: Part, total: number, wantedTo: number | undefined): string[] {
  if (part.to >= total || (wantedTo !== undefined && wantedTo >= 0 && part.to >= wantedTo)) return [];
  return [`[lines ${part.from}-${part.to} of ${total}; go on with read_file ${call(path, part.to + 1)}]`];
}

function cutNotes(path: string, part: Part): string[] {
  const [first] = part.cut;
  if (first === undefined) return [];
  return [
    `[line ${first} is cut; more of it: bash sed -n ${first}p '${path}' | cut -c${MAX_LINE_CHARS + 1}-4000]`,
  ];
}

async function guardNotes(
  file: FileContent,
  part: Part,
  total: number,
  context: ToolContext,
): Promise<string[]> {
  const symbols = await context.syntax.outline(file.path, file.text) ?? [];
  const half = contentLimit(context) / 2;
  let chars = 0;
  const named = symbols.slice(0, MAX_SYMBOLS)
    .map(({ name, kind, from, to }) => `  ${from}-${to} ${kind} ${cutLine(name, 80)}`)
    .filter((line) => (chars += byteLength(line) + 1) <= half);
  return [
    `[lines ${part.from}-${part.to} of ${total}: the file is too long for the window to be shown whole]`,
    ...(named.length > 0 ? ["Its parts:", ...named] : []),
    ...(named.length < symbols.length ? [`  and ${symbols.length - named.length} more`] : []),
    `Read the lines you need: read_file ${call(file.path, part.to + 1, Math.min(total, part.to + 100))}`,
    ...symbolCall(file.path, symbols, context.asked),
    "Or find them first with search.",
  ];
}

/** The exact call for the part that the task names, else for the longest one. */
function symbolCall(path: string, symbols: readonly OutlineEntry[], asked: string): string[] {
  const words = new Set(asked.match(/[\p{L}\p{N}_$]+/gu));
  const lastName = ({ name }: OutlineEntry) => /[\p{L}\p{N}_$]+$/u.exec(name)?.[0] ?? name;
  const longest = symbols.toSorted((a, b) => b.to - b.from - (a.to - a.from))[0];
  const part = symbols.find((symbol) => words.has(lastName(symbol))) ?? longest;
  return part ? [`All of ${cutLine(part.name, 80)}: read_file ${call(path, part.from, part.to)}`] : [];
}

function readResult(handle: string, range: Wanted, context: ToolContext): ToolOutput {
  const lines = splitLines(context.results.get(handle)).flatMap(wrap);
  if (lines.length === 0) return { text: `${handle} is empty`, summary: "empty" };
  const part = showLines(lines, ...clampRange(handle, lines.length, range), contentLimit(context));
  const notes = continuation(handle, part, lines.length, range.to);
  return { text: [part.text, ...notes].join("\n"), summary: summaryOf(part, lines.length) };
}

/** A result is no file that a command could cut: its overlong lines are wrapped, so that each part has a number. */
function wrap(line: SourceLine): readonly SourceLine[] {
  if (line.text.length <= WRAP_CHARS) return [line];
  const parts = line.text.match(/[^]{1,1000}/gu) ?? [];
  return parts.map((text) => ({ ...line, text }));
}

function call(path: string, start: number, end?: number): string {
  return JSON.stringify({ path, start_line: start, ...(end === undefined ? {} : { end_line: end }) });
}

function summaryOf(part: Part, total: number): string {
  const count = part.to - part.from + 1;
  return count === total ? `${total} lines` : `lines ${part.from}-${part.to} of ${total}`;
}
