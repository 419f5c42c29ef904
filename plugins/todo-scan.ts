/** Finds the notes that people leave in code: TODO, FIXME, HACK, XXX. */

import type { Plugin, PluginGlobals } from "../core/plugin.ts";

const NOTE = /\b(TODO|FIXME|HACK|XXX)\b[:( ]?(.*)/;
const SKIP = /^(?:\..*|node_modules|dist|build|out|target|vendor|coverage|__pycache__|venv)$/;
const TEXT =
  /\.(?:c|cc|cpp|cs|css|go|h|hpp|html|java|js|jsx|kt|lua|md|mjs|php|pl|py|rb|rs|sh|sql|swift|toml|ts|tsx|vue|yaml|yml|zig)$/i;
const MAX_FILES = 2_000;
const MAX_BYTES = 400_000;
const MAX_NOTES = 200;

interface Note {
  readonly path: string;
  readonly line: number;
  readonly kind: string;
  readonly text: string;
}

async function* filesBelow(folder: string, fs: PluginGlobals["fs"]): AsyncGenerator<string> {
  for (const { name, kind } of await fs.list(folder)) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (SKIP.test(name)) continue;
    if (kind === "folder") yield* filesBelow(path, fs);
    else if (kind === "file" && TEXT.test(name)) yield path;
  }
}

async function scan(
  start: string,
  fs: PluginGlobals["fs"],
): Promise<{ notes: readonly Note[]; files: number }> {
  const notes: Note[] = [];
  let files = 0;
  const isFile = (await fs.stat(start))?.kind === "file";
  for await (const path of isFile ? [start] : filesBelow(start, fs)) {
    if (++files > MAX_FILES || notes.length >= MAX_NOTES) break;
    if (((await fs.stat(path))?.bytes ?? 0) > MAX_BYTES) continue;
    const text = await fs.readText(path).catch(() => ""); // not UTF-8: no source that can be shown
    if (!/TODO|FIXME|HACK|XXX/.test(text)) continue;
    for (const [index, line] of text.split("\n").entries()) {
      const [, kind, rest = ""] = NOTE.exec(line.slice(0, 500)) ?? [];
      if (kind) notes.push({ path, line: index + 1, kind, text: rest.replace(/^[:)\s]+|[\s*/-]+$/g, "") });
    }
  }
  return { notes: notes.slice(0, MAX_NOTES), files };
}

async function report(start: string, fs: PluginGlobals["fs"]): Promise<{ text: string; summary: string }> {
  const { notes, files } = await scan(start, fs);
  const summary = `${notes.length} notes in ${files} files`;
  const lines = notes.map(({ path, line, kind, text }) => `${path}:${line}: ${kind} ${text}`.trimEnd());
  const more = notes.length === MAX_NOTES ? [`(the first ${MAX_NOTES}; give a folder to see others)`] : [];
  return { text: [...lines, ...more].join("\n") || `No TODO, FIXME, HACK or XXX in ${files} files`, summary };
}

export default {
  name: "todo-scan",
  version: "1.0.0",
  description: "Finds TODO, FIXME, HACK and XXX notes in the project.",
  permissions: { read: ["."] },
  tools: [{
    name: "todo_scan",
    description: "List the TODO and FIXME notes of the project, or of one folder or file, with their lines.",
    category: "search",
    effect: "read",
    parameters: { type: "object", properties: { path: { type: "string" } } },
    example: { path: "src" },
    run: ({ path = "." }: { path?: string }, { fs }) => report(path, fs),
  }],
  commands: [{
    name: "todo",
    description: "list the TODO and FIXME notes, of one folder if you name it",
    run: async (args, { fs }) => (await report(args || ".", fs)).text,
  }],
} satisfies Plugin;
