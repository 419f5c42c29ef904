/** Changes a piece of a file: by its text, by line numbers, or by the name of a function or class. */

import type { output } from "zod";
import { applyEdit, type Edit } from "../core/edit/apply_edit.ts";
import { splitLines } from "../core/edit/source_lines.ts";
import { ToolError } from "../core/errors.ts";
import { defineTool, type FileContent, type ToolContext } from "../core/tool.ts";
import type { Zod } from "../core/tool_schema.ts";
import { writeText } from "./_write_text.ts";

const parameters = (z: Zod) =>
  z.object({
    path: z.string(),
    search: z.string().describe("lines exactly as in the file; empty with start_line"),
    replace: z.string().describe("the new lines"),
    replace_all: z.boolean().optional(),
    start_line: z.number().int().optional(),
    end_line: z.number().int().optional(),
    symbol: z.string().optional(),
  });

export default defineTool({
  name: "patch",
  category: "write",
  effect: "write",
  description: "Replace a piece of a file: search (or start_line to end_line, or symbol) becomes replace.",
  parameters,
  mayLack: { search: ["symbol", "start_line"] },
  brief: {
    description: "Replace lines of a file.",
    parameters: ["path", "search", "replace"],
    forms: {
      line_range: ["path", "start_line", "end_line", "replace"],
      symbol: ["path", "symbol", "replace"],
    },
  },
  example: { path: "main.py", search: "a = 1", replace: "a = 2" },
  async run(args, context) {
    const file = await context.files.read(args.path);
    const edit = await editOf(args, file, context);
    const result = applyEdit(file.text, edit, { fuzzy: context.switches.fuzzyEdit });
    if (result.kind === "refused") throw new ToolError(`Not changed: ${result.message}`);
    const wasWhole = context.seen.isWhole(file.path, file.hash);
    const region = result.regions.map(({ from, to }) => to > from ? `lines ${from}-${to}` : `line ${from}`)
      .join(", ");
    const relaxed = result.relaxed.length > 0
      ? ` (matched by overlooking: ${result.relaxed.join(", ")})`
      : "";
    const lines = splitLines(result.text).length;
    // Whoever has seen the whole file and wrote the change knows the whole new file; else what was written is known.
    const known = wasWhole ? [{ from: 1, to: lines }] : result.regions.filter(({ from, to }) => to >= from);
    return await writeText({
      path: file.path,
      file,
      text: result.text,
      added: args.replace,
      say: (delta) => `Edited ${file.path}: ${region}, ${delta}.${relaxed}`,
      shown: known.map(({ from, to }) => [from, to] as const),
    }, context);
  },
});

async function editOf(
  args: output<ReturnType<typeof parameters>>,
  file: FileContent,
  context: ToolContext,
): Promise<Edit> {
  const { search, replace, replace_all, start_line, end_line, symbol } = args;
  if (search !== "") {
    const all = replace_all ? { replaceAll: true } : {};
    return {
      kind: "search_replace",
      replacements: [{ search, replace, ...all, ...(start_line === undefined ? {} : { line: start_line }) }],
    };
  }
  if (start_line === undefined && symbol !== undefined) {
    const outline = await context.syntax.outline(file.path, file.text);
    if (!outline) {
      throw new ToolError(
        `Not changed: the parts of ${file.path} are not known; give search (lines copied from the file)`,
      );
    }
    return { kind: "symbol", name: symbol, replace, outline };
  }
  if (start_line === undefined) {
    throw new ToolError(
      "Not changed: patch needs search (lines copied from the file), start_line and end_line, or symbol",
    );
  }
  return { kind: "line_range", from: start_line, to: end_line ?? start_line, replace };
}
