/** The one file that loads the protocol's library: a client that offers servers nothing, and reads what they send with schemas of ours. */

// The package names no types for its `.js` paths, and no code for the paths that have types.
// @ts-types="@modelcontextprotocol/sdk/client/index"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/client/streamableHttp"
import {
  StreamableHTTPClientTransport,
  StreamableHTTPError,
} from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport";
// @ts-types="@modelcontextprotocol/sdk/types"
import { ErrorCode, McpError } from "@modelcontextprotocol/sdk/types.js";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { guardFetch } from "./guarded_fetch.ts";

/** Pages of a tool list; a server that never says its last one is cut off. */
const MAX_PAGES = 20;
export const MAX_TOOLS = 100;
const CLOSE_MS = 1_000;

const PAGE = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() });
const RESULT = z.looseObject({
  content: z.array(z.unknown()).default([]),
  structuredContent: z.unknown().optional(),
  isError: z.boolean().optional(),
});

/** What a call gave, nothing of it checked but these fields. */
export type CallResult = z.infer<typeof RESULT>;

export interface Exchange {
  /** At most `MAX_TOOLS`, unchecked. */
  readonly tools: readonly unknown[];
  readonly call: (
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ) => Promise<CallResult>;
  readonly close: () => Promise<void>;
}

/** Why an exchange failed. `lost`: the connection has to be made anew. */
export interface Fault {
  readonly kind: "timeout" | "refused" | "lost" | "nonsense";
  readonly why: string;
}

/** Schemas of results are the server's word about its own; compiling them would run its regular expressions. */
const NO_VALIDATOR = {
  getValidator: () => (input: unknown) => ({
    valid: true as const,
    data: input as never,
    errorMessage: undefined,
  }),
};

/** A server that is reached by URL; `exchange` ends its session with it. */
export function urlTransport(way: { readonly url: string; readonly apiKey?: string }): Transport {
  return new StreamableHTTPClientTransport(new URL(way.url), { fetch: guardFetch(way) }) as Transport;
}

/**
 * Greets a server and asks for its tools.
 * @throws what `faultOf` reads @throws the signal's reason
 */
export async function openExchange(
  transport: Transport,
  { version, timeoutMs, signal }: {
    readonly version: string;
    readonly timeoutMs: number;
    readonly signal: AbortSignal;
  },
): Promise<Exchange> {
  const client = new Client({ name: "smallcode", version }, { jsonSchemaValidator: NO_VALIDATOR });
  const close = async () => {
    if (transport instanceof StreamableHTTPClientTransport) {
      await Promise.race([
        transport.terminateSession().catch(() => {}),
        delay(CLOSE_MS, undefined, { ref: false }),
      ]);
    }
    await client.close();
    await transport.close(); // where the client never had it, or has given it up
  };
  try {
    return await during(signal, async (own) => {
      const options = { timeout: timeoutMs, signal: own };
      // A server that takes no input lets the library wait without end for its own last word.
      await withClock(timeoutMs, own, client.connect(transport, options));
      return { tools: await listTools(client, options), call: callWith(client), close };
    });
  } catch (error) {
    await close();
    throw error;
  }
}

async function listTools(
  client: Client,
  options: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<readonly unknown[]> {
  if (!client.getServerCapabilities()?.tools) return [];
  const tools: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
    const params = cursor === undefined ? {} : { cursor };
    const listed = await client.request({ method: "tools/list", params }, PAGE, options);
    tools.push(...listed.tools);
    cursor = listed.nextCursor;
    if (cursor === undefined) break;
  }
  return tools.slice(0, MAX_TOOLS);
}

function callWith(client: Client): Exchange["call"] {
  return async (name, args, { timeoutMs, signal }) =>
    await during(
      signal,
      (own) =>
        client.request({ method: "tools/call", params: { name, arguments: args } }, RESULT, {
          timeout: timeoutMs,
          signal: own,
        }),
    );
}

/** The library listens to a signal for ever, and tells the server of an abort also when the request has ended: it gets one that ends with it. */
async function during<T>(signal: AbortSignal, act: (own: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const own = new AbortController();
  const abort = () => own.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await act(own.signal);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** What an error of the library means. */
export function faultOf(error: unknown): Fault {
  if (error instanceof McpError) {
    const why = error.message.replace(/^MCP error -?\d+: /, "");
    if (error.code === ErrorCode.RequestTimeout) return { kind: "timeout", why };
    return error.code === ErrorCode.ConnectionClosed ? { kind: "lost", why } : { kind: "refused", why };
  }
  if (error instanceof StreamableHTTPError) {
    const why = error.code === 401 || error.code === 403
      ? `status ${error.code}: it wants another key (apiKeyEnv)`
      : `status ${error.code ?? "unknown"}: ${error.message}`;
    // An ended session answers 404.
    return { kind: error.code === 404 ? "lost" : "refused", why };
  }
  // A result that does not fit; the library has its own copy of the error's class.
  if (error instanceof Error && "issues" in error) return { kind: "nonsense", why: "its answer is not MCP" };
  const why = error instanceof Error ? error.message : String(error);
  return { kind: error instanceof DOMException ? "timeout" : "lost", why };
}

/** @throws {DOMException} after that time */
async function withClock<T>(ms: number, signal: AbortSignal, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const over = () => reject(new DOMException("no answer", "TimeoutError"));
  const abort = () => reject(signal.reason);
  const timer = setTimeout(over, ms);
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
