/**
 * DESIGN decision 1: from step to step only the tail of the rendered prompt is new. The layouts below are how the families' chat templates
 * lay a conversation out, written down from their model cards, each with the quirk that could break the prefix.
 */

import assert from "node:assert/strict";
import { loadProfiles } from "../config/profiles.ts";
import type { Profile } from "../profile.ts";
import type { Message } from "../types.ts";
import { toWire, type WireMessage } from "./wire.ts";

type Layout = (wire: readonly WireMessage[]) => string;

const callsOf = (message: WireMessage) => message.role === "assistant" ? JSON.stringify(message.calls) : "";
const reasoningOf = (message: WireMessage) => message.role === "assistant" ? message.reasoning ?? "" : "";
const lastUser = (wire: readonly WireMessage[]) => wire.findLastIndex((message) => message.role === "user");

/** ChatML (Qwen): neighbouring tool results share a user turn; reasoning in front of the last user message is dropped. */
const chatml: Layout = (wire) =>
  wire.map((message, i) => {
    if (message.role === "tool") {
      const open = wire[i - 1]?.role === "tool" ? "" : "<|im_start|>user";
      const close = wire[i + 1]?.role === "tool" ? "" : "<|im_end|>\n";
      return `${open}\n<tool_response>\n${message.content}\n</tool_response>${close}`;
    }
    const thought = i > lastUser(wire) && reasoningOf(message) !== ""
      ? `<think>\n${reasoningOf(message)}\n</think>\n\n`
      : "";
    const calls = callsOf(message) === "[]" ? "" : callsOf(message);
    return `<|im_start|>${message.role}\n${thought}${message.content}${calls}<|im_end|>\n`;
  }).join("");

/** Gemma: no system role, turns of user and model that must alternate. */
const gemma: Layout = (wire) => {
  wire.forEach((message, i) =>
    assert.ok(i === 0 || message.role !== wire[i - 1]?.role, "roles must alternate")
  );
  return `<bos>${
    wire.map((message) => {
      assert.notEqual(message.role, "system", "there is no system role");
      return `<start_of_turn>${
        message.role === "assistant" ? "model" : "user"
      }\n${message.content.trim()}<end_of_turn>\n`;
    }).join("")
  }`;
};

/** Llama 3, Granite, LFM2: a header for each message, results in a role of their own. */
const headers: Layout = (wire) =>
  `<|begin_of_text|>${
    wire.map((message) =>
      `<|start_header_id|>${
        message.role === "tool" ? "ipython" : message.role
      }<|end_header_id|>\n\n${message.content.trim()}${callsOf(message)}<|eot_id|>`
    ).join("")
  }`;

/** Mistral: user turns in marks; the system text leads the first of them. */
const mistral: Layout = (wire) =>
  `<s>${
    wire.map((message) => {
      switch (message.role) {
        case "system":
          return `[SYSTEM_PROMPT]${message.content}[/SYSTEM_PROMPT]`;
        case "user":
          return `[INST]${message.content}[/INST]`;
        case "assistant":
          return `${message.content}[TOOL_CALLS]${callsOf(message)}</s>`;
        case "tool":
          return `[TOOL_RESULTS]${message.content}[/TOOL_RESULTS]`;
      }
    }).join("")
  }`;

/** Harmony (gpt-oss): reasoning is kept while tools are called, and dropped once the turn has its answer. */
const harmony: Layout = (wire) =>
  wire.map((message, i) => {
    const thought = i > lastUser(wire) && reasoningOf(message) !== ""
      ? `<|start|>assistant<|channel|>analysis<|message|>${reasoningOf(message)}<|end|>`
      : "";
    return `${thought}<|start|>${message.role}<|message|>${message.content}${callsOf(message)}<|end|>`;
  }).join("");

const LAYOUTS: Readonly<Record<string, Layout>> = {
  "deepseek-r1-distill": chatml,
  "cloud": chatml,
  "default": chatml,
  "devstral-small": mistral,
  "gemma3": gemma,
  "gemma4": chatml,
  "gpt-oss-20b": harmony,
  "granite": headers,
  "lfm2": chatml,
  "llama3-8b": headers,
  "qwen2.5-coder": chatml,
  "qwen2.5-coder-small": chatml,
  "qwen3-8b": chatml,
  "qwen3-coder-30b-a3b": chatml,
};

/** A turn of two calls, one of them double, a correction, and an answer, as its history grows. */
function historyFor(profile: Profile): readonly Message[] {
  const via = profile.dialect === "native" ? "native" : "text";
  const call = (id: string) => ({ id, name: "read_file", args: { path: `${id}.ts` } });
  const result = (id: string): Message => ({
    role: "tool",
    callId: id,
    name: "read_file",
    content: `text of ${id}`,
  });
  return [
    { role: "system", content: "rules and tools" },
    { role: "user", content: "fix it" },
    {
      role: "assistant",
      content: via === "text" ? "read_file a.ts" : "",
      reasoning: "hm",
      calls: [call("a")],
      via,
    },
    result("a"),
    {
      role: "assistant",
      content: via === "text" ? "read_file b.ts\nread_file c.ts" : "",
      calls: [call("b"), call("c")],
      via,
    },
    result("b"),
    result("c"),
    { role: "assistant", content: "It is fixed.", calls: [], via: "text" },
    { role: "user", content: "Not done: the test is red." },
    { role: "assistant", content: via === "text" ? "read_file d.ts" : "", calls: [call("d")], via },
    result("d"),
  ];
}

Deno.test("toWire() gives every family's template a prompt that only grows at its end", async () => {
  const profiles = await loadProfiles(new URL("../../profiles/", import.meta.url));
  assert.deepEqual(profiles.map(({ name }) => name).sort(), Object.keys(LAYOUTS).sort());
  for (const profile of profiles) {
    const layout = LAYOUTS[profile.name]!;
    const rules = {
      ...profile.roles,
      replayReasoning: profile.thinking.replay,
      nativeCalls: profile.dialect === "native" ? "native" as const : "text" as const,
    };
    const history = historyFor(profile);
    // Requests are sent where the last message is not the model's.
    const requests = history.flatMap((message, i) =>
      message.role === "user" || message.role === "tool" ? [history.slice(0, i + 1)] : []
    );
    const prompts = requests.map((messages) => layout(toWire(messages, rules)));
    for (const [i, prompt] of prompts.entries()) {
      const before = prompts[i - 1];
      // A result that joins the turn before it, and a template that closes a shared turn, end differently: the last line may change.
      if (before) {
        assert.ok(
          prompt.startsWith(before.slice(0, tailStart(before, profile))),
          `${profile.name}, request ${i}:\n${before}\n---\n${prompt}`,
        );
      }
    }
  }
});

/**
 * Where the tail of a prompt begins: at the last message. For gpt-oss reasoning is replayed and its template drops it at the next user
 * message, which a correction is: there the tail begins at the first reasoning.
 */
function tailStart(prompt: string, profile: Profile): number {
  if (profile.thinking.replay) return Math.max(0, prompt.indexOf("hm") - 60);
  return Math.max(0, prompt.length - 60);
}
