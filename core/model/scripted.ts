/**
 * A model server with fixed replies: a real HTTP server on this machine that speaks OpenAI's protocol with llama.cpp's additions and
 * Ollama's own. The demo, the tests of the loop and the tests of server faults run on it.
 */

import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Usage } from "../types.ts";
import { asRecord, parseJson } from "./server_error.ts";

/** One reply of the script. */
export interface ScriptedReply {
  readonly text?: string;
  readonly reasoning?: string;
  /** Native calls; a string is sent as it stands, for arguments that are not JSON. */
  readonly calls?: readonly {
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>> | string;
  }[];
  /** Default: `tool_calls` with calls, `length` where the text is longer than the request allows, else `stop`. */
  readonly finish?: "stop" | "length" | "tool_calls";
  /** Default: counted by this server's own rule. */
  readonly usage?: Usage;
  readonly fault?: ScriptedFault;
}

/** What goes wrong with a reply. */
export type ScriptedFault =
  /** The connection breaks after this many characters of text (default: half), calls included. */
  | { readonly kind: "cut"; readonly afterChars?: number }
  /** Another status; `body` is sent as JSON, or as text if it is a string. */
  | {
    readonly kind: "status";
    readonly status: number;
    readonly body?: unknown;
    readonly headers?: Readonly<Record<string, string>>;
  }
  /** A web page with status 200. */
  | { readonly kind: "html" }
  /** An error inside the stream, after the text. */
  | { readonly kind: "error_in_stream"; readonly message: string }
  /** Nothing for this long, not even headers, then the reply. */
  | { readonly kind: "silence"; readonly ms: number }
  /** The text, then nothing more, with the connection open. */
  | { readonly kind: "stall" }
  /** The whole server goes down in the middle of the text. */
  | { readonly kind: "die" };

/** What some servers refuse with status 400. */
export type Quirk =
  | "tools"
  | "empty_tools"
  | "tool_choice"
  | "developer"
  | "unknown_fields"
  | "late_system"
  | "system"
  | "two_users"
  | "tool_role"
  | "schema_keywords"
  | "stream_options";

/** A chat request that came. */
export interface ScriptedRequest {
  /** Counts chat requests from 0, those that were refused included. */
  readonly index: number;
  readonly protocol: "openai" | "ollama";
  /** As it was sent. */
  readonly body: Readonly<Record<string, unknown>>;
  /** What the model sees of it: all, unless `overflow` is `truncate`. */
  readonly messages: readonly Readonly<Record<string, unknown>>[];
  /** Names of the tools that were offered. */
  readonly tools: readonly string[];
  readonly headers: IncomingHttpHeaders;
  /** Tokens of the rendered request, and how many of them are the same as the head of the one before. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
}

/** How the server is set up. */
export interface ScriptedOptions {
  /** In order, one a request; or made for each request. A request beyond the list is answered 400. */
  readonly replies: readonly ScriptedReply[] | ((request: ScriptedRequest) => ScriptedReply);
  /** Tokens; a larger request is refused as llama.cpp and Ollama do. Default 32768. */
  readonly window?: number;
  /**
   * What happens to a request beyond the window: it is refused (default), or its oldest messages are left out silently, as Ollama does where the
   * request does not say `truncate: false`.
   */
  readonly overflow?: "refuse" | "truncate";
  /** Default `scripted`. */
  readonly model?: string;
  /** Default: a free one. */
  readonly port?: number;
  readonly rejects?: readonly Quirk[];
  /** What `/api/show` says the model can do; default completion and tools. */
  readonly capabilities?: readonly string[];
  /** Whether `/api/ps` shows the model as loaded; default yes. */
  readonly isLoaded?: boolean;
}

/** A running server. */
export interface ScriptedServer {
  /** e.g. `http://127.0.0.1:34567/v1`. */
  readonly url: string;
  /** Chat requests so far. */
  readonly requests: readonly ScriptedRequest[];
  /** Chat connections that are open: 0 soon after a client aborted. */
  readonly open: () => number;
  /** Resolves when a chat connection was closed by the other side before its reply was whole. */
  readonly aborted: Promise<void>;
  close(): Promise<void>;
}

/** Bytes that stand for one token. */
const BYTES_PER_TOKEN = 4;

/** Characters in one piece of a stream. */
const PIECE = 24;

/** Starts a scripted server on the loopback address. */
export async function startScriptedServer(options: ScriptedOptions): Promise<ScriptedServer> {
  const script = { window: 32_768, model: "scripted", ...options };
  const requests: ScriptedRequest[] = [];
  const aborted = Promise.withResolvers<void>();
  let served = 0;
  let open = 0;
  let cached = "";

  const server = createServer((request, response) => {
    answer(request, response).catch((problem) => response.destroy(problem));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? "/", "http://127.0.0.1").pathname;
    // Deno 2.6 never ends the body of a GET.
    const body = request.method === "GET" ? {} : asRecord(parseJson(await textOf(request)));
    if (path === "/v1/chat/completions") return await chat("openai", body, request, response);
    if (path === "/api/chat") return await chat("ollama", body, request, response);
    const facts = factsAt(path, body, script);
    sendJson(
      response,
      facts === undefined ? 404 : 200,
      facts ?? { error: { code: 404, message: "File Not Found" } },
    );
  }

  async function chat(
    protocol: ScriptedRequest["protocol"],
    body: Readonly<Record<string, unknown>>,
    incoming: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const seen = isCutSilently(body, script) ? leaveOutOldest(body, windowFor(protocol, body, script)) : body;
    const rendered = render(seen);
    const promptTokens = tokensOf(rendered);
    const cachedTokens = Math.min(promptTokens, Math.floor(sharedLength(cached, rendered) / BYTES_PER_TOKEN));
    const request: ScriptedRequest = {
      index: requests.length,
      protocol,
      body,
      messages: records(seen.messages),
      tools: records(body.tools).map((tool) => String(asRecord(tool.function).name ?? "")),
      headers: incoming.headers,
      promptTokens,
      cachedTokens,
    };
    requests.push(request);
    open++;
    response.on("close", () => {
      open--;
      if (!response.writableFinished) aborted.resolve();
    });
    const refusal = refuse(request, script);
    if (refusal) return sendJson(response, refusal.status, refusal.body);
    const reply = typeof script.replies === "function" ? script.replies(request) : script.replies[served++];
    if (!reply) {
      return sendJson(response, 400, { error: { message: `the script has no reply ${served}` } });
    }
    cached = rendered;
    const { fault } = reply;
    if (fault?.kind === "status") return sendStatus(response, fault);
    if (fault?.kind === "html") {
      response.writeHead(200, { "content-type": "text/html; charset=utf-8" });
      response.end("<!doctype html><html><body>Welcome</body></html>");
      return;
    }
    if (fault?.kind === "silence" && await isGoneAfter(fault.ms, response)) return;
    const plan = planReply(reply, request);
    if (body.stream === false || (protocol === "openai" && body.stream !== true)) {
      return sendJson(
        response,
        200,
        protocol === "openai" ? wholeOpenai(plan, script) : wholeOllama(plan, script),
      );
    }
    const lines = protocol === "openai" ? openaiLines(plan, script) : ollamaLines(plan, script);
    await sendStream(response, lines, { protocol, fault, die: () => stop(server) });
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(script.port ?? 0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    open: () => open,
    aborted: aborted.promise,
    close: () => stop(server),
  };
}

type Script = ScriptedOptions & { readonly window: number; readonly model: string };

/** Ends the server and every connection. */
function stop(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of request) pieces.push(piece);
  return new TextDecoder().decode(await new Blob(pieces as BlobPart[]).arrayBuffer());
}

function records(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(asRecord) : [];
}

/** The request as a chat template would lay it: tools, then the messages in order. */
function render(body: Readonly<Record<string, unknown>>): string {
  const tools = records(body.tools).length > 0 ? JSON.stringify(body.tools) : "";
  return tools + records(body.messages).map((message) => {
    const calls = message.tool_calls === undefined ? "" : JSON.stringify(message.tool_calls);
    return `\n<${message.role}>\n${message.content ?? ""}${calls}`;
  }).join("");
}

function isCutSilently(body: Readonly<Record<string, unknown>>, script: Script): boolean {
  return script.overflow === "truncate" && body.truncate !== false;
}

function windowFor(
  protocol: ScriptedRequest["protocol"],
  body: Readonly<Record<string, unknown>>,
  script: Script,
): number {
  return protocol === "ollama" ? Number(asRecord(body.options).num_ctx ?? script.window) : script.window;
}

/**
 * What Ollama leaves of a request (its `server/prompt.go`): the system messages and the longest end of the others that fits; the last message always,
 * and of that one the end where it does not fit alone.
 */
function leaveOutOldest(
  body: Readonly<Record<string, unknown>>,
  window: number,
): Readonly<Record<string, unknown>> {
  const all = records(body.messages);
  const from = (first: number) => ({
    ...body,
    messages: all.filter(({ role }, index) => role === "system" || index >= first),
  });
  const first = all.findIndex((_, index) => tokensOf(render(from(index))) <= window);
  if (first >= 0) return from(first);
  const { messages } = from(all.length - 1);
  const last = messages.at(-1);
  if (typeof last?.content !== "string") return { ...body, messages };
  const room = window -
    tokensOf(render({ ...body, messages: [...messages.slice(0, -1), { ...last, content: "" }] }));
  const end = room > 0 ? last.content.slice(-room * BYTES_PER_TOKEN) : "";
  return { ...body, messages: [...messages.slice(0, -1), { ...last, content: end }] };
}

function tokensOf(text: string): number {
  return Math.ceil(new TextEncoder().encode(text).length / BYTES_PER_TOKEN);
}

function sharedLength(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}

function factsAt(path: string, body: Readonly<Record<string, unknown>>, script: Script): unknown {
  const { model, window } = script;
  const takesTools = !script.rejects?.includes("tools");
  switch (path) {
    case "/health":
      return { status: "ok" };
    case "/props":
      return {
        default_generation_settings: { n_ctx: window },
        total_slots: 1,
        build_info: "scripted",
        chat_template_caps: { supports_tools: takesTools },
      };
    case "/v1/models":
      return {
        object: "list",
        data: [{
          id: model,
          object: "model",
          owned_by: "llamacpp",
          meta: { n_ctx: window, n_ctx_train: window },
        }],
      };
    case "/v1/chat/completions/input_tokens":
      return { object: "response.input_tokens", input_tokens: tokensOf(render(body)) };
    case "/tokenize":
      return { tokens: Array.from({ length: tokensOf(String(body.content ?? "")) }, (_, id) => id) };
    case "/api/version":
      return { version: "0.0.0-scripted" };
    case "/api/tags":
      return { models: [{ name: model, model }] };
    case "/api/ps":
      return { models: script.isLoaded === false ? [] : [{ name: model, model, context_length: window }] };
    case "/api/show":
      return {
        capabilities: script.capabilities ?? ["completion", ...(takesTools ? ["tools"] : [])],
        model_info: { "general.architecture": "scripted", "scripted.context_length": window },
        parameters: "",
      };
    default:
      return undefined;
  }
}

/** What a server of this window, model and habits refuses. */
function refuse(
  request: ScriptedRequest,
  script: Script,
): { readonly status: number; readonly body: unknown } | undefined {
  const { body, protocol, promptTokens } = request;
  const bad = (message: string, extra: Record<string, unknown> = {}) => ({
    status: 400,
    body: {
      error: protocol === "ollama"
        ? message
        : { code: 400, message, type: "invalid_request_error", ...extra },
    },
  });
  if (body.model !== script.model) {
    const message = `model '${body.model}' not found`;
    return { status: 404, body: { error: protocol === "ollama" ? message : { code: 404, message } } };
  }
  const window = windowFor(protocol, body, script);
  if (promptTokens > window && !isCutSilently(body, script)) {
    return protocol === "ollama"
      ? bad("the input length exceeds the context length")
      : bad(`the request exceeds the available context size (${window} tokens), try increasing it`, {
        type: "exceed_context_size_error",
        n_prompt_tokens: promptTokens,
        n_ctx: window,
      });
  }
  const broken = (script.rejects ?? []).find((quirk) => breaks(quirk, request));
  return broken === undefined ? undefined : bad(REFUSALS[broken]);
}

/** The words with which such servers refuse. */
const REFUSALS: Readonly<Record<Quirk, string>> = {
  tools: "this model does not support tools",
  empty_tools: "[] is too short - 'tools'",
  tool_choice: "Unsupported param: tool_choice",
  developer: "Unexpected message role: developer",
  unknown_fields: "Extra inputs are not permitted",
  late_system: "System message must be at the beginning",
  system: "System role not supported",
  two_users: "Conversation roles must alternate user/assistant/user/assistant/...",
  tool_role: "Unexpected role 'tool'",
  schema_keywords: "Unrecognized schema",
  stream_options: "Unknown field: stream_options",
};

/** Fields of the protocol's first version. */
const KNOWN_FIELDS = new Set([
  "model",
  "messages",
  "tools",
  "temperature",
  "top_p",
  "max_tokens",
  "stream",
  "stop",
  "seed",
  "presence_penalty",
  "response_format",
]);
const SCHEMA_KEYWORDS = new Set(["type", "properties", "required", "enum", "items", "description"]);

function breaks(quirk: Quirk, { body, messages }: ScriptedRequest): boolean {
  const roles = messages.map(({ role }) => role);
  switch (quirk) {
    case "tools":
      return body.tools !== undefined;
    case "empty_tools":
      return Array.isArray(body.tools) && body.tools.length === 0;
    case "tool_choice":
      return body.tool_choice !== undefined;
    case "developer":
      return roles.includes("developer");
    case "unknown_fields":
      return Object.keys(body).some((field) => !KNOWN_FIELDS.has(field));
    case "late_system":
      return roles.indexOf("system", 1) > 0;
    case "system":
      return roles.includes("system");
    case "two_users":
      return roles.some((role, index) => role === "user" && roles[index - 1] === "user");
    case "tool_role":
      return roles.includes("tool");
    case "schema_keywords":
      return records(body.tools).some((tool) => hasOtherKeywords(asRecord(tool.function).parameters));
    case "stream_options":
      return body.stream_options !== undefined;
  }
}

function hasOtherKeywords(schema: unknown): boolean {
  const fields = asRecord(schema);
  return Object.keys(fields).some((key) => !SCHEMA_KEYWORDS.has(key)) ||
    Object.values(asRecord(fields.properties)).some(hasOtherKeywords) ||
    (fields.items !== undefined && hasOtherKeywords(fields.items));
}

/** A reply ready to be sent. */
interface Plan {
  readonly text: string;
  readonly reasoning: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[];
  readonly finish: "stop" | "length" | "tool_calls";
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
}

function planReply(reply: ScriptedReply, request: ScriptedRequest): Plan {
  const calls = (reply.calls ?? []).map((call, index) => ({
    id: `call_${request.index}_${index}`,
    name: call.name,
    arguments: typeof call.args === "string" ? call.args : JSON.stringify(call.args),
  }));
  const { body } = request;
  const limit = Number(
    body.max_tokens ?? body.max_completion_tokens ?? asRecord(body.options).num_predict ?? Infinity,
  );
  const said = reply.text ?? "";
  const isLong = reply.finish === undefined && tokensOf(said) > limit;
  const text = isLong ? said.slice(0, limit * BYTES_PER_TOKEN) : said;
  const written = [text, reply.reasoning ?? "", ...calls.map((call) => call.name + call.arguments)].join("");
  return {
    text,
    reasoning: reply.reasoning ?? "",
    calls,
    finish: reply.finish ?? (isLong ? "length" : calls.length > 0 ? "tool_calls" : "stop"),
    promptTokens: reply.usage?.promptTokens ?? request.promptTokens,
    cachedTokens: reply.usage?.cachedTokens ?? request.cachedTokens,
    outputTokens: reply.usage?.outputTokens ?? tokensOf(written),
  };
}

/** A line of a stream, and how many characters of text it carries. */
interface Line {
  readonly data: unknown;
  readonly chars: number;
}

function pieces(text: string): readonly string[] {
  return Array.from(
    { length: Math.ceil(text.length / PIECE) },
    (_, i) => text.slice(i * PIECE, (i + 1) * PIECE),
  );
}

function openaiUsage(plan: Plan): Record<string, unknown> {
  const { promptTokens, cachedTokens, outputTokens } = plan;
  return {
    usage: {
      prompt_tokens: promptTokens,
      completion_tokens: outputTokens,
      total_tokens: promptTokens + outputTokens,
      prompt_tokens_details: { cached_tokens: cachedTokens },
    },
    timings: {
      cache_n: cachedTokens,
      prompt_n: promptTokens - cachedTokens,
      prompt_ms: promptTokens - cachedTokens,
      predicted_n: outputTokens,
      predicted_ms: outputTokens * 10,
    },
  };
}

function openaiLines(plan: Plan, script: Script): readonly Line[] {
  const chunk = (delta: unknown, chars: number, finish: string | null = null): Line => ({
    data: {
      id: "chatcmpl-scripted",
      object: "chat.completion.chunk",
      created: 0,
      model: script.model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    },
    chars,
  });
  const { cachedTokens: cache, promptTokens: total } = plan;
  const start = chunk({ role: "assistant", content: null }, 0);
  return [
    {
      data: {
        ...asRecord(start.data),
        prompt_progress: { total, cache, processed: total, time_ms: total - cache },
      },
      chars: 0,
    },
    ...pieces(plan.reasoning).map((text) => chunk({ reasoning_content: text }, text.length)),
    ...pieces(plan.text).map((text) => chunk({ content: text }, text.length)),
    ...plan.calls.flatMap((call, index) => [
      chunk({
        tool_calls: [{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }],
      }, 0),
      ...pieces(call.arguments).map((text) =>
        chunk({ tool_calls: [{ index, function: { arguments: text } }] }, text.length)
      ),
    ]),
    chunk({}, 0, plan.finish),
    { data: { ...asRecord(start.data), choices: [], ...openaiUsage(plan) }, chars: 0 },
  ];
}

function wholeOpenai(plan: Plan, script: Script): unknown {
  return {
    id: "chatcmpl-scripted",
    object: "chat.completion",
    created: 0,
    model: script.model,
    choices: [{
      index: 0,
      message: {
        role: "assistant",
        content: plan.text,
        ...(plan.reasoning === "" ? {} : { reasoning_content: plan.reasoning }),
        ...(plan.calls.length === 0 ? {} : {
          tool_calls: plan.calls.map((call) => ({
            id: call.id,
            type: "function",
            function: { name: call.name, arguments: call.arguments },
          })),
        }),
      },
      finish_reason: plan.finish,
    }],
    ...openaiUsage(plan),
  };
}

function ollamaEnd(plan: Plan): Record<string, unknown> {
  return {
    done: true,
    done_reason: plan.finish === "length" ? "length" : "stop",
    prompt_eval_count: plan.promptTokens,
    prompt_eval_duration: (plan.promptTokens - plan.cachedTokens) * 1e6,
    eval_count: plan.outputTokens,
    eval_duration: plan.outputTokens * 1e7,
  };
}

function ollamaCalls(plan: Plan): readonly unknown[] {
  return plan.calls.map((call) => ({
    id: call.id,
    function: { name: call.name, arguments: parseJson(call.arguments) ?? call.arguments },
  }));
}

function ollamaLines(plan: Plan, script: Script): readonly Line[] {
  const line = (message: Record<string, unknown>, chars: number): Line => ({
    data: { model: script.model, message: { role: "assistant", content: "", ...message }, done: false },
    chars,
  });
  return [
    ...pieces(plan.reasoning).map((thinking) => line({ thinking }, thinking.length)),
    ...pieces(plan.text).map((content) => line({ content }, content.length)),
    ...(plan.calls.length > 0 ? [line({ tool_calls: ollamaCalls(plan) }, 0)] : []),
    {
      data: { model: script.model, message: { role: "assistant", content: "" }, ...ollamaEnd(plan) },
      chars: 0,
    },
  ];
}

function wholeOllama(plan: Plan, script: Script): unknown {
  const message = {
    role: "assistant",
    content: plan.text,
    thinking: plan.reasoning,
    tool_calls: ollamaCalls(plan),
  };
  return { model: script.model, message, ...ollamaEnd(plan) };
}

async function sendStream(
  response: ServerResponse,
  lines: readonly Line[],
  { protocol, fault, die }: {
    readonly protocol: ScriptedRequest["protocol"];
    readonly fault: ScriptedFault | undefined;
    readonly die: () => Promise<void>;
  },
): Promise<void> {
  const isSse = protocol === "openai";
  response.writeHead(200, { "content-type": isSse ? "text/event-stream" : "application/x-ndjson" });
  response.flushHeaders();
  const write = (data: unknown) =>
    new Promise<void>((resolve) => {
      response.write(isSse ? `data: ${JSON.stringify(data)}\n\n` : `${JSON.stringify(data)}\n`, () =>
        resolve());
    });
  const total = lines.reduce((sum, line) => sum + line.chars, 0);
  const breaksAt = fault?.kind === "cut"
    ? fault.afterChars ?? total / 2
    : fault?.kind === "die"
    ? total / 2
    : Infinity;
  let sent = 0;
  for (const line of lines) {
    const isLastOfText = line.chars === 0 && sent >= total && line !== lines[0];
    if (fault?.kind === "stall" && isLastOfText) return;
    if (fault?.kind === "error_in_stream" && isLastOfText) {
      await write(isSse ? { error: { code: 500, message: fault.message } } : { error: fault.message });
      response.end();
      return;
    }
    if (sent >= breaksAt || (breaksAt < Infinity && isLastOfText)) {
      if (fault?.kind === "die") return await die();
      response.destroy();
      return;
    }
    if (response.destroyed) return;
    await write(line.data);
    sent += line.chars;
  }
  response.end(isSse ? "data: [DONE]\n\n" : undefined);
}

function sendStatus(response: ServerResponse, fault: Extract<ScriptedFault, { kind: "status" }>): void {
  const isText = typeof fault.body === "string";
  response.writeHead(fault.status, {
    "content-type": isText ? "text/plain" : "application/json",
    ...fault.headers,
  });
  response.end(
    isText ? fault.body as string : JSON.stringify(fault.body ?? { error: { message: "scripted fault" } }),
  );
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

/** Waits, or until the other side is gone. */
function isGoneAfter(ms: number, response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), ms);
    response.once("close", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
