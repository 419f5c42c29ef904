/**
 * Calls in XML: `<function=NAME><parameter=K>V</parameter></function>` (Qwen3-Coder, Nemotron 3, Step 3.5, Seed),
 * `<invoke name="..."><parameter name="...">` (Anthropic, MiniMax, DeepSeek V3.2's DSML, Step 3) and
 * `<function name="..."><param name="...">` (MiniCPM). Values are raw text; the schema types them.
 */

import type { JsonSchema, ToolSchema } from "../../types.ts";
import { holdsFileText } from "../args.ts";
import { readJson } from "../json_repair.ts";
import { resolveName } from "../names.ts";
import { type Dialect, type Found, lineAfter, matchAt, type Scan, skipSpace } from "../scan.ts";
import { describeDialect } from "./describe.ts";
import { GAP, HOLDS_CALL, NS, PARAMETER, PREFIX, readValue, unquote } from "./xml_parameter.ts";
import {
  closesLater,
  type Entries,
  isText,
  mergeEntries,
  slotOf,
  SPLIT,
  textBetween,
  valueBetween,
  withoutSlipAtEnd,
} from "./xml_value.ts";

const CALL_OPEN =
  `${PREFIX}<${NS}(?:function|invoke|call|tool|use_tool)(?:${GAP}=|${GAP}name${GAP}=)[^<>{\\n]{1,200}(?:>|(?=\\{))`;
const CALL_NAMED =
  /<(?:function|name|tool_name)>\s*[\w.-]{1,80}\s*<\/(?:function|name|tool_name)>(?=\s*<(?:parameters?|arguments|args|params|input|tool_input)\b)/
    .source;

const OPEN_PARTS = new RegExp(
  `(${PREFIX})<(${NS})(function|invoke|call|tool|use_tool)(${GAP}name)?${GAP}=${GAP}("[^"]*"|'[^']*'|[^<>{"']*?)\\s*(/?)(?:>|(?=\\{))`,
  "y",
);
const NAMED_PARTS = /<(function|name|tool_name)>\s*([\w.-]{1,80})\s*<\/\w+>/y;
const CHILD = new RegExp(`${PREFIX}<([A-Za-z_][\\w.-]{0,60})>`, "y");
const CALL_CLOSER = new RegExp(`${PREFIX}</${NS}(?:function|invoke)>`, "y");
const CALL_CLOSERS: ReadonlyMap<string, RegExp> = new Map(
  [["call", "call"], ["tool", "tool"], ["name", "tool_call"], ["tool_name", "tool_call"]].map((
    [tag, word],
  ) => [
    tag as string,
    new RegExp(`${PREFIX}</${NS}(?:${word}|function|invoke)>`, "y"),
  ]),
);
const NEXT_TAG = new RegExp(`<(/?)${NS}(?:parameter|param)\\b`, "g");

/** Calls in XML. */
export const xml: Dialect = {
  name: "qwen-xml",
  opens: `${CALL_OPEN}|${CALL_NAMED}`,
  read(scan, at) {
    const { text } = scan;
    const open = matchAt(text, at, OPEN_PARTS);
    if (open) {
      const [all, , , tag = "", hasName, name = "", isSelfClosed] = open;
      const shape: Shape = {
        tag,
        name: unquote(name),
        needsCloser: tag === "function" && hasName !== undefined,
      };
      if (isSelfClosed) return [call(scan, at, at + all.length, shape, {}, {})];
      return readBody(scan, at, at + all.length, shape);
    }
    const named = matchAt(text, at, NAMED_PARTS);
    if (!named) return undefined;
    return readBody(scan, at, at + named[0].length, {
      tag: named[1] ?? "",
      name: named[2] ?? "",
      needsCloser: false,
    });
  },
};

interface Shape {
  readonly tag: string;
  readonly name: string;
  /** The tag that must close it (MiniCPM's own parser takes nothing unclosed). */
  readonly needsCloser: boolean;
}

function call(
  scan: Scan,
  start: number,
  end: number,
  shape: Shape,
  args: unknown,
  more: Partial<Found>,
): Found {
  scan.steps.add(end - start);
  return {
    name: shape.name,
    args,
    start,
    end,
    dialect: "qwen-xml",
    repairs: [],
    isMarked: true,
    isUntyped: true,
    ...more,
  };
}

function readBody(scan: Scan, start: number, at: number, shape: Shape): readonly Found[] {
  const { text } = scan;
  const entries: [string, unknown][] = [];
  const repairs: string[] = [];
  const schema = resolveName(shape.name, scan.tools)?.tool.parameters ?? {};
  const isSeed = /<seed:tool_call>\s*$/.test(text.slice(Math.max(0, start - 40), start));
  let i = skipSpace(text, at);
  if (text[i] === "{") return [readJsonBody(scan, start, i, shape)];
  for (;;) {
    i = skipSpace(text, i);
    const closer = matchAt(text, i, closerOf(shape.tag));
    const parameter = closer ? "none" : readParameter(scan, i, { schema, isSeed, entries });
    if (parameter === "none") {
      const nested = closer
        ? undefined
        : matchAt(text, i, /<(?:arguments|args|parameters|params|input|tool_input)>\s*/y);
      if (!nested) {
        const end = closer ? i + closer[0].length : i;
        const keys = entries.map(([key]) => key);
        const isSplit = keys.some(holdsFileText) && parameterCloses(scan, end) ||
          closesLater(scan, end, keys);
        if (isSplit) return [call(scan, start, text.length, shape, undefined, SPLIT)];
        const whole = finish(scan, start, end, { shape, entries, repairs, schema }, !closer);
        return whole ? [whole] : [];
      }
      i += nested[0].length;
      if (text[i] === "{") return [readJsonBody(scan, start, i, shape)];
      continue;
    }
    if (parameter.isCut) {
      const broken = "the reply ended inside a parameter";
      return [call(scan, start, parameter.end, shape, undefined, { broken, isCut: true })];
    }
    if (parameter.isUnclear) {
      return [call(scan, start, text.length, shape, undefined, SPLIT)];
    }
    if (parameter.repair) repairs.push(parameter.repair);
    if (parameter.key) entries.push([parameter.key, parameter.value]);
    i = parameter.end;
  }
}

/** A value's closing tag behind a call's end: the end stood inside the value. */
function parameterCloses({ text, steps }: Scan, end: number): boolean {
  NEXT_TAG.lastIndex = end;
  const next = NEXT_TAG.exec(text);
  steps.add((next?.index ?? text.length) - end);
  return next?.[1] === "/";
}

interface Body {
  readonly shape: Shape;
  readonly entries: Entries;
  readonly repairs: readonly string[];
  readonly schema: JsonSchema;
}

/** The call at its end. Without a closing tag it is whole if its last parameter was. */
function finish(scan: Scan, start: number, end: number, body: Body, isOpen: boolean): Found | undefined {
  const { shape, entries, repairs, schema } = body;
  if (isOpen && shape.needsCloser) {
    const isCut = end >= scan.text.length;
    return call(scan, start, end, shape, undefined, { broken: "the closing tag is missing", isCut });
  }
  // A tag that a sentence mentions.
  if (isOpen && entries.length === 0 && /^[^<]*\w/.test(lineAfter(scan.text, end))) return undefined;
  const args = mergeEntries(entries, schema);
  if (typeof args === "string") {
    return call(scan, start, end, shape, undefined, { broken: `the parameter ${args} is given twice` });
  }
  if (!isOpen) return call(scan, start, end, shape, args, { repairs });
  return call(scan, start, end, shape, args, { repairs: [...repairs, "missing closing tag"], isOpen });
}

/** A tag that the end of the text cut: it says nothing. */
function isHalfTag(text: string, at: number): boolean {
  return at < text.length && text[at] === "<" && !/>/.test(text.slice(at, at + 300));
}

/** The tag that closes a call; a call named by its own element is closed by the wrapper. */
function closerOf(tag: string): RegExp {
  return CALL_CLOSERS.get(tag) ?? CALL_CLOSER;
}

function readJsonBody(scan: Scan, start: number, at: number, shape: Shape): Found {
  const read = readJson(scan.text, at, scan.steps);
  if (!read) return call(scan, start, at, shape, undefined, { broken: "the JSON arguments cannot be read" });
  const closer = matchAt(scan.text, skipSpace(scan.text, read.end), closerOf(shape.tag));
  const end = closer ? skipSpace(scan.text, read.end) + closer[0].length : read.end;
  return call(scan, start, end, shape, read.value, {
    repairs: read.repairs,
    isCut: read.isCut,
    isOpen: read.isOpen || !closer,
    isUntyped: false,
  });
}

interface Context {
  readonly schema: JsonSchema;
  /** Seed writes no line breaks of its own around a value: one at its end alone belongs to it. */
  readonly isSeed: boolean;
  /** Those read before it. */
  readonly entries: Entries;
}

interface Parameter {
  readonly key: string;
  readonly value: unknown;
  readonly end: number;
  readonly isCut: boolean;
  readonly isUnclear?: boolean;
  readonly repair?: string;
}

function readParameter(scan: Scan, at: number, context: Context): Parameter | "none" {
  const { text } = scan;
  const open = matchAt(text, at, PARAMETER);
  if (!open) return isHalfTag(text, at) ? "none" : readChild(scan, at, context);
  const key = unquote(open[1] ?? open[4] ?? "");
  const from = at + open[0].length;
  if (!key) return { key, value: undefined, end: from, isCut: false, repair: "parameter without a name" };
  if (open[3]) return { key, value: "", end: from, isCut: false };
  const span = readValue(scan, from, {
    isLoose: open[4] !== undefined,
    schema: context.schema,
    opener: open[0],
    key,
  });
  const word = /<([^\s=>]+)/.exec(open[0])?.[1] ?? "parameter";
  const value = span.isUnclosed && !span.isCut ? withoutSlipAtEnd(span.value, `</${word}>`) : span.value;
  return {
    key,
    value: span.isLiteral || (context.isSeed && !/^\r?\n/.test(value))
      ? value
      : textBetween(value, slotOf(key, context.entries)),
    end: span.end,
    isCut: span.isCut || (span.isUnclosed && span.value.trim() === ""),
    isUnclear: holdsFileText(key) &&
      (span.isUnclear === true || (span.isUnclosed && HOLDS_CALL.test(span.value))),
    ...(span.isUnclosed ? { repair: "missing parameter tag" } : {}),
  };
}

/** `<city>Paris</city>`: a parameter that is its own tag (MiniMax M3, arguments in XML). */
function readChild(scan: Scan, at: number, { schema, entries }: Context): Parameter | "none" {
  const { text } = scan;
  const open = matchAt(text, at, CHILD);
  const key = open?.[1];
  if (
    !open || key === undefined ||
    /^(?:arguments|args|parameters|params|input|tool_input|tool_call|think)$/.test(key) &&
      !Object.hasOwn(schema.properties ?? {}, key)
  ) {
    return "none";
  }
  const from = at + open[0].length;
  const prefix = open[0].startsWith("]") ? "]<]minimax[>[" : "";
  const closer = `${prefix}</${key}>`;
  const end = scan.seeker.find(closer, from);
  scan.steps.add((end < 0 ? text.length : end) - from);
  if (end < 0) return { key, value: undefined, end: text.length, isCut: true };
  const inner = text.slice(from, end);
  const property = schema.properties?.[key] ?? {};
  return {
    key,
    value: valueBetween(
      prefix === "" || isText(property) ? inner : inner.replaceAll(prefix, ""),
      property,
      slotOf(key, entries),
    ),
    end: end + closer.length,
    isCut: false,
  };
}

/** How to call tools in Qwen's XML. */
export function xmlPrompt(tools: readonly ToolSchema[]): string {
  const how =
    "To use a tool, write a call as below and stop. Values are raw text. You get the result back. Use only the tools listed.";
  return describeDialect(how, tools, formatXml);
}

/** A call as this dialect writes it. */
export function formatXml(call: { readonly name: string; readonly args: unknown }): string {
  const parameters = Object.entries(call.args as Record<string, unknown>).map(([key, value]) =>
    `<parameter=${key}>\n${typeof value === "string" ? value : JSON.stringify(value)}\n</parameter>\n`
  );
  return `<tool_call>\n<function=${call.name}>\n${parameters.join("")}</function>\n</tool_call>`;
}
