/** What `patch` and `write_file` share: the gate, the write, and what the model reads. */

import { createTwoFilesPatch } from "diff";
import { findElision, refuseBroken } from "../core/edit/gate.ts";
import { splitLines } from "../core/edit/source_lines.ts";
import { ToolError } from "../core/errors.ts";
import type { FileContent, ToolContext, ToolOutput } from "../core/tool.ts";

/** Files of more lines get no diff for faces: it would take seconds. */
const MAX_DIFF_LINES = 5_000;

/**
 * Writes a new text through the gate.
 * @param file what stands there now; `undefined` for a new file
 * @param added the text that the model wrote: only it is looked at for left-out code
 * @param say the first line of the result, given the lines added and removed
 * @param shown the lines of the new text that the model has seen or written
 */
export async function writeText(
  write: {
    path: string;
    file: FileContent | undefined;
    text: string;
    added: string;
    say: (delta: string) => string;
    shown: readonly (readonly [from: number, to: number])[];
  },
  context: ToolContext,
): Promise<ToolOutput> {
  const { path, file, text } = write;
  const before = file?.text ?? "";
  const left = findElision(before, write.added);
  if (left !== undefined) {
    throw new ToolError(
      `Not written: the line "${left}" stands for code that was left out. Write every line of the new text`,
    );
  }
  if (context.switches.syntaxGate) {
    const broken = await refuseBroken(path, before, text, context.syntax);
    if (broken !== undefined) throw new ToolError(broken);
  }
  const change = await context.files.write(path, text, file?.hash ?? null);
  // Not read again: what a person writes in this moment was not seen, and what fails now would hide that the file was written.
  const hash = change.hashes?.after;
  const lines = splitLines(text).length;
  if (hash !== undefined) {
    for (const [from, to] of write.shown) context.seen.note(change.path, hash, from, to, lines);
  }
  const delta = `+${change.linesAdded} -${change.linesRemoved}`;
  return {
    text: write.say(delta),
    summary: `${change.kind} ${change.path}, ${delta}`,
    changes: [change],
    ...diffOf(change.path, before, text),
  };
}

function diffOf(path: string, before: string, after: string): { diff?: string } {
  if (splitLines(before).length + splitLines(after).length > MAX_DIFF_LINES) return {};
  return { diff: createTwoFilesPatch(path, path, before, after, undefined, undefined, { context: 2 }) };
}

/** The file that is there, or `undefined`; anything but a missing file is told to the model. */
export async function readIfFile(path: string, context: ToolContext): Promise<FileContent | undefined> {
  const kind = await context.files.exists(path);
  if (kind === "folder") throw new ToolError(`Cannot write "${path}": it is a folder; give a file's path`);
  return kind === "file" ? await context.files.read(path) : undefined;
}
