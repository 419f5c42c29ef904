/** What a plugin's functions returned, read into what the contract allows; `undefined` for anything else. */

import type { HookDecision, HookName, PluginAnswer } from "../plugin_host.ts";
import { cleanLine, cleanText } from "./clean_text.ts";
import { cutMiddle } from "./kept_output.ts";

const MAX_TEXT_CHARS = 100_000;
const MAX_ADD_CHARS = 10_000;
const MAX_SUMMARY_CHARS = 120;

type Fields = Readonly<Record<string, unknown>>;

export function readToolAnswer(value: unknown): PluginAnswer | undefined {
  if (typeof value === "string") return answer(value, value);
  if (!isFields(value) || typeof value.text !== "string") return undefined;
  if (value.summary !== undefined && typeof value.summary !== "string") return undefined;
  return answer(value.text, value.summary ?? value.text);
}

export function readCommand(
  value: unknown,
): (PluginAnswer & { readonly task?: string }) | undefined {
  if (value === undefined || value === null) return answer("", "");
  if (isFields(value) && typeof value.task === "string") {
    return { ...answer("", value.task), task: bounded(value.task, MAX_ADD_CHARS) };
  }
  return typeof value === "string" ? answer(value, value) : undefined;
}

/** The kinds of decision that each hook may take, by the field that holds it. */
const DECISIONS: Readonly<Record<HookName, readonly HookDecision["kind"][]>> = {
  onPrompt: ["add", "stop"],
  beforeTool: ["deny", "args"],
  afterTool: ["add"],
  beforeFinish: ["more", "add"],
  onEvent: [],
};

/** Exactly one field that the hook may decide by, or nothing. */
export function readDecision(hook: HookName, value: unknown): HookDecision | undefined {
  if (value === undefined || value === null) return { kind: "none" };
  if (!isFields(value)) return undefined;
  const [kind, ...more] = Object.keys(value);
  if (kind === undefined) return { kind: "none" };
  const known = DECISIONS[hook].find((one) => one === kind);
  if (known === undefined || more.length > 0) return undefined;
  const given = value[kind];
  if (known === "args") return isFields(given) ? { kind: "args", args: given } : undefined;
  if (typeof given !== "string" || given.trim() === "") return undefined;
  const text = bounded(given, MAX_ADD_CHARS);
  switch (known) {
    case "add":
    case "more":
      return { kind: known, text };
    case "stop":
    case "deny":
      return { kind: known, reason: text };
    case "none":
      return undefined;
  }
}

function answer(text: string, summary: string) {
  const clean = bounded(text, MAX_TEXT_CHARS);
  return { text: clean, summary: cleanLine(summary.slice(0, 4 * MAX_SUMMARY_CHARS), MAX_SUMMARY_CHARS) };
}

function bounded(text: string, maxChars: number): string {
  return cutMiddle(cleanText(text), maxChars);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
