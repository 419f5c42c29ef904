/** ReAct: `Action: NAME`, `Action Input: ...`, up to the observation, which a model may invent. */

import { isRecord } from "../coerce.ts";
import { readJson } from "../json_repair.ts";
import { type Dialect, type Found, matchAt, type Scan, skipSpace } from "../scan.ts";
import { readPythonCall } from "./pythonic.ts";
import { readYaml } from "./yaml.ts";

const ACTION = /[*_#>\s]*Action[*_]*[ \t]*:[*_]*[ \t]*([^\n]*)/iy;
const INPUT = /\s*[*_#\s]*Action[ _]?Input[*_]*[ \t]*:[*_]*[ \t]*/iy;
const STOP = /\n\s*[*_]*(?:Observation|Thought|Final Answer|Action|PAUSE|Result)[*_]*[ \t]*:?/gi;

/** Thought, action, input. */
export const react: Dialect = {
  name: "react",
  opens: /^[*_#]*\s?Action[*_]*[ \t]*:/.source,
  read(scan, at) {
    const { text } = scan;
    const action = matchAt(text, at, ACTION);
    const line = (action?.[1] ?? "").trim().replace(/^[`*"]+|[`*"]+$/g, "");
    if (!action || !line) return undefined;
    const afterAction = at + action[0].length;
    const input = matchAt(text, afterAction, INPUT);
    if (!input) return readInline(scan, at, action[0].length, line);
    if (!/^[\w.-]+$/.test(line)) return undefined;
    const from = afterAction + input[0].length;
    const end = stopAt(text, from);
    scan.steps.add(end - from);
    const args = readInput(scan, from, end);
    // Bare words end with whatever follows: at the text's end nobody knows whether they were all.
    const isOpen = typeof args.args === "string" && end >= text.length;
    return [{ ...found(at, endOfTurn(text, end), line), isOpen, ...args }];
  },
};

function found(start: number, end: number, name: string): Omit<Found, "args"> {
  return { name, start, end, dialect: "react", repairs: [], isMarked: true };
}

/** `Action: read_file("a.py")`, `Action: search[main]`, `Action: {"name": ...}` is read as JSON elsewhere. */
function readInline(scan: Scan, at: number, length: number, line: string): readonly Found[] | undefined {
  const name = /^([\w.-]+)\s*([([].*)?$/.exec(line);
  if (!name || !scan.knows(name[1] ?? "")) return undefined;
  const word = name[1] ?? "";
  const start = scan.text.indexOf(word, at + "Action".length);
  if (name[2]?.startsWith("(")) {
    const call = readPythonCall(scan, start, word);
    return call &&
      [{ ...found(at, endOfTurn(scan.text, call.end), word), args: call.args, repairs: call.repairs }];
  }
  const bracketed = /^\[(.*)\]$/.exec(name[2] ?? "");
  return [{ ...found(at, endOfTurn(scan.text, at + length), word), args: bracketed ? bracketed[1] : {} }];
}

function readInput(
  scan: Scan,
  from: number,
  end: number,
): Pick<Found, "args" | "repairs" | "isCut" | "isOpen"> {
  const { text } = scan;
  const fence = matchAt(text, from, /\s*```\w*\s*/y);
  const start = skipSpace(text, from + (fence?.[0].length ?? 0));
  if (text[start] === "{" || text[start] === "[") {
    const read = readJson(text, start, scan.steps);
    if (read) return { args: read.value, repairs: read.repairs, isCut: read.isCut, isOpen: read.isOpen };
  }
  const fields = /^\s*[A-Za-z_]\w*[ \t]*:[ \t]/.test(text.slice(start, start + 60))
    ? readYaml(scan, start, end)
    : undefined;
  if (isRecord(fields) && Object.keys(fields).every((key) => /^\w+$/.test(key))) {
    return { args: fields, repairs: ["yaml for json"] };
  }
  const raw = text.slice(start, end).replace(/\s*```\s*$/, "").trim();
  return { args: raw.replace(/^(["'`])([\s\S]*)\1$/, "$2"), repairs: [] };
}

function stopAt(text: string, from: number): number {
  STOP.lastIndex = from;
  return STOP.exec(text)?.index ?? text.length;
}

/** What follows an invented observation was not seen by the model: nothing of it is read. */
function endOfTurn(text: string, end: number): number {
  return /^\s*[*_]*(?:Observation|Result)/i.test(text.slice(end, end + 30)) ? text.length : end;
}
