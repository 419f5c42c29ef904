/** From an endpoint to a transport: finds out what serves it, which model, how large the window is. */

import type { Endpoint } from "../config/config.ts";
import { ProviderError } from "../errors.ts";
import type { Profile } from "../profile.ts";
import { ollamaTransport } from "./ollama_transport.ts";
import { openaiTransport } from "./openai_transport.ts";
import { type Pacing, sleep } from "./retry.ts";
import { errorOfRefusal, parseJson, unreachable, type Where } from "./server_error.ts";
import {
  type Answer,
  ask,
  findServer,
  type FoundServer,
  keyHeaders,
  type ListedModel,
  type Probe,
  rootOf,
  showLlamaCppModel,
  showOllamaModel,
} from "./server_facts.ts";
import type { ServerFacts, ServerKind, Transport } from "./transport.ts";
import { nameList } from "../name_list.ts";

/** What `connect` needs. */
export interface ConnectOptions {
  readonly endpoint: Endpoint;
  /** The profile of a model by its name as the server writes it, which is known only once the server was asked. */
  readonly profileOf: (model: string) => Profile;
  /** Tokens; overrides what the server says, and is `num_ctx` on Ollama. */
  readonly window?: number;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970; default `Date.now`. */
  readonly now?: () => number;
  /** Waits; default by the clock, 120 s of silence in the middle of a reply. */
  readonly pacing?: Partial<Pacing>;
}

/** A server on this machine answers its own questions within this; a cloud's list of models takes longer. */
const PROBE_TIMEOUT_MS = 10_000;

const IDLE_MS = 120_000;

/**
 * `num_ctx` for a model that Ollama has not loaded and whose settings name none. One constant for the session, because a change reloads the
 * model: its trained length, at most this. An 8B model's cache of it takes 2.4 GB (Qwen3-8B: 36 layers x 8 heads x 128 x 2 x 2 bytes a token).
 */
const OLLAMA_WINDOW = 16_384;

/**
 * Connects to a model server.
 *
 * The window is, in this order: `window` (but not more than is loaded, except on Ollama), what the server has loaded, what the server is set to load, what the model was trained for (only
 * the last is marked as not loaded; on Ollama it is sent as `num_ctx`, so it is what will be loaded). An empty model name takes the model
 * that is loaded, else the first.
 *
 * @throws {ProviderError} `unreachable`, `unauthorized`, `unknown_model`, `unreadable` or `rejected`
 */
export async function connect(options: ConnectOptions): Promise<Transport> {
  const given = plainEndpoint(options);
  const probe = probeOf(given, options);
  const found = await findServer(given, probe);
  const server = "server" in found ? found.server : withoutList(found.answer, given);
  return await openTransport(server, given, options);
}

/**
 * A transport to a cloud model without a word to its server, for a task that nobody has allowed to leave yet: the endpoint names the model, its
 * profile the window. @throws {ProviderError} `unknown_model` where the endpoint names none
 */
export function connectUnasked(options: ConnectOptions): Promise<Transport> {
  const given = plainEndpoint(options);
  return openTransport(unlistedServer(given), given, options);
}

/** A base URL must not end in a slash, and Ollama's may lack its /v1. */
function plainEndpoint({ endpoint }: ConnectOptions): Endpoint {
  return { ...endpoint, baseUrl: endpoint.baseUrl.replace(/\/+$/, "") };
}

function probeOf(endpoint: Endpoint, { signal }: ConnectOptions): Probe {
  return { signal, timeoutMs: PROBE_TIMEOUT_MS, headers: keyHeaders(endpoint) };
}

async function openTransport(
  server: FoundServer,
  given: Endpoint,
  options: ConnectOptions,
): Promise<Transport> {
  const probe = probeOf(given, options);
  const endpoint = { ...given, baseUrl: server.baseUrl };
  const listed = chooseModel(server, endpoint);
  const model = server.kind === "ollama"
    ? await showOllamaModel(server, listed, probe)
    : server.kind === "llamacpp"
    ? await showLlamaCppModel(server, listed, probe)
    : listed;
  const profile = options.profileOf(model.name);
  const window = windowOf(server, model, profile, options.window);
  const facts: ServerFacts = {
    kind: server.kind,
    baseUrl: endpoint.baseUrl,
    version: server.version,
    model: model.name,
    models: server.models.map(({ name }) => name),
    ...window,
    can: {
      ...abilities(server.kind, model),
      nativeTools: await takesTools(server, model, probe),
    },
  };
  const parts = {
    endpoint,
    facts,
    profile,
    now: options.now ?? Date.now,
    pacing: { sleep, idleMs: IDLE_MS, ...options.pacing },
  };
  return server.kind === "ollama" ? ollamaTransport(parts) : openaiTransport(parts);
}

/** A server that lists no models may still serve one; one that cannot be used is an error. */
function withoutList(answer: Answer, endpoint: Endpoint): FoundServer {
  const where: Where = { kind: kindOf(endpoint), baseUrl: endpoint.baseUrl, model: endpoint.model };
  if (answer.kind === "none") throw unreachable(where, answer.cause);
  const isMissing = answer.kind === "json" || answer.status === 404 || answer.status === 405;
  const isJson = answer.kind === "json" || parseJson(answer.body) !== undefined;
  if (isMissing && isJson && endpoint.model !== "") {
    return unlistedServer(endpoint);
  }
  throw errorOfRefusal({
    status: answer.status,
    body: answer.kind === "json" ? JSON.stringify(answer.body) : answer.body,
    contentType: answer.kind === "json" ? "application/json" : answer.contentType,
    retryAfter: null,
    location: answer.kind === "other" ? answer.location : null,
  }, where);
}

function unlistedServer(endpoint: Endpoint): FoundServer {
  const { baseUrl } = endpoint;
  return { kind: kindOf(endpoint), root: rootOf(baseUrl), baseUrl, version: "", models: [] };
}

/** What the provider's name says, for messages about a server that did not answer. */
function kindOf(endpoint: Endpoint): ServerKind {
  switch (endpoint.provider) {
    case "ollama":
    case "lmstudio":
    case "llamacpp":
    case "vllm":
      return endpoint.provider;
    case "openai":
    case "openrouter":
    case "anthropic":
    case "deepseek":
      return "openai";
    case "custom":
      return "unknown";
  }
}

function chooseModel(server: FoundServer, endpoint: Endpoint): ListedModel {
  const { models } = server;
  const wanted = endpoint.model;
  if (wanted === "") {
    const chosen = models.find((model) => model.isLoaded) ?? models[0];
    if (chosen) return chosen;
    throw new ProviderError(
      "unknown_model",
      `${endpoint.baseUrl} has no model: ${howToGetOne(server.kind)}`,
    );
  }
  if (models.length === 0) return { name: wanted, isLoaded: false };
  const same = models.find(({ name }) => name === wanted) ??
    models.find(({ name }) => plainName(name) === plainName(wanted));
  if (same) return same;
  const names = nearestFirst(wanted, models.map(({ name }) => name));
  const shown = nameList(names.map((name) => `"${name}"`), 8);
  throw new ProviderError(
    "unknown_model",
    `${endpoint.baseUrl} has no model "${wanted}"; it has ${shown}: set one with --model, or choose with "smallcode provider"`,
  );
}

function howToGetOne(kind: ServerKind): string {
  switch (kind) {
    case "ollama":
      return `get one (ollama pull qwen2.5-coder:7b)`;
    case "lmstudio":
      return "download one in LM Studio (lms get)";
    case "llamacpp":
    case "vllm":
    case "openai":
    case "unknown":
      return `choose another server with "smallcode provider"`;
  }
}

/** Names are the same without folder, `.gguf`, `:latest` and case. */
function plainName(name: string): string {
  return (name.split("/").at(-1) ?? name).toLowerCase().replace(/\.gguf$/, "").replace(/:latest$/, "");
}

/** Orders names by how many pairs of letters they share with `wanted`. */
function nearestFirst(wanted: string, names: readonly string[]): readonly string[] {
  const pairs = (name: string) => {
    const plain = plainName(name);
    return new Set([...plain].slice(1).map((letter, index) => `${plain[index]}${letter}`));
  };
  const target = pairs(wanted);
  const likeness = (name: string) => {
    const own = pairs(name);
    const shared = [...own].filter((pair) => target.has(pair)).length;
    return shared / (own.size + target.size || 1);
  };
  return names.map((name) => ({ name, score: likeness(name) }))
    .sort((a, b) => b.score - a.score)
    .map(({ name }) => name);
}

function windowOf(
  server: FoundServer,
  model: ListedModel,
  profile: Profile,
  override: number | undefined,
): Pick<ServerFacts, "window" | "windowSource" | "windowIsLoaded"> {
  const isOllama = server.kind === "ollama";
  if (override !== undefined) {
    const isKept = isOllama || model.loaded === undefined || override <= model.loaded;
    // A window larger than what is loaded would be a lie, except on Ollama, which loads what is asked for.
    if (isKept) return { window: override, windowSource: "context.window", windowIsLoaded: true };
  }
  if (model.loaded !== undefined) {
    return { window: model.loaded, windowSource: loadedSource(server.kind), windowIsLoaded: true };
  }
  if (model.configured !== undefined) {
    return { window: model.configured, windowSource: "Ollama /api/show num_ctx", windowIsLoaded: true };
  }
  const trained = Math.min(model.trained ?? profile.trainedWindow, profile.trainedWindow);
  if (isOllama) {
    const window = Math.min(trained, OLLAMA_WINDOW);
    return { window, windowSource: `num_ctx ${window}, set by smallcode`, windowIsLoaded: true };
  }
  return {
    window: trained,
    windowSource: model.trained === undefined ? `profile ${profile.name}` : "the model's trained length",
    windowIsLoaded: false,
  };
}

function loadedSource(kind: ServerKind): string {
  switch (kind) {
    case "llamacpp":
      return "llama.cpp /props n_ctx";
    case "ollama":
      return "Ollama /api/ps context_length";
    case "lmstudio":
      return "LM Studio loaded_context_length";
    case "vllm":
      return "vLLM max_model_len";
    case "openai":
    case "unknown":
      return "/v1/models";
  }
}

function abilities(kind: ServerKind, model: ListedModel): Omit<ServerFacts["can"], "nativeTools"> {
  const isLlamaCpp = kind === "llamacpp";
  const isVllm = kind === "vllm";
  return {
    countTokens: isLlamaCpp || isVllm,
    constrain: isLlamaCpp || isVllm ? ["json_schema", "grammar"] : kind === "unknown" ? [] : ["json_schema"],
    // LM Studio and the cloud do not say whether they continue a last assistant message.
    prefill: isLlamaCpp || isVllm || kind === "ollama",
    prefillProgress: isLlamaCpp,
    thinkingSwitch: kind === "ollama" ? model.thinking ?? false : isLlamaCpp || isVllm,
  };
}

/**
 * Whether the server puts tools into the prompt. llama.cpp drops them without a word where the template has no place for them, so there
 * the rendered length with one tool is compared with that without (FIELD.md item 35).
 */
async function takesTools(
  server: FoundServer,
  model: ListedModel,
  probe: Probe,
): Promise<boolean | undefined> {
  if (server.kind !== "llamacpp") return model.tools;
  const url = `${server.root}/v1/chat/completions/input_tokens`;
  const messages = [{ role: "user", content: "hi" }];
  const parameters = { type: "object", properties: { path: { type: "string" } } };
  const tools = [{
    type: "function",
    function: { name: "read_file", description: "Reads a file", parameters },
  }];
  const [without, including] = await Promise.all([
    ask(url, probe, { model: model.name, messages }),
    ask(url, probe, { model: model.name, messages, tools }),
  ]);
  const counts = [without, including].map((answer) =>
    answer.kind === "json" ? (answer.body as { input_tokens?: unknown } | null)?.input_tokens : undefined
  );
  const [bare, offered] = counts;
  return typeof bare === "number" && typeof offered === "number" ? offered > bare : model.tools;
}
