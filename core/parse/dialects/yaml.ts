/** YAML calls: `tool: bash` with its arguments below, block scalars included. */

import { isRecord } from "../coerce.ts";
import { callsInJson } from "../envelope.ts";
import { lineAbove } from "../fence.ts";
import { type Dialect, lineAfter, lineEnd, matchAt, type Scan } from "../scan.ts";

/** Largest candidate for the library (DESIGN section 4: at most 64 kB, 64 levels, no aliases). */
const MAX_CHARS = 65_536;
/** What a run of the library costs before its first character, in steps. */
const READ_STEPS = 10_000;
const BLOCK =
  /(?:[ \t]*(?:\n|$)|(?:[ \t]+|-[ \t])[^\n]*(?:\n|$)|(?!(?:tool|tool_name|action|function|call)\s*:)[A-Za-z_]\w*:[^\n]*(?:\n|$))*/y;

/** A YAML mapping at a line's start whose first key names a known tool. */
export const yaml: Dialect = {
  name: "yaml",
  opens:
    /^(?:-[ \t]+)?(?:tool|name|tool_name|action|function|call)[ \t]*:[ \t]*["']?[\w.-]+["']?[ \t]*\n(?=[ \t]*\w+[ \t]*:)|^(?:tool_calls?|function_call|calls):[ \t]*\n(?=[ \t]*(?:-[ \t]*)?(?:tool|name|tool_name|function)[ \t]*:)/
      .source,
  read(scan, at) {
    const head = lineEnd(scan.text, at) + 1;
    const block = scan.text.slice(at, head) + (matchAt(scan.text, head, BLOCK)?.[0] ?? "");
    scan.steps.add(block.length);
    if (!block) return undefined;
    const value = readYaml(scan, at, at + block.length);
    const calls = typeof value === "object" ? callsInJson(value, scan.knows) : undefined;
    if (!calls?.every((call) => scan.knows(call.name))) return undefined;
    // Nothing but what follows it ends a block.
    const isOpen = at + block.length >= scan.seeker.end;
    // A value whose next line stands too shallow was cut there.
    const next = lineAfter(scan.text, at + block.length);
    if (
      !/\n\s*\n$/.test(block) &&
      !/^\s*(?:$|`{3}|~{3}|-{3}|<|(?:- )?(?:tool|tool_name|name|action|function|call)\s*:)/.test(next)
    ) {
      return undefined;
    }
    const isInFence = /^[ \t]*(?:`{3}|~{3})/.test(lineAbove(scan.text, at)?.line ?? "");
    return calls.map((call) => ({
      name: call.name,
      args: call.args,
      start: at,
      end: at + block.length,
      dialect: "yaml",
      repairs: [],
      isMarked: false,
      isFlat: call.isFlat,
      isUntyped: true,
      isOpen,
      isCut: isOpen && isInFence,
    }));
  },
};

/** The one call in a YAML text. */
export function readYamlCall(
  scan: Scan,
  at: number,
  end: number,
): { name: string; args: unknown } | undefined {
  const value = readYaml(scan, at, end);
  const calls = isRecord(value) ? callsInJson(value, scan.knows) : undefined;
  const call = calls?.length === 1 ? calls[0] : undefined;
  return call && { name: call.name, args: call.args };
}

/** The value of a YAML text. @returns nothing when it is too large or not YAML, or nobody reads YAML. */
export function readYaml(scan: Scan, at: number, end: number): unknown {
  if (!scan.yaml || end - at > MAX_CHARS || scan.steps.isSpent) return undefined;
  const source = scan.text.slice(at, end);
  if (depthOf(source) > 64) return undefined;
  scan.steps.add(READ_STEPS + 40 * source.length);
  return scan.yaml(withIndents(source));
}

const BLOCK_KEY = /^( *)([\w.-]+):[ \t]*([|>])([+-]?)[ \t]*$/;
/** Keys whose text is a piece of a file, which may begin deep in it. */
const PIECE = /^(?:search|replace|old|new|before|after)/i;

/**
 * Block scalars with their indentation written out. YAML takes that of the first line for it, and refuses shallower
 * lines; models write a piece of a file one step below its key, however deep its own first line is.
 */
function withIndents(source: string): string {
  const lines = source.split("\n");
  for (let at = 0; at < lines.length;) {
    const [, indent = "", key = "", mark = "", chomp = ""] = BLOCK_KEY.exec(lines[at] ?? "") ?? [];
    const head = at++;
    if (mark === "") continue;
    // What stands in the block is text, whatever it looks like.
    const depths: number[] = [];
    for (; at < lines.length; at++) {
      const depth = (lines[at] ?? "").search(/\S/);
      if (depth >= 0 && depth <= indent.length) break;
      if (depth >= 0) depths.push(depth - indent.length);
    }
    const [first = 0] = depths;
    const least = depths.reduce((least, depth) => Math.min(least, depth), first);
    const usual = indent.length || (least === 4 ? 4 : 2);
    const step = PIECE.test(key) && indent.length > 0 ? Math.min(least, usual) : least;
    if (step < first && step === usual && step <= 9) lines[head] = `${indent}${key}: ${mark}${step}${chomp}`;
  }
  return lines.join("\n");
}

/** Whether a text holds a line as YAML has them: only then is the library worth loading. */
export function mayHoldYaml(text: string): boolean {
  return /^[ \t>-]*["']?[A-Za-z_]\w{0,40}["']?[ \t]*:/m.test(text);
}

/** An upper bound of the nesting: brackets, or the deepest indentation. */
function depthOf(source: string): number {
  let brackets = 0;
  let deepest = 0;
  for (const c of source) {
    if (c === "[" || c === "{") brackets++;
    else if (c === "]" || c === "}") brackets--;
    deepest = Math.max(deepest, brackets);
  }
  for (const line of source.split("\n")) deepest = Math.max(deepest, line.search(/[^\s-]/));
  return deepest;
}
