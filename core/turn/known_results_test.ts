import { deepEqual, equal } from "node:assert/strict";
import type { AgentDeps } from "./agent_deps.ts";
import { doneAlready } from "./known_results.ts";
import type { Tool } from "../tool.ts";
import type { Message, ToolCall, Turn } from "../types.ts";

const call = (id: string, value = "v"): ToolCall => ({ id, name: "remember", args: { key: "k", value } });
const made = (one: ToolCall, answer: string): Message[] => [
  { role: "assistant", content: "", calls: [one], via: "native" },
  { role: "tool", callId: one.id, name: one.name, content: answer },
];

function answered(
  messages: readonly Message[],
  given: { isIdempotent?: boolean; dedup?: boolean; start?: number } = {},
) {
  const { isIdempotent = true, dedup = true, start = 0 } = given;
  const events: string[] = [];
  const tool = { name: "remember", effect: "write", isIdempotent } as Tool;
  const deps = {
    tools: new Map([["remember", tool]]),
    profile: { harness: { dedup } },
    emit: (event: { type: string }) => events.push(event.type),
  } as unknown as AgentDeps;
  const ran = doneAlready({ messages, start, step: 2 } as unknown as Turn, call("2"), deps);
  deepEqual(events, ran ? ["tool_start", "tool_end"] : []);
  return ran?.message.content;
}

Deno.test("doneAlready() makes a write that may be made again once a turn, and only where it was done", () => {
  equal(answered(made(call("1"), "Kept.")), "This was done already in this turn. Go on.");
  equal(answered(made(call("1", "other"), "Kept.")), undefined, "another value");
  equal(answered(made(call("1"), "Error: the disk is full")), undefined, "it failed");
  equal(answered(made(call("1"), "Kept."), { start: 2 }), undefined, "in an earlier turn");
  equal(answered(made(call("1"), "Kept."), { isIdempotent: false }), undefined);
  equal(answered(made(call("1"), "Kept."), { dedup: false }), undefined);
});
