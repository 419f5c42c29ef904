/** A tool as a tag, its parameters as tags inside: `<read_file><path>a.ts</path></read_file>` (Cline, Roo Code). */

import type { ToolSchema } from "../../types.ts";
import { isRecord, onlyRequiredString } from "../args.ts";
import { readJson, setKey } from "../json_repair.ts";
import { resolveName } from "../names.ts";
import { type Dialect, type Found, lineStart, matchAt, type Scan, skipSpace } from "../scan.ts";
import { decodeEntities, stripNewlines } from "./xml.ts";
import { readYaml } from "./yaml.ts";

const OPEN = /<([A-Za-z_][\w.-]{0,63})((?:\s+[\w.-]{1,40}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([\w.-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const CHILD = /<([A-Za-z_][\w.-]{0,63})\s*(\/?)>/y;
const CDATA = /\s*<!\[CDATA\[/y;

/** A tool as a tag; only names of offered tools begin one. */
export const cline: Dialect = {
  name: "xml-tool-tag",
  opens: String.raw`<[A-Za-z_][\w.-]*(?=[\s/>])`,
  read(scan, at) {
    const { text } = scan;
    const open = matchAt(text, at, OPEN);
    const tool = open && toolOf(open[1] ?? "", scan.tools);
    if (!open || !tool) return undefined;
    const name = open[1] ?? "";
    const from = at + open[0].length;
    const attributes = attributesOf(open[2] ?? "");
    const found = (args: unknown, end: number, more: Partial<Found> = {}): readonly Found[] => [{
      name,
      args,
      start: at,
      end,
      dialect: "xml-tool-tag",
      repairs: [],
      isMarked: false,
      isUntyped: true,
      ...more,
    }];
    if (open[3]) return found(attributes, from);
    const end = closerOf(scan, from, name, tool);
    if (end === undefined) {
      return standsAlone(text, at) && matchAt(text, skipSpace(text, from), CHILD)
        ? found(undefined, text.length, {
          isMarked: true,
          isCut: true,
          broken: `the closing tag of ${name} is missing`,
        })
        : undefined;
    }
    const args = readBody(scan, from, end, tool);
    if (args === undefined) return undefined;
    return found(isRecord(args) ? { ...attributes, ...args } : args, end + name.length + 3);
  },
};

/** Tags of HTML are words too: an alias counts only when it is a compound. */
function toolOf(name: string, tools: readonly ToolSchema[]): ToolSchema | undefined {
  const exact = tools.find((tool) => tool.name === name);
  if (exact) return exact;
  return /[a-z][_-][a-z]/.test(name) ? resolveName(name, tools)?.tool : undefined;
}

function standsAlone(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === "";
}

/** Start of the tag that closes the tool: the first one that no open parameter holds. */
function closerOf(scan: Scan, from: number, name: string, tool: ToolSchema): number | undefined {
  const { text } = scan;
  const closer = `</${name}>`;
  const first = text.indexOf(closer, from);
  scan.steps.add((first < 0 ? text.length : first) - from);
  if (first < 0) return undefined;
  // Text in a parameter may itself close the tool: the last parameter's own tag then stands behind it.
  for (let end = first, times = 0; times < 20; times++) {
    const body = text.slice(from, end).trimEnd();
    const last = /<\/([\w.-]+)>$/.exec(body)?.[1];
    if (last !== undefined || !body.trimStart().startsWith("<") || body.trimEnd().endsWith("]]>")) return end;
    const next = text.indexOf(closer, end + 1);
    if (next < 0 || !Object.keys(tool.parameters.properties ?? {}).length) return end;
    scan.steps.add(next - end);
    end = next;
  }
  return first;
}

function attributesOf(source: string): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [, key = "", double, single] of source.matchAll(ATTRIBUTE)) {
    setKey(args, key, decodeEntities(double ?? single ?? ""));
  }
  return args;
}

/** What stands between the tags: parameters as tags, JSON, YAML, or the bare value of the only required parameter. */
function readBody(scan: Scan, from: number, end: number, tool: ToolSchema): unknown {
  const { text } = scan;
  const start = skipSpace(text, from);
  if (start >= end) return {};
  if (text[start] === "{") {
    const read = readJson(text.slice(start, end), 0, scan.steps);
    return read && !read.isCut ? read.value : undefined;
  }
  const child = matchAt(text, start, CHILD);
  if (child) return readChildren(scan, start, end);
  if (/^\s*[\w.-]+:(?:\s|$)/.test(text.slice(from, from + 100))) {
    const value = readYaml(scan, from, end);
    if (isRecord(value)) return value;
  }
  const only = onlyRequiredString(tool.parameters);
  return only ? { [only]: valueOf(text.slice(from, end).trim()) } : undefined;
}

function readChildren(scan: Scan, start: number, end: number): Record<string, unknown> | undefined {
  const { text } = scan;
  const args: Record<string, unknown> = {};
  let i = start;
  while (i < end) {
    const open = matchAt(text, i, CHILD);
    const key = open?.[1];
    if (!open || key === undefined || Object.hasOwn(args, key)) return undefined;
    const from = i + open[0].length;
    if (open[2]) {
      setKey(args, key, "");
      i = skipSpace(text, from);
      continue;
    }
    const close = childEnd(scan, from, end, key);
    if (close < 0) return undefined;
    setKey(args, key, childValue(text.slice(from, close)));
    i = skipSpace(text, close + key.length + 3);
  }
  return args;
}

/** The closing tag that another parameter or the tool's end follows; text may hold the same tag. */
function childEnd(scan: Scan, from: number, end: number, key: string): number {
  const { text } = scan;
  const closer = `</${key}>`;
  const cdata = matchAt(text, from, CDATA);
  const literalEnd = cdata ? text.indexOf("]]>", from + cdata[0].length) : from;
  let first = -1;
  for (let close = text.indexOf(closer, Math.max(from, literalEnd)); close >= 0 && close < end;) {
    if (first < 0) first = close;
    const next = skipSpace(text, close + closer.length);
    scan.steps.add(next - from);
    if (next >= end || matchAt(text, next, CHILD)) return close;
    if (scan.steps.isSpent) return first;
    close = text.indexOf(closer, next);
  }
  return first;
}

function childValue(body: string): unknown {
  const cdata = /^\s*<!\[CDATA\[([\s\S]*)\]\]>\s*$/.exec(body);
  if (cdata) return cdata[1];
  const value = stripNewlines(body);
  return valueOf(value);
}

/** A writer that escapes at all leaves no bare `<`, `>` or `&`; text with one was meant literally. */
function valueOf(value: string): string {
  const isEscaped = /&(?:lt|gt|amp|quot|apos|#\d+);/.test(value) && !/[<>]/.test(value) &&
    !/&(?!(?:lt|gt|amp|quot|apos|#x?[\da-fA-F]+);)/.test(value);
  return isEscaped ? decodeEntities(value) : value;
}
