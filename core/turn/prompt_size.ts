/** How many tokens the next request has: what the server counted of the last one, and an estimate of what came since. */

import type { AgentDeps } from "./agent_deps.ts";
import { renderTools } from "../model/wire.ts";
import type { Message, Turn } from "../types.ts";

/** Tokens of the next request as the turn stands, also between two calls of one reply. */
export function promptTokens(turn: Turn, { transport }: Pick<AgentDeps, "transport">): number {
  const { measured } = turn;
  const added = textsOf(turn.messages.slice(measured.messages));
  return measured.tokens > 0
    ? measured.tokens + transport.estimateTokens(added)
    : transport.estimateTokens(`${textOfRequest(turn, 0)}\n${added}`);
}

/** The head and the first messages as one text, to be counted. */
export function textOfRequest(turn: Pick<Turn, "head" | "messages">, messages: number): string {
  return turn.head.system + renderTools(turn.head.nativeTools) + textsOf(turn.messages.slice(0, messages));
}

function textsOf(messages: readonly Message[]): string {
  return messages.map(textOf).join("\n");
}

function textOf(message: Message): string {
  if (message.role !== "assistant" || message.via === "text") return message.content;
  return message.content + message.calls.map((call) => JSON.stringify(call.args) + call.name).join("\n");
}
