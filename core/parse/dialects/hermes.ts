/**
 * JSON between tags: `<tool_call>{"name", "arguments"}</tool_call>` (Hermes, Qwen2.5, Granite 4, MiMo) and the same
 * under other marks (Granite 3, Nemotron 2, Cohere, InternLM, Apertus, Hunyuan, Jamba, LongCat, MiniMax M1, xLAM,
 * GigaChat, Llama's python tag, FireFunction).
 */

import type { ToolSchema } from "../../types.ts";
import { callsInJson } from "../envelope.ts";
import { readJson } from "../json_repair.ts";
import { type Dialect, type Found, matchAt, type Scan, skipSpace } from "../scan.ts";
import { describeDialect } from "./describe.ts";
import { callHead } from "./json.ts";
import { readYamlCall } from "./yaml.ts";

/** Marks whose body is JSON; a tag of words closes with its own name, a token with any token. */
const OPENERS = [
  /<(?:longcat_)?tool[_-]?calls?(?:\s+name\s*=\s*["'][\w.-]+["'])?\s*>/.source,
  /<(?:TOOLCALL|function_calls?|tool_use|calls|tools?)>(?=\s*[{[`])/.source,
  /<\|(?:tool_calls?|function_call|START_ACTION|tool_call_start|tools_prefix|python_tag|action_start)\|>(?:\s*<\|plugin\|>)?/
    .source,
  /function call<\|role_sep\|>/.source,
  /^functools(?=\[)/.source,
];
const FENCE = /```\w*\s*/y;
const BETWEEN = /[\s,;]*(?:```\s*)?(?:<tool_call>|<function_call>)?\s*/y;
const CLOSER = /[\s`;})\]]*(?:<\/?[|\uff5c]?[\w:|\uff5c-]+>?|$)/y;
const NAME_ATTRIBUTE = /name\s*=\s*["']([\w.-]+)["']/;

/** JSON calls between marks. */
export const hermes: Dialect = {
  name: "hermes",
  opens: OPENERS.join("|"),
  read(scan, at, length) {
    const { text } = scan;
    const opener = text.slice(at, at + length);
    let i = skipSpace(text, at + length);
    const fence = matchAt(text, i, FENCE);
    if (fence) i += fence[0].length;
    const attribute = NAME_ATTRIBUTE.exec(opener)?.[1];
    if (attribute !== undefined) return readNamed(scan, at, i, attribute);
    const first = text[i] ?? "";
    if (first === "{" || first === "[" || first === "/" || first === '"') {
      return readValues(scan, at, i, opener);
    }
    if (/^\w+\s*:\s/.test(text.slice(i, i + 60))) return readYaml(scan, at, i);
    return undefined;
  },
};

/** `<tool_call name="read_file">{"path": "a"}</tool_call>`. */
function readNamed(scan: Scan, start: number, at: number, name: string): readonly Found[] | undefined {
  const read = scan.text[at] === "{" ? readJson(scan.text, at, scan.steps) : undefined;
  if (!read) return undefined;
  return [{
    name,
    args: read.value,
    start,
    end: closerEnd(scan.text, read.end, "<tool_call") ?? read.end,
    dialect: "hermes",
    repairs: ["name as attribute", ...read.repairs],
    isCut: read.isCut,
    isOpen: read.isOpen,
    isMarked: true,
  }];
}

/** One value or several, each an object or a list; a value that is none is passed over if another follows. */
function readValues(scan: Scan, start: number, at: number, opener: string): readonly Found[] {
  const { text } = scan;
  const found: Found[] = [];
  let i = at;
  for (;;) {
    const read = readJson(text, i, scan.steps);
    const calls = read && callsInJson(read.value, scan.knows);
    const end = read ? skipComment(text, read.end) : endOfBroken(scan, i, opener);
    const isList = text[i] === "[";
    const closer = read?.isCut ? end : closerEnd(text, end, opener);
    const next = nextValue(text, end);
    // Marks that nothing closes: only the JSON's own brackets tell whether it is whole.
    const isHalf = read?.isOpen && opener.startsWith("function call");
    if (!read || !calls || isHalf || (closer === undefined && next === undefined)) {
      found.push(broken(scan, found.length > 0 ? i : start, end, read?.isCut ?? false));
      if (next === undefined) return found;
    } else {
      const many = calls.map((call) => ({
        name: call.name,
        args: call.args,
        start: found.length > 0 ? i : start,
        end: closer ?? end,
        dialect: "hermes",
        repairs: [...read.repairs, ...call.repairs],
        isCut: read.isCut,
        isOpen: read.isOpen || text[skipSpace(text, end)] !== "<",
        isMarked: true,
        isFlat: false,
      }));
      // A list whose own end is in doubt stands or falls as one.
      if (isList && !isWhollyKnown(many, scan)) found.push(broken(scan, start, closer ?? end, false));
      else found.push(...many);
      if (next === undefined) return found;
    }
    i = next;
  }
}

/** A comment behind the value, on its line. */
function skipComment(text: string, at: number): number {
  return at + (matchAt(text, at, /[ \t]*(?:\/\/|#)[^\n<]*(?=\n|<|$)/y)?.[0].length ?? 0);
}

function isWhollyKnown(found: readonly Found[], scan: Scan): boolean {
  return found.length === 1 || found.every((one) => scan.knows(one.name));
}

/** Where the next value of the same body begins, if only separators stand between. */
function nextValue(text: string, end: number): number | undefined {
  const between = matchAt(text, end, BETWEEN);
  const next = end + (between?.[0].length ?? 0);
  return text[next] === "{" || text[next] === "[" ? next : undefined;
}

/** After the closing mark, a wrong one, or a closing tag that ends the text more than half written. */
function closerEnd(text: string, end: number, opener: string): number | undefined {
  const match = matchAt(text, end, CLOSER);
  if (!match) return undefined;
  const mark = match[0].trim();
  if (mark.startsWith("</") && !mark.endsWith(">")) {
    const name = /^<([\w-]+)/.exec(opener)?.[1] ?? "";
    const isLast = end + match[0].length >= text.length;
    if (!isLast || 2 * mark.length <= `</${name}>`.length) return undefined;
  }
  return mark.startsWith("<tool_call") || mark.startsWith("<function") ? end : end + match[0].length;
}

/** Where an unreadable value ends: with its line; one that begins as a call with the tag that closes its own, tags inside it counted. */
function endOfBroken(scan: Scan, at: number, opener: string): number {
  const { text, seeker } = scan;
  if (callHead(scan, at) !== undefined) {
    const word = /^<([\w-]+)/.exec(opener)?.[1];
    let depth = 1;
    for (let i = at; word !== undefined;) {
      const close = seeker.find(`</${word}>`, i);
      const open = seeker.find(`<${word}>`, i);
      if (close < 0) break;
      const isOpen = open >= 0 && open < close;
      depth += isOpen ? 1 : -1;
      if (depth === 0) return close;
      i = (isOpen ? open : close) + 1;
    }
    return text.length;
  }
  const line = seeker.find("\n", at);
  const tag = seeker.find("</", at);
  const ends = [line, tag].filter((end) => end >= 0);
  return ends.length > 0 ? Math.min(...ends) : text.length;
}

function broken(scan: Scan, start: number, end: number, isCut: boolean): Found {
  const name = /"name"\s*:\s*"([^"]{1,60})"/.exec(scan.text.slice(start, Math.min(end, start + 200)))?.[1] ??
    "";
  return {
    name,
    args: undefined,
    start,
    end,
    dialect: "hermes",
    repairs: [],
    isMarked: true,
    isCut,
    broken: "the JSON between the tags cannot be read",
  };
}

function readYaml(scan: Scan, start: number, at: number): readonly Found[] | undefined {
  const close = scan.seeker.find("</", at);
  const end = close < 0 ? scan.text.length : close;
  const call = readYamlCall(scan, at, end);
  if (!call) return undefined;
  return [{
    ...call,
    start,
    end: closerEnd(scan.text, end, "<tool_call") ?? end,
    dialect: "hermes",
    repairs: ["yaml for json"],
    isMarked: true,
    isOpen: close < 0,
  }];
}

/** How to call tools in Hermes tags. */
export function hermesPrompt(tools: readonly ToolSchema[]): string {
  const how =
    "To use a tool, write a call in tool_call tags and stop. You get the result back. Use only the tools listed.";
  return describeDialect(how, tools, formatHermes);
}

/** A call as this dialect writes it. */
export function formatHermes(call: { readonly name: string; readonly args: unknown }): string {
  return `<tool_call>\n${JSON.stringify({ name: call.name, arguments: call.args })}\n</tool_call>`;
}
