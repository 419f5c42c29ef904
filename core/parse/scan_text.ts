/** One pass over a reply's text, left to right: reasoning, quoted text, and calls in every dialect. */

import { searchReplace, wholeFile } from "./dialects/blocks.ts";
import { cline, nameLine } from "./dialects/cline.ts";
import { deepseek } from "./dialects/deepseek.ts";
import { gemma } from "./dialects/gemma.ts";
import { glm } from "./dialects/glm.ts";
import { harmony } from "./dialects/harmony.ts";
import { hermes } from "./dialects/hermes.ts";
import { isPlainData, json } from "./dialects/json.ts";
import { kimi } from "./dialects/kimi.ts";
import { mistral } from "./dialects/mistral.ts";
import { pythonic } from "./dialects/pythonic.ts";
import { raw } from "./dialects/raw.ts";
import { react } from "./dialects/react.ts";
import { bracket, inkling, recipient } from "./dialects/turns.ts";
import { xml } from "./dialects/xml.ts";
import { yaml } from "./dialects/yaml.ts";
import { readFence } from "./fence.ts";
import type { ToolSchema } from "../types.ts";
import { REASONING_CLOSES, REASONING_OPENS, reasoningAt } from "./reasoning.ts";
import {
  type Dialect,
  type Found,
  isExample,
  isReported,
  lineAfter,
  lineBefore,
  lineEnd,
  lineStart,
  matchAt,
  type Scan,
  skipSpace,
} from "./scan.ts";

/** What stands in a text. */
export interface Scanned {
  readonly text: string;
  readonly found: readonly Found[];
  /** The text without calls, reasoning and marks, trimmed. */
  readonly rest: string;
  readonly reasoning: string;
}

/** Most particular first: the first dialect that reads something at a place has it. */
const DIALECTS: readonly Dialect[] = [
  glm,
  xml,
  deepseek,
  kimi,
  mistral,
  gemma,
  harmony,
  inkling,
  bracket,
  pythonic,
  hermes,
  cline,
  nameLine,
  searchReplace,
  wholeFile,
  react,
  raw,
  recipient,
  yaml,
  json,
];

const ECHO_OPENS =
  /<\|?(?:tool_response|tool_result|tool_output|function_results?|tool_results)\|?>|<[|\uff5c]tool[\u2581_]outputs?[\u2581_]begin[|\uff5c]>/
    .source;
const ECHO_CLOSES =
  /<\|?\/?(?:tool_response|tool_result|tool_output|function_results?|tool_results)\|?>|<[|\uff5c]tool[\u2581_]outputs?[\u2581_]end[|\uff5c]>/gi;
const FENCE_OPENS = "^[ \\t]{0,3}(?:`{3,}|~{3,})";
const CODE_OPENS = "`{1,2}(?!`)";
const QUOTE_OPENS = "^> ";

const THOUGHT_MARKS = new RegExp(`^(?:${REASONING_OPENS})|(?:${REASONING_CLOSES})$`, "gi");
const CLOSE = new RegExp(REASONING_CLOSES, "iy");
const ECHO = new RegExp(ECHO_OPENS, "iy");
/** Languages whose fences may hold a call; a fence in any other is code, whatever it looks like. */
const CALL_FENCES =
  /^(?:|json[c5l]?|tool[_-]?(?:calls?|use|code|request)?|xml|ya?ml|text|txt|plaintext|plain|function(?:_call)?|action|call|javascript)$/i;

/** More calls than any reply means; what comes after them is not read. */
const MAX_FOUND = 500;
/** What examining a place costs, in steps of a character. */
const PLACE_STEPS = 500;

/** The dialects' openings for one set of tools. */
interface Openings {
  /** Every place where something may begin. */
  readonly places: RegExp;
  readonly dialects: readonly (readonly [Dialect, RegExp])[];
}

function openingsFor(tools: readonly ToolSchema[]): Openings {
  const names = tools.map((tool) => tool.name.replace(/[^\w]/g, "\\$&")).join("|") || "(?!)";
  const sources = DIALECTS.map((one) => [one, one.opens.replaceAll("TOOL_NAME", `(?:${names})`)] as const);
  const others = [REASONING_OPENS, REASONING_CLOSES, ECHO_OPENS, FENCE_OPENS, CODE_OPENS, QUOTE_OPENS];
  const all = [...others, ...(tools.length > 0 ? sources.map(([, source]) => source) : [])];
  return {
    places: new RegExp(all.map((source) => `(?:${source})`).join("|"), "gim"),
    dialects: tools.length > 0
      ? sources.map(([one, source]) => [one, new RegExp(source, "imy")] as const)
      : [],
  };
}

/** JSON that begins as a call does makes its fence one of calls, whatever language it claims. */
const CALL_HEAD = /^[[\s]*\{\s*["']?(?:name|tool|tool_name|function|tool_calls?)["']?\s*:/;

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Scans a text. With no tools nothing is found but reasoning. */
export function scanText(scan: Scan): Scanned {
  const { text } = scan;
  let found: Found[] = [];
  const reasoning: Span[] = [];
  const hidden: Span[] = [];
  /** Lines that end a fence whose content was read: they open none. */
  const fenceEnds = new Set<number>();
  const openings = openingsFor(scan.tools);
  for (let i = 0; i < text.length && found.length < MAX_FOUND && !scan.steps.isSpent;) {
    openings.places.lastIndex = i;
    const place = openings.places.exec(text);
    scan.steps.add((place?.index ?? text.length) - i + PLACE_STEPS);
    if (!place) break;
    const at = place.index;
    if (fenceEnds.has(at)) {
      i = lineEnd(text, at);
      continue;
    }
    const thought = reasoningAt(text, at);
    if (thought) {
      reasoning.push({ start: at, end: thought.end });
      scan.steps.add(thought.end - at);
      i = thought.end;
      continue;
    }
    const close = matchAt(text, at, CLOSE);
    if (close) {
      i = at + close[0].length;
      // The opening mark was in the prompt: all before is reasoning, calls included.
      found = [];
      reasoning.length = 0;
      reasoning.push({ start: 0, end: i });
      continue;
    }
    const calls = text[at] !== "`" || isLineStart(text, at) ? readCalls(scan, at, openings) : undefined;
    const end = calls?.reduce((most, call) => Math.max(most, call.end), at);
    if (calls && calls.length > 0 && end !== undefined && end > at) {
      // What an announced example shows is not said.
      const start = Math.min(at, calls[0]?.start ?? at);
      if (!isExample(text, start) && !isQuoted(text, start, end)) found.push(...calls);
      i = end;
      continue;
    }
    const skipped = skipQuoted(scan, at, openings);
    if (skipped?.isHidden) hidden.push({ start: at, end: skipped.end });
    if (skipped?.fenceEnd !== undefined) fenceEnds.add(skipped.fenceEnd);
    i = skipped?.end ?? at + 1;
  }
  return {
    text,
    found,
    reasoning: reasoning.map((span) => text.slice(span.start, span.end).replace(THOUGHT_MARKS, "")).join(
      "\n",
    ),
    rest: restOf(text, [...found, ...reasoning, ...hidden]),
  };
}

/** Words that report what somebody or something else wrote. */
const REPORTS = /\b(?:says?|said|reads|contains?|printed|shows?|quotes?|logged|wrote)\b[^\n.!?]{0,40}$/i;

/** A label under which a result stands, given or invented. */
const RESULT_LABEL = /^\s*[*_]*(?:observation|tool[ _](?:result|output|response))[*_]*\s*:[*_]*\s*$/i;

/** Inside a sentence that reports it and goes on after it, inside quotation marks, or as a tool's result. */
function isQuoted(text: string, start: number, end: number): boolean {
  const before = lineBefore(text, start);
  const after = lineAfter(text, end);
  if (RESULT_LABEL.test(before)) return true;
  if (/^["\u201d]/.test(after) && isInQuotes(before)) return true;
  return REPORTS.test(before) && /\w/.test(after.replace(/^(?:<[^<>]*>|\s)*/, ""));
}

function isInQuotes(before: string): boolean {
  const straight = before.split('"').length - 1;
  return straight % 2 === 1 || before.lastIndexOf("\u201c") > before.lastIndexOf("\u201d");
}

function isLineStart(text: string, at: number): boolean {
  return lineBefore(text, at).trim() === "";
}

function readCalls(scan: Scan, at: number, { dialects }: Openings): readonly Found[] | undefined {
  for (const [dialect, opens] of dialects) {
    const open = matchAt(scan.text, at, opens);
    if (!open) continue;
    const calls = dialect.read(scan, at, open[0].length);
    if (calls && calls.length > 0) return calls;
  }
  return undefined;
}

interface Skipped {
  readonly end: number;
  /** Not part of the answer either. */
  readonly isHidden: boolean;
  /** Start of the line that ends a fence whose content is to be read. */
  readonly fenceEnd?: number;
}

/** What is shown rather than said: results echoed, code, quotations. */
function skipQuoted(
  scan: Scan,
  at: number,
  openings: Openings,
): Skipped | undefined {
  const { text } = scan;
  const echo = matchAt(text, at, ECHO);
  if (echo) {
    ECHO_CLOSES.lastIndex = at + echo[0].length;
    const close = ECHO_CLOSES.exec(text);
    const end = close ? close.index + close[0].length : text.length;
    scan.steps.add(end - at);
    return { end, isHidden: false };
  }
  if (text[at] === ">" && text[at + 1] === " ") return { end: lineEnd(text, at), isHidden: false };
  const first = text.slice(at, at + 4).trim();
  if (first.startsWith("```") || first.startsWith("~~~")) return skipFence(scan, at, openings);
  if (text[at] !== "`") return undefined;
  const run = matchAt(text, at, /`{1,100}/y)?.[0] ?? "`";
  const close = lineAfter(text, at + run.length).indexOf(run);
  if (close < 0) return undefined;
  const end = at + run.length + close + run.length;
  // A whole reply in inline code is no quotation.
  return scan.seeker.start === at && end >= scan.seeker.end ? undefined : { end, isHidden: false };
}

function skipFence(
  scan: Scan,
  at: number,
  { places }: Openings,
): Skipped | undefined {
  const { text } = scan;
  const start = lineStart(text, at);
  const fence = readFence(text, start);
  if (!fence) return { end: at + 3, isHidden: false };
  scan.steps.add(3 * (fence.end - at));
  const language = fence.info.split(/[\s:{]/)[0] ?? "";
  const body = text.slice(fence.bodyStart, fence.bodyStart + 300).trimStart();
  const inside: Skipped = {
    end: fence.bodyStart,
    isHidden: false,
    ...(fence.isClosed ? { fenceEnd: fence.bodyEnd } : {}),
  };
  if (/^(?:[^\n]*\n)?<{5,9}[ \t]*(?:SEARCH|ORIGINAL)/.test(body)) return inside;
  const isClosed = fence.isClosed ? fence.end : text.length;
  const isCall = CALL_FENCES.test(language) || CALL_HEAD.test(body) ||
    (/^py/i.test(language) && body.startsWith("["));
  if (isExample(text, start) || isReported(text, start, isClosed) || !isCall) {
    return { end: isClosed, isHidden: false };
  }
  // A longer fence around another shows it.
  if (/^(?:`{4}|~{4})/.test(text.slice(start).trimStart().slice(0, 4)) && /^(?:```|~~~)/.test(body)) {
    return { end: isClosed, isHidden: false };
  }
  // What a fence quotes has other words before the call.
  places.lastIndex = skipSpace(text, fence.bodyStart);
  if (places.exec(text)?.index !== skipSpace(text, fence.bodyStart)) {
    return { end: isClosed, isHidden: false };
  }
  if (/^json/i.test(language) && isPlainData(scan, fence.bodyStart, fence.bodyEnd)) {
    return { end: isClosed, isHidden: false };
  }
  return inside;
}

/** Marks that are no words: control tokens, and tags that stood around calls. */
const MARKS =
  /<\|(?:start|channel)\|>(?:assistant|final|commentary|analysis)?|<\|?\/?(?:tool_calls?|function_calls?|seed:tool_call|minimax:tool_call|think|thinking|seed:think)\|?>|<[|\uff5c][^<>|\uff5c\n]{1,40}[|\uff5c]>|<(?:eos|end_of_turn|start_of_turn)>|\[\/?(?:THINK|INST|TOOL_CALLS)\]|<\|(?:open|close)\|>\w{1,20}<\|sep\|>|\]<\]minimax\[>\[|<\/?[|\uff5c]DSML[|\uff5c]\w{1,40}>|<\/?(?:s|tool_call|tool-call|longcat_tool_call)>|<\|\/?\|?[A-Z]+\|>/g;

/** What is left of a fence around a call. */
const EMPTY_FENCE = /(?:```|~~~)[\w-]*[ \t]*\n?[ \t\n]*(?:```|~~~)/g;

function restOf(text: string, spans: readonly Span[]): string {
  const sorted = [...spans].sort((a, b) => a.start - b.start);
  const parts: string[] = [];
  let i = 0;
  for (const span of sorted) {
    if (span.start > i) parts.push(text.slice(i, span.start));
    i = Math.max(i, span.end);
  }
  parts.push(text.slice(i));
  const rest = parts.map((part) => part.replace(MARKS, "")).join("");
  return (spans.length > 0 ? rest.replace(EMPTY_FENCE, "") : rest).replace(/^\ufeff+/, "").trim();
}
