/** `find_files`: files by name. */

import { byteLength } from "../core/model/tokens.ts";
import { defineTool } from "../core/tool.ts";
import { contentLimit } from "./_limit.ts";

/** Entries looked at: a large monorepo, in a few seconds. */
const MAX_ENTRIES = 200_000;
/** More names than this are not read, but scrolled over. */
const MAX_SHOWN = 100;

export default defineTool({
  name: "find_files",
  category: "search",
  effect: "read",
  isPure: true,
  description: "Find files by name: a glob or a part of the path.",
  parameters: (z) => z.object({ pattern: z.string().min(1) }),
  brief: { description: "Find files by a glob or a part of the path.", parameters: ["pattern"] },
  example: { pattern: "*.py" },
  async run({ pattern }, context) {
    const { matchPaths } = await import("./_path_match.ts");
    const matches = matchPaths(pattern);
    const limit = contentLimit(context);
    const shown: string[] = [];
    let chars = 0;
    let found = 0;
    let seen = 0;
    for await (const entry of context.files.walk(".", { signal: context.signal, maxEntries: MAX_ENTRIES })) {
      seen++;
      if (entry.kind === "folder" || !matches(entry.path)) continue;
      found++;
      chars += byteLength(entry.path) + 1;
      if (shown.length < MAX_SHOWN && chars <= limit) shown.push(entry.path);
    }
    const reach = seen >= MAX_ENTRIES ? `the first ${MAX_ENTRIES} entries` : `${seen} files and folders`;
    if (found === 0) {
      return {
        text: `No file matches ${JSON.stringify(pattern)} among ${reach} (git-ignored ones left out)`,
        summary: "no file",
      };
    }
    if (shown.length < found) shown.push(`[${shown.length} of ${found} shown; use a narrower pattern]`);
    return { text: shown.join("\n"), summary: `${found} ${found === 1 ? "file" : "files"}` };
  },
});
