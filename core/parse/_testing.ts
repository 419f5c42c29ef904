/** What the parser's tests share: the tools, our own cases, replies, seeded damage. */

import { existsSync, readFileSync } from "node:fs";
import type { Finish, NativeCall, Reply, ToolSchema } from "../types.ts";

function readTestdata(name: string): string {
  return readFileSync(new URL(`testdata/${name}`, import.meta.url), "utf8");
}

/** The bundled tools' schemas, as our cases know them. */
export function readTools(): readonly ToolSchema[] {
  return JSON.parse(readTestdata("tools.json"));
}

/** A reply and what it means. */
export interface ReplyCase {
  readonly id: string;
  readonly text: string;
  readonly reasoning: string | null;
  readonly expected_calls: readonly {
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
  }[];
  readonly acceptable_alternatives?: readonly ReplyCase["expected_calls"][];
  /** `final`: an answer, so that not even a correction is due. */
  readonly kind: string;
  /** Default `stop`. */
  readonly finish?: Finish;
  /** The bundled tools, unless the case names others. */
  readonly tools: readonly ToolSchema[];
}

/** Our own cases. */
export function readCases(): readonly ReplyCase[] {
  const tools = readTools();
  return ["reply_cases.jsonl", "format_cases.jsonl", "answer_cases.jsonl", "trap_cases.jsonl"].flatMap((
    name,
  ) =>
    readTestdata(name).split("\n").filter((line) => line !== "").map((line) => ({
      tools,
      ...JSON.parse(line),
    }))
  );
}

/** A text and the tools that it was written for. */
export interface Sample {
  readonly text: string;
  readonly tools: readonly ToolSchema[];
}

/** Our own cases, and the conformance corpus where it is present. */
export function readSamples(): readonly Sample[] {
  const tools = readTools();
  const corpus = new URL("../../../shared/corpus/tool_calls.jsonl", import.meta.url);
  const rows: readonly { text: string; tools: readonly ToolSchema[] }[] = existsSync(corpus)
    ? readFileSync(corpus, "utf8").split("\n").filter((line) => line !== "").map((line) => JSON.parse(line))
    : [];
  return [
    ...readCases(),
    ...rows.map((row) => ({ text: row.text, tools: row.tools.length > 0 ? row.tools : tools })),
  ];
}

/** Patterns that cost time in readers that look back or try again. */
export function readHostilePatterns(): Readonly<Record<string, string>> {
  return JSON.parse(readTestdata("hostile.json"));
}

/** The parts of a reply that the parser reads. */
export function replyOf(
  text: string,
  more: { reasoning?: string; calls?: readonly NativeCall[]; finish?: Finish } = {},
): Pick<Reply, "text" | "reasoning" | "calls" | "finish"> {
  return { text, reasoning: "", calls: [], finish: "stop", ...more };
}

const PIECES = [
  ..."{}[]()<>\"'`\\/:,=|\n \t",
  "<tool_call>",
  "</tool_call>",
  "<think>",
  "</think>",
  "```",
  "```json\n",
  '"""',
  "<|im_end|>",
  "\u201c",
  "\ufeff",
  "\u0000",
  "<function=bash>",
  "<parameter=command>",
  "=======\n",
  ">>>>>>> REPLACE\n",
  "null",
  "<![CDATA[",
  "\ud800",
  "[TOOL_CALLS]",
];

/** One to four seeded damages to a text: cut, deleted, doubled, moved, replaced, or a piece of syntax put in. */
export function damage(text: string, other: string, random: () => number): string {
  let out = text;
  const at = () => Math.floor(random() * (out.length + 1));
  for (let times = 1 + Math.floor(random() * 4); times > 0; times--) {
    const i = at();
    const j = i + Math.floor(random() * 12);
    const piece = PIECES[Math.floor(random() * PIECES.length)] ?? "";
    switch (Math.floor(random() * 6)) {
      case 0:
        out = out.slice(0, i);
        break;
      case 1:
        out = out.slice(0, i) + out.slice(j);
        break;
      case 2:
        out = out.slice(0, j) + out.slice(i);
        break;
      case 3:
        out = out.slice(0, i) + piece + out.slice(i);
        break;
      case 4:
        out = out.slice(0, i) + piece + out.slice(j);
        break;
      case 5:
        out = out.slice(0, i) + other.slice(Math.floor(random() * other.length)) + out.slice(i);
        break;
    }
  }
  return out;
}
