/**
 * JSON as models write it: one pass, no backtracking beyond a fixed look-ahead, a depth limit. Reads JSON, JavaScript
 * and Python literals; what had to be mended is named. A string that was well formed is never changed inside.
 */

import { skipSpace, type Steps } from "./scan.ts";

/** A value read from `start`. */
export interface ReadValue {
  readonly value: unknown;
  /** Index after the value. */
  readonly end: number;
  readonly repairs: readonly string[];
  /** The text ended inside a string or a word: what was read may be half of what was meant. */
  readonly isCut: boolean;
  /** Brackets were missing at the end. */
  readonly isOpen: boolean;
}

const MAX_DEPTH = 100;
/** How far a quote's closing rule looks for the next key. */
const KEY_LOOKAHEAD = 80;

/**
 * Reads the object, array or string that begins at `at`.
 * @returns nothing when it cannot be read even with repairs.
 */
export function readJson(text: string, at: number, steps: Steps): ReadValue | undefined {
  return readStrict(text, at, steps) ?? readLoose(text, at, steps);
}

/** Reads valid JSON only. */
export function readStrict(text: string, at: number, steps: Steps): ReadValue | undefined {
  const end = balancedEnd(text, at);
  steps.add((end < 0 ? text.length : end) - at);
  if (end < 0) return undefined;
  try {
    return { value: JSON.parse(text.slice(at, end)), end, repairs: [], isCut: false, isOpen: false };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Reads with repairs. */
export function readLoose(text: string, at: number, steps: Steps): ReadValue | undefined {
  const reader = new LooseReader(text, at);
  const value = reader.value(0);
  steps.add(3 * (reader.at - at) + reader.work);
  if (value === UNREADABLE) return undefined;
  return { value, end: reader.at, repairs: [...reader.repairs], isCut: reader.isCut, isOpen: reader.isOpen };
}

/** Index after the bracket that closes the one at `at`, by the rules of strict JSON, or -1. */
function balancedEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x22) {
      i = plainStringEnd(text, i);
      if (i < 0) return -1;
      if (depth === 0) return i + 1;
    } else if (c === 0x7b || c === 0x5b) {
      if (++depth > MAX_DEPTH) return -1;
    } else if (c === 0x7d || c === 0x5d) {
      if (--depth === 0) return i + 1;
      if (depth < 0) return -1;
    } else if (depth === 0) {
      return -1;
    }
  }
  return -1;
}

/** Index of the quote that closes the strict string opened at `at`, or -1. */
function plainStringEnd(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5c) i++;
    else if (c === 0x22) return i;
    else if (c < 0x20) return -1;
  }
  return -1;
}

const UNREADABLE = Symbol("unreadable");
type Value = unknown | typeof UNREADABLE;

const NUMBER = /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/y;
const WORD = /[A-Za-z_$][\w$]*/y;
const KEY = /[A-Za-z_$][\w$.-]*/y;
/** Marks that families of models put around calls and replies. */
const CALL_MARK =
  /^<\/?(?:[|\uff5c]|(?:\w{1,12}:)?(?:longcat_)?(?:tool|function|call|action|invoke|parameter|arg|end_|start_|eos|escape|think|s>))/i;
/** What may stand behind the bracket of a list whose last member was not closed. */
const AFTER_LIST = /^\]\s*(?:$|[}\]<`;]|,\s*\{)/;
const AFTER_NUMBER = /[\s,}\])/#;]|$/y;
const WORDS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["true", true],
  ["false", false],
  ["null", null],
  ["True", true],
  ["False", false],
  ["None", null],
  ["undefined", null],
]);
const CLOSERS: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  "`": "`",
  "\u201c": "\u201d\u201c",
  "\u201d": "\u201d\u201c",
  "\u2018": "\u2019\u2018",
  "\u2019": "\u2019\u2018",
};
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  b: "\b",
  f: "\f",
  "/": "/",
  "\\": "\\",
  '"': '"',
  "'": "'",
  "`": "`",
  "\n": "\n",
  "\t": "\t",
  "\r": "\r",
};

/** Sets a key as data, whatever its name: an assignment to `__proto__` would not. */
export function setKey(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** What a string is part of; it decides what may come after its closing quote. */
type Place = "key" | "value" | "item" | "whole";

class LooseReader {
  at: number;
  /** What members cost beside the characters read. */
  work = 1;
  isCut = false;
  isOpen = false;
  readonly repairs = new Set<string>();
  readonly #text: string;

  constructor(text: string, at: number) {
    this.#text = text;
    this.at = at;
  }

  value(depth: number, place: Place = "value"): Value {
    if (depth > MAX_DEPTH) return UNREADABLE;
    this.work += 20;
    this.#gap();
    const c = this.#text[this.at] ?? "";
    if (c === "{") return this.#object(depth);
    if (c === "[") return this.#array(depth, "]");
    if (c === "(" && depth > 0) return this.#array(depth, ")");
    if (CLOSERS[c]) return this.#string(depth > 0 ? place : "whole");
    return this.#scalar();
  }

  #gap(): void {
    const text = this.#text;
    for (;;) {
      this.at = skipSpace(text, this.at);
      const isBlock = text.startsWith("/*", this.at);
      if (!isBlock && text[this.at] !== "#" && !text.startsWith("//", this.at)) return;
      this.repairs.add("comments");
      const end = text.indexOf(isBlock ? "*/" : "\n", this.at + 2);
      this.at = end < 0 ? text.length : end + (isBlock ? 2 : 1);
    }
  }

  #object(depth: number): Value {
    const object: Record<string, unknown> = {};
    this.at++;
    for (;;) {
      this.#gap();
      const c = this.#text[this.at];
      if (c === undefined) return this.#unclosed(object);
      if (c === "}") {
        this.at++;
        return object;
      }
      if (c === ",") {
        this.repairs.add("extra comma");
        this.at++;
        continue;
      }
      if (c === "]" || this.#isForeign()) return this.#unclosed(object);
      const key = this.#key();
      if (key === UNREADABLE) return this.isCut ? object : UNREADABLE;
      this.#gap();
      if (this.at >= this.#text.length) {
        this.isCut = true;
        return object;
      }
      if (this.#text.startsWith("=>", this.at)) {
        this.repairs.add("arrow for colon");
        this.at++;
      } else if (this.#text[this.at] !== ":") return UNREADABLE;
      this.at++;
      const value = this.value(depth + 1);
      if (value === UNREADABLE) return this.isCut ? object : UNREADABLE;
      setKey(object, key as string, value);
      if (this.isCut) return object;
      if (!this.#separator("}")) return UNREADABLE;
    }
  }

  #array(depth: number, closer: string): Value {
    const array: unknown[] = [];
    if (closer === ")") this.repairs.add("python literals");
    this.at++;
    for (;;) {
      this.#gap();
      const c = this.#text[this.at];
      if (c === undefined) return this.#unclosed(array);
      if (c === closer) {
        this.at++;
        return array;
      }
      if (c === ",") {
        this.repairs.add("extra comma");
        this.at++;
        continue;
      }
      if (c === "}" || this.#isForeign()) return this.#unclosed(array);
      const value = this.value(depth + 1, "item");
      if (value === UNREADABLE) return this.isCut ? array : UNREADABLE;
      array.push(value);
      if (this.isCut) return array;
      if (!this.#separator(closer)) return UNREADABLE;
    }
  }

  /** Passes a comma; tolerates a missing one before a quoted member, a closing bracket and the end. */
  #separator(closer: string): boolean {
    this.#gap();
    const c = this.#text[this.at];
    if (c === undefined || c === closer || c === "}" || c === "]" || this.#isForeign()) return true;
    if (c === ",") {
      this.at++;
      this.#gap();
      const next = this.#text[this.at];
      if (next === closer) this.repairs.add("trailing comma");
      return true;
    }
    if (c === ";") {
      this.repairs.add("semicolon for comma");
      this.at++;
      return true;
    }
    if (!CLOSERS[c] && c !== "{") return false;
    this.repairs.add("missing comma");
    return true;
  }

  /** A tag or a fence where JSON cannot have one: the brackets before it were forgotten. */
  #isForeign(): boolean {
    const c = this.#text[this.at];
    return (c === "<" && this.#isMark(this.at)) || (c === "`" && this.#text.startsWith("```", this.at));
  }

  /** A mark of a call; any other tag is part of a text. */
  #isMark(at: number): boolean {
    return CALL_MARK.test(this.#text.slice(at, at + 40));
  }

  #unclosed<T>(value: T): T {
    this.repairs.add("missing bracket");
    this.isOpen = true;
    return value;
  }

  #key(): Value {
    const c = this.#text[this.at] ?? "";
    if (CLOSERS[c]) return this.#string("key");
    KEY.lastIndex = this.at;
    const word = KEY.exec(this.#text)?.[0];
    if (!word) return UNREADABLE;
    this.at += word.length;
    this.repairs.add("unquoted key");
    return word;
  }

  #scalar(): Value {
    if (this.at >= this.#text.length) {
      this.isCut = true;
      return UNREADABLE;
    }
    NUMBER.lastIndex = this.at;
    const number = NUMBER.exec(this.#text)?.[0];
    if (number) {
      const end = this.at + number.length;
      AFTER_NUMBER.lastIndex = end;
      if (!AFTER_NUMBER.test(this.#text)) return UNREADABLE;
      this.at = end;
      if (end === this.#text.length) this.isCut = true;
      return Number(number);
    }
    WORD.lastIndex = this.at;
    const word = WORD.exec(this.#text)?.[0];
    if (!word) return UNREADABLE;
    if (this.at + word.length === this.#text.length) {
      this.isCut = true;
      return UNREADABLE;
    }
    if (!WORDS.has(word)) return UNREADABLE;
    this.at += word.length;
    if (/^[TFNu]/.test(word)) this.repairs.add("python literals");
    return WORDS.get(word);
  }

  /** Reads the string that begins with the quote at the cursor. */
  #string(place: Place): Value {
    const text = this.#text;
    const quote = text[this.at] ?? "";
    const closers = CLOSERS[quote] ?? quote;
    if ((quote === '"' || quote === "'") && text.startsWith(quote.repeat(3), this.at)) {
      return this.#tripleQuoted(quote.repeat(3));
    }
    if (quote === "'" || quote === "`") this.repairs.add("single quotes");
    else if (quote !== '"') this.repairs.add("smart quotes");
    let hasBareQuote = false;
    let out = "";
    let from = this.at + 1;
    for (let i = from; i < text.length; i++) {
      const c = text[i] as string;
      if (c === "\\") {
        out += text.slice(from, i);
        const escape = readEscape(text, i);
        if (escape.isBad) this.repairs.add("bad escape");
        out += escape.value;
        i = escape.end - 1;
        from = escape.end;
      } else if (c === "\n") {
        this.repairs.add("raw newline");
      } else if (closers.includes(c)) {
        const close = place === "whole" ? "yes" : this.#closes(i, place, hasBareQuote);
        if (close === "ambiguous") return UNREADABLE;
        if (close === "yes") {
          // Which of several quotes closes it shows what follows: at the end nothing does.
          if (hasBareQuote && skipSpace(text, i + 1) >= text.length) this.isCut = true;
          this.at = i + 1;
          return out + text.slice(from, i);
        }
        hasBareQuote = true;
        this.repairs.add("unescaped quote");
      }
    }
    this.isCut = true;
    this.at = text.length;
    return out + text.slice(from);
  }

  /** Whether the quote at `i` ends its string: by what comes after it, at most `KEY_LOOKAHEAD` characters. */
  #closes(i: number, place: Place, hasBareQuote: boolean): "yes" | "no" | "ambiguous" {
    const text = this.#text;
    const next = skipSpace(text, i + 1);
    const c = text[next];
    this.work += 10 + next - i;
    if (place === "key") return c === undefined || c === ":" || c === "=" ? "yes" : "no";
    if (c === undefined) return "yes";
    if (c === "<") return this.#isMark(next) ? "yes" : "no";
    if (c === "]") return place !== "value" || AFTER_LIST.test(text.slice(next, next + 40)) ? "yes" : "no";
    if (c === "/" && "/*".includes(text[next + 1] ?? " ")) return "yes";
    if (c === ")") return /^\)\s*[,}\]]/.test(text.slice(next, next + 8)) ? "yes" : "no";
    if (c === "`") return text.startsWith("```", next) ? "yes" : "no";
    if (c === "}") {
      const after = text.slice(next, next + KEY_LOOKAHEAD);
      if (hasBareQuote && /^\}\s*,/.test(after)) return "ambiguous";
      return /^[}\]\s]*(?:$|[,<`;\n[(]|[^\s"'A-Za-z0-9}\]])/.test(after) ? "yes" : "no";
    }
    if (c === ",") return this.#startsMember(next + 1, place) ? "yes" : "no";
    // A member without a comma before it.
    if (CLOSERS[c] && next > i + 1) return this.#isKey(next) ? "yes" : "no";
    return text[i] === "`" ? "yes" : "no";
  }

  /** Whether what follows a comma can be the next member: a key in an object, any value in an array. */
  #startsMember(at: number, place: Place): boolean {
    const next = skipSpace(this.#text, at);
    const c = this.#text[next];
    if (c === undefined || c === "}" || c === "]" || /^(?:\/[/*]|#)/.test(this.#text.slice(next, next + 2))) {
      return true;
    }
    if (place !== "item") return this.#isKey(next);
    const rest = this.#text.slice(next, next + KEY_LOOKAHEAD);
    return CLOSERS[c] !== undefined ||
      /^(?:[{[]|(?:-?[\d.]+|true|false|null|True|False|None)\s*[,\]])/.test(rest);
  }

  #isKey(at: number): boolean {
    return /^["'\u201c\u201d]?[\w$. -]{1,40}["'\u201c\u201d]?\s*(?::|=>)/.test(
      this.#text.slice(at, at + KEY_LOOKAHEAD),
    );
  }

  /** Python's way to write text over lines, seen inside JSON of small Qwen models. */
  #tripleQuoted(mark: string): Value {
    const text = this.#text;
    this.repairs.add("triple quotes");
    const start = this.at + 3;
    let end = text.indexOf(mark, start);
    if (end < 0) {
      this.isCut = true;
      this.at = text.length;
      return text.slice(start);
    }
    // A quote that belongs to the text may stand just before the mark.
    while (text[end + 3] === mark[0]) end++;
    this.at = end + 3;
    return unescapeTriple(text.slice(start, end));
  }
}

/** Text over lines stands as it is but for escaped quotes; on a single line it is a usual string. */
function unescapeTriple(body: string): string {
  if (body.includes("\n")) return body.replace(/^\\?\n/, "").replace(/\\(["'])/g, "$1");
  let out = "";
  for (let i = 0; i < body.length; i++) {
    if (body[i] !== "\\") {
      out += body[i];
      continue;
    }
    const escape = readEscape(body, i);
    out += escape.value;
    i = escape.end - 1;
  }
  return out;
}

/** Reads the escape whose backslash stands at `at`; an unknown one keeps its backslash. */
export function readEscape(text: string, at: number): { value: string; end: number; isBad: boolean } {
  const c = text[at + 1] ?? "";
  if (c === "u" || c === "x") {
    const digits = c === "u" ? 4 : 2;
    const hex = text.slice(at + 2, at + 2 + digits);
    if (hex.length === digits && /^[0-9a-fA-F]+$/.test(hex)) {
      return { value: String.fromCharCode(parseInt(hex, 16)), end: at + 2 + digits, isBad: c === "x" };
    }
  }
  const value = ESCAPES[c];
  if (value === undefined) return { value: "\\" + c, end: at + 1 + Math.max(1, c.length), isBad: true };
  return { value, end: at + 2, isBad: !'ntrbf/\\"'.includes(c) };
}
