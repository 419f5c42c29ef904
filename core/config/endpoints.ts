/** From layers to endpoints: which server and model each tier has, and which key may go there (DESIGN decision 10). */

import { ConfigError } from "../errors.ts";
import type { TierName } from "../types.ts";
import type { Endpoint, ProviderName } from "./config.ts";
import { tierPrefix } from "./keys.ts";
import type { Layer } from "./layer.ts";
import { guessProvider, providerNamed, PROVIDERS, sameOrigin } from "./providers.ts";

export interface Endpoints {
  readonly endpoints: Readonly<Partial<Record<TierName, Endpoint>>>;
  /** Keys that were withheld, in sentences. */
  readonly warnings: readonly string[];
}

/** Where a tier's requests go, and the layer that says so: keys of that layer may follow. */
interface Place {
  readonly baseUrl: string;
  readonly provider: ProviderName;
  readonly layer: Layer;
  readonly from: string;
}

/**
 * @param layers highest first
 * @throws {ConfigError} for the provider `custom` without a base URL
 */
export function resolveEndpoints(layers: readonly Layer[]): Endpoints {
  const endpoints: Partial<Record<TierName, Endpoint>> = {};
  const warnings: string[] = [];
  for (const tier of ["default", "fast", "strong"] as const) {
    const prefix = tierPrefix(tier);
    const place = findPlace(layers, prefix);
    const model = find(layers, `${prefix}.name`)?.value;
    if (place) {
      const key = findApiKey(layers, prefix, place);
      if (key.warning) warnings.push(key.warning);
      endpoints[tier] = {
        tier,
        provider: place.provider,
        baseUrl: place.baseUrl,
        model: typeof model === "string" ? model : "",
        ...(key.value === undefined ? {} : { apiKey: key.value }),
        ...windowField(layers, prefix),
      };
      continue;
    }
    // A key without any base URL is told of, for the server that detection finds does not get it.
    const stray = find(layers, `${prefix}.apiKey`) ?? find(layers, `${prefix}.apiKeyEnv`);
    if (stray) {
      warnings.push(`The key of ${stray.from} is sent nowhere: no base URL is set in the same place`);
    }
    if (tier === "default" || typeof model !== "string") continue;
    // A tier with nothing but a name is another model of the default server.
    if (endpoints.default) {
      endpoints[tier] = { ...endpoints.default, tier, model, ...windowField(layers, prefix) };
    } else {
      warnings.push(
        `The ${tier} model "${model}" is not used: neither it nor the default model has a base URL`,
      );
    }
  }
  return { endpoints, warnings };
}

/** The highest layer that names a base URL or a provider decides; `custom` takes its base URL from a lower layer. */
function findPlace(layers: readonly Layer[], prefix: string): Place | undefined {
  for (const [index, layer] of layers.entries()) {
    const url = layer.settings.get(`${prefix}.baseUrl`);
    const named = layer.settings.get(`${prefix}.provider`);
    const provider = named?.value as ProviderName | undefined;
    if (url) {
      const baseUrl = url.value as string;
      return { baseUrl, provider: provider ?? guessProvider(baseUrl), layer, from: url.from };
    }
    if (!provider || !named) continue;
    if (provider === "custom") {
      const lower = findPlace(layers.slice(index + 1), prefix);
      if (lower) return { ...lower, provider };
      throw new ConfigError(`Cannot use provider "custom" of ${named.from}: no base URL is set`);
    }
    const baseUrl = provider === "ollama" ? ollamaBaseUrl(layers) : providerNamed(provider).baseUrl;
    if (baseUrl === undefined) throw new RangeError(`Provider "${provider}" has no base URL`);
    return { baseUrl, provider, layer, from: named.from };
  }
  return undefined;
}

function ollamaBaseUrl(layers: readonly Layer[]): string | undefined {
  const host = find(layers, "ollama_host");
  if (!host) return providerNamed("ollama").baseUrl;
  const url = normalizeOllamaHost(host.value as string);
  if (url === undefined) {
    throw new ConfigError(`Cannot use "${host.value}" of ${host.from}: expected a host, host:port or URL`);
  }
  return `${url}/v1`;
}

/**
 * `OLLAMA_HOST` as a URL a client can reach: scheme and port may be left out, the listening address 0.0.0.0 is this machine.
 * Defaults as Ollama documents them: http, port 11434 (443 and 80 where the scheme is written without a port).
 */
export function normalizeOllamaHost(host: string): string | undefined {
  const trimmed = host.trim().replace(/\/$/, "");
  const hasScheme = /^https?:\/\//.test(trimmed);
  const text = hasScheme ? trimmed : `http://${trimmed}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!hasScheme && !/:\d+$/.test(trimmed)) url.port = "11434";
  if (url.hostname === "0.0.0.0" || url.hostname === "[::]") url.hostname = "127.0.0.1";
  return url.origin;
}

/** A key set beside the base URL, then one that the same layer names, then the provider's own. */
function findApiKey(
  layers: readonly Layer[],
  prefix: string,
  place: Place,
): { readonly value?: string; readonly warning?: string } {
  const beside = place.layer.settings.get(`${prefix}.apiKey`);
  if (beside) return { value: beside.value as string };
  const named = place.layer.settings.get(`${prefix}.apiKeyEnv`);
  if (named) {
    const name = named.value as string;
    const owner = PROVIDERS.find((provider) => provider.keyEnv === name);
    if (owner?.baseUrl && !sameOrigin(owner.baseUrl, place.baseUrl)) {
      return {
        warning: `${name} is not sent to ${place.baseUrl}: it goes to ${new URL(owner.baseUrl).origin} only`,
      };
    }
    const value = findVariable(layers, name);
    if (value === undefined) return { warning: `${named.from} names the key ${name}, which is not set` };
    return { value };
  }
  const owner = PROVIDERS.find((provider) =>
    provider.keyEnv && provider.baseUrl && sameOrigin(provider.baseUrl, place.baseUrl)
  );
  const own = owner?.keyEnv === undefined ? undefined : findVariable(layers, owner.keyEnv);
  if (own !== undefined) return { value: own };
  const elsewhere = find(layers, `${prefix}.apiKey`) ?? find(layers, `${prefix}.apiKeyEnv`);
  if (elsewhere) {
    return {
      warning:
        `The key of ${elsewhere.from} is not sent to ${place.baseUrl}: that base URL comes from ${place.from}; set both in the same place`,
    };
  }
  const intended = providerNamed(place.provider);
  if (intended.keyEnv && intended.baseUrl && findVariable(layers, intended.keyEnv) !== undefined) {
    return {
      warning: `${intended.keyEnv} is not sent to ${place.baseUrl}: it goes to ${
        new URL(intended.baseUrl).origin
      } only`,
    };
  }
  return {};
}

function windowField(layers: readonly Layer[], prefix: string): { readonly window?: number } {
  const window = find(layers, `${prefix}.window`)?.value;
  return typeof window === "number" ? { window } : {};
}

function find(layers: readonly Layer[], name: string) {
  return layers.find((layer) => layer.settings.has(name))?.settings.get(name);
}

function findVariable(layers: readonly Layer[], name: string): string | undefined {
  return layers.find((layer) => layer.variables.has(name))?.variables.get(name)?.value;
}
