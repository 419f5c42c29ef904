/** What a person reads before a task leaves this machine: the first request, whole. Pure. */

import type { Message, ToolSchema } from "../types.ts";

/** Exactly what would be sent first, and what may follow it. `messages` are as they would be sent: secrets hidden. */
export function previewOf(request: {
  readonly host: string;
  readonly model: string;
  readonly reason: string;
  readonly messages: readonly Message[];
  readonly tools: readonly ToolSchema[];
  /** Secrets that placeholders stand for. */
  readonly hidden: number;
}): string {
  const { host, model, reason, messages, tools, hidden } = request;
  const secrets = hidden === 0
    ? "none found"
    : `${hidden} hidden: HIDDEN_SECRET_… stands in ${hidden === 1 ? "its" : "their"} place`;
  return [
    `to       ${host} (${model})`,
    `why      ${reason}`,
    `secrets  ${secrets}`,
    "then     what the tools give that it calls: files it reads, output of commands; secrets hidden as well",
    ...messages.map(({ role, content }) => `--- ${role} ---\n${content}`),
    ...(tools.length === 0 ? [] : [`--- tools ---\n${tools.map(toolLine).join("\n")}`]),
  ].join("\n");
}

/** What of a tool is sent. */
function toolLine({ name, description, parameters }: ToolSchema): string {
  return JSON.stringify({ name, description, parameters });
}
