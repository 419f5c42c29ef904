/** A tool as a tag, its parameters as tags inside: `<read_file><path>a.ts</path></read_file>` (Cline, Roo Code). */

import type { JsonSchema, ToolSchema } from "../../types.ts";
import { onlyRequiredString } from "../args.ts";
import { isRecord } from "../coerce.ts";
import { readJson, setKey } from "../json_repair.ts";
import { resolveName } from "../names.ts";
import { type Dialect, type Found, lineBefore, matchAt, type Scan, skipSpace } from "../scan.ts";
import {
  closesLater,
  decodeEntities,
  mergeEntries,
  slotOf,
  SPLIT,
  TAG,
  textBetween,
  valueBetween,
} from "./xml_value.ts";
import { readYaml } from "./yaml.ts";

const OPEN = /<([A-Za-z_][\w.-]{0,63})((?:\s+[\w.-]{1,40}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/y;
const ATTRIBUTE = /([\w.-]{1,40})\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const CDATA = /\s*<!\[CDATA\[/y;

/** A tool as a tag; only names of offered tools begin one. */
export const cline: Dialect = {
  name: "xml-tool-tag",
  opens: /<(?:TOOL_NAME|[A-Za-z]+[_-][\w-]{1,60})(?=[\s\/>])/.source,
  read(scan, at) {
    const { text } = scan;
    const open = matchAt(text, at, OPEN);
    const tool = open && toolOf(open[1] ?? "", scan);
    if (!open || !tool || isChild(scan, at)) return undefined;
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
      return standsAlone(text, at) && matchAt(text, skipSpace(text, from), TAG)
        ? found(undefined, text.length, {
          isMarked: true,
          isCut: true,
          broken: `the closing tag of ${name} is missing`,
        })
        : undefined;
    }
    const args = readBody(scan, from, end, tool);
    if (args === undefined) return undefined;
    if (isRecord(args) && closesLater(scan, end + 1, Object.keys(args))) {
      return found(undefined, text.length, { ...SPLIT, isMarked: true });
    }
    return found(isRecord(args) ? { ...attributes, ...args } : args, end + name.length + 3);
  },
};

/** Behind the closing tag of a parameter: a parameter itself, of a call whose own tag is damaged. */
function isChild({ text, tools }: Scan, at: number): boolean {
  const sibling = /<\/([\w.-]{1,64})>\s*$/.exec(text.slice(Math.max(0, at - 120), at))?.[1];
  return sibling !== undefined && !tools.some((tool) => tool.name === sibling) &&
    tools.some((tool) => Object.hasOwn(tool.parameters.properties ?? {}, sibling));
}

/** Tags of HTML are words too: an alias counts only when it is a compound. */
function toolOf(name: string, { tools, knows }: Scan): ToolSchema | undefined {
  const exact = tools.find((tool) => tool.name === name);
  if (exact) return exact;
  return /[a-z][_-][a-z]/.test(name) && knows(name) ? resolveName(name, tools)?.tool : undefined;
}

function standsAlone(text: string, at: number): boolean {
  return lineBefore(text, at).trim() === "";
}

/** Start of the tag that closes the tool: the first one that no open parameter holds. */
function closerOf(scan: Scan, from: number, name: string, tool: ToolSchema): number | undefined {
  const { text } = scan;
  const closer = `</${name}>`;
  const first = scan.seeker.find(closer, from);
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
  const schema = tool.parameters;
  if (matchAt(text, start, TAG)) {
    const args = readChildren(scan, start, end, schema);
    if (args !== undefined || !isProse(schema)) return args;
  }
  const fields = readFields(scan, from, end, schema);
  if (fields) return fields;
  return bareText(text.slice(from, end), schema);
}

/** YAML, or lines that begin with the names of parameters where a value is no valid YAML. */
function readFields(
  scan: Scan,
  from: number,
  end: number,
  schema: JsonSchema,
): Record<string, unknown> | undefined {
  const body = scan.text.slice(from, end);
  if (!/^\s*[\w.-]+:(?:\s|$)/.test(body.slice(0, 200))) return undefined;
  const value = readYaml(scan, from, end);
  if (isRecord(value)) return value;
  const names = Object.keys(schema.properties ?? {});
  const args: Record<string, unknown> = {};
  let key: string | undefined;
  for (const line of body.replace(/^\s*\n/, "").split(/(?<=\n)/)) {
    const start = /^([\w.-]+):(?: (.*))?$/s.exec(line);
    if (start && names.includes(start[1] ?? "") && !Object.hasOwn(args, start[1] ?? "")) {
      key = start[1] ?? "";
      setKey(args, key, start[2] ?? "");
    } else if (key === undefined) {
      return undefined;
    } else {
      setKey(args, key, `${args[key]}${line}`);
    }
  }
  const last = key;
  return Object.fromEntries(
    Object.entries(args).map((
      [name, text],
    ) => [name, name === last ? text : String(text).replace(/\n$/, "")]),
  );
}

/** The parameter that bare text can only mean. Text to be written to a file is never guessed. */
function bareText(body: string, schema: JsonSchema): Record<string, unknown> | undefined {
  const texts = Object.entries(schema.properties ?? {}).filter(([, one]) => one.type === "string");
  const only = onlyRequiredString(schema) ??
    ((schema.required ?? []).length === 0 && texts.length === 1 ? texts[0]?.[0] : undefined);
  const text = body.trim();
  const isDamaged = !PROSE.test(only ?? "") &&
    Object.keys(schema.properties ?? {}).some((key) => text.includes(`</${key}>`));
  if (only === undefined || text === "" || isDamaged || /^(?:- |[\w.-]+:(?:\s|$))/.test(text)) {
    return undefined;
  }
  return { [only]: PROSE.test(only) ? plainText(text) : textBetween(body).trim() };
}

/** Words said to a person: tags in them are not meant. */
const PROSE = /^(?:message|answer|reply|response|summary|result|question)$/i;

function isProse(schema: JsonSchema): boolean {
  return Object.keys(schema.properties ?? {}).some((name) => PROSE.test(name));
}

function plainText(text: string): string {
  const parts = text.split(/<!\[CDATA\[([\s\S]*?)\]\]>/);
  return parts.map((part, index) =>
    index % 2 === 1 ? part : part.replace(/<!--[\s\S]*?-->|<[?/]?[A-Za-z][^<>]*>/g, "")
  )
    .join("").trim();
}

/** @returns nothing when the tags are not parameters, or contradict one another. */
function readChildren(
  scan: Scan,
  start: number,
  end: number,
  schema: JsonSchema,
): Record<string, unknown> | undefined {
  const { text } = scan;
  const entries: [string, unknown][] = [];
  for (let i = start; i < end;) {
    const stray = matchAt(text, i, /<\/[\w.-]{1,64}>\s*/y);
    if (stray) {
      i += stray[0].length;
      continue;
    }
    const open = matchAt(text, i, TAG);
    const key = open?.[1];
    if (!open || key === undefined) return undefined;
    const from = i + open[0].length;
    const property = schema.properties?.[key];
    if (open[3]) {
      entries.push([key, ""]);
      i = skipSpace(text, from);
      continue;
    }
    const close = childEnd(scan, from, end, key);
    const stop = close < 0 ? lineStop(text, from, end) : close;
    if (stop === undefined || (close < 0 && schema.required?.includes(key) && stop === from)) {
      return undefined;
    }
    entries.push([key, valueBetween(text.slice(from, stop), property, slotOf(key, entries))]);
    i = skipSpace(text, close < 0 ? stop : close + key.length + 3);
  }
  if (isCrowded(text.slice(start, end), text.slice(start - 1, start))) return undefined;
  const args = mergeEntries(entries, schema);
  return typeof args === "string" ? undefined : args;
}

/** A parameter whose closing tag was forgotten ends with its line, if a tag or nothing follows there. */
function lineStop(text: string, from: number, end: number): number | undefined {
  const stop = matchAt(text, from, /[^<\n]*/y)?.[0].length ?? 0;
  const next = skipSpace(text, from + stop);
  return next >= end || text[next] === "<" ? Math.min(from + stop, end) : undefined;
}

/** Laid out in lines, yet two parameters on one: such a body is not of this form. */
function isCrowded(body: string, before: string): boolean {
  return before === "\n" && /^<([\w.-]+)>[^<\n]*<\/\1><([\w.-]+)>[^<\n]*<\/\2>\s*$/.test(body);
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
    if (next >= end || matchAt(text, next, TAG)) return close;
    if (scan.steps.isSpent) return first;
    close = text.indexOf(closer, next);
  }
  return first;
}

/** A tool's name on a line, or in a tag that was not closed, and its parameters as tags below. */
export const nameLine: Dialect = {
  name: "xml-name-line",
  opens: /^<?TOOL_NAME:?[ \t]*\n(?=[ \t]*<[A-Za-z_][\w.-]*>)/.source,
  read(scan, at, length) {
    const { text } = scan;
    const name = text.slice(at, at + length).replace(/^<|:?\s*$/g, "");
    const tool = scan.tools.find((one) => one.name === name);
    const properties = tool?.parameters.properties;
    if (!tool || !properties) return undefined;
    const start = skipSpace(text, at + length);
    let i = start;
    let isCut = false;
    for (let open = matchAt(text, i, TAG); open; open = matchAt(text, i, TAG)) {
      const key = open[1] ?? "";
      if (!Object.hasOwn(properties, key) || scan.steps.isSpent) break;
      const close = childEnd(scan, i + open[0].length, text.length, key);
      isCut = close < 0;
      if (isCut) break;
      i = skipSpace(text, close + key.length + 3);
    }
    const args = i > start ? readChildren(scan, start, i, tool.parameters) : undefined;
    if (!args) return undefined;
    const closer = matchAt(text, i, /<\/[\w.-]{1,64}>|\/>/y);
    const end = closer && (closer[0] === "/>" || closer[0] === `</${name}>`) ? i + closer[0].length : i;
    const isOpen = isCut || end === i && /^(?:<[^<>]*)?$/.test(text.slice(i, i + 100));
    const found = { name, args, start: at, end, dialect: "xml-name-line", repairs: [] };
    return [{ ...found, isMarked: false, isFlat: true, isUntyped: true, isOpen }];
  },
};
