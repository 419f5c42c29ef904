/** Hostile text for the parser: what it costs to read a megabyte that no reader was made for. */

import { parseReply } from "../core/parse/parse_reply.ts";
import type { ToolSchema } from "../core/types.ts";

/** Patterns that cost quadratic or exponential time in readers that look back or try again. */
const PATTERNS: Readonly<Record<string, string>> = {
  apostrophes: "'",
  quotes: '"',
  "open braces": "{",
  "open brackets": "[",
  "keys without end": '{"a":',
  "names without end": '{"name":"bash","arguments":{',
  "tool tags": "<tool_call>",
  "tool tags with braces": '<tool_call>{"',
  "tool tags with open string": '<tool_call>{"name":"bash","arguments":{"command":"',
  "open functions": "<function=bash>",
  "open parameters": "<function=bash><parameter=command>",
  "own tags": "<bash>",
  "own tags with children": "<bash><command>",
  "open thoughts": "<think>",
  "closed thoughts": "</think>",
  fences: "```json\n",
  backticks: "`",
  "open comments": "{/*",
  "triple quotes": '"""',
  "python calls": "bash(",
  "python lists": "[bash('",
  "argument keys": "bash\n<arg_key>",
  "gemma calls": "<|tool_call>call:bash{a:",
  "gemma strings": '<|tool_call>call:bash{command:<|"|>',
  channels: "<|channel|>commentary to=functions.bash <|message|>{",
  actions: "Action: bash\nAction Input: ",
  "search marks": "a.ts\n<<<<<<< SEARCH\n",
  dividers: "<<<<<<< SEARCH\n=======\n",
  headers: "patch a.ts\n",
  "yaml keys": "tool: bash\n a: b\n",
  "white space": " \n",
  backslashes: "\\",
  "escaped quotes": '{"a":"\\"',
  "minimax marks": ']<]minimax[>[<invoke name="bash">',
  words: "bash search the file ",
  "short lines": "ab\n",
};

/** A text of about `characters` of each pattern. */
export function hostileTexts(
  characters: number,
): readonly { readonly name: string; readonly text: string }[] {
  return Object.entries(PATTERNS).map(([name, pattern]) => ({
    name,
    text: pattern.repeat(Math.ceil(characters / pattern.length)),
  }));
}

/** Milliseconds that each pattern takes; the parser must not throw on any. */
export function measureHostile(
  tools: readonly ToolSchema[],
  characters: number,
): readonly { readonly name: string; readonly ms: number }[] {
  return hostileTexts(characters).map(({ name, text }) => {
    const start = performance.now();
    parseReply({ text, reasoning: "", calls: [], finish: "stop" }, tools);
    return { name, ms: performance.now() - start };
  });
}
