/** GLM and Hunyuan: `<tool_call>NAME<arg_key>k</arg_key><arg_value>v</arg_value></tool_call>`. */

import { setKey } from "../json_repair.ts";
import { SPLIT, withoutSlipAtEnd, withoutSlipAtStart } from "./xml_value.ts";
import { type Dialect, type Found, matchAt, type Scan, skipSpace } from "../scan.ts";

const OPEN = /(<tool_call>\s*)?([\w.-]{1,100})(?:\s|\\n)*(?:<tool_sep>\s*)?/y;
const KEY = /<arg_key>([\s\S]{0,200}?)<\/arg_key>(?:\s|\\n)*(<arg_value>)?/y;
const CLOSE = /\s*<\/tool_call>/y;

/** Keys and values in tags of their own. */
export const glm: Dialect = {
  name: "glm",
  opens:
    /<tool_call>\s*[\w.-]{1,100}(?:\s|\\n)*(?=<arg_key>|<tool_sep>|<\/tool_call>)|^[\w.-]{1,100}\s*(?=<arg_key>)/
      .source,
  read(scan, at) {
    const { text } = scan;
    const open = matchAt(text, at, OPEN);
    if (!open) return undefined;
    const isTagged = open[1] !== undefined;
    const found = (args: unknown, end: number, more: Partial<Found> = {}): readonly Found[] => [{
      name: open[2] ?? "",
      args,
      start: at,
      end,
      dialect: "glm",
      repairs: [],
      isMarked: true,
      isUntyped: true,
      ...more,
    }];
    const args: Record<string, unknown> = {};
    let i = at + open[0].length;
    for (;;) {
      const close = matchAt(text, i, CLOSE);
      if (close) {
        const end = i + close[0].length;
        const later = scan.seeker.find("</arg_value>", end);
        const opened = scan.seeker.find("<arg_value>", end);
        const isSplit = later >= 0 && (opened < 0 || later < opened);
        return isSplit ? found(undefined, text.length, SPLIT) : found(args, end);
      }
      const next = skipLineBreaks(text, i);
      const key = matchAt(text, next, KEY);
      if (!key) {
        const isCut = isTagged || text.startsWith("<arg_", next);
        return isCut
          ? found(undefined, i, { broken: "the closing tag is missing", isCut: true })
          : found(args, i, { isOpen: true });
      }
      const from = next + key[0].length;
      const value = readValue(scan, from);
      scan.steps.add((value?.end ?? text.length) - from);
      if (!value && !text.startsWith("</tool_call>", skipSpace(text, from))) {
        return found(undefined, text.length, { broken: "the reply ended inside a value", isCut: true });
      }
      const isSplit = value?.isUnclosed && value.text.includes("<tool_call>");
      if (isSplit) return found(undefined, text.length, SPLIT);
      const said = value && (key[2] ? value.text : withoutSlipAtStart(value.text, "<arg_value>"));
      if (said !== undefined) setKey(args, (key[1] ?? "").trim(), unquote(said));
      i = value?.end ?? from;
    }
  },
};

/** Line breaks, also those that were escaped once too often. */
function skipLineBreaks(text: string, at: number): number {
  return at + (matchAt(text, at, /(?:\s|\\n)*/y)?.[0].length ?? 0);
}

/** Short values may be written as JSON strings. */
function unquote(value: string): string {
  return /^"[^"\n]{0,200}"$/.test(value.trim()) ? value.trim().slice(1, -1) : value;
}

/** A value up to its closing tag, or to the next key where that was forgotten. */
function readValue(
  { text, seeker }: Scan,
  from: number,
): { text: string; end: number; isUnclosed: boolean } | undefined {
  const close = seeker.find("</arg_value>", from);
  const nextKey = seeker.find("<arg_key>", from);
  const callEnd = seeker.find("</tool_call>", from);
  if (callEnd >= 0 && callEnd === skipSpace(text, from)) return undefined;
  if (close >= 0 && (nextKey < 0 || close < nextKey || isInside(text, from, close))) {
    return { text: text.slice(from, close), end: close + "</arg_value>".length, isUnclosed: false };
  }
  const end = nextKey >= 0 ? nextKey : callEnd;
  return end < 0 ? undefined : {
    text: withoutSlipAtEnd(text.slice(from, end).replace(/\r?\n$/, ""), "</arg_value>"),
    end,
    isUnclosed: true,
  };
}

/** Whether the closing tag at `close` is the value's own although a key stands before it in the text. */
function isInside(text: string, from: number, close: number): boolean {
  const body = text.slice(from, close);
  const key = body.lastIndexOf("</arg_key>");
  const opened = body.lastIndexOf("<arg_value>");
  return key < 0 || (opened >= 0 && body.slice(key + 10, opened).trim() !== "");
}
