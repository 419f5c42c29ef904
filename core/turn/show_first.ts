/** Shows the files that a text is about before the model asks, and notes what was shown. */

import type { AgentDeps } from "./agent_deps.ts";
import { type FirstLook, lookFirst } from "../prompt/first_look.ts";
import type { ProjectFacts } from "../prompt/project_facts.ts";

/** Emits one `first_look` event where something was found. */
export async function showFirst(
  { task, facts, roomTokens }: { task: string; facts: ProjectFacts; roomTokens: number },
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<FirstLook> {
  const { transport, world } = deps;
  const look = await lookFirst({
    task,
    facts,
    files: world.files,
    syntax: world.syntax,
    roomTokens,
    estimate: (text) => transport.estimateTokens(text),
    signal,
  }).catch((error: unknown): FirstLook => {
    if (!signal.aborted) throw error;
    return { text: "", shown: [] }; // the loop ends the turn as cancelled
  });
  if (look.shown.length === 0) return look;
  for (const { path, hash, lines, content, regions = [] } of look.shown) {
    for (const [from, to] of regions) world.seen.note(path, hash, from, to, lines);
    if (content === undefined) continue;
    world.seen.note(path, hash, 1, lines, lines);
    world.seen.show(path, { hash, text: content });
  }
  deps.emit({
    type: "first_look",
    files: look.shown.map(({ path, reason, how }) => ({ path, reason, shown: how })),
    tokens: transport.estimateTokens(look.text),
  });
  return look;
}
