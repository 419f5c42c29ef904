/** The server of a hostile model. */

import { openHostileModel } from "./_test_hostile_model.ts";
import { openCalls, type Waits, type Witness } from "./_test_hostile_witness.ts";
import { type Next, pick } from "./_test_seeds.ts";
import { ProviderError } from "./errors.ts";
import type { StreamPart, Transport } from "./model/transport.ts";
import type { Reply } from "./types.ts";

/** A server that says what its model says, in pieces, and at times fails before, in the middle or after. */
export function openHostileServer(next: Next, waits: Waits, witness: Witness, window: number): Transport {
  const model = openHostileModel(next);
  const estimateTokens = (text: string) => Math.ceil(text.length / 4);
  return {
    facts: {
      ...{
        kind: pick(next, ["unknown", "llamacpp", "ollama"]),
        baseUrl: "http://127.0.0.1:1/v1",
        version: "",
      },
      ...{ model: "hostile", models: [], window, windowSource: "test", windowIsLoaded: true },
      can: {
        ...{
          nativeTools: true,
          countTokens: false,
          constrain: pick(next, [[], ["json_schema"], ["grammar"]]),
        },
        ...{ prefill: next() < 0.5, prefillProgress: false, thinkingSwitch: next() < 0.5 },
      },
    },
    async chat({ messages }, { signal, onPart }) {
      signal.throwIfAborted();
      witness.calls++;
      waits.moment();
      const open = openCalls(messages);
      if (open.length > 0) throw new Error(`a request with calls that have no answer: ${open}`);
      const reply = await waits.pass(() => {
        if (next() < 0.01) throw new ProviderError("unreachable", "the server went away");
        return model.reply();
      });
      signal.throwIfAborted();
      const dies = next() < 0.02;
      const sent = sendParts(reply, onPart);
      if (dies) throw new ProviderError("cut", "the server died in the middle");
      return sent;
    },
    countTokens: ({ messages }) =>
      waits.pass(() => ({ tokens: estimateTokens(JSON.stringify(messages)), exact: false })),
    estimateTokens,
    close: () => {},
  };
}

function sendParts(reply: Reply, onPart: (part: StreamPart) => "stop" | void): Reply {
  for (const type of ["reasoning", "text"] as const) {
    const whole = reply[type];
    for (let at = 0; at < whole.length; at += 400) {
      if (onPart({ type, text: whole.slice(at, at + 400) }) !== "stop") continue;
      const rest = type === "reasoning"
        ? { reasoning: whole.slice(0, at + 400), text: "" }
        : { text: whole.slice(0, at + 400) };
      return { ...reply, calls: [], ...rest, finish: "stopped" };
    }
  }
  return reply;
}
