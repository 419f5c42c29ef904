/** What a server's refusal means, and what the user is told to do about it. */

import { ProviderError } from "../errors.ts";
import type { ServerKind } from "./transport.ts";

/** The server a message is about. */
export interface Where {
  readonly kind: ServerKind;
  readonly baseUrl: string;
  readonly model: string;
}

/** An answer that is not a reply: status, headers and at most 64 kB of body. */
export interface Refusal {
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
  readonly retryAfter: string | null;
  readonly location: string | null;
}

const MAX_BODY = 65_536;

/** Reads a refusal; stops at 64 kB. */
export async function readRefusal(response: Response): Promise<Refusal> {
  return {
    status: response.status,
    body: await readBounded(response),
    contentType: response.headers.get("content-type") ?? "",
    retryAfter: response.headers.get("retry-after"),
    location: response.headers.get("location"),
  };
}

/** An error that a server put into its stream, as the refusal it would have been; `body` is its JSON. */
export function inStream(body: string, status = 500): Refusal {
  return { status, body, contentType: "application/json", retryAfter: null, location: null };
}

async function readBounded(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return "";
  const decoder = new TextDecoder();
  let text = "";
  while (text.length < MAX_BODY) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text.slice(0, MAX_BODY);
}

/** Turns a refusal into the error the user reads. */
export function errorOfRefusal(refusal: Refusal, where: Where): ProviderError {
  const { status, body } = refusal;
  const details = { status };
  if (status >= 300 && status < 400) {
    return new ProviderError(
      "rejected",
      `${where.baseUrl} answered with a redirect to ${
        refusal.location ?? "another address"
      }, which is not followed: set the final address as base URL with "smallcode provider"`,
      details,
    );
  }
  if (isPage(refusal)) return pageError(where, status);
  const said = saidBy(body);
  const overflow = overflowOf(said, status);
  if (overflow) return windowError(where, overflow.tokens, status);
  if (status === 401 || status === 403) {
    return new ProviderError(
      "unauthorized",
      `${where.baseUrl} refused the API key (${status}: ${said.message}): set it with "smallcode provider"`,
      details,
    );
  }
  if (isUnknownModel(said.message, status)) {
    return new ProviderError(
      "unknown_model",
      `${where.baseUrl} has no model "${where.model}" (${said.message}): choose one with "smallcode provider"`,
      details,
    );
  }
  if (status >= 500 && isParseFailure(said.message)) {
    return new ProviderError(
      "unreadable",
      `${where.baseUrl} could not read the model's own reply (${status}: ${said.message}): the same request would fail again; a text dialect avoids the server's parser`,
      details,
    );
  }
  if (status === 402 || said.type === "insufficient_quota") {
    return new ProviderError(
      "rejected",
      `${where.baseUrl} wants payment first (${status}: ${said.message}): see your account there, or choose another with "smallcode provider"`,
      details,
    );
  }
  if (status === 404) {
    return new ProviderError(
      "rejected",
      `${where.baseUrl} does not know this address (404: ${said.message}): check the base URL, which usually ends in /v1, with "smallcode doctor"`,
      details,
    );
  }
  if (status === 429) {
    return new ProviderError(
      "overloaded",
      `${where.baseUrl} takes no more requests for now (429: ${said.message}): wait a little, or choose another with "smallcode provider"`,
      details,
    );
  }
  if (status === 503 && said.message.toLowerCase().includes("loading model")) {
    return new ProviderError(
      "overloaded",
      `${where.baseUrl} is still loading its model: try again in a moment`,
      details,
    );
  }
  if (status >= 500) {
    return new ProviderError(
      "overloaded",
      `${where.baseUrl} failed (${status}: ${said.message}): look into the server's log, then see "smallcode doctor"`,
      details,
    );
  }
  return new ProviderError(
    "rejected",
    `${where.baseUrl} rejected the request (${status}: ${said.message}): see "smallcode doctor"`,
    details,
  );
}

/** The answer was a web page. */
function pageError(where: Where, status: number): ProviderError {
  return new ProviderError(
    "unreadable",
    `${where.baseUrl} answered with a web page (${status}), not as a model server: check host, port and path of the base URL with "smallcode provider"`,
    { status },
  );
}

function isPage(refusal: Refusal): boolean {
  return refusal.contentType.includes("text/html") ||
    /^\s*<(?:!doctype|html)/i.test(refusal.body.slice(0, 200));
}

/** The server could not be reached. */
export function unreachable(where: Where, cause: unknown): ProviderError {
  return new ProviderError(
    "unreachable",
    `Cannot reach the model server at ${where.baseUrl} (${networkReason(cause)}): ${howToStart(where)}`,
    { cause },
  );
}

/** The stream broke more often than is asked again. */
export function cutOff(where: Where, cause?: unknown): ProviderError {
  return new ProviderError(
    "cut",
    `${where.baseUrl} broke off in the middle of its reply (${
      networkReason(cause)
    }): look into the server's log, it may have run out of memory`,
    { cause },
  );
}

/** A request larger than the window. */
export function windowError(
  where: Where,
  tokens: { prompt: number; window: number } | undefined,
  status?: number,
): ProviderError {
  const size = tokens
    ? `The request has ${tokens.prompt} tokens, the window that ${where.baseUrl} has loaded holds ${tokens.window}`
    : `The request is larger than the window that ${where.baseUrl} has loaded`;
  return new ProviderError("window_exceeded", `${size}: start a new session, or ${howToWiden(where.kind)}`, {
    ...(status === undefined ? {} : { status }),
    ...(tokens ? { tokens } : {}),
  });
}

/** What one can do to make the window larger, as the end of a sentence. */
export function howToWiden(kind: ServerKind): string {
  switch (kind) {
    case "llamacpp":
      return "start llama-server with a larger window (-c 16384)";
    case "ollama":
      return "set a larger window in smallcode.toml ([context] window = 16384)";
    case "lmstudio":
      return "load the model with a larger context length in LM Studio";
    case "vllm":
      return "start vLLM with a larger --max-model-len";
    case "openai":
    case "unknown":
      return "choose a model with a larger window";
  }
}

function howToStart(where: Where): string {
  const other = `or choose another with "smallcode provider"`;
  switch (where.kind) {
    case "llamacpp":
      return `start it (llama-server -m MODEL.gguf --jinja -c 16384), ${other}`;
    case "ollama":
      return `start it (ollama serve), ${other}`;
    case "lmstudio":
      return `start it (lms server start), ${other}`;
    case "vllm":
      return `start it (vllm serve MODEL), ${other}`;
    case "openai":
    case "unknown":
      return `check the address and the network, ${other}`;
  }
}

interface Said {
  readonly message: string;
  readonly type: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** What a refusal's body says, whichever of the usual shapes it has. */
export function saidBy(body: string): Said {
  const outer = asRecord(parseJson(body));
  const inner = typeof outer.error === "object" && outer.error !== null ? asRecord(outer.error) : outer;
  const text = [inner.message, outer.error, inner.detail, inner.msg].find((value) =>
    typeof value === "string"
  );
  const message = typeof text === "string" ? text : body;
  return {
    message: message.replaceAll(/\s{1,200}/g, " ").trim().slice(0, 300) || "no reason given",
    type: [inner.type, inner.code].filter((value) => typeof value === "string").join(" "),
    fields: inner,
  };
}

function overflowOf(
  said: Said,
  status: number,
): { readonly tokens: { prompt: number; window: number } | undefined } | undefined {
  const { n_prompt_tokens: prompt, n_ctx: window } = said.fields;
  if (typeof prompt === "number" && typeof window === "number") return { tokens: { prompt, window } };
  if (status !== 400 && status !== 413 && status !== 422 && status < 500) return undefined;
  const text = said.message.toLowerCase();
  const isOverflow = said.type.includes("context_length_exceeded") ||
    said.type.includes("exceed_context_size") ||
    OVERFLOW_WORDS.some((words) => text.includes(words));
  if (!isOverflow) return undefined;
  const stated = /context (?:length|window|size)(?: is| of)? ?(?:only )?\(?(\d{3,9})/.exec(text)?.[1];
  if (stated === undefined) return { tokens: undefined };
  const largest = Math.max(...[...text.matchAll(/\d{3,9}/g)].map(([digits]) => Number(digits)));
  return { tokens: largest > Number(stated) ? { prompt: largest, window: Number(stated) } : undefined };
}

/** Ollama, llama.cpp, LM Studio, vLLM and OpenAI, Anthropic. */
const OVERFLOW_WORDS = [
  "exceeds the context length",
  "exceeds the available context size",
  "greater than the context length",
  "maximum context length",
  "context length exceeded",
  "context window exceeded",
  "exceeds the context window",
  "prompt is too long",
];

function isUnknownModel(message: string, status: number): boolean {
  if (status !== 404 && status !== 400) return false;
  const text = message.toLowerCase();
  return text.includes("model") &&
    ["not found", "does not exist", "not a valid model", "invalid model", "unknown model"].some((words) =>
      text.includes(words)
    );
}

/** A server that parses calls itself fails on a damaged one; resending the same request fails the same way (FIELD.md item 38). */
function isParseFailure(message: string): boolean {
  const text = message.toLowerCase();
  return text.includes("failed to parse") || text.includes("error parsing") || text.includes("parse error") ||
    text.includes("invalid character") || text.includes("unexpected end of json");
}

function networkReason(cause: unknown): string {
  const texts: string[] = [];
  let error = cause;
  for (let depth = 0; depth < 5 && error instanceof Error; depth++) {
    texts.push(error.message, String((error as { code?: unknown }).code ?? ""));
    error = error.cause;
  }
  const text = texts.join(" ").toLowerCase();
  if (text.includes("refused")) return "connection refused";
  if (text.includes("dns") || text.includes("enotfound") || text.includes("resolve")) return "unknown host";
  if (text.includes("certificate") || text.includes("tls")) return "TLS certificate not accepted";
  if (text.includes("timed out") || text.includes("timeout")) return "no answer in time";
  const isLost = cause === undefined || LOST_WORDS.some((word) => text.includes(word));
  return isLost ? "connection lost" : (texts[0] ?? String(cause)).slice(0, 160);
}

/** How runtimes name a connection that broke. */
const LOST_WORDS = ["connection", "socket", "reset", "closed", "terminated", "network", "body"];

/** Parses JSON; `undefined` if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A JSON object's fields; none for anything else. */
export function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? value as Record<string, unknown>
    : {};
}
