/** One parameter of a call in XML: how its tag is written, and where its value ends. */

import { editDistance } from "../../edit_distance.ts";
import type { JsonSchema } from "../../types.ts";
import { holdsFileText, meansParameter } from "../args.ts";
import { matchAt, type Scan, skipSpace } from "../scan.ts";
import { decodeEntities } from "./xml_value.ts";

/** What some families put before or inside each tag's name. */
export const PREFIX = /(?:\]<\]minimax\[>\[)?/.source;
export const NS = /(?:[|\uff5c]+DSML[|\uff5c]+|\w+:)?/.source;
/** A space, or what tokenizers leave of one. */
export const GAP = /[\s\u0120\u2581]*/.source;
export const PARAMETER = new RegExp(
  `${PREFIX}<${NS}(?:parameter|param|arg|argument)(?:(?:${GAP}name)?${GAP}=${GAP}("[^"]*"|'[^']*'|[^<>"']*?)(?:\\s+string=["'](true|false)["'])?\\s*(/?)>|>\\s*([\\w.-]{1,80})\\s*</(?:parameter|param)>)`,
  "y",
);
const CDATA = /<!\[CDATA\[/y;
/** Everything that may end a value; which of them does depends on what follows. */
const BOUNDARY = new RegExp(
  `${PREFIX}<(?:/${NS}(?:parameter|param|arg|argument)>|${NS}(?:parameter|param)(?:${GAP}name)?${GAP}=|(?:parameter|param)>|/${NS}(?:function|invoke|call|tool|tool_call|function_calls)>|(?:function|invoke|call|tool)=)`,
  "g",
);
const FOLLOWS = new RegExp(
  `\\s*(?:$|${PREFIX}</?${NS}(?:parameter|param|function|invoke|call|tool|tool_calls?|function_calls|arg)\\b)`,
  "y",
);

/** A call begins inside a text: where the text ends cannot be told by the marks of a call. */
export const HOLDS_CALL =
  /<(?:[|\uff5c]+DSML[|\uff5c]+|\w+:)?(?:invoke|function|tool_calls?|function_calls)\b/;

interface Span {
  readonly value: string;
  readonly end: number;
  readonly isCut: boolean;
  readonly isUnclosed: boolean;
  readonly isLiteral: boolean;
  /** It ended at a mark that may be its own. */
  readonly isUnclear?: boolean;
}

/**
 * Finds where a value ends: at the first closing tag that a tag or the end follows; text may hold tags of its own.
 * Without one, at the first sign that the next parameter or the call's end has begun.
 */
export function readValue(scan: Scan, from: number, context: ValueContext): Span {
  const { text } = scan;
  const { isLoose } = context;
  const cdata = matchAt(text, skipSpace(text, from), CDATA);
  if (cdata) return readCdata(text, skipSpace(text, from) + cdata[0].length);
  BOUNDARY.lastIndex = from;
  let firstClose: RegExpExecArray | undefined;
  let firstOther: RegExpExecArray | undefined;
  let nested = 0;
  for (let tag = BOUNDARY.exec(text); tag; tag = BOUNDARY.exec(text)) {
    const isClose =
      /^(?:\]<\]minimax\[>\[)?<\/(?:[^\w<>]*DSML[^\w<>]*|\w+:)?(?:parameter|param|arg|argument)>/.test(
        tag[0],
      );
    const behind = tag.index + tag[0].length;
    const isStrong = matchAt(text, behind, FOLLOWS) !== undefined || isSlip(text, behind);
    const other = isClose || tag[0].includes("/") ? "ours" : foreignTag(text, tag.index, context);
    if (other === "void") continue;
    if (other === "pair") {
      nested++;
      continue;
    }
    if (other === "unclear") return { ...span(scan, from, tag.index, tag.index, true), isUnclear: true };
    if (isClose && nested > 0) {
      nested--;
      continue;
    }
    if (isClose) {
      firstClose ??= tag;
      if (isStrong) return span(scan, from, tag.index, tag.index + tag[0].length, false);
    } else if (firstClose) {
      return span(scan, from, firstClose.index, firstClose.index + firstClose[0].length, false);
    } else if (!tag[0].includes("/") && holdsFileText(context.key) && /[lnek]=$/.test(tag[0])) {
      // A call that begins inside a file's text: the file's own, or the next one after a forgotten end.
      return { ...span(scan, from, tag.index, tag.index, true), isUnclear: true };
    } else if (!tag[0].includes("/") || isStrong || isLoose) {
      return span(scan, from, tag.index, tag.index, true);
    } else {
      firstOther ??= tag;
    }
  }
  const end = firstClose ?? firstOther;
  if (end) {
    return span(
      scan,
      from,
      end.index,
      end.index + (end === firstClose ? end[0].length : 0),
      end !== firstClose,
    );
  }
  scan.steps.add(text.length - from);
  return { value: text.slice(from), end: text.length, isCut: true, isUnclosed: true, isLiteral: false };
}

/** Whether the next parameter's tag is written wrong, by a letter or two. */
function isSlip(text: string, at: number): boolean {
  const word = matchAt(text, at, /\s*<([^\s<=>]{7,11})(?:=|\s+name)/y)?.[1];
  return word !== undefined && editDistance(word, "parameter") <= 2;
}

/**
 * What an opening tag inside a value is: of the call, or the value's own because it is written otherwise than the call's
 * (`<param name="movie" value="a">` of HTML): `pair` closes, `void` does not. The call's own way with a name that the
 * tool does not have may be either.
 */
function foreignTag(
  text: string,
  at: number,
  { schema, opener }: ValueContext,
): "ours" | "pair" | "void" | "unclear" {
  if (Object.keys(schema.properties ?? {}).length === 0) return "ours";
  const open = matchAt(text, at, PARAMETER);
  if (!open) {
    const tag = matchAt(text, at, /<(param(?:eter)?)(?:\s[^<>\n]{0,300})?>/y);
    return !tag ? "ours" : tag[1] === "param" || tag[0].endsWith("/>") ? "void" : "pair";
  }
  if (meansParameter(unquote(open[1] ?? open[4] ?? ""), schema)) return "ours";
  if (wayOf(open[0]) === wayOf(opener)) return "unclear";
  return open[3] ? "void" : "pair";
}

/** How a parameter's tag is written: its word, and what stands before its name. */
function wayOf(tag: string): string {
  return /<([\w:]*)(\s+name)?/.exec(tag)?.slice(1).map((part) => (part ?? "").trim()).join() ?? "";
}

interface ValueContext {
  readonly isLoose: boolean;
  readonly schema: JsonSchema;
  /** The parameter's own opening tag, and its name. */
  readonly opener: string;
  readonly key: string;
}

function span(scan: Scan, from: number, to: number, end: number, isUnclosed: boolean): Span {
  return { value: scan.text.slice(from, to), end, isCut: false, isUnclosed, isLiteral: false };
}

function readCdata(text: string, from: number): Span {
  const close = text.indexOf("]]>", from);
  if (close < 0) {
    return { value: text.slice(from), end: text.length, isCut: true, isUnclosed: true, isLiteral: true };
  }
  const closer = matchAt(text, skipSpace(text, close + 3), /<\/(?:parameter|param)>/y);
  const end = closer ? skipSpace(text, close + 3) + closer[0].length : close + 3;
  return { value: text.slice(from, close), end, isCut: false, isUnclosed: false, isLiteral: true };
}

/** A name without quotes, spaces and character references. */
export function unquote(name: string): string {
  return decodeEntities(name.trim().replace(/^["']|["']$/g, "").trim());
}
