/**
 * Calls as Python writes them: `<|tool_call_start|>[f(a="x"), g()]<|tool_call_end|>` (Liquid), `[f(a=1)]` (Llama 4),
 * `<function_calls>f(...)</function_calls>` (OLMo 3), a `tool_code` fence (Gemma 3). Without marks only offered tools count.
 */

import type { ToolSchema } from "../../types.ts";
import { onlyRequiredString } from "../args.ts";
import { readEscape, setKey } from "../json_repair.ts";
import {
  type Dialect,
  type Found,
  lineAfter,
  lineBefore,
  lineEnd,
  matchAt,
  type Scan,
  skipSpace,
} from "../scan.ts";
import { describeDialect } from "./describe.ts";

const MARKS =
  /<\|tool_call_start\|>|<\|python_start\|>|<\|python_tag\|>|<function_calls>|<tool_call>|`{3}tool_code\s*\n|^tool_code\s*=/
    .source;
const CALL_NAME = /[A-Za-z_][\w.-]{0,99}(?=\s*\()/y;
const CLOSE =
  /\s*(?:<\|tool_call_end\|>|<\|python_end\|>|<\/function_calls>|<\/tool_call>|<\|eom_id\|>|<\|eot_id\|>|```|$)/y;
const MAX_DEPTH = 50;

/** Calls in Python's syntax. */
export const pythonic: Dialect = {
  name: "pythonic",
  opens: String
    .raw`(?:${MARKS})(?=\s*\[?\s*(?:print\()?[A-Za-z_][\w.-]*\()|\[(?=\s*[A-Za-z_][\w.-]*\()|^TOOL_NAME\((?=[^\n])`,
  read(scan, at, length) {
    const { text } = scan;
    const isMarked = text[at] === "<" || text[at] === "`" || text.startsWith("tool_code", at);
    const from = isMarked ? skipSpace(text, at + length) : at;
    const list = readCalls(scan, from);
    if (!list) {
      return isMarked
        ? [{
          ...base(at),
          name: "",
          args: undefined,
          end: from,
          isMarked,
          broken: "the calls cannot be read",
          isCut: !scan.isWhole,
        }]
        : bareWordCall(scan, at);
    }
    if (list.calls.length === 0) return undefined;
    const close = matchAt(text, list.end, CLOSE);
    if (!isMarked && !isMeant(scan, at, list)) return undefined;
    const end = isMarked && close ? list.end + close[0].length : list.end;
    return list.calls.map((call) => ({
      ...base(at),
      name: call.name,
      args: call.args,
      end,
      isMarked,
      repairs: call.repairs,
      isOpen: list.isOpen || (isMarked && !close?.[0].trim()),
    }));
  },
};

function base(start: number): Pick<Found, "start" | "dialect" | "repairs"> {
  return { start, dialect: "pythonic", repairs: [] };
}

/** Unmarked calls are meant when they name offered tools, exactly, and nothing else stands on their lines after them. */
function isMeant(scan: Scan, at: number, list: PythonCalls): boolean {
  const { text, tools } = scan;
  if (!list.calls.every((call) => tools.some((tool) => tool.name === call.name))) return false;
  if (list.isOpen) return false;
  if (!/^[\s;,.]*$/.test(lineAfter(text, list.end))) return false;
  const before = lineBefore(text, at).trim();
  if (/\w\([^\n]*\)\s*\]/.test(before)) return false;
  return text[at] === "[" || (before === "" && isOnlyCalls(scan, list.end, at));
}

const BARE_WORD = /([A-Za-z_]\w{0,63})\([ \t]*([\w./*-]{1,200})[ \t]*\);?/y;
/** What stands for a value in a signature. */
const STANDS_FOR_VALUE =
  /^(?:\.+|(?:your_?)?(?:path|file|filename|file_?path|folder|dir|directory|pattern|query|name|args?))$/i;

/** `list_files(src)`: a word without quotes, when nothing else was said; no command, and no name of a parameter. */
function bareWordCall(scan: Scan, at: number): readonly Found[] | undefined {
  const { text, seeker, tools } = scan;
  const call = matchAt(text, at, BARE_WORD);
  if (!call || at !== seeker.start || at + call[0].length !== seeker.end) return undefined;
  const [, name = "", word = ""] = call;
  const tool = tools.find((one) => one.name === name);
  const { properties = {}, required = [] } = tool?.parameters ?? {};
  const key = required.length === 0 && Object.hasOwn(properties, "path")
    ? "path"
    : tool && onlyRequiredString(tool.parameters);
  if (key === undefined || key === "command" || STANDS_FOR_VALUE.test(word)) return undefined;
  return [{
    ...base(at),
    name,
    args: { [key]: word },
    end: at + call[0].length,
    isMarked: false,
    repairs: ["quotes"],
  }];
}

/** A bare `f(x)` could be code that answers: it must be all there is, or the last thing after a line of prose. */
function isOnlyCalls(scan: Scan, end: number, at: number): boolean {
  return end >= scan.seeker.end && scan.text.slice(0, at).trim().split("\n").length <= 3;
}

interface PythonCall {
  readonly name: string;
  readonly args: unknown;
  readonly end: number;
  readonly repairs: readonly string[];
}

interface PythonCalls {
  readonly calls: readonly PythonCall[];
  readonly end: number;
  readonly isOpen: boolean;
}

/** Reads `[f(a=1), g()]`, or the same without brackets, one a line. */
function readCalls(scan: Scan, at: number): PythonCalls | undefined {
  const { text } = scan;
  const isList = text[at] === "[";
  const calls: PythonCall[] = [];
  let i = skipSpace(text, isList ? at + 1 : at);
  for (;;) {
    if (isList && text[i] === "]") return { calls, end: i + 1, isOpen: false };
    const name = matchAt(text, i, CALL_NAME)?.[0];
    if (name === undefined) return !isList && calls.length > 0 ? { calls, end: i, isOpen: false } : undefined;
    const inner = name === "print" ? matchAt(text, skipSpace(text, i + 5) + 1, CALL_NAME)?.[0] : undefined;
    const start = inner === undefined ? i : skipSpace(text, i + 5) + 1;
    const call = readPythonCall(scan, start, inner ?? name);
    if (!call) return !isList && calls.length > 0 ? { calls, end: i, isOpen: false } : undefined;
    calls.push(call);
    let next = skipSpace(text, call.end);
    if (inner !== undefined && text[next] === ")") next = skipSpace(text, next + 1);
    if (text[next] === "," || text[next] === ";") next = skipSpace(text, next + 1);
    else if (isList && text[next] !== "]") {
      return next >= text.length || text[next] === "<" ? { calls, end: next, isOpen: true } : undefined;
    }
    if (!isList && !matchAt(text, next, CALL_NAME)) return { calls, end: call.end, isOpen: false };
    i = next;
  }
}

/** Reads `name(a=1, "b")` at `at`; positional arguments are named by the tool's schema. */
export function readPythonCall(scan: Scan, at: number, name: string): PythonCall | undefined {
  const reader = new PythonReader(scan.text, skipSpace(scan.text, at + name.length));
  const read = reader.args();
  scan.steps.add(3 * (reader.at - at));
  if (!read) return undefined;
  const args = nameArgs(
    read,
    scan.tools.find((tool) => tool.name === name || tool.name === name.split(".").at(-1)),
  );
  return args &&
    {
      name,
      args,
      end: reader.at,
      repairs: [...reader.repairs, ...(read.positional.length > 0 ? ["positional arguments"] : [])],
    };
}

interface PythonArgs {
  readonly named: Record<string, unknown>;
  readonly positional: readonly unknown[];
}

function nameArgs(read: PythonArgs, tool: ToolSchema | undefined): Record<string, unknown> | undefined {
  if (read.positional.length === 0) return read.named;
  const names = Object.keys(tool?.parameters.properties ?? {});
  const required = tool?.parameters.required ?? [];
  const only = tool && onlyRequiredString(tool.parameters);
  const order = only && read.positional.length === 1 ? [only] : [
    ...names.filter((name) => required.includes(name)),
    ...names.filter((name) => !required.includes(name)),
  ];
  const args: Record<string, unknown> = {};
  for (const [index, value] of read.positional.entries()) {
    const name = order[index];
    if (name === undefined || Object.hasOwn(read.named, name)) return undefined;
    setKey(args, name, value);
  }
  return { ...args, ...read.named };
}

const FAILED = Symbol("failed");
const STRING_PREFIX = /[rRbBuUfF]{0,2}(?=["'])/y;
const KEYWORD = /([A-Za-z_]\w{0,99})\s*=(?!=)/y;
const NUMBER = /[+-]?(?:0x[\da-fA-F]+|\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y;
const WORD = /[A-Za-z_]\w{0,20}(?![\w.(])/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["True", true],
  ["False", false],
  ["None", null],
  ["true", true],
  ["false", false],
  ["null", null],
]);
const CLOSING: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };

/** Python literals; nothing is evaluated. */
class PythonReader {
  at: number;
  readonly repairs = new Set<string>();
  readonly #text: string;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  /** Reads `(...)`. */
  args(): PythonArgs | undefined {
    if (this.#text[this.at] !== "(") return undefined;
    this.at++;
    const named: Record<string, unknown> = {};
    const positional: unknown[] = [];
    for (;;) {
      this.#space();
      const c = this.#text[this.at];
      if (c === ")") {
        this.at++;
        return { named, positional };
      }
      const keyword = matchAt(this.#text, this.at, KEYWORD);
      if (keyword) this.at += keyword[0].length;
      const value = this.value(1);
      const key = keyword?.[1];
      if (value === FAILED || (key !== undefined && Object.hasOwn(named, key))) return undefined;
      if (key === undefined) positional.push(value);
      else setKey(named, key, value);
      this.#space();
      if (this.#text[this.at] === ",") this.at++;
      else if (this.#text[this.at] !== ")") return undefined;
    }
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) return FAILED;
    this.#space();
    const c = this.#text[this.at] ?? "";
    const prefix = matchAt(this.#text, this.at, STRING_PREFIX);
    if (prefix) return this.#strings();
    if (c === "{") return this.#dict(depth);
    if (c === "[" || c === "(") return this.#list(depth, CLOSING[c] ?? "");
    const number = matchAt(this.#text, this.at, NUMBER)?.[0];
    if (number !== undefined) {
      this.at += number.length;
      return Number(number.replaceAll("_", ""));
    }
    const word = matchAt(this.#text, this.at, WORD)?.[0];
    if (word === undefined || !WORDS.has(word)) return FAILED;
    this.at += word.length;
    return WORDS.get(word);
  }

  #space(): void {
    this.at = skipSpace(this.#text, this.at);
    while (this.#text[this.at] === "#") {
      this.at = skipSpace(this.#text, lineEnd(this.#text, this.at));
    }
  }

  /** One literal or several in a row, which Python joins. */
  #strings(): unknown {
    let all = "";
    for (let count = 0; count < 1000; count++) {
      const prefix = matchAt(this.#text, this.at, STRING_PREFIX);
      if (!prefix) return all;
      this.at += prefix[0].length;
      const one = this.#string(/r/i.test(prefix[0]));
      if (one === FAILED) return FAILED;
      all += one as string;
      const next = skipSpace(this.#text, this.at);
      if (!matchAt(this.#text, next, STRING_PREFIX)) return all;
      this.at = next;
    }
    return FAILED;
  }

  #string(isRaw: boolean): unknown {
    const text = this.#text;
    const quote = text[this.at] ?? "";
    const isTriple = text.startsWith(quote.repeat(3), this.at);
    const mark = isTriple ? quote.repeat(3) : quote;
    let out = "";
    let from = this.at + mark.length;
    for (let i = from; i < text.length; i++) {
      const c = text[i];
      if (c === "\\") {
        if (isRaw) {
          i++;
          continue;
        }
        const escape = text[i + 1] === "\n" ? { value: "", end: i + 2 } : readEscape(text, i);
        out += text.slice(from, i) + escape.value;
        i = escape.end - 1;
        from = escape.end;
      } else if (c === "\n" && !isTriple) {
        this.repairs.add("raw newline");
      } else if (text.startsWith(mark, i)) {
        if (!isTriple && !this.#closes(i)) {
          this.repairs.add("unescaped quote");
          continue;
        }
        this.at = i + mark.length;
        return out + text.slice(from, i);
      }
    }
    this.at = text.length;
    return FAILED;
  }

  /** Whether the quote at `i` ends its literal: by what may come after one. */
  #closes(i: number): boolean {
    const next = skipSpace(this.#text, i + 1);
    const c = this.#text[next];
    if (c === undefined || c === "]" || c === "}" || c === ":" || c === "#") return true;
    if (c === ")") return /^\)\s*(?:$|[\],;<)`\n\w"])/.test(this.#text.slice(next, next + 40));
    if (c === ",") {
      return /^,\s*(?:[A-Za-z_]\w*\s*=|["'[({\d)\]}TFNtfn-])/.test(this.#text.slice(next, next + 60));
    }
    return (c === '"' || c === "'") && next > i + 1;
  }

  #list(depth: number, closer: string): unknown {
    const items: unknown[] = [];
    this.at++;
    for (;;) {
      this.#space();
      if (this.#text[this.at] === closer) {
        this.at++;
        return items;
      }
      const value = this.value(depth + 1);
      if (value === FAILED) return FAILED;
      items.push(value);
      this.#space();
      if (this.#text[this.at] === ",") this.at++;
      else if (this.#text[this.at] !== closer) return FAILED;
    }
  }

  #dict(depth: number): unknown {
    const object: Record<string, unknown> = {};
    this.at++;
    for (;;) {
      this.#space();
      if (this.#text[this.at] === "}") {
        this.at++;
        return object;
      }
      const key = this.value(depth + 1);
      this.#space();
      if (key === FAILED || typeof key === "object" || this.#text[this.at] !== ":") return FAILED;
      this.at++;
      const value = this.value(depth + 1);
      if (value === FAILED) return FAILED;
      setKey(object, String(key), value);
      this.#space();
      if (this.#text[this.at] === ",") this.at++;
      else if (this.#text[this.at] !== "}") return FAILED;
    }
  }
}

/** How to call tools as Python calls. */
export function pythonicPrompt(tools: readonly ToolSchema[]): string {
  const how =
    "To use a tool, write a list of calls as below and stop. You get the results back. Use only the tools listed.";
  return describeDialect(how, tools, formatPythonic);
}

/** A call as this dialect writes it. */
export function formatPythonic(call: { readonly name: string; readonly args: unknown }): string {
  const args = Object.entries(call.args as Record<string, unknown>).map(([key, value]) =>
    `${key}=${literal(value)}`
  );
  return `<|tool_call_start|>[${call.name}(${args.join(", ")})]<|tool_call_end|>`;
}

function literal(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") {
    return `{${
      Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`).join(", ")
    }}`;
  }
  return JSON.stringify(value);
}
