/** A plugin's `fetch`: host and port judged at every redirect, and the connection made to the very address that was judged. */

import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { type Duplex, exchange, type ExchangeResponse } from "./http_exchange.ts";
import { isPublicAddress } from "./net_address.ts";
import { HostRefusal, listOf } from "./plugin_paths.ts";

/** Opens a connection to exactly this address. `serverName`: speak TLS, and the certificate must be for this name. */
export type Connect = (
  target: { readonly address: string; readonly port: number; readonly serverName?: string },
  signal: AbortSignal,
) => Promise<Duplex & { close(): void }>;

export interface NetDeps {
  readonly connect: Connect;
  /** Addresses of a name, as the system resolves it. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
  /** Told before each request is sent, with the URL. */
  readonly onRequest?: (url: string) => void;
}

export interface PluginFetch {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

const MAX_REDIRECTS = 5;
const MAX_RESPONSE_BYTES = 4 * 1024 * 1024;
const MAX_REQUEST_BYTES = 1024 * 1024;
const FETCH_MS = 30_000;
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/** What decides where a request goes, or how it is framed, is the host's to say. */
const OWN_HEADERS =
  /^(?:host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|accept-encoding|via|forwarded|proxy-.*|sec-.*)$/;

/** @throws {HostRefusal} */
export async function pluginFetch(
  wanted: PluginFetch,
  entries: readonly string[],
  deps: NetDeps,
  signal: AbortSignal,
): Promise<{ readonly url: string } & ExchangeResponse> {
  let request = checkRequest(wanted);
  const time = AbortSignal.any([signal, AbortSignal.timeout(FETCH_MS)]);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const url = parseUrl(request.url);
    const addresses = await judgeHost(url, entries, deps.resolve ?? resolveName);
    deps.onRequest?.(shownUrl(url));
    const response = await send(url, addresses, request, deps.connect, time);
    const location = response.headers.find(([name]) => name === "location")?.[1];
    if (![301, 302, 303, 307, 308].includes(response.status) || location === undefined) {
      return { url: url.href, ...response };
    }
    request = follow(request, url, location, response.status);
  }
  throw new HostRefusal("failed", `Cannot fetch ${wanted.url}: more than ${MAX_REDIRECTS} redirects`);
}

/** Host and port as an event and a person see them: without query, which may carry secrets. */
function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname.slice(0, 200)}`;
}

function checkRequest(wanted: PluginFetch): PluginFetch {
  const method = wanted.method.toUpperCase();
  if (!METHODS.includes(method)) throw new HostRefusal("failed", `Cannot fetch with method "${method}"`);
  if (new TextEncoder().encode(wanted.body).length > MAX_REQUEST_BYTES) {
    throw new HostRefusal("failed", "Cannot fetch: the request's body is over 1 MB");
  }
  for (const [name, value] of wanted.headers) {
    if (!/^[!#$%&'*+.^`|~\w-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value)) {
      throw new HostRefusal("failed", `Cannot fetch with header ${JSON.stringify(name)}`);
    }
    if (OWN_HEADERS.test(name.toLowerCase())) {
      throw new HostRefusal("denied", `Cannot fetch with header "${name}": the host sets it`);
    }
  }
  return { ...wanted, method };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    throw new HostRefusal("denied", `Cannot fetch ${JSON.stringify(text.slice(0, 200))}: not an http(s) URL`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new HostRefusal("denied", `Cannot fetch ${shownUrl(url)}: a URL with a user name`);
  }
  return url;
}

function follow(request: PluginFetch, from: URL, location: string, status: number): PluginFetch {
  const to = URL.parse(location, from.href);
  if (to === null) throw new HostRefusal("failed", `Cannot fetch ${shownUrl(from)}: it redirects nowhere`);
  const becomesGet = status === 303 || (status < 303 && request.method === "POST");
  const isElsewhere = to.origin !== from.origin;
  return {
    url: to.href,
    method: becomesGet && request.method !== "HEAD" ? "GET" : request.method,
    body: becomesGet ? "" : request.body,
    headers: request.headers.filter(([name]) =>
      !(isElsewhere && /^(?:authorization|cookie|.*(?:key|token|secret).*)$/i.test(name)) &&
      !(becomesGet && /^content-/i.test(name))
    ),
  };
}

/**
 * The addresses that may be connected to.
 *
 * A name that leads to a private address, also among public ones, is refused: its owner could aim it at this machine. Names that cannot
 * be a stranger's (see `PluginPermissions.net`) and addresses may be granted.
 * @throws {HostRefusal}
 */
async function judgeHost(
  url: URL,
  entries: readonly string[],
  resolve: (name: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const host = url.hostname.replace(/\.$/, "");
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const byName = entries.some((entry) => isGranted(entry, host, port));
  if (!byName && !(entries.includes("*") && (port === 443 || port === 80))) {
    throw new HostRefusal("denied", `Not granted: net ${host}:${port}. Granted: ${listOf(entries)}`);
  }
  const literal = host.replace(/^\[|\]$/g, "");
  const addresses = isIP(literal) !== 0 ? [literal] : await resolve(host).catch((cause: unknown) => {
    throw new HostRefusal("failed", `Cannot fetch ${shownUrl(url)}: the name "${host}" is not known`, cause);
  });
  if (addresses.length === 0) throw new HostRefusal("failed", `The name "${host}" has no address`);
  const mayBePrivate = byName && (isIP(literal) !== 0 || isLocalName(host));
  const isRefused = !mayBePrivate && addresses.some((address) => !isPublicAddress(address));
  if (isRefused) {
    throw new HostRefusal("denied", `Not granted: net ${host}:${port} leads to a private address`);
  }
  return addresses;
}

/** `host` (443 and 80) or `host:port`; compared as the URL parser writes hosts, so `0x7f.1` is `127.0.0.1`. */
function isGranted(entry: string, host: string, port: number): boolean {
  if (entry === "*" || /[/@?#\\\s]/.test(entry)) return false;
  const url = URL.parse(`http://${entry}`);
  if (url === null) return false;
  const hasPort = /:\d+$/.test(entry);
  const ports = hasPort ? [Number(url.port || 80)] : [443, 80];
  return url.hostname.replace(/\.$/, "") === host && ports.includes(port);
}

/** Names that nobody can register in public. */
function isLocalName(host: string): boolean {
  return !host.includes(".") || /\.(?:localhost|local|internal|lan|home\.arpa)$/.test(host);
}

async function resolveName(name: string): Promise<readonly string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

async function send(
  url: URL,
  addresses: readonly string[],
  request: PluginFetch,
  connect: Connect,
  signal: AbortSignal,
): Promise<ExchangeResponse> {
  const isTls = url.protocol === "https:";
  const port = Number(url.port || (isTls ? 443 : 80));
  const body = new TextEncoder().encode(request.body);
  let failure: unknown;
  for (const address of addresses) {
    const serverName = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
    const connection = await connect({ address, port, ...(isTls ? { serverName } : {}) }, signal).catch(
      (error: unknown) => {
        failure = error;
        return undefined;
      },
    );
    signal.throwIfAborted();
    if (!connection) continue;
    const cut = () => connection.close();
    signal.addEventListener("abort", cut, { once: true });
    try {
      const needsLength = body.length > 0 || ["POST", "PUT", "PATCH"].includes(request.method);
      return await exchange(connection, {
        method: request.method,
        target: `${url.pathname}${url.search}`,
        headers: [
          ["host", url.host],
          ...(request.headers.some(([name]) => name.toLowerCase() === "user-agent")
            ? []
            : [["user-agent", "smallcode-plugin"] as const]),
          ...request.headers,
          ["accept-encoding", "gzip"],
          ["connection", "close"],
          ...(needsLength ? [["content-length", String(body.length)] as const] : []),
        ],
        body,
      }, MAX_RESPONSE_BYTES);
    } catch (error) {
      signal.throwIfAborted();
      throw fetchFailure(url, error);
    } finally {
      signal.removeEventListener("abort", cut);
      connection.close();
    }
  }
  throw fetchFailure(url, failure);
}

function fetchFailure(url: URL, cause: unknown): HostRefusal {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HostRefusal("failed", `Cannot fetch ${shownUrl(url)}: ${why}`, cause);
}
