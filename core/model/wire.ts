/**
 * Messages as they go over the wire. Deterministic: equal messages give equal bytes, and appending a message never changes what was
 * written before it, but for text that is joined to the end of the last one (DESIGN decision 1).
 */

import type { Profile } from "../profile.ts";
import type { Args, Message, ToolSchema } from "../types.ts";
import type { WireRules } from "./transport.ts";

/** A call inside an assistant message, in the protocol's own field. */
export interface WireCall {
  readonly id: string;
  readonly name: string;
  readonly args: Args;
}

/** What both protocols have in common; each transport spells it out. */
export type WireMessage =
  | { readonly role: "system" | "user"; readonly content: string }
  | {
    readonly role: "assistant";
    readonly content: string;
    readonly reasoning?: string;
    readonly calls: readonly WireCall[];
  }
  | { readonly role: "tool"; readonly callId: string; readonly name: string; readonly content: string };

/** `nativeCalls: "text"`: the server takes no tools, so earlier native calls are written as text. */
export interface WriteRules extends WireRules {
  readonly nativeCalls: "native" | "text";
}

/** How a profile's family is written where the server takes everything. */
export function rulesOf(profile: Profile): WriteRules {
  return {
    system: profile.roles.system,
    toolResult: profile.roles.toolResult,
    replayReasoning: profile.thinking.replay,
    nativeCalls: "native",
  };
}

/**
 * Writes messages as this family and server take them: one system message at the front or its text before the first user message, never
 * two neighbours of the same role, no empty answers (FIELD.md items 52-56).
 */
export function toWire(messages: readonly Message[], rules: WriteRules): readonly WireMessage[] {
  const textCalls = new Set<string>();
  const wire: WireMessage[] = [];
  for (const [index, message] of messages.entries()) {
    switch (message.role) {
      case "system":
        // A late system message is refused by many templates, and hoisting it would change the head.
        add(wire, { role: index === 0 ? rules.system : "user", content: message.content });
        break;
      case "user":
        add(wire, { role: "user", content: message.content });
        break;
      case "assistant": {
        const isText = message.via === "text" || rules.nativeCalls === "text";
        if (isText) { for (const call of message.calls) textCalls.add(call.id); }
        const content = isText && message.via === "native"
          ? [message.content, ...message.calls.map(callAsText)].filter((part) => part !== "").join("\n")
          : message.content;
        const calls = isText
          ? []
          : message.calls.map(({ id, name, args }) => ({ id, name, args: wholeCharacters(args) }));
        if (content === "" && calls.length === 0) break;
        const reasoning = rules.replayReasoning && message.reasoning
          ? { reasoning: message.reasoning.toWellFormed() }
          : {};
        add(wire, { role: "assistant", content, ...reasoning, calls });
        break;
      }
      case "tool":
        add(
          wire,
          textCalls.has(message.callId) && (rules.toolResult === "user" || rules.nativeCalls === "text")
            ? { role: "user", content: resultAsText(message.name, message.content) }
            : { role: "tool", callId: message.callId, name: message.name, content: message.content },
        );
        break;
    }
  }
  return wire;
}

/** How the result of a call that was written as text is shown. */
export function resultAsText(name: string, content: string): string {
  return `Result of ${name}:\n${content}`;
}

function callAsText(call: WireCall): string {
  return `<tool_call>\n${JSON.stringify({ name: call.name, arguments: call.args })}\n</tool_call>`;
}

/**
 * Half of a surrogate pair is no text: llama.cpp answers such a request with 400, and a history that holds one would be refused for good. Any
 * cut in the middle of an emoji leaves one.
 */
function wholeCharacters(args: Args): Args {
  const json = JSON.stringify(args);
  if (!/\\ud[89a-f]/.test(json)) return args;
  return JSON.parse(json, (_, value) => typeof value === "string" ? value.toWellFormed() : value);
}

function add(wire: WireMessage[], message: WireMessage): void {
  const next = { ...message, content: message.content.toWellFormed() };
  const last = wire.at(-1);
  if (last?.role === "user" && next.role === "user") {
    wire[wire.length - 1] = { role: "user", content: `${last.content}\n\n${next.content}` };
  } else if (last?.role === "assistant" && next.role === "assistant" && last.calls.length === 0) {
    wire[wire.length - 1] = { ...last, content: `${last.content}\n\n${next.content}`, calls: next.calls };
  } else {
    wire.push(next);
  }
}

/**
 * Schemas as most templates write them, e.g. Qwen's: a line of JSON each, in the protocol's wrapping, with a blank after each colon and comma.
 * By Qwen2.5-Coder's tokenizer the bundled tools take 3.5 bytes a token in this form, so `STARTING_RATIO` is 3 % under the truth.
 */
export function renderTools(tools: readonly ToolSchema[]): string {
  return tools.map(({ name, description, parameters }) => {
    const spaced = JSON.stringify({ type: "function", function: { name, description, parameters } }, null, 1);
    // A line end stands between two tokens of JSON only: inside a string it is written as an escape.
    const line = spaced.replace(/([{[])\n */g, "$1").replace(/\n *([}\]])/g, "$1").replace(/,\n */g, ", ");
    return `\n${line}`;
  }).join("");
}

/** A request as one text whose length in bytes stands for its tokens; a longer history begins with the text of the shorter one. */
export function renderWire(wire: readonly WireMessage[], tools: readonly ToolSchema[]): string {
  return renderTools(tools) + wire.map((message) => {
    const calls = message.role === "assistant"
      ? message.calls.map(({ name, args }) => `\n${name} ${JSON.stringify(args)}`).join("")
      : "";
    const reasoning = message.role === "assistant" ? message.reasoning ?? "" : "";
    return `\n<${message.role}>\n${reasoning}${message.content}${calls}`;
  }).join("");
}
