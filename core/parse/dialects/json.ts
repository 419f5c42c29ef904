/** One JSON object: bare, after prose, or in a fence. What most small models write whatever they were told. */

import type { ToolSchema } from "../../types.ts";
import { callsInJson } from "../envelope.ts";
import { readJson, readStrict } from "../json_repair.ts";
import { type Dialect, type Found, lineAfter, lineBefore, matchAt, type Scan, skipSpace } from "../scan.ts";
import { describeDialect } from "./describe.ts";

/** Reads the calls in the JSON value at `at`; `isMarked` when the dialect's own marks stand around it. */
export function readJsonCalls(
  scan: Scan,
  at: number,
  dialect: string,
  isMarked: boolean,
): readonly Found[] | undefined {
  const read = readJson(scan.text, at, scan.steps);
  if (!read) return undefined;
  const calls = callsInJson(read.value, scan.knows);
  if (!calls) return undefined;
  return calls.map((call) => ({
    name: call.name,
    args: call.args,
    start: at,
    end: read.end,
    dialect,
    repairs: [...read.repairs, ...call.repairs],
    isCut: read.isCut,
    isOpen: read.isOpen,
    isMarked,
    isFlat: call.isFlat,
  }));
}

/** Bare JSON that holds a call; inside prose only with its own `name` and arguments, at a line's end. */
export const json: Dialect = {
  name: "json",
  opens: /[{\[](?=(?:\s{0,80}[{\[]){0,3}\s{0,80}["'\u201c\u201d\w\/])/.source,
  read(scan, at) {
    const { text } = scan;
    const isInProse = lineBefore(text, at).trim() !== "";
    if (isInProse && !looksLikeCall(text.slice(at, at + 80))) return undefined;
    const calls = readSeries(scan, at);
    if (calls.length === 0) return unreadable(scan, at);
    const last = calls.at(-1);
    if (!last || isForeign(text, at, last.end)) return undefined;
    if (!calls.every((call) => scan.knows(call.name) || (!isInProse && isClear(call)))) return undefined;
    // A word that clings to the last bracket is some family's own end mark.
    if (
      isInProse && !/^(?:[\s;,.`)}\]]*(?:<[/|\w:-]{1,40}>)?\s*|\w{1,12})$/.test(lineAfter(text, last.end))
    ) {
      return undefined;
    }
    return calls;
  },
};

/** The beginning of a call of a tool, up to its arguments. */
const HEAD =
  /[{[\s]{1,40}["'\u201c]?(?:name|tool|tool_name|function)["'\u201d]?\s{0,20}:\s{0,20}["'\u201c]([\w.-]{1,80})["'\u201d]\s{0,20},\s{0,20}["'\u201c]?(?:arguments|parameters|args|input)["'\u201d]?\s{0,20}:\s{0,20}\{/y;

/** The tool whose call's JSON begins at `at`, whether or not the JSON can be read. */
export function callHead(scan: Scan, at: number): string | undefined {
  const name = matchAt(scan.text, at, HEAD)?.[1];
  return name !== undefined && scan.knows(name) ? name : undefined;
}

/** JSON that begins as a call and cannot be read. Where it ends nobody knows: nothing behind it is read. */
function unreadable(scan: Scan, at: number): readonly Found[] | undefined {
  const name = callHead(scan, at);
  if (name === undefined) return undefined;
  const broken = "the JSON cannot be read";
  const end = scan.text.length;
  return [{ name, args: undefined, start: at, end, dialect: "json", repairs: [], isMarked: true, broken }];
}

/** Whether a call of no offered tool is nevertheless one: written just as calls are. */
function isClear(call: Found): boolean {
  return !call.isFlat && !call.repairs.includes("arguments key") && /^[a-z]\w{1,60}$/i.test(call.name);
}

/** Objects in a row, `;` or `,` between them. */
function readSeries(scan: Scan, at: number): readonly Found[] {
  const series: Found[] = [];
  for (let i = at; series.length < 100;) {
    const calls = readJsonCalls(scan, i, "json", false);
    const end = calls?.at(-1)?.end;
    if (!calls || end === undefined) return series;
    series.push(...calls);
    i = end + (matchAt(scan.text, end, /[ \t]*[;,][ \t]*(?=[{[])/y)?.[0].length ?? 0);
    if (i === end) return series;
  }
  return series;
}

/** Inside a pair of tags that do not match: of something else, whose parts are no calls. */
function isForeign(text: string, at: number, end: number): boolean {
  const open = /<([A-Za-z_][\w:-]{0,60})>\s*$/.exec(text.slice(Math.max(0, at - 80), at))?.[1];
  const close = matchAt(text, skipSpace(text, end), /<\/([A-Za-z_][\w:-]{0,60})>/y)?.[1];
  return open !== undefined && close !== undefined && open !== close;
}

function looksLikeCall(head: string): boolean {
  return /^[{[\s]*["'\u201c]?(?:name|tool|tool_name|function|action|tool_calls?|function_name|arguments|parameters|type|id)["'\u201d]?\s*:/i
    .test(head);
}

/** Whether a fence's whole content is JSON that was valid and is no call, so that nothing in it may run. */
export function isPlainData(scan: Scan, at: number, end: number): boolean {
  const start = skipSpace(scan.text, at);
  const read = readStrict(scan.text.slice(start, end).trim(), 0, scan.steps);
  return read !== undefined && callsInJson(read.value, scan.knows) === undefined;
}

/** How to call tools by a fenced JSON object. */
export function jsonPrompt(tools: readonly ToolSchema[]): string {
  const how =
    "To use a tool, write one JSON object in a json fence and stop. You get the result back. Use only the tools listed.";
  return describeDialect(how, tools, formatJson);
}

/** A call as this dialect writes it. */
export function formatJson(call: { readonly name: string; readonly args: unknown }): string {
  return "```json\n" + JSON.stringify({ name: call.name, arguments: call.args }) + "\n```";
}
