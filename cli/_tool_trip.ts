/** One real tool round trip with a model: the call, its result, the answer. Shared by `doctor` and the wizard. */

import type { Transport } from "../core/model/transport.ts";
import { dialectPrompt } from "../core/parse/dialect.ts";
import { parseReply } from "../core/parse/parse_reply.ts";
import type { Profile } from "../core/profile.ts";
import { PROBE_FILE, PROBE_RESULT, PROBE_TASK, PROBE_TOOL, PROBE_WORD } from "../core/prompt/probe_text.ts";
import { rules } from "../core/prompt/text/rules.ts";
import type { Message, Parsed, Reply } from "../core/types.ts";

/** How a call was understood. `text`: written in the reply's text, in the dialect named. */
export type TripResult =
  | { readonly kind: "native" }
  | { readonly kind: "text"; readonly dialect: string; readonly repairs: readonly string[] }
  | { readonly kind: "wrong_call"; readonly sent: string }
  | { readonly kind: "not_understood"; readonly why: string; readonly sent: string };

export interface ToolTrip {
  readonly result: TripResult;
  /** Whether the answer names what the tool gave. */
  readonly isAnswered: boolean;
  /** Tokens a second, where the server tells its times. */
  readonly speed: { readonly prefill?: number; readonly output?: number };
  /** Of the second request, whose beginning is the first one; absent where the server does not say. */
  readonly cache?: { readonly cachedTokens: number; readonly promptTokens: number };
}

/** Enough for a call and a short answer; a thinking model gets its budget on top. */
const CALL_TOKENS = 256;

/**
 * Offers one tool in the profile's own dialect, runs no tool, and gives the model a made-up result.
 * @throws {ProviderError}
 */
export async function tryTool(
  transport: Transport,
  profile: Profile,
  signal: AbortSignal,
): Promise<ToolTrip> {
  const isNative = profile.dialect === "native";
  const head: readonly Message[] = [
    {
      role: "system",
      content: [rules("bash", profile.editFormat), dialectPrompt(profile.dialect, [PROBE_TOOL])]
        .filter(Boolean).join("\n\n"),
    },
    { role: "user", content: PROBE_TASK },
  ];
  const { thinking } = profile;
  const ask = (messages: readonly Message[]) =>
    transport.chat({
      messages,
      tools: isNative ? [PROBE_TOOL] : [],
      sampling: profile.sampling,
      maxTokens: CALL_TOKENS + (thinking.supported && thinking.enabled ? thinking.budgetTokens : 0),
      ...(thinking.supported ? { thinking: thinking.enabled } : {}),
    }, { signal, onPart: () => undefined });
  const first = await ask(head);
  const parsed = parseReply(first, [PROBE_TOOL]);
  const second = await ask([...head, ...answered(first, parsed)]);
  return {
    result: judge(first, parsed),
    isAnswered: second.text.toLowerCase().includes(PROBE_WORD),
    speed: speedOf([first, second]),
    ...cacheOf(second),
  };
}

/** The messages after the first request: the call and its result. Without a call the same request is sent again, for the cache. */
function answered(reply: Reply, parsed: Parsed): readonly Message[] {
  const call = parsed.kind === "calls" ? parsed.calls[0] : undefined;
  if (parsed.kind !== "calls" || !call) return [];
  const id = call.id ?? "call_probe";
  const { via } = parsed;
  return [
    {
      role: "assistant",
      content: reply.text,
      ...(reply.reasoning === "" ? {} : { reasoning: reply.reasoning }),
      calls: [{ id, name: call.name, args: call.args }],
      via,
    },
    { role: "tool", callId: id, name: call.name, content: PROBE_RESULT },
  ];
}

function judge(reply: Reply, parsed: Parsed): TripResult {
  switch (parsed.kind) {
    case "calls": {
      const call = parsed.calls[0];
      const path = String(call?.args.path ?? "").replace(/^\.\//, "");
      if (path !== PROBE_FILE) return { kind: "wrong_call", sent: JSON.stringify(call) };
      return parsed.via === "native"
        ? { kind: "native" }
        : { kind: "text", dialect: parsed.dialect, repairs: parsed.repairs };
    }
    case "final": {
      const sent = parsed.text || reply.reasoning;
      return { kind: "not_understood", why: sent === "" ? "the reply was empty" : "it held no call", sent };
    }
    case "malformed":
      return { kind: "not_understood", why: parsed.problem.why, sent: parsed.problem.sent };
  }
}

/** Prefill by the first request, which is the long one that is new; output by all tokens written. */
function speedOf(replies: readonly [Reply, Reply]): ToolTrip["speed"] {
  const [{ usage, timings }] = replies;
  const read = usage.promptTokens === undefined ? undefined : usage.promptTokens - (usage.cachedTokens ?? 0);
  const prefill = rate(read, timings.prefillMs);
  const output = rate(
    sum(replies.map((reply) => reply.usage.outputTokens)),
    sum(replies.map((reply) => reply.timings.outputMs)),
  );
  return { ...(prefill === undefined ? {} : { prefill }), ...(output === undefined ? {} : { output }) };
}

function rate(tokens: number | undefined, ms: number | undefined): number | undefined {
  return tokens === undefined || ms === undefined || ms <= 0 ? undefined : tokens / (ms / 1000);
}

function sum(values: readonly (number | undefined)[]): number | undefined {
  return values.reduce(
    (total, value) => total === undefined || value === undefined ? undefined : total + value,
    0,
  );
}

function cacheOf({ usage }: Reply): Pick<ToolTrip, "cache"> {
  const { cachedTokens, promptTokens } = usage;
  return cachedTokens === undefined || promptTokens === undefined
    ? {}
    : { cache: { cachedTokens, promptTokens } };
}
