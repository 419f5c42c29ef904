/** What a stub says of the result that it stands for: a file's hash and its parts, or the handle of what no second call would give again. */

import type { AgentDeps } from "./agent_deps.ts";
import { ifRefused } from "../errors.ts";
import { resultsToMask } from "../prompt/compact.ts";
import { fileNote, keptNote } from "../prompt/text/results.ts";
import { unwrapUse } from "../route/menu.ts";
import type { ToolCall, ToolMessage, Turn } from "../types.ts";

/** Notes by the id of the call, for results that a compaction masks: all but the `keep` newest. What a command or a change said is kept under a handle. */
export async function noteMasked(
  turn: Turn,
  keep: number,
  deps: AgentDeps,
): Promise<ReadonlyMap<string, string>> {
  const notes = new Map<string, string>();
  for (const { call: made, message } of resultsToMask(turn.messages, keep)) {
    const call = unwrapUse(made, deps.tools);
    notes.set(made.id, await fileNoteOf(call, deps) ?? againNote(call, message, deps));
  }
  return notes;
}

/** Of a file as it was shown, where it stands so on disk still. */
async function fileNoteOf(call: ToolCall, { tools, world }: AgentDeps): Promise<string | undefined> {
  const { files, seen, syntax } = world;
  const { path } = call.args;
  if (tools.get(call.name)?.category !== "read" || typeof path !== "string") return undefined;
  const file = await files.read(path).catch(ifRefused);
  if (!file || seen.hash(file.path) !== file.hash) return undefined;
  return fileNote(file.hash, await syntax.outline(file.path, file.text) ?? []);
}

function againNote(call: ToolCall, { content }: ToolMessage, { tools, world }: AgentDeps): string {
  return tools.get(call.name)?.isPure ? "" : keptNote(world.results.keep(content));
}
