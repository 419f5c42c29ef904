/** What the window is filled with, by part. Pure. */

import { renderTools } from "../model/wire.ts";
import type { Head, Message } from "../types.ts";

/** Tokens, estimated. */
export interface WindowUsage {
  readonly system: number;
  readonly tools: number;
  /** What the user said, with the files that were shown first. */
  readonly user: number;
  /** What the model said, calls included. */
  readonly model: number;
  readonly results: number;
}

/** Sizes of the parts of a request. */
export function measureUsage(
  head: Head,
  messages: readonly Message[],
  estimate: (text: string) => number,
): WindowUsage {
  const sum = (role: Message["role"]) =>
    messages.filter((message) => message.role === role).reduce(
      (total, message) => total + estimate(textOf(message)),
      0,
    );
  return {
    system: estimate(head.system),
    tools: estimate(renderTools(head.nativeTools)),
    user: sum("user"),
    model: sum("assistant"),
    results: sum("tool"),
  };
}

function textOf(message: Message): string {
  return message.role === "assistant" && message.via === "native"
    ? message.content + JSON.stringify(message.calls)
    : message.content;
}
