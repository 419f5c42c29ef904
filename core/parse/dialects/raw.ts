/**
 * Our own dialect: a header line (`patch src/a.ts`, `write_file src/a.ts`, `search pattern="main"`), and code as raw
 * text below it, between SEARCH/REPLACE marks or in one fence. Nothing is escaped, so nothing can be escaped wrongly.
 */

import type { EditFormat } from "../../profile.ts";
import type { JsonSchema, ToolSchema } from "../../types.ts";
import { lineAbove, readFence } from "../fence.ts";
import { setKey } from "../json_repair.ts";
import {
  type Dialect,
  type Found,
  lineAfter,
  lineEnd,
  lineStart,
  matchAt,
  type Scan,
  skipSpace,
} from "../scan.ts";
import { type Block, hasCodeInInfo, holdsMarks, isBlockAt, isOddBlockAt, readBlock } from "./blocks.ts";
import { describeTools } from "./describe.ts";

const HEADER = /(?:[*#]{1,4}[ \t]?)?`?([A-Za-z_][\w-]{0,63})[`*]{0,3}[ \t]*:?([^\n]*)/y;
const PAIR = /\s*([A-Za-z_]\w{0,40})\s*[=:]\s*("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|`[^`\n]*`|[^\s,"']+)\s*,?/y;

const PATH_THEN_PAIR = /([^\s=:,"'`<>(){}[\]]{1,300})[ \t]+(?=[A-Za-z_]\w{0,40}=)/y;

/** Header lines with raw bodies. */
export const raw: Dialect = {
  name: "raw",
  opens: /^(?:[*#]{1,4}[ \t]?)?`?TOOL_NAME[`*]{0,3}(?=[ \t:]|\n|$)/.source,
  read(scan, at) {
    const { text } = scan;
    const header = matchAt(text, at, HEADER);
    const name = header?.[1] ?? "";
    const tool = scan.tools.find((one) => one.name === name);
    if (!header || !tool) return undefined;
    const rest = (header[2] ?? "").trim();
    const given = readHeader(rest, tool, isWholeReply(scan, at));
    const garbled = isGarbled(scan, at, rest, tool) ? [unreadable(name, at, scan.text.length)] : undefined;
    if (!given && /^\S{1,40}=\S/.test(rest) && at === scan.seeker.start) {
      const broken = "the arguments on the header line cannot be read";
      return [{ ...unreadable(name, at, text.length), broken }];
    }
    if (!given) return garbled;
    const lineStop = at + header[0].length;
    const missing = (tool.parameters.required ?? []).filter((key) => !Object.hasOwn(given, key));
    // A header line is whole when its line is.
    const isOpen = lineStop >= (rest === "" ? scan.seeker.end : text.length);
    const found = (args: unknown, end: number, more: Partial<Found> = {}): readonly Found[] => [
      { name, args, start: at, end, dialect: "raw", repairs: [], isMarked: true, isUntyped: true, ...more },
    ];
    const body = missing.length > 0 ? readBody(scan, lineStop, missing, given, tool) : undefined;
    if (body) {
      return body.broken === undefined ? found(body.args, body.end, body) : found(undefined, body.end, body);
    }
    if (missing.length === 0) {
      return rest === "" && !isWholeReply(scan, at) ? undefined : found(given, lineStop, { isOpen });
    }
    const isHeader = rest !== "" && Object.hasOwn(given, "path") && /[_./\\]/.test(rest) && !/\s/.test(rest);
    return isHeader && !garbled ? found(given, lineStop, { isOpen }) : garbled;
  },
};

function unreadable(name: string, start: number, end: number): Found {
  const broken = "the change does not stand between <<<<<<< SEARCH, ======= and >>>>>>> REPLACE";
  return { name, args: undefined, start, end, dialect: "raw", repairs: [], isMarked: true, broken };
}

/**
 * A reply that begins as a call of a tool with a body and a file, and goes on in half marks or the names of parameters: meant, and not readable.
 * Seen with Qwen2.5-Coder-1.5B: `patch stats.py >>>>>>> x = 0`, `patch a.json replace "port": 3000 "port": 8080`.
 */
function isGarbled({ text, seeker }: Scan, at: number, rest: string, tool: ToolSchema): boolean {
  const required = tool.parameters.required ?? [];
  const [, path, after = ""] = /^(\S+)\s*([^]*)$/.exec(rest.slice(0, 400)) ?? [];
  if (at !== seeker.start || !required.includes("search") || !/\w\.\w{1,8}$/.test(path ?? "")) return false;
  const next = lineEnd(text, at) + 1;
  const isMarked = [after, text.slice(next, next + 40)].some((part) => /^\s*[<>]{3,}/.test(part));
  return isMarked || required.some((key) => key !== "path" && after.startsWith(`${key} `));
}

function isWholeReply({ text, seeker }: Scan, at: number): boolean {
  return seeker.start >= at && lineEnd(text, at) >= seeker.end;
}

/** The arguments on the header line: pairs, or one value for the path or the only required parameter. */
function readHeader(
  rest: string,
  tool: ToolSchema,
  isWhole: boolean,
): Record<string, unknown> | undefined {
  const properties = tool.parameters.properties ?? {};
  const args: Record<string, unknown> = {};
  if (rest === "") return args;
  let i = 0;
  // `patch a.py start_line=1`: a path, then pairs.
  const lead = Object.hasOwn(properties, "path") ? matchAt(rest, 0, PATH_THEN_PAIR) : undefined;
  if (lead) {
    args.path = lead[1] ?? "";
    i = lead[0].length;
  }
  for (let pair = matchAt(rest, i, PAIR); pair; pair = matchAt(rest, i, PAIR)) {
    if (!Object.hasOwn(properties, pair[1] ?? "") || lead && pair[1] === "path") break;
    setKey(args, pair[1] ?? "", unquote(pair[2] ?? ""));
    i += pair[0].length;
  }
  if (i >= rest.length && i > 0) return args;
  if (i > 0) {
    const path = /^[\w./-]{0,300}\w\.\w{1,8}$/.exec(rest.slice(i).trim())?.[0];
    return path !== undefined && Object.hasOwn(properties, "path") && !Object.hasOwn(args, "path")
      ? { ...args, path }
      : undefined;
  }
  return readSingle(rest, properties, tool, isWhole);
}

function readSingle(
  rest: string,
  properties: Readonly<Record<string, JsonSchema>>,
  tool: ToolSchema,
  isWhole: boolean,
): Record<string, unknown> | undefined {
  const value = unquote(rest);
  const required = tool.parameters.required ?? [];
  const key = Object.hasOwn(properties, "path") && (required.includes("path") || required.length === 0)
    ? "path"
    : required[0];
  if (key === undefined) return undefined;
  if (/^[{[(<]/.test(rest)) return undefined;
  const inFile = isWhole && required.length === 1 ? readInFile(rest, key, properties) : undefined;
  if (inFile) return inFile;
  // A pair whose name is damaged is no path.
  if (key === "path" && /^[^\s/\\.]{1,20}=/.test(rest)) return undefined;
  const isToken = !/\s/.test(rest) || rest !== value;
  // Words after a tool's name are prose unless they are all that was said.
  if (!isToken && !(isWhole && required.length === 1 && tool.name.includes("_"))) return undefined;
  if (!isToken && key === "path" && !isSpacedPath(rest)) return undefined;
  if (!isWhole && !/[./\\*_"'`]/.test(rest)) return undefined;
  return { [key]: value };
}

/** A path with spaces ends as paths do, and no word before its last one does. */
function isSpacedPath(rest: string): boolean {
  const words = rest.split(/\s+/);
  return /\w\.\w{1,8}$|[\\/]\w*$/.test(words.at(-1) ?? "") &&
    !words.slice(0, -1).some((word) => /\w\.\w{1,8}$/.test(word));
}

/**
 * `search STANDARD rates.py`: two bare words that are all that was said. The first looks like code and the second like a file, so that no
 * sentence ("search for it") is one.
 */
function readInFile(
  rest: string,
  key: string,
  properties: Readonly<Record<string, JsonSchema>>,
): Record<string, unknown> | undefined {
  if (rest.length > 200 || key === "path" || key === "command") return undefined;
  const [, what, where] =
    /^([\w.$-]*[A-Z_\d][\w.$-]*) ([\w./-]*\w\.[a-z]\w{0,4}|[\w.-]+\/[\w./-]*)$/.exec(rest) ?? [];
  if (what === undefined || where === undefined) return undefined;
  return Object.hasOwn(properties, "path") ? { [key]: what, path: where } : undefined;
}

function unquote(value: string): string {
  const quoted = /^(["'`])([\s\S]*)\1$/.exec(value);
  if (!quoted) return value;
  return quoted[1] === '"' ? (quoted[2] ?? "").replace(/\\(["\\])/g, "$1") : quoted[2] ?? "";
}

interface Body extends Partial<Found> {
  readonly args?: unknown;
  readonly end: number;
}

/** The body below a header: SEARCH/REPLACE for two missing parameters, a fence for one. */
function readBody(
  scan: Scan,
  at: number,
  missing: readonly string[],
  given: Readonly<Record<string, unknown>>,
  tool: ToolSchema,
): Body | undefined {
  const { text } = scan;
  const from = skipLineBreaks(text, at);
  if (endsFence(scan, at, from)) return undefined;
  const fence = readFence(text, from, scan.isWhole);
  const opensBlock = (place: number) => isBlockAt(text, place) || isOddBlockAt(text, place);
  const start = fence && opensBlock(fence.bodyStart) ? fence.bodyStart : from;
  const isBlock = missing.length >= 2 && opensBlock(start);
  // A named part, or lines by number, become what stands in the fence.
  const wanted = isBlock ? missing : missing.filter((key) => !maySkip(key, given, tool));
  if (wanted.length >= 2) {
    if (!isBlock) return undefined;
    const block = readBlock(scan, start);
    const closing = fence && start === fence.bodyStart ? matchAt(text, block.end, /\s*```/y) : undefined;
    return fillBlock(block, block.end + (closing?.[0].length ?? 0), missing, given);
  }
  const key = wanted[0];
  if (!fence || key === undefined) return undefined;
  if (hasCodeInInfo(fence)) return { end: fence.end, broken: "the code begins on the line of the fence" };
  const isBlocks = opensBlock(fence.bodyStart) || holdsMarks(text.slice(fence.bodyStart, fence.bodyEnd));
  if (isBlocks && key !== "command") {
    return {
      end: fence.end,
      broken: `a SEARCH/REPLACE block is no file: it belongs to patch`,
      isCut: !fence.isClosed,
    };
  }
  if (fence.isClosed && hasOddFence(text, fence.end, given.path)) {
    return {
      end: text.length,
      broken: "the file's own fences end the fence around it",
      fault: "marker_in_body",
    };
  }
  const body = text.slice(fence.bodyStart, fence.bodyEnd);
  const isCode = key !== "command";
  const value = isCode ? body : body.replace(/\n$/, "");
  if (fence.isClosed) return { args: { ...given, [key]: value }, end: fence.end };
  return openFence(scan, { ...given, [key]: value });
}

/** How far ahead fences are counted. */
const MAX_AHEAD = 8_000;

/** Whether the fence line at `from` ends the fence in which the header before `at` stands: those behind it then pair up. */
function endsFence({ text, steps }: Scan, at: number, from: number): boolean {
  const header = lineStart(text, Math.max(0, at - 1));
  const isInside = /^[ \t]*(?:`{3,}|~{3,})/.test(lineAbove(text, header)?.line ?? "");
  if (!isInside || !/^[ \t]*(?:`{3,}|~{3,})[ \t]*$/.test(lineAfter(text, from))) return false;
  const ahead = text.slice(from, from + MAX_AHEAD);
  steps.add(ahead.length);
  return (ahead.match(/^[ \t]*(?:`{3,}|~{3,})/gm) ?? []).length % 2 === 1;
}

function maySkip(key: string, given: Readonly<Record<string, unknown>>, { mayLack }: ToolSchema): boolean {
  return (mayLack?.[key] ?? []).some((other) => Object.hasOwn(given, other));
}

/** A document with bare fences of its own: where it ends would be a guess. */
function hasOddFence(text: string, end: number, path: unknown): boolean {
  if (typeof path !== "string" || !/\.(?:md|mdx|markdown|rst)$/i.test(path)) return false;
  return [...text.slice(end).matchAll(/^[ \t]{0,3}```/gm)].length % 2 === 1;
}

/** A fence without its end is whole only for a new file and a reply that ended on its own. */
function openFence(scan: Scan, args: Readonly<Record<string, unknown>>): Body {
  const isNew = typeof args.path === "string" && scan.files !== undefined && !scan.files(args.path);
  if (scan.isWhole && isNew) return { args, end: scan.text.length, repairs: ["missing end mark"] };
  return { end: scan.text.length, isCut: true, broken: "the closing fence is missing" };
}

function fillBlock(
  block: Block,
  end: number,
  missing: readonly string[],
  given: Readonly<Record<string, unknown>>,
): Body {
  if (block.broken !== undefined) {
    return { end, broken: block.broken, fault: block.fault, isCut: block.isCut } as Body;
  }
  const [first = "search", second = "replace"] = missing;
  return {
    args: { ...given, [first]: block.search, [second]: block.replace },
    end,
    ...(block.repairs ? { repairs: block.repairs } : {}),
  };
}

function skipLineBreaks(text: string, at: number): number {
  const next = skipSpace(text, at);
  return text.lastIndexOf("\n", next - 1) + 1 > at ? text.lastIndexOf("\n", next - 1) + 1 : next;
}

const COMMAND_BELOW = "A command stands in a fence:";
const SYMBOL_BELOW = "To change a function or class, give its name and its whole new text:";
const PART_BELOW = "To change a part of a file, copy the old lines exactly as they are:";
const FILE_BELOW = "To write a whole file:";

/** The lines of the prompt that stand above an example: what a reply says below one of them is our example again. */
export const RAW_LESSONS: readonly string[] = [COMMAND_BELOW, SYMBOL_BELOW, PART_BELOW, FILE_BELOW];

/** How to call tools with header lines and raw bodies. */
export function rawPrompt(tools: readonly ToolSchema[], editFormat: EditFormat): string {
  const has = (name: string) => tools.some((tool) => tool.name === name);
  const forms = [
    "To use a tool, write its name and its arguments on a line of their own, then stop. You get the result back.",
    ...(has("read_file") ? ["read_file README.md"] : []),
    ...(has("search") ? ['search pattern="main"'] : []),
    ...(has("bash") ? [COMMAND_BELOW, "bash\n```\nls\n```"] : []),
    ...(has("patch") && editFormat === "symbol"
      ? [
        SYMBOL_BELOW,
        'patch hello.py symbol="hello"\n```\ndef hello():\n    return "Hello"\n```',
      ]
      : has("patch")
      ? [
        PART_BELOW,
        "patch README.md\n<<<<<<< SEARCH\nHello\n=======\nHello, world\n>>>>>>> REPLACE",
      ]
      : []),
    ...(has("write_file") ? [FILE_BELOW, "write_file hello.txt\n```\nHello\n```"] : []),
    "Tools:",
    describeTools(tools),
  ];
  return forms.join("\n");
}

/** A call as this dialect writes it. */
export function formatRaw(call: { readonly name: string; readonly args: unknown }): string {
  const args = Object.entries(call.args as Record<string, unknown>);
  const isNamed = args.some(([key]) => key === "symbol");
  const text = args.filter(([key]) => key === "content" || key === "command" || isNamed && key === "replace");
  const block = Object.fromEntries(
    args.filter(([key]) => !isNamed && (key === "search" || key === "replace")),
  );
  const rest = args.filter(([key]) => !["content", "command", "search", "replace"].includes(key));
  const onlyPath = rest.length === 1 && rest[0]?.[0] === "path" && !/\s/.test(String(rest[0][1]));
  const header = onlyPath
    ? ` ${rest[0]?.[1]}`
    : rest.map(([key, value]) =>
      ` ${key}=${typeof value === "string" ? JSON.stringify(value) : String(value)}`
    ).join("");
  const bodies = text.map(([, value]) => `\n\`\`\`\n${withNewline(String(value))}\`\`\``);
  const edit = Object.hasOwn(block, "search")
    ? `\n<<<<<<< SEARCH\n${withNewline(String(block.search))}=======\n${
      withNewline(String(block.replace ?? ""))
    }>>>>>>> REPLACE`
    : "";
  return `${call.name}${header}${bodies.join("")}${edit}`;
}

function withNewline(text: string): string {
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}
