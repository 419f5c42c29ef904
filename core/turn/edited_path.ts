/** Which file a call would edit. */

import type { AgentDeps } from "./agent_deps.ts";
import { unwrapUse } from "../route/menu.ts";
import type { ToolCall } from "../types.ts";

/** Relative to the workspace; `undefined` where the call edits no file, or names one of which the tool itself will say what is wrong. */
export async function editedPath(made: ToolCall, deps: AgentDeps): Promise<string | undefined> {
  const { name, args } = unwrapUse(made, deps.tools);
  if (deps.tools.get(name)?.effect !== "write" || typeof args.path !== "string") return undefined;
  return await deps.world.files.relative(args.path).catch(() => undefined);
}
