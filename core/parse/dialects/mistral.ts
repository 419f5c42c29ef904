/** Mistral: `[TOOL_CALLS][{...}]`, or `[TOOL_CALLS]name[ARGS]{...}`, repeated, with an optional `[CALL_ID]x`. */

import { callsInJson } from "../envelope.ts";
import { readJson } from "../json_repair.ts";
import { type Dialect, type Found, matchAt, type Scan, skipSpace } from "../scan.ts";

const HEAD =
  /\s*(?:\[TOOL_CALLS\]\s*)?([A-Za-z_][\w.-]{0,99})\s*(?:\[CALL_ID\][\w-]{0,60})?\s*(?:\[ARGS\])?\s*(?=\{)/y;

/** Calls after Mistral's mark. */
export const mistral: Dialect = {
  name: "mistral",
  opens: /\[TOOL_CALLS\]/.source,
  read(scan, at, length) {
    const { text } = scan;
    const from = skipSpace(text, at + length);
    if (text[from] === "[" || text[from] === "{") return readValues(scan, at, from);
    const found: Found[] = [];
    for (let i = from;;) {
      const head = matchAt(text, i, HEAD);
      const start = found.length === 0 ? at : i;
      if (!head) return found.length > 0 ? found : [unreadable(start, i)];
      const read = readJson(text, i + head[0].length, scan.steps);
      if (!read) return [...found, unreadable(start, i + head[0].length)];
      found.push({
        name: head[1] ?? "",
        args: read.value,
        start,
        end: read.end,
        dialect: "mistral",
        repairs: read.repairs,
        isCut: read.isCut,
        isOpen: read.isOpen,
        isMarked: true,
      });
      i = read.end;
    }
  },
};

function readValues(scan: Scan, start: number, at: number): readonly Found[] {
  const read = readJson(scan.text, at, scan.steps);
  const calls = read && callsInJson(read.value, scan.knows);
  if (!read || !calls) return [unreadable(start, read?.end ?? at + 1)];
  return calls.map((call) => ({
    name: call.name,
    args: call.args,
    start,
    end: read.end,
    dialect: "mistral",
    repairs: [...read.repairs, ...call.repairs],
    isCut: read.isCut,
    isOpen: read.isOpen,
    isMarked: true,
  }));
}

function unreadable(start: number, end: number): Found {
  const broken = "what follows [TOOL_CALLS] cannot be read";
  return { name: "", args: undefined, start, end, dialect: "mistral", repairs: [], isMarked: true, broken };
}
