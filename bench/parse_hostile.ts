/** Hostile text for the parser: what it costs to read a megabyte that no reader was made for. */

import { readFileSync } from "node:fs";
import { parseReply } from "../core/parse/parse_reply.ts";
import { parseYaml } from "../core/parse/yaml_text.ts";
import type { ToolSchema } from "../core/types.ts";

/** Patterns that cost quadratic or exponential time in readers that look back or try again. */
const PATTERNS = new URL("../core/parse/testdata/hostile.json", import.meta.url);

/** A text of about `characters` of each pattern. */
export function hostileTexts(
  characters: number,
): readonly { readonly name: string; readonly text: string }[] {
  const patterns: Readonly<Record<string, string>> = JSON.parse(readFileSync(PATTERNS, "utf8"));
  return Object.entries(patterns).map(([name, pattern]) => ({
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
    parseReply({ text, reasoning: "", calls: [], finish: "stop" }, tools, {
      repair: true,
      text: true,
      yaml: parseYaml,
    });
    return { name, ms: performance.now() - start };
  });
}
