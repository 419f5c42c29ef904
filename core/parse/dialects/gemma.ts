/**
 * Gemma 4 `<|tool_call>call:N{k:<|"|>str<|"|>,n:1}<tool_call|>` and FunctionGemma
 * `<start_function_call>call:N{k:<escape>v<escape>}<end_function_call>`: unquoted keys, strings between tokens.
 */

import { setKey } from "../json_repair.ts";
import { type Dialect, type Found, matchAt, type Scan, skipSpace } from "../scan.ts";
import { readPythonCall } from "./pythonic.ts";

const HEAD = /(?:<\|?tool_call\|?>|<start_function_call>)?\s*call:\s*([\w.-]{1,100})\s*(?=[{(])/y;
const TAIL = /\s*(?:<tool_call\|>|<\/?tool_call>|<end_function_call>)/y;
const QUOTES = ['<|"|>', "<escape>", '"', "'"];
const KEY = /\s*(?:<\|"\|>|<escape>|["'])?([\w$.-]{1,100})(?:<\|"\|>|<escape>|["'])?\s*:/y;
const BARE = /[^,}\]\n<]*/y;
const MAX_DEPTH = 50;

/** Calls of the Gemma family. */
export const gemma: Dialect = {
  name: "gemma",
  opens: /(?:<\|?tool_call\|?>|<start_function_call>)\s*call:|^call:(?=[\w.-]{1,100}\{)/.source,
  read(scan, at) {
    const { text } = scan;
    const head = matchAt(text, at, HEAD);
    const base = { name: head?.[1] ?? "", start: at, dialect: "gemma", repairs: [], isMarked: true };
    if (!head) {
      return [{
        ...base,
        args: undefined,
        end: at + 1,
        isCut: true,
        broken: "the reply ended inside the call",
      }];
    }
    const from = at + head[0].length;
    if (text[from] === "(") return readParentheses(scan, base, from);
    const reader = new GemmaReader(text, from);
    const args = reader.value(0);
    scan.steps.add(reader.at - from);
    if (args === undefined) {
      const isCut = reader.at >= text.length;
      return [{
        ...base,
        args: undefined,
        // A value may hold its own closing mark: what follows may stand inside it, and is not read.
        end: text.length,
        isCut,
        broken: "the arguments cannot be read",
      }];
    }
    const tail = matchAt(text, reader.at, TAIL);
    return [{ ...base, args, end: reader.at + (tail?.[0].length ?? 0), isUntyped: true, isOpen: !tail }];
  },
};

function readParentheses(scan: Scan, base: Omit<Found, "args" | "end">, from: number): readonly Found[] {
  const call = readPythonCall(scan, from - base.name.length, base.name);
  if (!call) {
    return [{
      ...base,
      args: undefined,
      end: scan.text.length,
      isCut: true,
      broken: "the arguments cannot be read",
    }];
  }
  const tail = matchAt(scan.text, call.end, TAIL);
  return [{
    ...base,
    args: call.args,
    end: call.end + (tail?.[0].length ?? 0),
    repairs: ["parentheses for braces"],
  }];
}

class GemmaReader {
  at: number;
  readonly #text: string;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  value(depth: number): unknown {
    if (depth > MAX_DEPTH) return undefined;
    this.at = skipSpace(this.#text, this.at);
    const c = this.#text[this.at];
    if (c === "{") return this.#object(depth);
    if (c === "[") return this.#array(depth);
    const quote = QUOTES.find((mark) => this.#text.startsWith(mark, this.at));
    return quote === undefined ? this.#bare() : this.#string(quote);
  }

  #string(quote: string): string | undefined {
    const from = this.at + quote.length;
    const end = this.#text.indexOf(quote, from);
    this.at = end < 0 ? this.#text.length : end + quote.length;
    return end < 0 ? undefined : this.#text.slice(from, end);
  }

  #bare(): unknown {
    const word = matchAt(this.#text, this.at, BARE)?.[0] ?? "";
    this.at += word.length;
    const value = word.trim();
    if (this.at >= this.#text.length || value === "") return undefined;
    if (value === "true" || value === "false") return value === "true";
    if (value === "null" || value === "None") return null;
    return /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : value;
  }

  #object(depth: number): unknown {
    const object: Record<string, unknown> = {};
    this.at++;
    for (;;) {
      this.at = skipSpace(this.#text, this.at);
      const c = this.#text[this.at];
      if (c === undefined) return undefined;
      if (c === "}") {
        this.at++;
        return object;
      }
      if (c === ",") {
        this.at++;
        continue;
      }
      const key = matchAt(this.#text, this.at, KEY);
      if (!key) return undefined;
      this.at += key[0].length;
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      setKey(object, key[1] ?? "", value);
    }
  }

  #array(depth: number): unknown {
    const array: unknown[] = [];
    this.at++;
    for (;;) {
      this.at = skipSpace(this.#text, this.at);
      const c = this.#text[this.at];
      if (c === undefined) return undefined;
      if (c === "]") {
        this.at++;
        return array;
      }
      if (c === ",") {
        this.at++;
        continue;
      }
      const value = this.value(depth + 1);
      if (value === undefined) return undefined;
      array.push(value);
    }
  }
}
