/** Looks for model servers on this machine, on the ports they use by default. */

import type { Endpoint, ProviderName } from "../config/config.ts";
import {
  findLlamaCpp,
  findLmStudio,
  findOllama,
  type FoundServer,
  listModels,
  type Probe,
} from "./server_facts.ts";
import type { ServerKind } from "./transport.ts";

/** A server that was found. */
export interface DetectedServer {
  readonly kind: ServerKind;
  readonly baseUrl: string;
  /** Names; the loaded ones first. */
  readonly models: readonly string[];
  /** Tokens loaded for the first model, where the server says. */
  readonly window?: number;
  /** What to connect with: no key, the first model. */
  readonly endpoint: Endpoint;
}

/** A server on this machine answers in milliseconds; a dropped packet must not hold up the start. */
const TIMEOUT_MS = 1_500;

/** Default ports, each asked for one kind of server; LM Studio first, because it answers Ollama's paths too. */
const PLACES: readonly { readonly root: string; readonly find: Find }[] = [
  { root: "http://127.0.0.1:1234", find: findLmStudio },
  { root: "http://127.0.0.1:8080", find: findLlamaCpp },
  { root: "http://127.0.0.1:11434", find: findOllama },
  { root: "http://127.0.0.1:8000", find: findVllm },
];

type Find = (root: string, probe: Probe) => Promise<FoundServer | undefined>;

/**
 * Asks all default places at once, and `ollamaHost` (`OLLAMA_HOST`), which alone may be another machine. Servers with a loaded model come
 * first.
 */
export async function detectServers(options: {
  readonly ollamaHost?: string;
  readonly signal: AbortSignal;
  /** Other places than the default ones. */
  readonly places?: readonly { readonly root: string; readonly find: Find }[];
}): Promise<readonly DetectedServer[]> {
  const probe: Probe = { signal: options.signal, timeoutMs: TIMEOUT_MS };
  const named = options.ollamaHost ? ollamaRoot(options.ollamaHost) : undefined;
  const defaults = options.places ?? PLACES;
  const places = named !== undefined && !defaults.some(({ root }) => root === named)
    ? [{ root: named, find: findOllama }, ...defaults]
    : defaults;
  const found = await Promise.all(places.map(({ root, find }) => find(root, probe)));
  return found
    .filter((server): server is FoundServer => server !== undefined)
    .map((server) => ({ server, isReady: server.models.some((model) => model.isLoaded) }))
    .sort((a, b) => Number(b.isReady) - Number(a.isReady))
    .map(({ server }) => describe(server));
}

async function findVllm(root: string, probe: Probe): Promise<FoundServer | undefined> {
  const listed = await listModels(`${root}/v1`, probe);
  return "server" in listed ? listed.server : undefined;
}

function describe(server: FoundServer): DetectedServer {
  const models = [...server.models].sort((a, b) => Number(b.isLoaded) - Number(a.isLoaded));
  const { baseUrl } = server;
  const first = models[0];
  return {
    kind: server.kind,
    baseUrl,
    models: models.map(({ name }) => name),
    ...(first?.loaded === undefined ? {} : { window: first.loaded }),
    endpoint: { tier: "default", provider: providerOf(server.kind), baseUrl, model: first?.name ?? "" },
  };
}

function providerOf(kind: ServerKind): ProviderName {
  return kind === "unknown" ? "custom" : kind;
}

/** `OLLAMA_HOST` as Ollama writes it: host, `host:port` or a URL; 0.0.0.0 is an address to listen on, not one to ask. */
export function ollamaRoot(host: string): string {
  const text = host.trim().replace(/\/+$/, "");
  const url = URL.parse(/^https?:\/\//.test(text) ? text : `http://${text}`);
  if (!url) return "http://127.0.0.1:11434";
  if (url.hostname === "0.0.0.0") url.hostname = "127.0.0.1";
  const isBare = !/^https?:\/\//.test(text) && url.port === "";
  if (isBare) url.port = "11434";
  return url.href.replace(/\/+$/, "");
}
