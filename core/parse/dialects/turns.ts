/**
 * Calls as a message to a recipient: Functionary (`<|recipient|>NAME\n<|content|>{json}`, `>>>NAME\n{json}`, `NAME\n{json}`),
 * Inkling (`<|message_model|>NAME<|content_invoke_tool_json|>{json}<|end_message|>`).
 */

import { isRecord } from "../coerce.ts";
import { callsInJson } from "../envelope.ts";
import { readJson, readStrict } from "../json_repair.ts";
import { type Dialect, type Found, lineAfter, matchAt, type Scan, skipSpace } from "../scan.ts";

const HEAD =
  /(?:<\|from\|>\s*assistant\s*)?<\|recipient\|>\s*([\w.-]{1,100})\s*<\|content\|>\s*|(?:>>>\s*)?([A-Za-z_][\w.-]{0,99})[ \t]*:?\s*(?=\{)/y;
const INKLING = /(?:<\|message_model\|>\s*([\w.-]{0,100})\s*)?<\|content_invoke_tool_json\|>\s*/y;
const INKLING_END = /\s*<\|end_message\|>/y;

/** A tool's name, then its arguments as JSON. */
export const recipient: Dialect = {
  name: "recipient",
  opens:
    />>>\s*TOOL_NAME[ \t]*\n?(?=\{)|<\|from\|>\s*assistant\s*<\|recipient\|>|<\|recipient\|>|^(?:>>>\s*)?TOOL_NAME[ \t]*:?[ \t]*\n?(?=\{)/
      .source,
  read(scan, at) {
    const { text } = scan;
    const head = matchAt(text, at, HEAD);
    const name = head?.[1] ?? head?.[2];
    if (!head || name === undefined || name === "all") return undefined;
    const isMarked = head[1] !== undefined;
    if (!isMarked && (!scan.tools.some((tool) => tool.name === name))) {
      return undefined;
    }
    const from = at + head[0].length;
    const read = text[from] === "{" ? readJson(text, from, scan.steps) : undefined;
    if (!read) return undefined;
    if (!isMarked && !/^[\s;]*(?:<[^\n]*|```|>>>[^\n]*)?$/.test(lineAfter(text, read.end))) {
      return undefined;
    }
    return [{
      name,
      args: read.value,
      start: at,
      end: read.end,
      dialect: "recipient",
      repairs: read.repairs,
      isCut: read.isCut,
      isOpen: read.isOpen,
      isMarked,
      isFlat: !isMarked,
    }];
  },
};

/** Inkling's messages; a batch with one unreadable call is none. */
export const inkling: Dialect = {
  name: "inkling",
  opens: /(?:<\|message_model\|>\s*[\w.-]{0,100}\s*)?<\|content_invoke_tool_json\|>/.source,
  read(scan, at) {
    const { text } = scan;
    const found: Found[] = [];
    for (let i = at;;) {
      const head = matchAt(text, skipSpace(text, i), INKLING);
      if (!head) return found;
      const from = skipSpace(text, i) + head[0].length;
      const call = readCall(scan, from, head[1] ?? "");
      if (!call) {
        const broken = "one call of the message cannot be read";
        return [{
          name: "",
          args: undefined,
          start: at,
          end: text.length,
          dialect: "inkling",
          repairs: [],
          isMarked: true,
          broken,
        }];
      }
      found.push({
        ...call,
        start: found.length === 0 ? at : i,
        dialect: "inkling",
        repairs: [],
        isMarked: true,
      });
      i = call.end;
    }
  },
};

function readCall(scan: Scan, from: number, name: string): Pick<Found, "name" | "args" | "end"> | undefined {
  const read = readStrict(scan.text, from, scan.steps);
  if (!read || !isRecord(read.value)) return undefined;
  const end = matchAt(scan.text, read.end, INKLING_END);
  const inner = callsInJson(read.value, scan.knows)?.[0];
  return {
    name: inner?.name ?? name,
    args: inner ? inner.args : read.value,
    end: read.end + (end?.[0].length ?? 0),
  };
}

const BRACKET = /\[Calling tool:?\s*([\w.-]{1,100})\(\s*/iy;

/** `[Calling tool: NAME({json})]`: how Qwen's models write a call once its template is lost. */
export const bracket: Dialect = {
  name: "bracket",
  opens: /\[Calling tool:?\s*[\w.-]{1,100}\(/.source,
  read(scan, at) {
    const { text } = scan;
    const head = matchAt(text, at, BRACKET);
    const from = at + (head?.[0].length ?? 0);
    const read = text[from] === "{" ? readJson(text, from, scan.steps) : undefined;
    const close = matchAt(text, read?.end ?? from, /\s*\)\s*\]/y);
    if (!head || !close) return undefined;
    return [{
      name: head[1] ?? "",
      args: read?.value ?? {},
      start: at,
      end: (read?.end ?? from) + close[0].length,
      dialect: "bracket",
      repairs: read?.repairs ?? [],
      isMarked: true,
    }];
  },
};
