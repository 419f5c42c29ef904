/** A JSON value -> the calls in it, in whatever envelope a model or a protocol put them. */

import { isRecord } from "./coerce.ts";
import { readStrict } from "./json_repair.ts";
import { Steps } from "./scan.ts";

/** A call inside a JSON value. */
export interface Enveloped {
  readonly name: string;
  readonly args: unknown;
  /** Arguments stand beside the name. */
  readonly isFlat: boolean;
  /** What was unusual about the envelope. */
  readonly repairs: readonly string[];
}

const NAME_KEYS = [
  "name",
  "tool_name",
  "tool",
  "function_name",
  "function",
  "action",
  "func",
  "recipient_name",
  "toolName",
  "functionName",
  "tool_call",
  "call",
  "Tool",
  "Action",
  "method",
];
const ARGS_KEYS = [
  "arguments",
  "parameters",
  "args",
  "input",
  "kwargs",
  "params",
  "tool_input",
  "action_input",
  "function_args",
  "function_arguments",
  "tool_args",
  "tool_arguments",
  "tool_parameters",
  "inputs",
  "argument",
  "parameter",
  "toolInput",
  "actionInput",
  "toolArgs",
  "Action Input",
  "arg",
  "payload",
  "tool_params",
  "function_parameters",
  "function_params",
  "call_args",
  "options",
];
const LIST_KEYS = [
  "tool_calls",
  "calls",
  "actions",
  "tools",
  "function_calls",
  "toolCalls",
  "tool_uses",
  "commands",
  "functions",
];
const INNER_KEYS = [
  "function",
  "tool_call",
  "function_call",
  "call",
  "action",
  "tool",
  "toolCall",
  "functionCall",
  "tool_use",
];
/** Beside a name these say nothing about the call. */
const NOISE = new Set([
  "id",
  "type",
  "index",
  "call_id",
  "tool_call_id",
  "thought",
  "thoughts",
  "reasoning",
  "explanation",
  "reason",
  "status",
  "role",
  "callId",
]);
const MAX_CALLS = 200;

/**
 * Reads calls out of a value.
 * @param knows whether a name means an offered tool; needed for `{"read_file": {...}}`.
 * @returns nothing when the value is something else: data, a tool's definition, a tool's result.
 */
export function callsInJson(
  value: unknown,
  knows: (name: string) => boolean,
): readonly Enveloped[] | undefined {
  if (typeof value === "string") return callsInText(value, knows);
  if (Array.isArray(value)) return callsInList(value, knows);
  if (!isRecord(value) || isDefinition(value) || isResult(value)) return undefined;
  for (const key of LIST_KEYS) {
    const list = value[key];
    if (Array.isArray(list) && list.length > 0) {
      const calls = callsInList(list, knows);
      if (calls) return calls;
    }
  }
  for (const key of INNER_KEYS) {
    const inner = value[key];
    if (isRecord(inner) && !Object.hasOwn(value, "name")) {
      const calls = callsInJson(inner, knows);
      if (calls) return calls;
    }
  }
  const nameKey = NAME_KEYS.find((key) => typeof value[key] === "string");
  return nameKey === undefined ? byToolKey(value, knows) : named(value, nameKey, knows);
}

/** A whole call encoded once more. */
function callsInText(text: string, knows: (name: string) => boolean): readonly Enveloped[] | undefined {
  const read = text.trimStart().startsWith("{")
    ? readStrict(text.trim(), 0, new Steps(text.length))
    : undefined;
  const calls = read && read.end === text.trim().length ? callsInJson(read.value, knows) : undefined;
  return calls?.map((call) => ({ ...call, repairs: ["double encoding", ...call.repairs] }));
}

function callsInList(
  list: readonly unknown[],
  knows: (name: string) => boolean,
): readonly Enveloped[] | undefined {
  if (list.length === 0 || list.length > MAX_CALLS) return undefined;
  const calls: Enveloped[] = [];
  for (const item of list) {
    const inner = callsInJson(item, knows);
    if (!inner || calls.length + inner.length > MAX_CALLS) return undefined;
    calls.push(...inner);
  }
  return calls;
}

function named(
  value: Record<string, unknown>,
  nameKey: string,
  knows: (name: string) => boolean,
): readonly Enveloped[] | undefined {
  const name = value[nameKey] as string;
  const argsKey = ARGS_KEYS.find((key) => key !== nameKey && Object.hasOwn(value, key));
  const repairs = nameKey === "name" ? [] : ["name key"];
  if (argsKey !== undefined) {
    // A definition or a named thing of some other kind may have `parameters` or `options` too.
    const args = value[argsKey];
    if (argsKey !== "arguments" && argsKey !== "parameters") repairs.push("arguments key");
    const beside = Object.entries(value).filter(([key]) =>
      key !== nameKey && key !== argsKey && !NOISE.has(key) && !ARGS_KEYS.includes(key)
    );
    if (isRecord(args) && beside.length > 0) {
      return [{ name, args: { ...args, ...Object.fromEntries(beside) }, isFlat: false, repairs }];
    }
    return [{ name, args, isFlat: false, repairs }];
  }
  if (nameKey !== "name" && !knows(name)) return byToolKey(value, knows);
  const rest = Object.entries(value).filter(([key]) => key !== nameKey && !NOISE.has(key));
  return [{ name, args: Object.fromEntries(rest), isFlat: true, repairs: [...repairs, "flat arguments"] }];
}

/** `{"read_file": {"path": "a"}}`, also several in one object. */
function byToolKey(
  value: Record<string, unknown>,
  knows: (name: string) => boolean,
): readonly Enveloped[] | undefined {
  const entries = Object.entries(value).filter(([key]) => !NOISE.has(key));
  if (entries.length === 0 || entries.length > 20) return undefined;
  if (!entries.every(([key, args]) => (isRecord(args) || entries.length === 1) && knows(key))) {
    return undefined;
  }
  return entries.map(([name, args]) => ({
    name,
    args,
    isFlat: !isRecord(args),
    repairs: ["tool name as key"],
  }));
}

/** A tool's definition, echoed from the prompt. */
function isDefinition(value: Record<string, unknown>): boolean {
  const inner = isRecord(value.function) ? value.function : value;
  const parameters = inner.parameters ?? inner.input_schema ?? inner.inputSchema;
  if (!isRecord(parameters)) return false;
  // A call of the protocol's own shape has `arguments`; only a definition has `parameters` there.
  if (inner !== value && value.type === "function" && inner.arguments === undefined) return true;
  if (inner.input_schema !== undefined || inner.inputSchema !== undefined) return true;
  return isRecord(parameters.properties) &&
    (parameters.type === "object" || Object.hasOwn(inner, "description") ||
      Object.values(parameters.properties).every((one) => isRecord(one) && typeof one.type === "string"));
}

/** A tool's result, echoed or invented. */
function isResult(value: Record<string, unknown>): boolean {
  if (value.role === "tool" || value.type === "tool_result" || value.type === "function_call_output") {
    return true;
  }
  return ["result", "output", "stdout", "exit_code"].some((key) => Object.hasOwn(value, key)) &&
    !ARGS_KEYS.some((key) => Object.hasOwn(value, key));
}
