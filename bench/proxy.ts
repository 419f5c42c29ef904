/** A proxy in front of a model server that counts what passes: requests, tokens, and what came from the server's cache. */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One chat request and its reply. */
export interface Exchange {
  readonly at: number;
  readonly path: string;
  readonly status: number;
  /** As the server counted them; 0 where it did not say. */
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  /** Native calls in the reply. */
  readonly calls: number;
  readonly ms: number;
  /** The request's last message, at most 2,000 characters, and the reply as it was sent, at most 20,000. */
  readonly asked: string;
  readonly replied: string;
}

export interface RecordingProxy {
  /** With the same path as the server's base URL. */
  readonly url: string;
  /** Sets who is told of each exchange from now on. */
  record(listener: (exchange: Exchange) => void): void;
  close(): Promise<void>;
}

/** Paths whose replies are counted. */
const CHAT = /\/(?:chat\/completions|api\/chat|api\/generate|completions?|messages|responses)$/;

/**
 * Starts a proxy on this machine. Requests and replies pass unchanged but for one thing: a streamed OpenAI request is asked to state its usage.
 * @param target e.g. `http://127.0.0.1:8080/v1`
 */
export async function startProxy(target: string): Promise<RecordingProxy> {
  const origin = new URL(target);
  let listener: (exchange: Exchange) => void = () => {};
  const server = createServer((request, response) => {
    forward(request, response, origin, (exchange) => listener(exchange)).catch((problem) =>
      response.destroy(problem)
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${origin.pathname.replace(/\/$/, "")}`,
    record: (next) => listener = next,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  origin: URL,
  tell: (exchange: Exchange) => void,
): Promise<void> {
  const began = Date.now();
  const url = new URL(incoming.url ?? "/", origin);
  const body = await bytesOf(incoming);
  const isChat = CHAT.test(url.pathname);
  const abort = new AbortController();
  outgoing.on("close", () => {
    if (!outgoing.writableFinished) abort.abort();
  });
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    const isHop = ["host", "connection", "content-length", "transfer-encoding", "accept-encoding"].includes(
      name,
    );
    if (typeof value === "string" && !isHop) headers.set(name, value);
  }
  const response = await fetch(url, {
    method: incoming.method ?? "GET",
    headers,
    ...(body.length > 0 ? { body: isChat ? withUsage(body) : body } : {}),
    signal: abort.signal,
    redirect: "manual",
  });
  const type = response.headers.get("content-type");
  outgoing.writeHead(response.status, type === null ? {} : { "content-type": type });
  let replied = "";
  const decoder = new TextDecoder();
  if (response.body) {
    for await (const piece of response.body) {
      if (isChat) replied += decoder.decode(piece, { stream: true });
      outgoing.write(piece);
    }
  }
  outgoing.end();
  if (!isChat) return;
  tell({
    at: began,
    path: url.pathname,
    status: response.status,
    ...readUsage(replied),
    ms: Date.now() - began,
    asked: lastMessage(body).slice(0, 2_000),
    replied: replied.slice(0, 20_000),
  });
}

async function bytesOf(stream: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of stream) pieces.push(new Uint8Array(piece));
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

function withUsage(body: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | string {
  const request = parseObject(new TextDecoder().decode(body));
  if (request?.stream !== true || !("messages" in request) || "options" in request) return body;
  return JSON.stringify({ ...request, stream_options: { include_usage: true } });
}

/** Tokens and calls of a reply in either protocol, streamed or whole. */
export function readUsage(
  replied: string,
): Pick<Exchange, "promptTokens" | "cachedTokens" | "outputTokens" | "calls"> {
  let usage = { promptTokens: 0, cachedTokens: 0, outputTokens: 0 };
  const calls = new Set<string>();
  for (const line of replied.includes("\n") ? replied.split("\n") : [replied]) {
    const part = parseObject(line.replace(/^data: ?/, ""));
    if (!part) continue;
    const counted = asObject(part.usage);
    const timings = asObject(part.timings);
    const prompt = Number(counted.prompt_tokens ?? part.prompt_eval_count ?? 0);
    if (prompt > 0) {
      usage = {
        promptTokens: prompt,
        cachedTokens: Number(asObject(counted.prompt_tokens_details).cached_tokens ?? timings.cache_n ?? 0),
        outputTokens: Number(counted.completion_tokens ?? part.eval_count ?? 0),
      };
    }
    const choice = asObject(Array.isArray(part.choices) ? part.choices[0] : undefined);
    const message = asObject(choice.delta ?? choice.message ?? part.message);
    if (Array.isArray(message.tool_calls)) {
      message.tool_calls.forEach((call, place) => calls.add(String(asObject(call).index ?? place)));
    }
  }
  return { ...usage, calls: calls.size };
}

function lastMessage(body: Uint8Array): string {
  const messages = parseObject(new TextDecoder().decode(body))?.messages;
  return JSON.stringify(Array.isArray(messages) ? messages.at(-1) ?? "" : "");
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
