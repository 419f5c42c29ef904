/** A folder's content as text: what `list_files` gives, and `read_file` for a folder's path. */

import { byteLength } from "../core/model/tokens.ts";
import type { FileEntry, ToolContext, ToolOutput } from "../core/tool.ts";
import { contentLimit } from "./_limit.ts";

/** Entries looked at; a listing that long is no help to anybody, but folders are counted from it. */
const MAX_ENTRIES = 20_000;

/**
 * Lists files with full paths, so that each can be copied into the next call; a folder deeper than `depth` as one line with its count.
 *
 * @param depth levels shown; 1 is the folder itself
 */
export async function listFolder(path: string, depth: number, context: ToolContext): Promise<ToolOutput> {
  const base = await context.files.relative(path);
  const levelsAbove = base === "." ? 0 : base.split("/").length;
  const limit = contentLimit(context);
  const closed = new Map<string, number>();
  const lines: string[] = [];
  let chars = 0;
  let entries = 0;
  let hidden = 0;
  for await (const entry of context.files.walk(path, { signal: context.signal, maxEntries: MAX_ENTRIES })) {
    entries++;
    const parts = entry.path.split("/");
    if (parts.length - levelsAbove > depth) {
      const folder = parts.slice(0, levelsAbove + depth).join("/");
      if (entry.kind === "file") closed.set(folder, (closed.get(folder) ?? 0) + 1);
      continue;
    }
    const line = entryLine(entry);
    if (chars + byteLength(line) > limit) {
      hidden++;
      continue;
    }
    chars += byteLength(line) + 12;
    lines.push(line);
  }
  if (entries === 0) return { text: `${base} is empty (or all of it is ignored by git)`, summary: "empty" };
  const counted = lines.map((line) => {
    const files = line.endsWith("/") ? closed.get(line.slice(0, -1)) : undefined;
    return files === undefined ? line : `${line} (${files} ${files === 1 ? "file" : "files"})`;
  });
  const more = entries >= MAX_ENTRIES ? `more than ${MAX_ENTRIES}` : String(hidden);
  if (hidden > 0 || entries >= MAX_ENTRIES) {
    counted.push(`[${more} more entries; list a folder of these with its path, or use find_files]`);
  }
  return { text: counted.join("\n"), summary: `${lines.length} entries` };
}

function entryLine(entry: FileEntry): string {
  switch (entry.kind) {
    case "folder":
      return `${entry.path}/`;
    case "file":
      return entry.path;
    case "other":
      return `${entry.path} (link)`;
  }
}
