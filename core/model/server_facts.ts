/** What a server tells about itself: which one it is, its models, the window it has loaded, what it can do (FIELD.md section 1). */

import type { Endpoint } from "../config/config.ts";
import { asRecord, parseJson } from "./server_error.ts";
import type { ServerKind } from "./transport.ts";

/** One model as a server lists it. */
export interface ListedModel {
  readonly name: string;
  readonly isLoaded: boolean;
  /** Tokens loaded. */
  readonly loaded?: number;
  /** Tokens that the server will load when asked, by its own settings for the model. */
  readonly configured?: number;
  /** Tokens the model was trained for. */
  readonly trained?: number;
  readonly tools?: boolean;
  readonly thinking?: boolean;
}

/** A server that answered as what it is. */
export interface FoundServer {
  readonly kind: ServerKind;
  /** The address without `/v1`. */
  readonly root: string;
  /** Where its OpenAI protocol stands. */
  readonly baseUrl: string;
  readonly version: string;
  readonly models: readonly ListedModel[];
}

/** How a server is asked. */
export interface Probe {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Sent with each question. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What came back: a JSON body, another answer, or nothing. */
export type Answer =
  | { readonly kind: "json"; readonly status: number; readonly body: unknown }
  | {
    readonly kind: "other";
    readonly status: number;
    readonly body: string;
    readonly contentType: string;
    readonly location: string | null;
  }
  | { readonly kind: "none"; readonly cause: unknown };

/** An address without a trailing slash and `/v1`. */
export function rootOf(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/** How a key is shown; Anthropic's list of models takes its own header. */
export function keyHeaders(
  endpoint: Pick<Endpoint, "provider" | "apiKey">,
): Readonly<Record<string, string>> {
  if (endpoint.apiKey === undefined) return {};
  return endpoint.provider === "anthropic"
    ? { "x-api-key": endpoint.apiKey, "anthropic-version": "2023-06-01" }
    : { authorization: `Bearer ${endpoint.apiKey}` };
}

/** Asks for JSON. A page or a redirect is `other`: some servers answer any path with 200 and HTML. */
export async function ask(url: string, probe: Probe, body?: unknown): Promise<Answer> {
  try {
    const response = await fetch(url, {
      ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      headers: {
        accept: "application/json",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...probe.headers,
      },
      redirect: "manual",
      signal: AbortSignal.any([probe.signal, AbortSignal.timeout(probe.timeoutMs)]),
    });
    const text = await response.text();
    const value = parseJson(text);
    const { status } = response;
    if (value !== undefined && response.ok) return { kind: "json", status, body: value };
    return {
      kind: "other",
      status,
      body: text.slice(0, 2_000),
      contentType: response.headers.get("content-type") ?? "",
      location: response.headers.get("location"),
    };
  } catch (cause) {
    probe.signal.throwIfAborted();
    return { kind: "none", cause };
  }
}

function fieldsOf(answer: Answer): Readonly<Record<string, unknown>> {
  return answer.kind === "json" ? asRecord(answer.body) : {};
}

function list(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.map(asRecord) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** A positive whole number under its name, or no field. */
function count<Name extends string>(name: Name, value: unknown): { readonly [key in Name]?: number } {
  return typeof value === "number" && value > 0 ? { [name]: value } as { [key in Name]: number } : {};
}

/** LM Studio, or `undefined`. It answers unknown paths with 200 and an error body, so the shape is checked. */
export async function findLmStudio(root: string, probe: Probe): Promise<FoundServer | undefined> {
  const [newer, older] = await Promise.all([
    ask(`${root}/api/v1/models`, probe),
    ask(`${root}/api/v0/models`, probe),
  ]);
  const models = lmStudioModels(fieldsOf(newer)) ?? lmStudioModelsV0(fieldsOf(older));
  return models && { kind: "lmstudio", root, baseUrl: `${root}/v1`, version: "", models };
}

/** `/api/v1/models`: a model may be loaded more than once; the first instance counts. */
function lmStudioModels(fields: Readonly<Record<string, unknown>>): readonly ListedModel[] | undefined {
  if (!Array.isArray(fields.models)) return undefined;
  const models = list(fields.models);
  if (!models.every((model) => Array.isArray(model.loaded_instances))) return undefined;
  return models.filter((model) => model.type !== "embedding").map((model) => {
    const [instance] = list(model.loaded_instances);
    const tools = asRecord(model.capabilities).trained_for_tool_use;
    return {
      name: text(model.key),
      isLoaded: instance !== undefined,
      ...count("loaded", asRecord(instance?.config).context_length),
      ...count("trained", model.max_context_length),
      ...(typeof tools === "boolean" ? { tools } : {}),
    };
  });
}

function lmStudioModelsV0(fields: Readonly<Record<string, unknown>>): readonly ListedModel[] | undefined {
  if (!Array.isArray(fields.data)) return undefined;
  const models = list(fields.data);
  if (!models.every((model) => typeof model.state === "string")) return undefined;
  return models.filter((model) => model.type !== "embeddings").map((model) => ({
    name: text(model.id),
    isLoaded: model.state === "loaded",
    ...count("loaded", model.loaded_context_length),
    ...count("trained", model.max_context_length),
    ...(Array.isArray(model.capabilities) ? { tools: model.capabilities.includes("tool_use") } : {}),
  }));
}

/** llama-server, or `undefined`. In router mode the window of a model comes with `/props?model=`. */
export async function findLlamaCpp(root: string, probe: Probe): Promise<FoundServer | undefined> {
  const [about, listed] = await Promise.all([ask(`${root}/props`, probe), ask(`${root}/v1/models`, probe)]);
  const props = fieldsOf(about);
  if (props.default_generation_settings === undefined && props.role !== "router") return undefined;
  const models = list(fieldsOf(listed).data);
  const loaded = count("loaded", asRecord(props.default_generation_settings).n_ctx);
  const tools = asRecord(props.chat_template_caps).supports_tools;
  const isRouter = loaded.loaded === undefined || models.length > 1;
  return {
    kind: "llamacpp",
    root,
    baseUrl: `${root}/v1`,
    version: text(props.build_info),
    models: models.map((model) => {
      const meta = asRecord(model.meta);
      return {
        name: text(model.id),
        isLoaded: !isRouter || asRecord(model.status).value === "loaded",
        ...(isRouter ? count("loaded", meta.n_ctx) : loaded),
        ...count("trained", meta.n_ctx_train),
        ...(typeof tools === "boolean" && !isRouter ? { tools } : {}),
      };
    }),
  };
}

/** Ollama with its models, or `undefined`. */
export async function findOllama(root: string, probe: Probe): Promise<FoundServer | undefined> {
  const version = fieldsOf(await ask(`${root}/api/version`, probe)).version;
  if (typeof version !== "string") return undefined;
  const [tags, running] = await Promise.all([ask(`${root}/api/tags`, probe), ask(`${root}/api/ps`, probe)]);
  const loaded = new Map(
    list(fieldsOf(running).models).map((model) => [text(model.name), model.context_length] as const),
  );
  return {
    kind: "ollama",
    root,
    baseUrl: `${root}/v1`,
    version,
    models: list(fieldsOf(tags).models).map((model) => ({
      name: text(model.name),
      isLoaded: loaded.has(text(model.name)),
      ...count("loaded", loaded.get(text(model.name))),
    })),
  };
}

/** Adds what `/api/show` tells of one model. */
export async function showOllamaModel(
  server: FoundServer,
  model: ListedModel,
  probe: Probe,
): Promise<ListedModel> {
  const shown = fieldsOf(await ask(`${server.root}/api/show`, probe, { model: model.name }));
  const trained = Object.entries(asRecord(shown.model_info)).find(([key]) => key.endsWith(".context_length"))
    ?.[1];
  const configured = /(?:^|\n)num_ctx\s{1,60}(\d{1,9})/.exec(text(shown.parameters))?.[1];
  const { capabilities } = shown;
  return {
    ...model,
    ...count("trained", trained),
    ...count("configured", Number(configured)),
    ...(Array.isArray(capabilities)
      ? { tools: capabilities.includes("tools"), thinking: capabilities.includes("thinking") }
      : {}),
  };
}

/** A router's own answer for one model. */
export async function showLlamaCppModel(
  server: FoundServer,
  model: ListedModel,
  probe: Probe,
): Promise<ListedModel> {
  if (model.loaded !== undefined) return model;
  const props = fieldsOf(await ask(`${server.root}/props?model=${encodeURIComponent(model.name)}`, probe));
  return { ...model, ...count("loaded", asRecord(props.default_generation_settings).n_ctx) };
}

/** Any server that lists models under `baseUrl`; vLLM is known by its `max_model_len`. */
export async function listModels(
  baseUrl: string,
  probe: Probe,
): Promise<{ readonly server: FoundServer } | { readonly answer: Answer }> {
  const answer = await ask(`${baseUrl}/models`, probe);
  const { data } = fieldsOf(answer);
  if (!Array.isArray(data)) return { answer };
  const models = list(data);
  const isVllm = models.some((model) => model.owned_by === "vllm" || typeof model.max_model_len === "number");
  return {
    server: {
      kind: isVllm ? "vllm" : "unknown",
      root: rootOf(baseUrl),
      baseUrl,
      version: "",
      models: models.map((model) => ({
        name: text(model.id),
        isLoaded: isVllm,
        ...count("loaded", model.max_model_len ?? asRecord(model.meta).n_ctx),
        ...count("trained", model.context_length ?? model.max_context_length),
        ...(Array.isArray(model.supported_parameters)
          ? { tools: model.supported_parameters.includes("tools") }
          : {}),
      })),
    },
  };
}

/** Providers in the cloud: never asked what a local server would be asked. */
export function isCloud(provider: Endpoint["provider"]): boolean {
  return provider === "openai" || provider === "anthropic" || provider === "openrouter" ||
    provider === "deepseek";
}

/** Which server stands at an address: the one that `provider` names, else LM Studio, llama.cpp, Ollama, another. */
export async function findServer(
  endpoint: Pick<Endpoint, "provider" | "baseUrl">,
  probe: Probe,
): Promise<{ readonly server: FoundServer } | { readonly answer: Answer }> {
  if (isCloud(endpoint.provider)) {
    const listed = await listModels(endpoint.baseUrl, probe);
    return "server" in listed ? { server: { ...listed.server, kind: "openai" } } : listed;
  }
  const root = rootOf(endpoint.baseUrl);
  const named = await findNamed(endpoint.provider, root, probe);
  if (named) return { server: named };
  const [lmstudio, llamacpp, ollama, listed] = await Promise.all([
    findLmStudio(root, probe),
    findLlamaCpp(root, probe),
    findOllama(root, probe),
    listModels(`${root}/v1`, probe),
  ]);
  const server = lmstudio ?? llamacpp ?? ollama;
  if (server) return { server };
  if ("server" in listed || rootOf(endpoint.baseUrl) !== endpoint.baseUrl.replace(/\/+$/, "")) return listed;
  // A base URL that does not end in /v1 is taken as it stands.
  return await listModels(endpoint.baseUrl, probe);
}

/** The server that the configuration names, where it is that one: the others' questions are not asked. */
async function findNamed(
  provider: Endpoint["provider"],
  root: string,
  probe: Probe,
): Promise<FoundServer | undefined> {
  if (provider === "lmstudio") return await findLmStudio(root, probe);
  if (provider === "llamacpp") return await findLlamaCpp(root, probe);
  if (provider === "ollama") return await findOllama(root, probe);
  return undefined;
}
