/** Talks to Ollama by its own protocol: the only one that can set the window and refuse silent truncation (FIELD.md items 1, 2, 7). */

import { ProviderError } from "../errors.ts";
import type { Profile, Sampling } from "../profile.ts";
import type { Finish, Reply, ToolSchema } from "../types.ts";
import { type Gatherer, gatherReply } from "./gather.ts";
import type { TransportOptions } from "./openai_transport.ts";
import { retryAfterMs, toThrow, withRetries } from "./retry.ts";
import { keyHeaders, rootOf } from "./server_facts.ts";
import {
  asRecord,
  errorOfRefusal,
  inStream,
  parseJson,
  readRefusal,
  type Refusal,
  type Where,
  windowError,
} from "./server_error.ts";
import { estimateRequest, estimateTokens, FRESH_MEMORY, learnTokens, type TokenMemory } from "./tokens.ts";
import type { ChatOptions, ModelRequest, ServerFacts, Transport } from "./transport.ts";
import { renderWire, rulesOf, toWire, type WireMessage } from "./wire.ts";

/** How long Ollama keeps the model after a request: a person reading an answer must not pay the load again (FIELD.md item 8). */
const KEEP_ALIVE = "30m";

/** Ollama holds back a native call until it is whole, so silence in the middle of a reply means less there. */
const TOOL_IDLE_FACTOR = 5;

/** Longest line of the stream: one call with a whole file in it fits many times. */
const MAX_LINE = 16 * 1024 * 1024;

/** What this model was found not to take, for the session. */
interface Refused {
  readonly tools: boolean;
  readonly think: boolean;
}

/** Makes a transport for `/api/chat`; `facts.window` is sent as `num_ctx` with each request, because a change reloads the model. */
export function ollamaTransport(options: TransportOptions): Transport {
  const { endpoint, profile, pacing, now } = options;
  const lifetime = new AbortController();
  const where: Where = { ...options.facts, baseUrl: rootOf(endpoint.baseUrl) };
  let facts = options.facts;
  let refused: Refused = { tools: facts.can.nativeTools === false, think: !facts.can.thinkingSwitch };
  let memory: TokenMemory = FRESH_MEMORY;

  const write = (messages: ModelRequest["messages"]) =>
    toWire(messages, refused.tools ? { ...rulesOf(profile), nativeCalls: "text" } : rulesOf(profile));

  async function attempt(request: ModelRequest, chat: ChatOptions): Promise<Reply> {
    const wire = write(request.messages);
    const tools = refused.tools ? [] : request.tools;
    const body = requestBody({ ...request, tools }, wire, { facts, profile, refused });
    const rendered = renderWire(wire, tools);
    const overflow = () => {
      // Ollama gives no numbers: ours are the estimate and the window that was asked for.
      const prompt = Math.max(facts.window + 1, estimateRequest(memory, rendered));
      return windowError(where, { prompt, window: facts.window });
    };
    const reply = await gatherReply(
      {
        where,
        chat,
        lifetime: lifetime.signal,
        idleMs: pacing.idleMs * (tools.length > 0 ? TOOL_IDLE_FACTOR : 1),
        prefill: facts.can.prefill ? request.prefill ?? "" : "",
      },
      (gatherer) => readStream(body, gatherer),
    ).catch((problem) => {
      throw problem instanceof ProviderError && problem.fault === "window_exceeded" ? overflow() : problem;
    });
    const { promptTokens } = reply.usage;
    // Versions that do not know `truncate: false` cut the prompt to the window without a word.
    if (promptTokens !== undefined && promptTokens >= facts.window) throw overflow();
    if (promptTokens) memory = learnTokens(memory, rendered, promptTokens);
    return reply;
  }

  async function readStream(body: Body, gatherer: Gatherer): Promise<void> {
    const response = await fetch(`${where.baseUrl}/api/chat`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...keyHeaders(endpoint),
      },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: gatherer.signal,
    });
    gatherer.hasAnswered = response.ok;
    const type = response.headers.get("content-type") ?? "";
    if (!response.ok || !response.body || type.includes("text/html")) {
      throw errorFor(await readRefusal(response));
    }
    let calls = 0;
    for await (const line of linesOf(response.body, () => gatherer.alive())) {
      const said = asRecord(parseJson(line));
      if (said.error !== undefined) throw errorFor(inStream(line));
      calls += takeLine(said, calls, gatherer);
    }
  }

  function errorFor(refusal: Refusal): Error {
    return toThrow(errorOfRefusal(refusal, where), retryAfterMs(refusal.retryAfter, now()));
  }

  /** Asks again without what the model was found not to take; each is left out once and for the session. */
  async function attemptChanged(request: ModelRequest, chat: ChatOptions): Promise<Reply> {
    for (;;) {
      try {
        return await attempt(request, chat);
      } catch (problem) {
        const text = problem instanceof Error ? problem.message : "";
        const field = /does not support (tools|thinking)/.exec(text)?.[1];
        if (field === "tools" && !refused.tools) {
          refused = { ...refused, tools: true };
          facts = { ...facts, can: { ...facts.can, nativeTools: false } };
        } else if (field === "thinking" && !refused.think) {
          refused = { ...refused, think: true };
          facts = { ...facts, can: { ...facts.can, thinkingSwitch: false } };
        } else {
          throw problem;
        }
        chat.onPart({ type: "retry", attempt: 1, waitMs: 0, reason: `the model takes no ${field}` });
      }
    }
  }

  return {
    get facts() {
      return facts;
    },
    chat(request, chat) {
      return withRetries(() => attemptChanged(request, chat), chat, pacing);
    },
    countTokens(request) {
      const rendered = renderWire(write(request.messages), refused.tools ? [] : request.tools);
      return Promise.resolve({ tokens: estimateRequest(memory, rendered), exact: false });
    },
    estimateTokens: (text) => estimateTokens(memory, text),
    close: () => lifetime.abort(new DOMException("The transport was closed", "AbortError")),
  };
}

type Body = Record<string, unknown>;

function requestBody(
  request: ModelRequest,
  wire: readonly WireMessage[],
  context: { facts: ServerFacts; profile: Profile; refused: Refused },
): Body {
  const { facts, profile, refused } = context;
  const messages = wire.map(ollamaMessage);
  if (request.prefill && facts.can.prefill) messages.push({ role: "assistant", content: request.prefill });
  const canThink = request.thinking !== undefined && profile.thinking.supported && !refused.think;
  const effort = request.thinking ? "medium" : "low";
  return {
    model: facts.model,
    messages,
    ...(request.tools.length > 0 ? { tools: request.tools.map(ollamaTool) } : {}),
    ...(canThink ? { think: profile.thinking.control === "effort" ? effort : request.thinking } : {}),
    ...(request.constraint?.kind === "json_schema" ? { format: request.constraint.schema } : {}),
    stream: true,
    keep_alive: KEEP_ALIVE,
    truncate: false,
    shift: false,
    options: {
      num_ctx: facts.window,
      num_predict: request.maxTokens,
      ...samplingFields(request.sampling),
      ...(request.stop && request.stop.length > 0 ? { stop: request.stop } : {}),
    },
  };
}

function ollamaMessage(message: WireMessage): Body {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content };
    case "assistant":
      return {
        role: "assistant",
        content: message.content,
        ...(message.reasoning === undefined ? {} : { thinking: message.reasoning }),
        ...(message.calls.length === 0
          ? {}
          : { tool_calls: message.calls.map(({ name, args }) => ({ function: { name, arguments: args } })) }),
      };
    case "tool":
      return { role: "tool", tool_name: message.name, content: message.content };
  }
}

function ollamaTool({ name, description, parameters }: ToolSchema): Body {
  return {
    type: "function",
    function: { name, description, parameters: { type: "object", properties: {}, ...parameters } },
  };
}

function samplingFields(sampling: Sampling): Body {
  const fields = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    top_k: sampling.topK,
    min_p: sampling.minP,
    repeat_penalty: sampling.repeatPenalty,
    presence_penalty: sampling.presencePenalty,
    seed: sampling.seed,
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Feeds one line; gives the number of calls in it. */
function takeLine(said: Readonly<Record<string, unknown>>, calls: number, gatherer: Gatherer): number {
  const message = asRecord(said.message);
  gatherer.reasoning(typeof message.thinking === "string" ? message.thinking : "");
  gatherer.text(typeof message.content === "string" ? message.content : "");
  const found = Array.isArray(message.tool_calls) ? message.tool_calls : [];
  for (const [position, call] of found.entries()) {
    const { name, arguments: args } = asRecord(asRecord(call).function);
    const id = asRecord(call).id;
    gatherer.call({
      index: calls + position,
      ...(typeof id === "string" && id !== "" ? { id } : {}),
      name: String(name ?? ""),
      arguments: typeof args === "string" ? args : JSON.stringify(args ?? {}),
    });
  }
  if (said.done === true) {
    gatherer.finish(finishOf(said.done_reason, calls + found.length));
    gatherer.counts(
      numbers({ promptTokens: said.prompt_eval_count, outputTokens: said.eval_count }),
      numbers({ prefillMs: toMs(said.prompt_eval_duration), outputMs: toMs(said.eval_duration) }),
    );
  }
  return found.length;
}

function finishOf(reason: unknown, calls: number): Finish {
  if (reason === "length") return "length";
  return calls > 0 ? "tool_calls" : "stop";
}

/** Ollama counts in nanoseconds. */
function toMs(nanoseconds: unknown): number | undefined {
  return typeof nanoseconds === "number" ? nanoseconds / 1e6 : undefined;
}

function numbers(fields: Record<string, unknown>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

/** Splits a body into its lines without the line ends, empty ones left out. @throws {RangeError} for a line over 16 MB */
async function* linesOf(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pieces: string[] = [];
  let length = 0;
  for await (const bytes of body) {
    onBytes();
    const lines = decoder.decode(bytes, { stream: true }).split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) {
      const whole = pieces.join("") + line;
      pieces = [];
      length = 0;
      if (whole.trim() !== "") yield whole;
    }
    pieces.push(rest);
    length += rest.length;
    if (length > MAX_LINE) throw new RangeError(`Cannot read a line of more than ${MAX_LINE} characters`);
  }
  const last = pieces.join("");
  if (last.trim() !== "") yield last;
}
