/** Reply -> Parsed: what a model's reply means, in whatever dialect it was written. Never throws; linear in the reply. */

import { isDeepStrictEqual } from "node:util";
import type { Malformed, NativeCall, Parsed, ParsedCall, Reply, ToolSchema } from "../types.ts";
import { fitArgs } from "./args.ts";
import { callsInJson } from "./envelope.ts";
import { readJson } from "./json_repair.ts";
import { noSuchTool, resolveName } from "./names.ts";
import { recitedAt } from "./recited.ts";
import { type Found, Seeker, Steps } from "./scan.ts";
import { type Scanned, scanText } from "./scan_text.ts";

/** What is understood. */
export interface ParseOptions {
  /** Off: a call that needs mending is malformed. */
  readonly repair: boolean;
  /** Off: native calls only. */
  readonly text: boolean;
  /** Whether a path is a file of the workspace. With it a new whole file may lack its end mark. */
  readonly files?: (path: string) => boolean;
  /** `parseYaml()`, where the caller has loaded it; without it YAML stays text. */
  readonly yaml?: (source: string) => unknown;
}

/** The part of a reply that says what is meant. */
export type ReplyContent = Pick<Reply, "text" | "reasoning" | "calls" | "finish">;

/**
 * Reads a reply: native calls; else calls in the text, in every dialect; else, when the text is empty, calls in the
 * reasoning; else an answer. A call is one only if it names an offered tool and its arguments fit after the documented
 * repairs; what looks like one and is not is `malformed`, with the reason in words for the model.
 * @param tools the offered tools; with none there are no calls.
 */
export function parseReply(
  reply: ReplyContent,
  tools: readonly ToolSchema[],
  options: ParseOptions = { repair: true, text: true },
): Parsed {
  const length = reply.text.length + reply.reasoning.length;
  return parseCounted(reply, tools, { ...options, steps: new Steps(length) });
}

/** As `parseReply`, with the counter of its steps. */
export function parseCounted(
  reply: ReplyContent,
  tools: readonly ToolSchema[],
  options: ParseOptions & { readonly steps: Steps },
): Parsed {
  if (reply.calls.length > 0) return parseNative(reply, tools, options);
  const known = new Map<string, boolean>();
  const knows = (name: string) => {
    const answer = known.get(name) ?? resolveName(name, tools) !== undefined;
    if (known.size < 1000) known.set(name, answer);
    return answer;
  };
  const scan = (text: string) =>
    scanText({
      text,
      seeker: new Seeker(text),
      tools: options.text ? tools : [],
      steps: options.steps,
      isWhole: reply.finish === "stop",
      knows,
      ...(options.files ? { files: options.files } : {}),
      ...(options.yaml ? { yaml: options.yaml } : {}),
    });
  const scanned = scan(reply.text.slice(0, recitedAt(reply.text)));
  const parsed = judge(scanned, reply, tools, options);
  if (parsed.kind !== "final" || parsed.text !== "" || !options.text) return parsed;
  for (const reasoning of [scanned.reasoning, reply.reasoning]) {
    if (reasoning.trim() === "") continue;
    const inside = judge(scan(reasoning), reply, tools, options);
    if (inside.kind === "calls") {
      return { ...inside, text: "", repairs: [...inside.repairs, "call in reasoning"] };
    }
  }
  return parsed;
}

interface Draft {
  readonly calls: ParsedCall[];
  readonly repairs: Set<string>;
  problem?: Malformed;
  dialect?: string;
}

/** Fits what was found to the tools. The calls that fit stand; of the others the first is reported. */
function judge(
  scanned: Scanned,
  reply: ReplyContent,
  tools: readonly ToolSchema[],
  options: ParseOptions,
): Parsed {
  const draft: Draft = { calls: [], repairs: new Set() };
  for (const found of scanned.found) {
    const one = fit(found, scanned.text, reply, tools, options);
    if (one === undefined) continue;
    draft.dialect ??= found.dialect;
    if ("why" in one) {
      draft.problem ??= one;
      // What comes after a call that waits for a correction may rest on it.
      if (one.kind === "missing_argument" || one.kind === "wrong_type") break;
      continue;
    }
    draft.calls.push(one.call);
    for (const repair of one.repairs) draft.repairs.add(repair);
  }
  collapseLoop(draft);
  return settle(draft, scanned.rest, "text");
}

/** The same call three times in a row is a model that cannot stop; it means the call once. */
function collapseLoop(draft: Draft): void {
  const { calls } = draft;
  const [first] = calls;
  if (calls.length < 3 || !calls.every((call) => isDeepStrictEqual(call, first))) return;
  calls.length = 1;
  draft.repairs.add("repeated call");
}

function settle(draft: Draft, text: string, via: "native" | "text"): Parsed {
  const repairs = [...draft.repairs];
  const dialect = draft.dialect ?? via;
  const { calls, problem } = draft;
  if (calls.length > 0) {
    return { kind: "calls", calls, text, via, dialect, repairs, ...(problem ? { problem } : {}) };
  }
  return problem ? { kind: "malformed", problem, text, dialect, repairs } : { kind: "final", text };
}

type Fitted = { readonly call: ParsedCall; readonly repairs: readonly string[] } | Malformed | undefined;

/** @returns nothing when what was found is text after all. */
function fit(
  found: Found,
  text: string,
  reply: ReplyContent,
  tools: readonly ToolSchema[],
  options: ParseOptions,
): Fitted {
  const sent = text.slice(found.start, found.end).slice(0, 400);
  const resolved = resolveName(found.name, tools);
  const isCutOff = found.isCut || (found.isOpen && reply.finish !== "stop" && reply.finish !== "tool_calls");
  // A tool whose schema is `false` takes nothing at all.
  const tool = (resolved?.tool.parameters as unknown) === false ? undefined : resolved?.tool;
  if (found.broken !== undefined || isCutOff) {
    if (!found.isMarked && !tool) return undefined;
    const kind = isCutOff ? "cut" : found.fault ?? "unreadable";
    const why = isCutOff ? "the call was cut off before its end" : found.broken ?? "the call cannot be read";
    return { kind, ...(tool ? { tool: tool.name } : {}), sent, why };
  }
  if (!tool) {
    if (found.isFlat && !found.isMarked) return undefined;
    return { kind: "unknown_tool", sent, why: noSuchTool(found.name, tools.map((one) => one.name)) };
  }
  // `{"command": "ls"}` names a parameter, not a tool.
  const isWord = found.isFlat && !found.isMarked && found.repairs.includes("tool name as key");
  if (isWord && resolved?.repair === "tool name alias") return undefined;
  const fitted = fitArgs(found.args, tool, found.isUntyped);
  if ("problem" in fitted) {
    if (found.isFlat && !found.isMarked) return undefined;
    return { ...fitted.problem, tool: tool.name, sent };
  }
  const own = found.isUntyped ? fitted.repairs.filter((repair) => repair !== "type") : fitted.repairs;
  const repairs = [...found.repairs, ...(resolved?.repair ? [resolved.repair] : []), ...own];
  // An unescaped quote closed a string too early: the rest of the text was taken for another parameter, or passed over.
  const isSplit = repairs.includes("missing bracket") ||
    closesAgain(text.slice(found.end, found.end + 4000)) ||
    repairs.includes("bare value") ||
    (repairs.includes("unknown parameter dropped") && Object.keys(fitted.args).length > 0);
  if (isSplit && repairs.includes("unescaped quote")) {
    const why = 'the quotes inside a string are not escaped: write \\" for each';
    return { kind: "unreadable", tool: tool.name, sent, why };
  }
  if (!options.repair && repairs.length > 0) {
    return { kind: "unreadable", tool: tool.name, sent, why: `the call is damaged: ${repairs.join(", ")}` };
  }
  return { call: { name: tool.name, args: fitted.args }, repairs };
}

/** A string and its object close behind the call's end, though none was opened there. */
function closesAgain(rest: string): boolean {
  const close = rest.search(/["'`]\s{0,20}\}/);
  const open = rest.indexOf("{");
  return close >= 0 && (open < 0 || close < open);
}

function parseNative(
  reply: ReplyContent,
  tools: readonly ToolSchema[],
  options: ParseOptions & { readonly steps: Steps },
): Parsed {
  const draft: Draft = { calls: [], repairs: new Set(), dialect: "native" };
  for (const native of reply.calls) {
    const found = readNative(native, options.steps, tools);
    const sent = `${native.name} ${native.arguments}`;
    const one = fit({ ...found, start: 0, end: sent.length }, sent, reply, tools, options);
    if (one === undefined) continue;
    if ("why" in one) draft.problem ??= one;
    else {
      draft.calls.push({ ...one.call, ...(native.id === undefined ? {} : { id: native.id }) });
      for (const repair of one.repairs) draft.repairs.add(repair);
    }
  }
  const scanned = scanText({
    text: reply.text,
    seeker: new Seeker(reply.text),
    tools: [],
    steps: options.steps,
    isWhole: true,
    knows: () => false,
  });
  return settle(draft, scanned.rest, "native");
}

function readNative(
  native: NativeCall,
  steps: Steps,
  tools: readonly ToolSchema[],
): Omit<Found, "start" | "end"> {
  const base = { name: native.name, dialect: "native", isMarked: true };
  const text = native.arguments.trim();
  if (text === "") return { ...base, args: {}, repairs: [] };
  const read = /^[{["]/.test(text) ? readJson(text, 0, steps) : undefined;
  if (!read) return { ...base, args: text, repairs: [] };
  // Some servers put the whole call, name included, into the arguments.
  const inner = resolveName(native.name, tools)
    ? undefined
    : callsInJson(read.value, (name) => resolveName(name, tools) !== undefined)?.[0];
  return {
    ...base,
    name: inner?.name ?? native.name,
    args: inner?.args ?? read.value,
    repairs: read.repairs,
    isCut: read.isCut,
    isOpen: read.isOpen,
  };
}
