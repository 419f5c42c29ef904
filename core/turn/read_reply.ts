/** What a reply means, what it costs, and how the history keeps it. */

import type { AgentDeps } from "./agent_deps.ts";
import { readMerged } from "./edit_recovery.ts";
import { readDoneAgain } from "../guard/done_again.ts";
import { addMessages } from "./history.ts";
import { mayHoldYaml } from "../parse/dialects/yaml.ts";
import { parseReply } from "../parse/parse_reply.ts";
import { STANDS_ALREADY } from "../prompt/text/replies.ts";
import { keptOf } from "./thinking.ts";
import type { AssistantMessage, Parsed, Reply, ToolCall, Turn, Verdict } from "../types.ts";

/** Reads a reply in every dialect, lines that were asked for included; emits one `parsed` event. */
export async function readReply(turn: Turn, reply: Reply, deps: AgentDeps): Promise<Parsed> {
  const mayBeYaml = [reply.text, reply.reasoning].some(mayHoldYaml);
  const read = parseReply(reply, turn.head.offered, {
    repair: deps.profile.harness.repairCalls,
    text: deps.profile.harness.textCalls,
    files: deps.isKnownFile,
    ...(mayBeYaml ? { yaml: (await import("../parse/yaml_text.ts")).parseYaml } : {}),
  });
  const parsed = await readMerged(turn, read, reply.text, deps.world.files);
  emitParsed(parsed, deps);
  return deps.profile.harness.govern ? readDoneAgain(parsed, turn.calls, STANDS_ALREADY) : parsed;
}

function emitParsed(parsed: Parsed, deps: AgentDeps): void {
  deps.emit({
    type: "parsed",
    kind: parsed.kind,
    calls: parsed.kind === "calls" ? parsed.calls.map((call) => call.name) : [],
    dialect: parsed.kind === "final" ? "" : parsed.dialect,
    repairs: parsed.kind === "final" ? [] : parsed.repairs,
    why: parsed.kind === "malformed" ? parsed.problem.why : "",
  });
}

/** Counts a reply. The server's own numbers, where it gives them, replace the estimates. */
export function countReply(turn: Turn, reply: Reply, estimated: number): Turn {
  const prompt = reply.usage.promptTokens ?? estimated;
  const output = reply.usage.outputTokens ?? 0;
  const header = { prompt: reply.earlier?.promptTokens ?? 0, cached: reply.earlier?.cachedTokens ?? 0 };
  const { merge: _, ...rest } = turn; // a merge is asked of one reply
  return {
    ...rest,
    step: turn.step + 1,
    tokens: {
      prompt: turn.tokens.prompt + header.prompt + prompt,
      prefilled: turn.tokens.prefilled + header.prompt - header.cached + prompt -
        (reply.usage.cachedTokens ?? 0),
      output: turn.tokens.output + (reply.earlier?.outputTokens ?? 0) + output,
    },
    measured: reply.usage.promptTokens === undefined
      ? turn.measured
      : { messages: turn.messages.length + 1, tokens: prompt + output },
  };
}

/** The calls of a reply with ids that are free in the session. */
export function callsOf(parsed: Parsed, turn: Turn, deps: AgentDeps): readonly ToolCall[] {
  if (parsed.kind !== "calls") return [];
  const taken = new Set(
    turn.messages.flatMap((m) => m.role === "assistant" ? m.calls.map((call) => call.id) : []),
  );
  return parsed.calls.map(({ id, name, args }) => {
    const free = id !== undefined && id !== "" && !taken.has(id) ? id : deps.newId();
    taken.add(free);
    return { id: free, name, args };
  });
}

/** A reply as the history keeps it. */
export function assistantMessage(
  reply: Reply,
  parsed: Parsed,
  calls: readonly ToolCall[],
  { profile, transport }: AgentDeps,
): AssistantMessage {
  const via = parsed.kind === "calls" ? parsed.via : "text";
  const kept = keptOf(reply, profile, (text) => transport.estimateTokens(text));
  return { role: "assistant", calls, via, ...kept };
}

/** A reply as it enters the history: not where the verdict forgets it. */
export function keptReply(
  verdict: Verdict,
  said: { readonly reply: Reply; readonly parsed: Parsed; readonly calls: readonly ToolCall[] },
  deps: AgentDeps,
): readonly AssistantMessage[] {
  if (verdict.kind === "correct" && verdict.forgets) return [];
  return [assistantMessage(said.reply, said.parsed, said.calls, deps)];
}

/** Answers a reply whose calls, if any, are not run, and which is no mistake: it counts as no correction. */
export function answerReply(
  turn: Turn,
  said: { readonly reply: Reply; readonly parsed: Parsed; readonly answer: string },
  deps: AgentDeps,
): Turn {
  const { reply, parsed, answer } = said;
  const messages = [assistantMessage(reply, parsed, [], deps), { role: "user" as const, content: answer }];
  return addMessages(turn, messages, deps);
}
