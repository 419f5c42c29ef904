/** A reply while it arrives: which call it makes, and whether there is any use in more of it. */

import type { ToolSchema } from "../types.ts";
import { isElision } from "./elision.ts";
import { resolveName } from "./names.ts";
import { parseReply } from "./parse_reply.ts";
import { recitedAt } from "./recited.ts";

/** What was noticed. `complete`, `repetition` and `elision` say that the stream can be closed. */
export type StreamSign =
  /** The first call has begun; sent again once its path is known. */
  | { readonly kind: "call"; readonly tool: string; readonly path?: string }
  /** The last call is whole and something else follows it. */
  | { readonly kind: "complete" }
  /** The end of the text repeats itself. */
  | { readonly kind: "repetition"; readonly text: string }
  /** A line stands for code that is left out. */
  | { readonly kind: "elision"; readonly text: string };

/** Characters before a chunk that are looked at again, so that a mark cut by the chunk's edge is seen. */
const OVERLAP = 300;
/** Every so many new characters the end is checked for repetition. */
const CHECK_EVERY = 400;
const TAIL = 3000;
/** A period counts when it fills this many characters, this many times. */
const MIN_SPAN = 1000;
const MIN_TIMES = 8;
/** Prose after a whole call that says no further call is coming, in characters. */
const MAX_PROSE = 160;
/** Parses of the growing text; each is at least a quarter longer than the one before, so all cost a few times the last. */
const FREE_PARSES = 12;

const NAME =
  /"(?:name|tool|tool_name|function|action)"\s*:\s*"([\w.-]{1,80})"|<(?:function|invoke)(?:=|\s+name=["'])([\w.-]{1,80})["']?>|^(?:functions\.)?([A-Za-z_][\w-]{1,60})(?=[ (:]|\n)|\[([A-Za-z_]\w{1,60})\(|to=functions\.([\w-]{1,60})|<tool_call>\s*([\w-]{1,60})\s*<arg_key>|<([a-z]+_[a-z_]{1,40})>/gim;
const PATH =
  /"(?:path|file|file_path|filename|filepath)"\s*:\s*"([^"\n]{1,300})"|<parameter(?:=| name=["'])path["']?>\s*([^\n<]{1,300})[\n<]|<path>\s*([^\n<]{1,300})<|\bpath=["']?([^"'\s,)]{1,300})["'\s,)]|<arg_key>path<\/arg_key>\s*<arg_value>([^<\n]{1,300})<|^(?:patch|write_file|read_file)[ \t]+([^\s"'`=]{1,300})\s*\n/im;
const CLOSER =
  /<\/(?:[\w:]+)>|>{5,9} ?REPLACE|^[ \t]*(?:`{3}|~{3})[ \t]*$|<\|tool_call_end\|>|<[|\uff5c]tool[\u2581_]calls?[\u2581_](?:section_)?end[|\uff5c]>|<tool_call\|>|<end_function_call>|<\|call\|>|[}\])][ \t]*\n/gm;
const OPENER =
  /<\|?\w*tool|<function|<invoke|```|~~~|^[ \t]*[{[<]|SEARCH|^Action|^(?:patch|write_file|read_file|bash)\b/im;
/** A result that the model invents after its call. */
const INVENTED =
  /^[ \t]*(?:<\|?tool_(?:response|result)|Observation:|<\|im_start\|>|<\|start_header_id\|>|user\s*$)/im;

/** Watches one reply. Holds its text; the cost is a small constant for each character. */
export class ReplyWatch {
  readonly #tools: readonly ToolSchema[];
  #text = "";
  #tool: string | undefined;
  #toolAt = 0;
  #hasPath = false;
  /** Where the text ended that was last found to hold whole calls. */
  #completeAt: number | undefined;
  #closerAt = 0;
  #parsedLength = 0;
  #parses = 0;
  #checkedAt = 0;
  #lineAt = 0;

  constructor(tools: readonly ToolSchema[]) {
    this.#tools = tools;
  }

  /** Takes the next piece of text. */
  push(chunk: string): readonly StreamSign[] {
    const from = this.#text.length;
    this.#text += chunk;
    return [
      ...this.#callSigns(from),
      ...this.#completeSigns(from),
      ...this.#elisionSigns(),
      ...this.#repetitionSigns(),
    ];
  }

  #callSigns(from: number): readonly StreamSign[] {
    if (this.#hasPath) return [];
    const signs: StreamSign[] = [];
    if (this.#tool === undefined) {
      NAME.lastIndex = Math.max(
        0,
        this.#text.lastIndexOf("\n", Math.max(0, from - OVERLAP)) + 1,
        from - 2 * OVERLAP,
      );
      for (let match = NAME.exec(this.#text); match; match = NAME.exec(this.#text)) {
        const name = match.slice(1).find((group) => group !== undefined) ?? "";
        const isWord = match[3] !== undefined || match[7] !== undefined;
        const tool = isWord
          ? this.#tools.find((one) => one.name === name)
          : resolveName(name, this.#tools)?.tool;
        if (!tool) continue;
        this.#tool = tool.name;
        this.#toolAt = match.index;
        signs.push({ kind: "call", tool: tool.name });
        break;
      }
    }
    if (this.#tool === undefined) return signs;
    const window = this.#text.slice(Math.max(this.#toolAt, from - 2 * OVERLAP));
    const path = PATH.exec(window)?.slice(1).find((group) => group !== undefined)?.trim();
    if (path === undefined) return signs;
    this.#hasPath = true;
    return [...signs, { kind: "call", tool: this.#tool, path }];
  }

  /** A call is known to be whole when its end mark has come; it is the last when something else follows. */
  #completeSigns(from: number): readonly StreamSign[] {
    CLOSER.lastIndex = Math.max(this.#closerAt, from - 40);
    for (let mark = CLOSER.exec(this.#text); mark; mark = CLOSER.exec(this.#text)) {
      this.#closerAt = mark.index + mark[0].length;
      const mayParse = this.#parses < FREE_PARSES || this.#closerAt >= 1.25 * this.#parsedLength;
      if (!mayParse) continue;
      this.#parses++;
      this.#parsedLength = this.#closerAt;
      if (this.#isWhole(this.#closerAt)) this.#completeAt = this.#closerAt;
    }
    if (this.#completeAt === undefined) return [];
    const after = this.#text.slice(this.#completeAt);
    if (recitedAt(after) < after.length) return [{ kind: "complete" }];
    if (OPENER.test(after) && !INVENTED.test(after)) {
      if (after.length > MAX_PROSE) this.#completeAt = undefined;
      return [];
    }
    const isOver = INVENTED.test(after) || after.trim().length > MAX_PROSE || /\n\s*\n\s*\n\s*\n/.test(after);
    return isOver ? [{ kind: "complete" }] : [];
  }

  #isWhole(end: number): boolean {
    const reply = { text: this.#text.slice(0, end), reasoning: "", calls: [], finish: "length" as const };
    const parsed = parseReply(reply, this.#tools);
    return parsed.kind === "calls" && parsed.problem === undefined;
  }

  /** Only whole lines are judged, each once, and only inside a call or a fence. */
  #elisionSigns(): readonly StreamSign[] {
    const end = this.#text.lastIndexOf("\n");
    if (end < this.#lineAt) return [];
    const lines = this.#text.slice(this.#lineAt, end).split(/\n|\\n/);
    this.#lineAt = end + 1;
    if (this.#tool === undefined) return [];
    const line = lines.find(isElision);
    return line === undefined ? [] : [{ kind: "elision", text: line.trim() }];
  }

  #repetitionSigns(): readonly StreamSign[] {
    if (this.#text.length - this.#checkedAt < CHECK_EVERY) return [];
    this.#checkedAt = this.#text.length;
    const period = repeatedTail(this.#text.slice(-TAIL));
    return period === undefined ? [] : [{ kind: "repetition", text: period.slice(0, 200) }];
  }
}

/**
 * The text that the end of `tail` consists of again and again: at least 8 times, over at least 1,000 characters.
 * Linear: the shortest period of the reversed text, by its prefix function.
 */
export function repeatedTail(tail: string): string | undefined {
  const text = [...tail].reverse();
  const border = new Int32Array(text.length);
  for (let i = 1, k = 0; i < text.length; i++) {
    while (k > 0 && text[i] !== text[k]) k = border[k - 1] ?? 0;
    if (text[i] === text[k]) k++;
    border[i] = k;
    const span = i + 1;
    const period = span - k;
    if (span >= MIN_SPAN && span >= MIN_TIMES * period) return text.slice(0, period).reverse().join("");
  }
  return undefined;
}
