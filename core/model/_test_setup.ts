/** What the tests of this folder share: a profile, an endpoint, a connection that never waits by the clock. */

import type { Endpoint } from "../config/config.ts";
import type { HarnessSwitches, Profile } from "../profile.ts";
import type { UserMessage } from "../types.ts";
import { connect } from "./connect.ts";
import type { ScriptedServer } from "./scripted.ts";
import type { ChatOptions, ModelRequest, StreamPart, Transport } from "./transport.ts";

const ALL_ON: HarnessSwitches = {
  freezePrefix: true,
  textCalls: true,
  repairCalls: true,
  clampOutput: true,
  firstLook: true,
  route: true,
  readGuard: true,
  fuzzyEdit: true,
  editRecovery: true,
  semanticMerge: true,
  constrain: true,
  syntaxGate: true,
  keepNames: true,
  compaction: true,
  plan: true,
  askPlan: true,
  verify: true,
  govern: true,
  improve: true,
  claims: true,
  dedup: true,
  scores: true,
  hardFail: true,
  plugins: true,
  mcp: true,
};

export const PROFILE: Profile = {
  name: "test",
  match: ["*"],
  trainedWindow: 32_768,
  dialect: "native",
  editFormat: "search_replace",
  envelope: "free",
  sampling: {},
  thinking: { supported: false, control: "none", enabled: false, budgetTokens: 0, replay: false },
  roles: { system: "system", toolResult: "user" },
  maxOutputTokens: 1_000,
  firstLookPct: 20,
  harness: ALL_ON,
};

export function endpointOf(baseUrl: string, more: Partial<Endpoint> = {}): Endpoint {
  return { tier: "default", provider: "custom", baseUrl, model: "", ...more };
}

export const hello: UserMessage = { role: "user", content: "hello" };

export const REQUEST: ModelRequest = { messages: [hello], tools: [], sampling: {}, maxTokens: 100 };

/** Connects to a scripted server; `waits` collects the waits that were asked for. */
export function connectTo(
  server: Pick<ScriptedServer, "url">,
  more: {
    endpoint?: Partial<Endpoint>;
    profile?: Partial<Profile>;
    window?: number;
    waits?: number[];
    idleMs?: number;
    now?: () => number;
  } = {},
): Promise<Transport> {
  const baseUrl = more.endpoint?.provider === "ollama" ? server.url.replace(/\/v1$/, "") : server.url;
  return connect({
    endpoint: endpointOf(baseUrl, more.endpoint),
    profileOf: () => ({ ...PROFILE, ...more.profile }),
    ...(more.window === undefined ? {} : { window: more.window }),
    ...(more.now === undefined ? {} : { now: more.now }),
    signal: new AbortController().signal,
    pacing: {
      sleep: (ms, signal) => {
        more.waits?.push(ms);
        return signal.aborted ? Promise.reject(signal.reason) : Promise.resolve();
      },
      idleMs: more.idleMs ?? 60_000,
    },
  });
}

/** Options that collect the parts. */
export function collecting(): ChatOptions & { readonly parts: StreamPart[] } {
  const parts: StreamPart[] = [];
  return { parts, signal: new AbortController().signal, onPart: (part) => void parts.push(part) };
}
