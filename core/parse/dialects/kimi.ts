/**
 * Kimi K2: `<|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>{json}<|tool_call_end|>`; K3 writes each
 * argument between `<|open|>` and `<|close|>`.
 */

import { readJson, setKey } from "../json_repair.ts";
import { type Dialect, type Found, matchAt, type Scan, skipSpace } from "../scan.ts";

const HEAD =
  /(?:<\|tool_call_begin\|>\s*)?((?:functions\.)?[\w.-]{1,100}?(?::\d+)?)\s*<\|tool_call_argument_begin\|>\s*/y;
const TAIL = /\s*<\|tool_call_end\|>/y;
const K3_CALL = /<\|open\|>call\s+tool="([^"<]{1,100})"[^<]{0,100}<\|sep\|>/y;
const K3_ARGUMENT = /\s*<\|open\|>argument\s+key="([^"<]{1,100})"(?:\s+type="(\w+)")?[^<]{0,100}<\|sep\|>/y;
const K3_CALL_END = /\s*<\|close\|>call<\|sep\|>/y;
const K3_ARGUMENT_END = "<|close|>argument<|sep|>";

/** Calls of both generations. */
export const kimi: Dialect = {
  name: "kimi",
  opens:
    /<\|tool_call_begin\|>|^functions\.[\w.-]{1,100}:\d+\s*(?=<\|tool_call_argument_begin\|>)|<\|open\|>call(?=\s)/
      .source,
  read(scan, at) {
    const { text } = scan;
    const k3 = matchAt(text, at, K3_CALL);
    if (k3) return [readK3(scan, at, at + k3[0].length, k3[1] ?? "")];
    const head = matchAt(text, at, HEAD);
    if (!head) return undefined;
    const from = at + head[0].length;
    const base = { name: head[1] ?? "", start: at, dialect: "kimi", isMarked: true };
    const read = text[from] === "{" ? readJson(text, from, scan.steps) : undefined;
    if (!read) {
      const tail = matchAt(text, from, TAIL);
      if (tail) return [{ ...base, args: {}, end: from + tail[0].length, repairs: [] }];
      return [{ ...base, args: undefined, end: from, repairs: [], broken: "the arguments cannot be read" }];
    }
    return [{
      ...base,
      args: read.value,
      end: read.end + (matchAt(text, read.end, TAIL)?.[0].length ?? 0),
      repairs: read.repairs,
      isCut: read.isCut,
      isOpen: read.isOpen,
    }];
  },
};

function readK3(scan: Scan, start: number, at: number, name: string): Found {
  const { text } = scan;
  const args: Record<string, unknown> = {};
  const base = { name, start, dialect: "kimi", repairs: [], isMarked: true, isUntyped: true };
  let i = at;
  for (;;) {
    const end = matchAt(text, i, K3_CALL_END);
    if (end) return { ...base, args, end: i + end[0].length };
    const argument = matchAt(text, i, K3_ARGUMENT);
    const from = i + (argument?.[0].length ?? 0);
    const close = argument ? scan.seeker.find(K3_ARGUMENT_END, from) : -1;
    scan.steps.add((close < 0 ? text.length : close) - from);
    if (!argument || close < 0) {
      return { ...base, args: undefined, end: text.length, broken: "the call's end is missing", isCut: true };
    }
    setKey(args, argument[1] ?? "", text.slice(from, close));
    i = close + K3_ARGUMENT_END.length;
    if (skipSpace(text, i) >= text.length) return { ...base, args, end: text.length, isOpen: true };
  }
}
