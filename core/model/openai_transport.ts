/** Talks to servers that speak OpenAI's chat completions: llama.cpp, LM Studio, vLLM, cloud providers. */

import type { Endpoint } from "../config/config.ts";
import type { Profile, Sampling } from "../profile.ts";
import type { Finish, Reply, Timings, Usage } from "../types.ts";
import { type Gatherer, gatherReply, NotAStream } from "./gather.ts";
import { retryAfterMs, toThrow, withRetries } from "./retry.ts";
import type { Pacing } from "./retry.ts";
import { keyHeaders, rootOf } from "./server_facts.ts";
import {
  asRecord,
  errorOfRefusal,
  inStream,
  parseJson,
  readRefusal,
  type Refusal,
  saidBy,
  type Where,
} from "./server_error.ts";
import { estimateRequest, estimateTokens, FRESH_MEMORY, learnTokens, type TokenMemory } from "./tokens.ts";
import type { ChatOptions, ModelRequest, ServerFacts, Transport } from "./transport.ts";
import { renderWire, rulesOf, toWire, type WireMessage, type WriteRules } from "./wire.ts";

/** What a transport is made of. */
export interface TransportOptions {
  readonly endpoint: Endpoint;
  readonly facts: ServerFacts;
  readonly profile: Profile;
  readonly pacing: Pacing;
  /** Milliseconds since 1970, for `Retry-After` dates. */
  readonly now: () => number;
}

/** What this server was found not to take; kept for the session, so that later requests share the same head. */
interface Refused {
  readonly fields: ReadonlySet<string>;
  readonly rules: Partial<WriteRules>;
}

/** Most requests that are changed and asked again because of a refused field. */
const MAX_CHANGES = 6;
/** A timer's longest time, about 24 days: the client library's own time limit is of no use here (see `Pacing.idleMs`). */
const NO_LIMIT_MS = 2 ** 31 - 1;

/** Makes a transport for the OpenAI protocol. */
export function openaiTransport(options: TransportOptions): Transport {
  const { endpoint, profile, pacing, now } = options;
  const lifetime = new AbortController();
  const where: Where = { ...options.facts, baseUrl: endpoint.baseUrl };
  let facts = options.facts;
  let refused: Refused = { fields: new Set(), rules: {} };
  let memory: TokenMemory = FRESH_MEMORY;
  let counter: TokenCounter | undefined = counterOf(facts);

  const write = (messages: ModelRequest["messages"]) =>
    toWire(messages, { ...rulesOf(profile), ...refused.rules });

  async function attempt(request: ModelRequest, chat: ChatOptions): Promise<Reply> {
    for (let changes = 0;; changes++) {
      const wire = write(request.messages);
      const body = requestBody(request, wire, { facts, profile, refused });
      try {
        const reply = await gatherReply(
          {
            where,
            chat,
            lifetime: lifetime.signal,
            idleMs: pacing.idleMs,
            prefill: facts.can.prefill ? request.prefill ?? "" : "",
          },
          (gatherer) => readStream(body, gatherer, { endpoint, where }),
        );
        const tools = "tools" in body ? request.tools : [];
        if (reply.usage.promptTokens) {
          memory = learnTokens(memory, renderWire(wire, tools), reply.usage.promptTokens);
        }
        return reply;
      } catch (problem) {
        if (!(problem instanceof NotAStream)) throw problem;
        const { refusal } = problem;
        const error = errorOfRefusal(refusal, where);
        const change = error.fault === "rejected" && changes < MAX_CHANGES
          ? changeFor(refusal, body, refused)
          : undefined;
        if (change) {
          refused = change.refused;
          if (refused.fields.has("tools")) facts = { ...facts, can: { ...facts.can, nativeTools: false } };
          chat.onPart({ type: "retry", attempt: 1, waitMs: 0, reason: change.reason });
          continue;
        }
        throw toThrow(error, retryAfterMs(refusal.retryAfter, now()));
      }
    }
  }

  return {
    get facts() {
      return facts;
    },
    chat(request, chat) {
      return withRetries(() => attempt(request, chat), chat, pacing);
    },
    async countTokens(request, signal) {
      const wire = write(request.messages);
      const tools = refused.fields.has("tools") ? [] : request.tools;
      const rendered = renderWire(wire, tools);
      if (counter) {
        const tokens = await counter(
          endpoint,
          { messages: wire.map(openaiMessage), ...toolsField(tools) },
          signal,
        );
        if (tokens !== undefined) {
          memory = learnTokens(memory, rendered, tokens);
          return { tokens, exact: true };
        }
        counter = undefined;
      }
      return { tokens: estimateRequest(memory, rendered), exact: false };
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
  const messages: Body[] = wire.map(openaiMessage);
  const prefill = facts.can.prefill ? request.prefill ?? "" : "";
  if (prefill !== "") messages.push({ role: "assistant", content: prefill });
  const body: Body = {
    model: facts.model,
    messages,
    ...toolsField(request.tools),
    ...samplingFields(request.sampling, facts),
    max_tokens: request.maxTokens,
    ...(request.stop && request.stop.length > 0 ? { stop: request.stop } : {}),
    ...thinkingFields(request.thinking, facts, profile),
    // Read by build 11434 (tools/server/server-common.cpp); llama.cpp's older builds and pull request 20297 know no field of a request.
    ...(facts.kind === "llamacpp" && request.thinkingBudget !== undefined
      ? { thinking_budget_tokens: request.thinkingBudget }
      : {}),
    ...constraintFields(request, facts),
    ...(prefill !== "" && facts.kind === "vllm"
      ? { continue_final_message: true, add_generation_prompt: false }
      : {}),
    ...(facts.can.prefillProgress ? { return_progress: true } : {}),
    stream: true,
    stream_options: { include_usage: true },
  };
  if (refused.fields.has("max_tokens")) body.max_completion_tokens = request.maxTokens;
  for (const field of refused.fields) delete body[field];
  return body;
}

function openaiMessage(message: WireMessage): Body {
  switch (message.role) {
    case "system":
    case "user":
      return { role: message.role, content: message.content };
    case "assistant":
      return {
        role: "assistant",
        content: message.content,
        ...(message.reasoning === undefined ? {} : { reasoning_content: message.reasoning }),
        ...(message.calls.length === 0 ? {} : {
          tool_calls: message.calls.map((call) => ({
            id: call.id,
            type: "function",
            function: { name: call.name, arguments: JSON.stringify(call.args) },
          })),
        }),
      };
    case "tool":
      return { role: "tool", tool_call_id: message.callId, content: message.content };
  }
}

/** No `tools` rather than an empty list: some servers reject that. */
function toolsField(tools: ModelRequest["tools"]): Body {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      type: "function",
      function: { name, description, parameters: { type: "object", properties: {}, ...parameters } },
    })),
  };
}

/** Sampling under the names that each server reads; those outside the protocol go only to servers known to take them. */
function samplingFields(sampling: Sampling, facts: ServerFacts): Body {
  const penalty = facts.kind === "vllm" ? "repetition_penalty" : "repeat_penalty";
  const isLocal = facts.kind === "llamacpp" || facts.kind === "lmstudio" || facts.kind === "vllm";
  const fields: Body = {
    temperature: sampling.temperature,
    top_p: sampling.topP,
    presence_penalty: sampling.presencePenalty,
    seed: sampling.seed,
    ...(isLocal ? { top_k: sampling.topK, min_p: sampling.minP, [penalty]: sampling.repeatPenalty } : {}),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function thinkingFields(thinking: boolean | undefined, facts: ServerFacts, profile: Profile): Body {
  if (thinking === undefined || !profile.thinking.supported || profile.thinking.control === "none") return {};
  const takesTemplateArguments = facts.kind === "llamacpp" || facts.kind === "vllm";
  if (profile.thinking.control === "template") {
    return takesTemplateArguments ? { chat_template_kwargs: { enable_thinking: thinking } } : {};
  }
  const effort = thinking ? "medium" : "low";
  return takesTemplateArguments
    ? { chat_template_kwargs: { reasoning_effort: effort } }
    : { reasoning_effort: effort };
}

function constraintFields(request: ModelRequest, facts: ServerFacts): Body {
  const { constraint } = request;
  if (!constraint || !facts.can.constrain.includes(constraint.kind)) return {};
  switch (constraint.kind) {
    case "json_schema":
      return {
        response_format: {
          type: "json_schema",
          json_schema: { name: "reply", strict: true, schema: constraint.schema },
        },
      };
    case "grammar":
      return facts.kind === "vllm"
        ? { structured_outputs: { grammar: constraint.grammar } }
        : { grammar: constraint.grammar };
  }
}

/** One chunk as servers send it: OpenAI's, and what others add. */
interface Chunk {
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null;
      readonly reasoning_content?: string | null;
      readonly reasoning?: string | null;
      readonly tool_calls?: readonly {
        readonly index?: number;
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: unknown };
      }[];
    };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: {
    readonly prompt_tokens?: number;
    readonly completion_tokens?: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  } | null;
  readonly timings?: {
    readonly cache_n?: number;
    readonly prompt_n?: number;
    readonly prompt_ms?: number;
    readonly predicted_n?: number;
    readonly predicted_ms?: number;
  };
  readonly prompt_progress?: {
    readonly total: number;
    readonly cache: number;
    readonly processed: number;
    readonly time_ms: number;
  };
}

/**
 * Sends a request and feeds its stream to the gatherer. The client library, which reads the stream, is loaded while the server works: the
 * request is on its way already. @throws {NotAStream} for any other answer
 */
async function readStream(
  body: Body,
  gatherer: Gatherer,
  { endpoint, where }: { endpoint: Endpoint; where: Where },
): Promise<void> {
  const sent = fetchStream(`${endpoint.baseUrl}/chat/completions`, {
    method: "POST",
    headers: headersFor(endpoint),
    body: JSON.stringify(body),
    signal: gatherer.signal,
  }, gatherer);
  sent.catch(() => {}); // the client throws it
  const { OpenAI, APIError, APIConnectionError } = await import("openai");
  const client = new OpenAI({
    baseURL: endpoint.baseUrl,
    apiKey: endpoint.apiKey ?? "none",
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: 0,
    timeout: NO_LIMIT_MS,
    fetch: () => sent,
  });
  try {
    const stream = await client.chat.completions.create(body as never, { signal: gatherer.signal });
    for await (const chunk of stream as unknown as AsyncIterable<Chunk>) takeChunk(chunk, gatherer);
  } catch (problem) {
    if (problem instanceof APIConnectionError && problem.cause) throw problem.cause;
    if (problem instanceof APIError && problem.error !== undefined) {
      throw midStreamError(problem.error, where);
    }
    throw problem;
  }
}

/** Ours instead of the library's, which adds what it finds in OPENAI_* variables and names this machine's system and runtime. */
function headersFor(endpoint: Endpoint): Record<string, string> {
  return {
    "content-type": "application/json",
    accept: "text/event-stream",
    ...(endpoint.apiKey === undefined ? {} : { authorization: `Bearer ${endpoint.apiKey}` }),
  };
}

/** An error that the server put into the stream. */
function midStreamError(said: unknown, where: Where): Error {
  const code = asRecord(said).code;
  const status = typeof code === "number" && code >= 400 ? code : 500;
  return toThrow(errorOfRefusal(inStream(JSON.stringify({ error: said }), status), where));
}

/** Redirects are not followed, so that no key reaches another host. */
async function fetchStream(
  url: string,
  init: RequestInit,
  gatherer: Gatherer,
): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "manual" });
  gatherer.hasAnswered = response.ok;
  const type = response.headers.get("content-type") ?? "";
  if (response.ok && response.body && type.includes("text/event-stream")) {
    const watched = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          gatherer.alive();
          controller.enqueue(bytes);
        },
      }),
    );
    return new Response(watched, { status: response.status, headers: response.headers });
  }
  const refusal = await readRefusal(response);
  const whole = response.ok ? streamOfWhole(parseJson(refusal.body)) : undefined;
  if (whole === undefined) throw new NotAStream(refusal);
  return new Response(whole, { headers: { "content-type": "text/event-stream" } });
}

/** A server that does not stream sends the reply as one object. */
function streamOfWhole(body: unknown): string | undefined {
  const choice = asRecord((asRecord(body).choices as readonly unknown[] | undefined)?.[0]);
  if (choice.message === undefined) return undefined;
  const chunk = { ...asRecord(body), choices: [{ ...choice, delta: choice.message }] };
  return `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`;
}

function takeChunk(chunk: Chunk, gatherer: Gatherer): void {
  const progress = chunk.prompt_progress;
  if (progress) {
    gatherer.prefill({
      done: progress.processed,
      total: progress.total,
      cached: progress.cache,
      ms: progress.time_ms,
    });
  }
  const choice = chunk.choices?.[0];
  const delta = choice?.delta;
  gatherer.reasoning(delta?.reasoning_content ?? delta?.reasoning ?? "");
  gatherer.text(delta?.content ?? "");
  for (const [position, call] of (delta?.tool_calls ?? []).entries()) {
    const args = call.function?.arguments;
    gatherer.call({
      index: call.index ?? position,
      ...(call.id ? { id: call.id } : {}),
      name: call.function?.name ?? "",
      arguments: typeof args === "string"
        ? args
        : args === undefined || args === null
        ? ""
        : JSON.stringify(args),
    });
  }
  if (choice?.finish_reason) gatherer.finish(finishOf(choice.finish_reason));
  gatherer.counts(usageOf(chunk), timingsOf(chunk));
}

function finishOf(reason: string): Finish {
  switch (reason) {
    case "length":
      return "length";
    case "tool_calls":
    case "function_call":
      return "tool_calls";
    default:
      return "stop";
  }
}

function usageOf({ usage, timings }: Chunk): Usage {
  const read = timings?.prompt_n === undefined ? undefined : timings.prompt_n + (timings.cache_n ?? 0);
  return defined({
    promptTokens: usage?.prompt_tokens ?? read,
    cachedTokens: timings?.cache_n ?? usage?.prompt_tokens_details?.cached_tokens,
    outputTokens: usage?.completion_tokens ?? timings?.predicted_n,
  });
}

function timingsOf({ timings }: Chunk): Timings {
  return defined({ prefillMs: timings?.prompt_ms, outputMs: timings?.predicted_ms });
}

/** The fields that have a number. */
function defined(fields: Record<string, number | undefined>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
  );
}

/** Fields that a reply can do without, in the order in which a refusal's words are searched for them. */
const OPTIONAL_FIELDS = [
  "stream_options",
  "response_format",
  "structured_outputs",
  "grammar",
  "chat_template_kwargs",
  "reasoning_effort",
  "thinking_budget_tokens",
  "return_progress",
  "continue_final_message",
  "add_generation_prompt",
  "top_k",
  "min_p",
  "repeat_penalty",
  "repetition_penalty",
  "presence_penalty",
  "seed",
  "stop",
  "top_p",
  "temperature",
  "max_tokens",
  "tools",
];

/** Fields outside the protocol's core, dropped together when a server rejects unknown ones without naming them. */
const EXTRA_FIELDS = OPTIONAL_FIELDS.slice(0, 15).filter((field) => field !== "response_format");

/** The changed request that a refusal suggests; `undefined` if it names nothing that could be left out. */
function changeFor(
  refusal: Refusal,
  body: Body,
  refused: Refused,
): { readonly refused: Refused; readonly reason: string } | undefined {
  if (refusal.status !== 400 && refusal.status !== 422) return undefined;
  const said = saidBy(refusal.body);
  const text = `${said.message} ${said.fields.param ?? ""}`.toLowerCase();
  const isSystemRole = /system.{0,40}(?:role|message)|role.{0,20}system/.test(text);
  if (isSystemRole && refused.rules.system !== "user") {
    return {
      refused: { ...refused, rules: { ...refused.rules, system: "user" } },
      reason:
        `the server takes no system message (${said.message}); its text goes before the first user message`,
    };
  }
  const isToolRole = /role.{0,20}tool|tool.{0,20}role|roles must alternate|tool_call_id/.test(text);
  if (isToolRole && refused.rules.nativeCalls !== "text") {
    return {
      refused: { ...refused, rules: { ...refused.rules, toolResult: "user", nativeCalls: "text" } },
      reason: `the server takes no tool results as such (${said.message}); they go as user messages`,
    };
  }
  const named = OPTIONAL_FIELDS.find((field) => field in body && names(text, field));
  const fields = named === undefined
    ? /unknown|unrecogni[sz]ed|extra|unsupported|not permitted|additional/.test(text)
      ? EXTRA_FIELDS.filter((field) => field in body)
      : []
    : [named];
  if (fields.length === 0) return undefined;
  const rules = fields.includes("tools")
    ? { ...refused.rules, toolResult: "user" as const, nativeCalls: "text" as const }
    : refused.rules;
  return {
    refused: { fields: new Set([...refused.fields, ...fields]), rules },
    reason: `the server does not take ${fields.map((field) => `"${field}"`).join(", ")} (${said.message})`,
  };
}

/** Whole words only: "stop" is not named by "stopped". */
function names(text: string, field: string): boolean {
  return text.split(/[^a-z0-9_]/).includes(field);
}

type TokenCounter = (endpoint: Endpoint, body: Body, signal: AbortSignal) => Promise<number | undefined>;

function counterOf(facts: ServerFacts): TokenCounter | undefined {
  if (!facts.can.countTokens) return undefined;
  switch (facts.kind) {
    case "llamacpp":
      return countOnLlamaCpp;
    case "vllm":
      return async (endpoint, body, signal) =>
        numberIn(await post(endpoint, "/tokenize", { ...body, model: facts.model }, signal), "count");
    case "ollama":
    case "lmstudio":
    case "openai":
    case "unknown":
      return undefined;
  }
}

/** `/v1/chat/completions/input_tokens`; older builds render and tokenize in two requests. */
async function countOnLlamaCpp(
  endpoint: Endpoint,
  body: Body,
  signal: AbortSignal,
): Promise<number | undefined> {
  const counted = await post(endpoint, "/v1/chat/completions/input_tokens", body, signal);
  const tokens = numberIn(counted, "input_tokens");
  if (tokens !== undefined) return tokens;
  const { prompt } = asRecord(await post(endpoint, "/apply-template", body, signal));
  if (typeof prompt !== "string") return undefined;
  const ids = asRecord(
    await post(endpoint, "/tokenize", { content: prompt, add_special: true, parse_special: true }, signal),
  ).tokens;
  return Array.isArray(ids) ? ids.length : undefined;
}

async function post(endpoint: Endpoint, path: string, body: Body, signal: AbortSignal): Promise<unknown> {
  try {
    const response = await fetch(rootOf(endpoint.baseUrl) + path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...keyHeaders(endpoint),
      },
      body: JSON.stringify(body),
      redirect: "manual",
      signal: AbortSignal.any([signal, AbortSignal.timeout(COUNT_TIMEOUT_MS)]),
    });
    const text = await response.text();
    return response.ok ? parseJson(text) : undefined;
  } catch {
    signal.throwIfAborted();
    // Counting is a convenience: the estimate stands in, and the request itself will tell what is wrong.
    return undefined;
  }
}

/** Counting takes milliseconds where it works; a server that is busy must not hold up the turn. */
const COUNT_TIMEOUT_MS = 5_000;

function numberIn(value: unknown, field: string): number | undefined {
  const found = asRecord(value)[field];
  return typeof found === "number" ? found : undefined;
}
