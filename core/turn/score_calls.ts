/** What of a turn counts for the scores: calls that were answered, misread, refused or failed; a command whose tests fail was answered. */

import type { AgentDeps } from "./agent_deps.ts";
import { editFormatOf, editTool } from "../guard/scores.ts";
import { unwrapUse } from "../route/menu.ts";
import type { Ran } from "../run_tool.ts";
import type { Malformed, ToolCall, Turn } from "../types.ts";

/** Counts a call that ran. What a person did not permit says nothing about the tool. */
export function scoreCall(turn: Turn, made: ToolCall, ran: Ran, deps: AgentDeps): void {
  const { name, args } = unwrapUse(made, deps.tools);
  const tool = deps.tools.get(name);
  if (!tool || ran.isForbidden || !deps.profile.harness.scores) return;
  const isGood = ran.record.ok;
  deps.scores.note({ tool: name, kind: turn.kind ?? "write", isGood });
  const isEdit = ran.record.missed !== undefined ||
    ran.output?.changes?.some(({ kind }) => kind === "edited");
  const format = tool.effect === "write" && isEdit ? editFormatOf(args) : undefined;
  if (format) deps.scores.note({ tool: editTool(format), kind: "write", isGood });
}

/** Counts a call that could not be understood, where it is clear which tool was meant. */
export function scoreMisread(turn: Turn, { tool }: Malformed, deps: AgentDeps): void {
  if (tool === undefined || !deps.profile.harness.scores) return;
  deps.scores.note({ tool, kind: turn.kind ?? "write", isGood: false });
}
