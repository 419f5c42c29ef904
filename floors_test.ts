/** Holds the floors of `docs/architecture.md`: reads every import and fails on an arrow that goes up. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL(".", import.meta.url));

/** What a source file says, with comments and the content of strings blanked in `code` (same offsets as `text`). */
interface Source {
  /** Relative to the checkout, with `/`. */
  readonly path: string;
  readonly code: string;
  readonly imports: readonly Import[];
}

interface Import {
  /** A path like `Source.path`, or the bare name of a package. */
  readonly target: string;
  readonly typesOnly: boolean;
}

/**
 * Core from the ground up. A file imports from its own line and from the lines above it. `types.ts` to `profile.ts` and
 * the two contract files inside stages may be imported by every stage.
 */
const CORE_ORDER: readonly (readonly string[])[] = [
  ["types.ts", "events.ts", "errors.ts", "edit_distance.ts", "name_list.ts"],
  ["tool_schema.ts", "tool_check.ts"],
  [
    "assets.ts",
    "tool.ts",
    "plugin.ts",
    "plugin_host.ts",
    "profile.ts",
    "model/transport.ts",
    "config/config.ts",
  ],
  ...[
    ...[
      "config",
      "model",
      "prompt",
      "route",
      "parse",
      "syntax",
      "edit",
      "plan",
      "guard",
      "verify",
      "escalate",
    ],
    ...["store", "index", "sandbox", "mcp", "plugins"],
    ...["run_tool.ts", "turn", "agent.ts", "api.ts", "session", "smallcode.ts"],
  ].map((stage) => [stage]),
];

/** What each top folder may import besides its own files. */
const FLOORS: Readonly<Record<string, (target: string, typesOnly: boolean) => boolean>> = {
  "main.ts": () => true,
  core: () => false,
  tools: (target) => target.startsWith("core/"),
  plugins: (target, typesOnly) => target === "core/plugin.ts" && typesOnly,
  cli: (target) => target.startsWith("core/"),
  bench: (target) => target.startsWith("core/") || target === "main.ts",
};

const sources = await readSources();
const shipped = sources.filter((source) => !isTest(source.path));

Deno.test("floors: each folder imports only what lies below it", () => {
  const wrong = everyLocalImport(shipped).filter(({ from, to, typesOnly }) => {
    const [fromFloor, toFloor] = [floor(from), floor(to)];
    if (fromFloor === "tools" && toFloor === "tools") return !posix.basename(to).startsWith("_");
    return fromFloor !== toFloor && !FLOORS[fromFloor]?.(to, typesOnly);
  });
  assert.deepEqual(wrong.map(arrow), []);
});

Deno.test("floors: a stage of core imports only stages listed before it", () => {
  const files = shipped.filter(({ path }) => floor(path) === "core");
  assert.deepEqual(
    files.map(({ path }) => path).filter((path) => coreHeight(path) < 0),
    [],
    "unknown stages",
  );
  const wrong = everyLocalImport(files).filter(({ from, to }) =>
    floor(to) === "core" && coreHeight(to) > coreHeight(from) && stageFolder(to) !== stageFolder(from)
  );
  assert.deepEqual(wrong.map(arrow), []);
});

Deno.test("floors: no file imports itself over others", () => {
  assert.deepEqual(findCycles(), []);
});

Deno.test("floors: no file is only a list of re-exports", () => {
  const reExport = /\bexport\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*"[^"]*"\s*;?/g;
  const barrels = shipped.filter(({ code }) => {
    const rest = code.replace(reExport, "");
    return rest !== code && rest.trim() === "";
  });
  assert.deepEqual(barrels.map(({ path }) => path), []);
});

Deno.test("floors: core and tools use neither Deno nor console", () => {
  const wrong = shipped.filter(({ path, code }) => {
    if (path === "core/sandbox/plugin_host.ts") return false; // the one place that starts Deno workers
    return ["core", "tools"].includes(floor(path)) && /(?<![\w.])(?:Deno|console)\s*\./.test(code);
  });
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("floors: the environment is read in core/config, and handed over by main.ts", () => {
  const wrong = shipped.filter(({ path, code }) =>
    path !== "main.ts" && !path.startsWith("core/config/") &&
    /(?<![\w.])(?:process|Deno)\s*\.\s*env\b/.test(code)
  );
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("floors: no module keeps state that can be replaced", () => {
  const wrong = shipped.filter(({ code }) => /^(?:export\s+)?(?:let|var)\s/m.test(code));
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("floors: a test lies beside what it tests", () => {
  const tests = sources.filter(({ path }) => path.endsWith("_test.ts") && FLOORS[floor(path)]);
  const wrong = tests.filter(({ path, imports }) => {
    const folder = posix.dirname(path);
    // A part of the loop may be tested through the whole, which `core/_test_play.ts` runs.
    const isNear = (target: string) =>
      posix.dirname(target) === folder || target === "core/_test_play.ts" && folder.startsWith("core/");
    return !imports.some(({ target }) => isNear(target) && !target.endsWith("_test.ts"));
  });
  assert.deepEqual(wrong.map(({ path }) => path), []);
});

Deno.test("readImports() sees what the compiler sees", () => {
  const text = [
    'import a, { b } from "./a.ts";',
    'import type {\n  C,\n} from "../c.ts";',
    '// import x from "./comment.ts";',
    "const s = \"import y from './string.ts'\", r = /[\"'/]/;",
    "const t = `import z from './template.ts' ${await import(\"./lazy.ts\")}`;",
    'export type { D } from "pkg";',
    'import "./effect.ts";',
  ].join("\n");
  assert.deepEqual(readImports("core/x/f.ts", text, blank(text)), [
    { target: "core/x/a.ts", typesOnly: false },
    { target: "core/c.ts", typesOnly: true },
    { target: "core/x/lazy.ts", typesOnly: false },
    { target: "pkg", typesOnly: true },
    { target: "core/x/effect.ts", typesOnly: false },
  ]);
});

function isTest(path: string): boolean {
  return path.endsWith("_test.ts") || posix.basename(path).startsWith("_test_") ||
    path.includes("/testdata/");
}

function floor(path: string): string {
  return path.split("/")[0] ?? path;
}

/** The folder of a stage, or the file itself where a stage is one file. */
function stageFolder(path: string): string {
  return path.split("/")[1] ?? path;
}

/** Line in `CORE_ORDER`, -1 if the file belongs to no stage. */
function coreHeight(path: string): number {
  const inside = path.slice("core/".length);
  const contract = CORE_ORDER.findIndex((names) => names.includes(inside));
  return contract >= 0 ? contract : CORE_ORDER.findIndex((names) => names.includes(stageFolder(path)));
}

interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly typesOnly: boolean;
}

function everyLocalImport(files: readonly Source[]): readonly Arrow[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter(({ target }) => FLOORS[floor(target)]).map(({ target, typesOnly }) => ({
      from: path,
      to: target,
      typesOnly,
    }))
  );
}

function arrow({ from, to }: Arrow): string {
  return `${from} -> ${to}`;
}

/** Each cycle once, as `a -> b -> a`. */
function findCycles(): readonly string[] {
  const imports = new Map(shipped.map((source) => [source.path, source.imports.map(({ target }) => target)]));
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, trail: readonly string[]) => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) return void cycles.push([...trail.slice(seenAt), path].join(" -> "));
    if (done.has(path)) return;
    for (const target of imports.get(path) ?? []) walk(target, [...trail, path]);
    done.add(path);
  };
  for (const path of imports.keys()) walk(path, []);
  return cycles;
}

async function readSources(): Promise<readonly Source[]> {
  const paths = (await Promise.all(Object.keys(FLOORS).map(listSources))).flat().sort();
  return await Promise.all(paths.map(async (path) => {
    const text = await readFile(ROOT + path, "utf8");
    const code = blank(text);
    return { path, code, imports: readImports(path, text, code) };
  }));
}

/** Benchmark tasks and kept replies are data, not our source. */
async function listSources(top: string): Promise<readonly string[]> {
  if (top.endsWith(".ts")) return [top];
  // git keeps no empty folder, so a fresh checkout may lack one.
  const entries = await readdir(ROOT + top, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return entries.map((entry) => posix.join(top, entry.replaceAll("\\", "/"))).filter((path) =>
    path.endsWith(".ts") && !path.includes("/testdata/") && !path.startsWith("bench/suites/")
  );
}

function readImports(path: string, text: string, code: string): readonly Import[] {
  const found = code.matchAll(/\b(?:from|import)\s*\(?\s*(?=")/g);
  return [...found].map((match) => {
    const start = match.index + match[0].length + 1;
    const name = text.slice(start, text.indexOf('"', start));
    const statement = code.lastIndexOf(";", match.index) + 1;
    const words = code.slice(statement, match.index).trimStart();
    return {
      target: name.startsWith(".") ? posix.join(posix.dirname(path), name) : name,
      typesOnly: /^(?:import|export)\s+type\b/.test(words),
    };
  });
}

/** Replaces comments and the content of strings, templates and regular expressions by blanks; offsets and lines stay. */
function blank(text: string): string {
  const parts: string[] = [];
  const templates: number[] = []; // for each open `${`, how many braces are open inside it
  let at = 0;
  while (at < text.length) {
    const end = tokenEnd(text, at, parts, templates);
    const token = text.slice(at, end);
    const isCode = end === at + 1 && !token.startsWith("`");
    parts.push(isCode ? token : hide(token));
    at = end;
  }
  return parts.join("");
}

/** Where the comment, string or other token that begins at `at` ends; one character where it is plain code. */
function tokenEnd(text: string, at: number, before: readonly string[], templates: number[]): number {
  const char = text[at];
  const inTemplate = templates.length > 0;
  if (char === "/" && text[at + 1] === "/") return endOf(text, "\n", at);
  if (char === "/" && text[at + 1] === "*") return endOf(text, "*/", at + 2) + 2;
  if (char === '"' || char === "'") return quotedEnd(text, at, char);
  if (char === "`") return templateEnd(text, at + 1, templates);
  if (char === "{" && inTemplate) templates.push((templates.pop() ?? 0) + 1);
  if (char === "}" && inTemplate) {
    const open = templates.pop() ?? 0;
    if (open === 0) return templateEnd(text, at + 1, templates);
    templates.push(open - 1);
  }
  if (char === "/" && regexMayBegin(before)) return regexEnd(text, at);
  return at + 1;
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  return found < 0 ? text.length : found;
}

function quotedEnd(text: string, at: number, quote: string): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === quote || text[i] === "\n") return i + 1;
  }
  return text.length;
}

function templateEnd(text: string, from: number, templates: number[]): number {
  for (let i = from; i < text.length; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "`") return i + 1;
    else if (text[i] === "$" && text[i + 1] === "{") {
      templates.push(0);
      return i + 2;
    }
  }
  return text.length;
}

function regexEnd(text: string, at: number): number {
  let inClass = false;
  for (let i = at + 1; i < text.length && text[i] !== "\n"; i++) {
    if (text[i] === "\\") i++;
    else if (text[i] === "[") inClass = true;
    else if (text[i] === "]") inClass = false;
    else if (text[i] === "/" && !inClass) return i + 1;
  }
  return at + 1;
}

/** A slash divides after a name, a number or a closing bracket, and opens a regular expression otherwise. */
function regexMayBegin(before: readonly string[]): boolean {
  const near = before.slice(-24).join("").trimEnd();
  return near === "" || /[-+*%=<>!&|^~?:;,([{}]$|\b(?:return|typeof|case|in|of)$/.test(near);
}

/** Keeps quotes and line ends, so that an import still shows where its name begins. */
function hide(token: string): string {
  if (token.startsWith('"')) return `"${" ".repeat(Math.max(0, token.length - 2))}"`;
  return token.replace(/[^\n]/g, " ");
}
