/** Creates a file, or replaces all of one that the model has seen whole. */

import { applyEdit } from "../core/edit/apply_edit.ts";
import { findDroppedMembers } from "../core/edit/dropped_members.ts";
import { type Dropped, findDropped } from "../core/edit/dropped_names.ts";
import { findElision, shrinks } from "../core/edit/gate.ts";
import { joinLines, splitLines } from "../core/edit/source_lines.ts";
import { ToolError } from "../core/errors.ts";
import { defineTool, type FileContent, type ToolContext } from "../core/tool.ts";
import { readIfFile, writeText } from "./_write_text.ts";

/** A longer file is not shown again: a patch costs less. */
const MAX_SHOWN_CHARS = 4_000;

export default defineTool({
  name: "write_file",
  category: "write",
  effect: "write",
  description: "Create a file, or replace a whole file that you have read.",
  parameters: (z) => z.object({ path: z.string(), content: z.string().describe("every line of the file") }),
  brief: { description: "Create a file or replace a whole one.", parameters: ["path", "content"] },
  example: { path: "main.py", content: "a = 1" },
  async run({ path, content }, context) {
    const file = await readIfFile(path, context);
    const wanted = content === "" || content.endsWith("\n") ? content : `${content}\n`;
    if (file) refuseUnseen(file, wanted, context);
    if (file) await refuseDropping(file, wanted, context);
    const result = file
      ? applyEdit(file.text, { kind: "whole_file", content: wanted }, { fuzzy: false })
      : undefined;
    if (result?.kind === "refused") throw new ToolError(result.message);
    const text = result?.text ?? wanted;
    const lines = splitLines(text).length;
    const relative = await context.files.relative(path);
    return await writeText({
      path: relative,
      file,
      text,
      added: wanted,
      say: (delta) =>
        file ? `Wrote ${relative}: ${lines} lines, ${delta}.` : `Created ${relative}, ${lines} lines.`,
      shown: [[1, lines]],
    }, context);
  },
});

/** No file is rewritten that was not seen whole as it stands now, nor cut to less than half without a second word. */
function refuseUnseen(file: FileContent, wanted: string, context: ToolContext): void {
  const { seen } = context;
  if (file.text !== "" && !seen.isWhole(file.path, file.hash)) {
    const why = seen.hash(file.path) === undefined
      ? "you have not read it"
      : "you have not seen all of it as it stands now";
    throw new ToolError(
      `Not written: ${file.path} exists and ${why}. Call read_file ${file.path} first, or use patch for a piece of it`,
    );
  }
  if (!shrinks(file.text, wanted) || seen.hash(`shrink of ${file.path}`) === file.hash) return;
  seen.note(`shrink of ${file.path}`, file.hash, 1, 1, 1);
  const [before, after] = [splitLines(file.text).length, splitLines(wanted).length];
  throw new ToolError(
    `Not written: ${file.path} has ${before} lines and would have ${after}. Write every line that stays, or use patch. If the rest shall really go, send the same call again`,
  );
}

/** No name goes that the task does not speak of, without a second word. */
async function refuseDropping(file: FileContent, wanted: string, context: ToolContext): Promise<void> {
  const { seen, switches } = context;
  const mark = `names of ${file.path}`;
  if (!switches.keepNames || seen.hash(mark) === file.hash) return;
  const dropped = await droppedBy(file, wanted, context);
  if (!dropped) return;
  seen.note(mark, file.hash, 1, 1, 1);
  const names = dropped.names.join(", ");
  const why = `Not written: ${file.path} would lose ${names}, which the task does not speak of`;
  const isShort = dropped.withThem.length <= MAX_SHOWN_CHARS;
  throw new ToolError(
    isShort
      ? `${why}. With them it is:\n\`\`\`\n${dropped.withThem}\`\`\`\nWrite it like this with one call of write_file ${file.path}. If they shall really go, send the same call again`
      : `${why}. Use patch for the piece that changes. If they shall really go, send the same call again`,
  );
}

/** Methods and top-level names that a new text drops, with the text that has both. */
async function droppedBy(
  { path, text }: FileContent,
  wanted: string,
  { syntax, asked }: ToolContext,
): Promise<Dropped | undefined> {
  // A line that stands for left-out code would come back with them.
  const elision = findElision(text, wanted);
  const written = elision === undefined
    ? wanted
    : joinLines(splitLines(wanted).filter((line) => line.text.trim() !== elision));
  const [before, after] = [await syntax.outline(path, text), await syntax.outline(path, written)];
  const members = before && after
    ? findDroppedMembers({ text, parts: before }, { text: written, parts: after }, asked)
    : undefined;
  const tops = findDropped(path, text, members?.withThem ?? written, asked);
  if (!members || !tops) return members ?? tops;
  return { names: [...tops.names, ...members.names], withThem: tops.withThem };
}
