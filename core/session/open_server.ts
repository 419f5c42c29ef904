/** From the command line's options to a connected model server and the profile of its model. */

import type { Bundle, SmallCodeOptions } from "../api.ts";
import type { Config, Endpoint, Loaded } from "../config/config.ts";
import { loadConfig } from "../config/load.ts";
import { applyConfig, loadAllProfiles, matchProfile, type PluginProfile } from "../config/profiles.ts";
import { ProviderError } from "../errors.ts";
import { providerNamed } from "../config/providers.ts";
import { connect, connectUnasked } from "../model/connect.ts";
import { detectServers } from "../model/detect.ts";
import type { Transport } from "../model/transport.ts";
import type { Profile } from "../profile.ts";
import { MIN_WINDOW } from "../prompt/budget.ts";

export interface OpenedServer {
  readonly transport: Transport;
  readonly profile: Profile;
  /** Profiles of plugins that are left out, in sentences for the user. */
  readonly problems: readonly string[];
}

/** The server, then its window: the order in which a user can be wrong. @throws {ConfigError | ProviderError} */
export async function openServer(
  config: Config,
  bundle: Bundle,
  added: readonly PluginProfile[],
  signal: AbortSignal,
): Promise<OpenedServer> {
  const endpoint = config.endpoints.default ?? await findEndpoint(config, signal);
  const { profiles, problems } = await loadAllProfiles(bundle.assets("profiles/"), added);
  const transport = await connect({
    endpoint,
    profileOf: (model) => applyConfig(matchProfile(model, profiles), config),
    ...(config.context.window ? { window: config.context.window } : {}),
    signal,
  });
  checkWindow(transport);
  return { transport, profile: applyConfig(matchProfile(transport.facts.model, profiles), config), problems };
}

/**
 * Connects to another tier's server. A named cloud is not contacted: its model is named and its window is the profile's, so that nothing
 * leaves before a person has agreed. `[sampling]` is the default model's and does not hold here. @throws {ConfigError | ProviderError}
 */
export async function openTierServer(
  endpoint: Endpoint,
  config: Config,
  given: { readonly bundle: Bundle; readonly added: readonly PluginProfile[] },
  signal: AbortSignal,
): Promise<Pick<OpenedServer, "transport" | "profile">> {
  const { profiles } = await loadAllProfiles(given.bundle.assets("profiles/"), given.added);
  const profileOf = (model: string) =>
    applyConfig(matchProfile(model, profiles), { harness: config.harness, sampling: {} });
  const { window } = endpoint;
  const options = { endpoint, profileOf, ...(window ? { window } : {}), signal };
  const transport = isNamedCloud(endpoint) ? await connectUnasked(options) : await connect(options);
  checkWindow(transport);
  return { transport, profile: profileOf(transport.facts.model) };
}

function isNamedCloud({ provider }: Endpoint): boolean {
  return provider !== "custom" && !providerNamed(provider).isLocal;
}

/** What the command line, the environment and the files say. @throws {ConfigError} */
export async function configure(
  options: SmallCodeOptions & { readonly cwd: string },
  bundle: Bundle,
): Promise<Loaded> {
  const loaded = await loadConfig({
    flags: options,
    env: bundle.env,
    cwd: options.cwd,
    home: bundle.home,
    platform: bundle.platform,
    isTerminal: options.ask !== undefined,
  });
  if (options.dataFolder === undefined) return loaded;
  const paths = { ...loaded.config.paths, data: options.dataFolder };
  return { ...loaded, config: { ...loaded.config, paths } };
}

/** The first server found on its default port, when nothing is configured. */
async function findEndpoint({ model, ollamaHost }: Config, signal: AbortSignal): Promise<Endpoint> {
  const [found] = await detectServers({ ...(ollamaHost ? { ollamaHost } : {}), signal });
  if (found) return model ? { ...found.endpoint, model } : found.endpoint;
  throw new ProviderError(
    "unreachable",
    "No model server is configured, and none was found on the default ports of Ollama, LM Studio, llama.cpp and vLLM. Start one, or run `smallcode provider`",
  );
}

function checkWindow({ facts }: Transport): void {
  if (facts.window >= MIN_WINDOW) return;
  throw new ProviderError(
    "window_exceeded",
    `The server has loaded a window of ${facts.window} tokens (${facts.windowSource}); at least ${MIN_WINDOW} are needed. Start it with a larger one, e.g. \`llama-server -c 8192\`, or set context.window for Ollama`,
  );
}
