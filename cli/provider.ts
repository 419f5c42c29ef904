/** `smallcode provider`: chooses a model server, tries it, and saves the choice. With flags alone it asks nothing. */

import { isAbsolute, join, relative } from "node:path";
import type { Config, Endpoint } from "../core/config/config.ts";
import { type Flags, loadConfig } from "../core/config/load.ts";
import { writeAtomic } from "../core/config/private_file.ts";
import { applyConfig, loadProfiles, matchProfile } from "../core/config/profiles.ts";
import { isLoopback, providerNamed, PROVIDERS, sameOrigin } from "../core/config/providers.ts";
import { ConfigError, ProviderError } from "../core/errors.ts";
import { connect } from "../core/model/connect.ts";
import { detectServers } from "../core/model/detect.ts";
import type { TierName } from "../core/types.ts";
import { exitCodeOf } from "./_provider_fault.ts";
import { planSave, type Scope, type Settings } from "./_save_settings.ts";
import { tryTool } from "./_tool_trip.ts";
import { openPrompts, type Prompts, withKeyboard, WizardCancelled } from "./_wizard_prompts.ts";
import { checkTrip } from "./doctor.ts";
import { plainText } from "./terminal_text.ts";
import type { World } from "./world.ts";

export interface ProviderOptions {
  /** Shows what is set up, and changes nothing. */
  readonly status: boolean;
  readonly provider?: string;
  readonly baseUrl?: string;
  readonly model?: string;
  readonly apiKey?: string;
  readonly scope?: string;
  readonly strongBaseUrl?: string;
  readonly strongModel?: string;
  readonly fastBaseUrl?: string;
  readonly fastModel?: string;
  /** Asks nothing and writes. */
  readonly yes?: boolean;
}

/** What is known of a tier that is to be saved. */
interface Chosen {
  readonly endpoint: Endpoint;
  /** A key that was typed or given by flag, and so is to be saved. */
  readonly newKey?: string;
}

/** How often a key may be typed before the wizard gives up. */
const MAX_KEYS = 5;

/** How many servers that do not answer may be named. */
const MAX_SERVERS = 20;

/**
 * Sets up a model server, or with `status` shows the present one.
 * @returns exit code 0; 3 no server, 2 configuration, wrong key or model name, 1 otherwise, 130 cancelled
 * @throws {ConfigError}
 */
export async function providerCommand(options: ProviderOptions, world: World): Promise<number> {
  if (options.status) return await showStatus(world);
  try {
    if (!isPersonThere(world) || options.yes) return await setUpByFlags(options, world);
    return await withKeyboard(async () => await setUpByQuestions(options, world));
  } catch (error) {
    if (error instanceof WizardCancelled || world.signal.aborted) {
      world.err("Cancelled; nothing was changed.\n");
      return 130;
    }
    if (!(error instanceof ProviderError)) throw error;
    world.err(`smallcode: ${plainText(error.message)}\nNothing was changed.\n`);
    return exitCodeOf(error);
  }
}

/**
 * The first run: begins the wizard where a person is there, nothing is configured and no server is found. Call it before a line editor is opened.
 * @param flags as the conversation would get them
 * @throws {ConfigError}
 */
export async function offerFirstSetup(flags: Flags, world: World): Promise<void> {
  if (!isPersonThere(world)) return;
  const { config } = await load(flags, world);
  if (config.endpoints.default || (await detect(config, world)).length > 0) return;
  world.out("No model server is configured, and none runs on the default ports. Let us set one up.\n");
  await providerCommand({ status: false }, world);
}

function isPersonThere(world: World): boolean {
  return world.stdinIsTerminal && world.stdoutIsTerminal;
}

async function setUpByFlags(options: ProviderOptions, world: World): Promise<number> {
  if (!options.yes) {
    throw new ConfigError(
      'Cannot ask questions without a terminal: give --base-url or --provider, --model and --yes, e.g. "smallcode provider --provider ollama --model qwen3:8b --yes"',
    );
  }
  const scope = readScope(options.scope) ?? "global";
  const given = await chooseByFlags(options, world);
  const { transport, endpoint } = await open(given.endpoint, world);
  try {
    world.err(`${transport.facts.kind} at ${endpoint.baseUrl}: ${plainText(endpoint.model)}\n`);
    world.err(`${await tryOut(transport, endpoint, world)}\n`);
  } finally {
    transport.close();
  }
  const others = (["fast", "strong"] as const).flatMap((tier) => {
    const baseUrl = tier === "fast" ? options.fastBaseUrl : options.strongBaseUrl;
    const model = tier === "fast" ? options.fastModel : options.strongModel;
    return baseUrl === undefined && model === undefined ? [] : [{ tier, baseUrl, model }];
  });
  const tiers = await Promise.all(others.map(async ({ tier, baseUrl, model }) => {
    const chosen = await resolve(tier, { ...given, endpoint, baseUrl, model }, world);
    const opened = await open(chosen.endpoint, world);
    opened.transport.close();
    return { ...chosen, endpoint: opened.endpoint };
  }));
  return await save({ tiers: [{ ...given, endpoint }, ...tiers], scope, more: {} }, world);
}

/** The flags' endpoint, else the first server that is found. */
async function chooseByFlags(options: ProviderOptions, world: World): Promise<Chosen> {
  const { provider, baseUrl, model, apiKey } = options;
  const flags = { ...pick({ provider, baseUrl, model, apiKey }) };
  if (provider === undefined && baseUrl === undefined) {
    const { config } = await load({}, world);
    const [found] = await detect(config, world);
    if (!found) {
      throw new ProviderError(
        "unreachable",
        "No server was found on the default ports of Ollama, LM Studio, llama.cpp and vLLM: start one, or give --base-url",
      );
    }
    return { endpoint: { ...found.endpoint, model: model ?? found.endpoint.model } };
  }
  const { config } = await load(flags, world);
  const endpoint = config.endpoints.default;
  if (!endpoint) throw new ConfigError("Cannot tell the server from --provider and --base-url");
  // A model that another layer names belongs to the server that is being replaced.
  return { endpoint: { ...endpoint, model: model ?? "" }, ...(apiKey ? { newKey: apiKey } : {}) };
}

async function setUpByQuestions(options: ProviderOptions, world: World): Promise<number> {
  const prompts = await openPrompts(world.signal);
  const isGiven = options.provider !== undefined || options.baseUrl !== undefined;
  const main = isGiven
    ? await askUntilItWorks(await chooseByFlags(options, world), prompts, world)
    : await askForServer(options, prompts, world);
  const tiers: Chosen[] = [main];
  const more: Record<string, string> = {};
  if (await prompts.confirm("Set up a fast or a strong model too? (optional)", false)) {
    for (const tier of ["fast", "strong"] as const) {
      if (!await prompts.confirm(`A ${tier} model?`, false)) continue;
      tiers.push(await askForServer({ tier }, prompts, world));
      if (tier === "strong") {
        more.SMALLCODE_ESCALATION_MAX = await prompts.number(
          "How often may the strong model be asked in a session, at most?",
          5,
        );
      }
    }
  }
  const { config } = await load({}, world);
  const scope = readScope(options.scope) ?? await prompts.scope(join(config.paths.config, ".env"));
  return await save({ tiers, scope, more, prompts }, world);
}

/** A server that works; another one is asked for while the one named cannot be reached. */
async function askForServer(
  given: Parameters<typeof askServer>[0],
  prompts: Prompts,
  world: World,
): Promise<Chosen> {
  for (let attempt = 1;; attempt++) {
    try {
      return await askUntilItWorks(await askServer(given, prompts, world), prompts, world);
    } catch (error) {
      const isGone = error instanceof ProviderError && error.fault === "unreachable";
      if (!isGone || attempt >= MAX_SERVERS) throw error;
      prompts.warn(
        `${plainText(error.message)}\nStart it and choose it again, or choose another; Ctrl+C leaves`,
      );
    }
  }
}

/** Which server, where, and with which key. */
async function askServer(
  given: { readonly tier?: TierName; readonly model?: string; readonly apiKey?: string },
  prompts: Prompts,
  world: World,
): Promise<Chosen> {
  const tier = given.tier ?? "default";
  const { config } = await load({}, world);
  const found = await prompts.wait("Looking for running servers", detect(config, world));
  const choice = await prompts.server(found);
  const model = given.model ?? "";
  if (choice.kind === "running") return { endpoint: { ...choice.server.endpoint, tier, model } };
  const { provider } = choice;
  const isCloud = !provider.isLocal && provider.baseUrl !== undefined;
  const baseUrl = isCloud && provider.baseUrl !== undefined
    ? provider.baseUrl
    : await prompts.baseUrl("At which address?", provider.baseUrl ?? "http://localhost:8080/v1");
  const endpoint: Endpoint = { tier, provider: provider.name, baseUrl, model };
  const known = given.apiKey ?? await keyOf(endpoint, world);
  if (known !== undefined) return { endpoint: { ...endpoint, apiKey: known } };
  if (provider.isLocal) return { endpoint };
  const asked = `Its API key (hidden${isCloud ? "" : "; empty for none"})`;
  const newKey = await prompts.apiKey(asked, isCloud);
  return newKey === "" ? { endpoint } : { endpoint: { ...endpoint, apiKey: newKey }, newKey };
}

/** The key that is set already for this very host. */
async function keyOf(endpoint: Endpoint, world: World): Promise<string | undefined> {
  const { config } = await load({ provider: endpoint.provider, baseUrl: endpoint.baseUrl }, world);
  return config.endpoints.default?.apiKey;
}

/** Connects, lets the person pick a model, and makes the round trip; asks for the key again where it is refused. */
async function askUntilItWorks(first: Chosen, prompts: Prompts, world: World): Promise<Chosen> {
  let chosen = first;
  for (let keys = 0;; keys++) {
    try {
      return await askModel(chosen, prompts, world);
    } catch (error) {
      if (!(error instanceof ProviderError) || error.fault !== "unauthorized" || keys >= MAX_KEYS) {
        throw error;
      }
      prompts.warn(plainText(error.message));
      const newKey = await prompts.apiKey("API key (hidden)", true);
      chosen = { endpoint: { ...chosen.endpoint, apiKey: newKey }, newKey };
    }
  }
}

async function askModel(chosen: Chosen, prompts: Prompts, world: World): Promise<Chosen> {
  const named = chosen.endpoint.model === ""
    ? { ...chosen.endpoint, model: await pickModel(chosen.endpoint, prompts, world) }
    : chosen.endpoint;
  const { transport, endpoint } = await open(named, world);
  try {
    const trip = tryOut(transport, endpoint, world);
    prompts.say(await prompts.wait(`Asking ${plainText(endpoint.model)} for a tool call`, trip));
    return { ...chosen, endpoint };
  } finally {
    transport.close();
  }
}

async function pickModel(endpoint: Endpoint, prompts: Prompts, world: World): Promise<string> {
  const models = await open(endpoint, world).then(({ transport }) => {
    transport.close();
    return transport.facts.models;
  }, (error: unknown) => {
    // A server that lists nothing may still serve a model by name.
    const isNameless = error instanceof ProviderError &&
      (error.fault === "unknown_model" || error.fault === "rejected" || error.fault === "unreadable");
    if (isNameless) return [];
    throw error;
  });
  const [only] = models;
  return models.length === 1 && only !== undefined ? only : await prompts.model(models.map(plainText));
}

/** Connects; the endpoint then names the model as the server writes it, and the address as it answered. */
async function open(endpoint: Endpoint, world: World) {
  const profiles = await loadProfiles(world.assets("profiles/"));
  const { config } = await load({}, world);
  const transport = await connect({
    endpoint,
    profileOf: (model) => applyConfig(matchProfile(model, profiles), config),
    ...(endpoint.window ? { window: endpoint.window } : {}),
    signal: world.signal,
  });
  const { model } = transport.facts;
  return { transport, endpoint: { ...endpoint, model } };
}

/** One real round trip, in words. */
async function tryOut(
  transport: Awaited<ReturnType<typeof connect>>,
  endpoint: Endpoint,
  world: World,
): Promise<string> {
  const profiles = await loadProfiles(world.assets("profiles/"));
  const { config } = await load({}, world);
  const profile = applyConfig(matchProfile(endpoint.model, profiles), config);
  const check = checkTrip(await tryTool(transport, profile, world.signal), profile);
  const fix = check.fix ? ` (${check.fix})` : "";
  return `${check.state === "fail" ? "Warning: " : ""}Tool call: ${plainText(check.text)}${fix}`;
}

/** A tier named by flags; without a base URL it is another model of the default server. */
async function resolve(
  tier: "fast" | "strong",
  given: Chosen & { readonly baseUrl: string | undefined; readonly model: string | undefined },
  world: World,
): Promise<Chosen> {
  const { baseUrl, model, endpoint, newKey } = given;
  if (baseUrl === undefined || sameOrigin(baseUrl, endpoint.baseUrl)) {
    return {
      endpoint: { ...endpoint, tier, baseUrl: baseUrl ?? endpoint.baseUrl, model: model ?? "" },
      ...(newKey ? { newKey } : {}),
    };
  }
  const { config } = await load({ baseUrl }, world);
  const found = config.endpoints.default;
  if (!found) throw new ConfigError(`Cannot use "${baseUrl}" for the ${tier} model`);
  return { endpoint: { ...found, tier, model: model ?? "" } };
}

interface ToSave {
  readonly tiers: readonly Chosen[];
  readonly scope: Scope;
  readonly more: Settings;
  /** Absent: nobody is asked. */
  readonly prompts?: Prompts;
}

async function save(to: ToSave, world: World): Promise<number> {
  const { config } = await load({}, world);
  const main = to.tiers[0]?.endpoint;
  if (!main) throw new RangeError("Cannot save: no server was chosen");
  const change = await planSave({
    scope: to.scope,
    provider: main.provider,
    settings: Object.assign({}, ...to.tiers.map(settingsOf), to.more),
    cwd: world.cwd,
    configFolder: config.paths.config,
  });
  const path = shownPath(change.path, world);
  if (change.diff === "") {
    world.out(`${path} says so already.\n`);
    return 0;
  }
  world.out(`\n${path}\n${change.diff}\n`);
  if (to.prompts && !await to.prompts.confirm(`Write this to ${path}?`, true)) {
    world.out("Nothing was changed.\n");
    return 0;
  }
  await writeAtomic(change.path, change.after, change.mode);
  world.out(`Saved to ${path}.\n`);
  await checkSaved(main, world);
  return 0;
}

/** A tier under the names of the environment. A key from before does not follow to another address. */
function settingsOf({ endpoint, newKey }: Chosen): Settings {
  const suffix = endpoint.tier === "default" ? "" : `_${endpoint.tier.toUpperCase()}`;
  const owner = PROVIDERS.find(({ keyEnv, baseUrl }) =>
    keyEnv !== undefined && baseUrl !== undefined && sameOrigin(baseUrl, endpoint.baseUrl)
  );
  return {
    [`SMALLCODE_BASE_URL${suffix}`]: endpoint.baseUrl,
    [`SMALLCODE_MODEL${suffix}`]: endpoint.model,
    [`SMALLCODE_API_KEY${suffix}`]: owner ? undefined : newKey,
    ...(owner?.keyEnv && newKey ? { [owner.keyEnv]: newKey } : {}),
  };
}

/** Says what stands above the file that was written, or keeps it from being read. */
async function checkSaved(wanted: Endpoint, world: World): Promise<void> {
  const { config, explained, warnings } = await load({}, world);
  const now = config.endpoints.default;
  for (const warning of warnings) world.err(`warning: ${warning}\n`);
  if (now?.baseUrl === wanted.baseUrl && now.model === wanted.model) return;
  const above = explained.filter(({ key, value }) =>
    (key === "model.baseUrl" && value !== wanted.baseUrl) || (key === "model.name" && value !== wanted.model)
  );
  const from = above.map(({ key, from }) => `${key} from ${from}`).join(", ");
  world.err(`warning: it does not hold here yet: ${from || "another place"} stands above it\n`);
}

async function showStatus(world: World): Promise<number> {
  const { config, explained, warnings } = await load({}, world);
  for (const warning of warnings) world.err(`warning: ${warning}\n`);
  const configured = (["default", "fast", "strong"] as const).flatMap((tier) => config.endpoints[tier] ?? []);
  if (configured.length === 0) {
    const found = await detect(config, world);
    const [first] = found;
    if (!first) {
      world.out('No model server is configured, and none was found. "smallcode provider" sets one up.\n');
      return 3;
    }
    world.out("Nothing is configured; the first of these is used:\n");
    for (const { kind, baseUrl, models } of found) {
      world.out(`  ${kind} at ${baseUrl}: ${plainText(models.join(", "))}\n`);
    }
    return 0;
  }
  const from = (name: string) => explained.find(({ key }) => key === name)?.from ?? "";
  const source = from("model.baseUrl") === "not set" ? from("model.provider") : from("model.baseUrl");
  const codes = await Promise.all(configured.map((endpoint) => showTier(endpoint, source, world)));
  return codes[0] ?? 0;
}

async function showTier(endpoint: Endpoint, source: string, world: World): Promise<number> {
  const { tier, provider, baseUrl, apiKey } = endpoint;
  const key = apiKey === undefined ? (isLoopback(baseUrl) ? "" : ", no key") : ", with a key";
  const where = tier === "default" ? ` (${source})` : "";
  const line = `${tier.padEnd(8)} ${providerNamed(provider).title} at ${baseUrl}${key}${where}\n`;
  try {
    const { transport } = await open(endpoint, world);
    transport.close();
    const { model, window, windowSource, models } = transport.facts;
    const others = models.length > 1 ? `, one of ${models.length}` : "";
    world.out(`${line}         ${plainText(model)}${others}; window ${window} tokens (${windowSource})\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    world.out(`${line}         ${plainText(error.message)}\n`);
    return exitCodeOf(error);
  }
}

function load(flags: Flags, world: World) {
  return loadConfig({ ...world, flags, isTerminal: world.stdinIsTerminal });
}

function detect({ ollamaHost }: Config, world: World) {
  return detectServers({ ...(ollamaHost ? { ollamaHost } : {}), signal: world.signal });
}

function readScope(text: string | undefined): Scope | undefined {
  if (text === undefined || text === "global" || text === "project") return text;
  throw new ConfigError(`Cannot use "${text}" for --scope: expected global or project`);
}

/** The fields that are set. */
function pick<T extends Record<string, string | undefined>>(fields: T): { [Name in keyof T]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: string;
  };
}

/** As a person would write it: from the project, from the home, else whole. */
function shownPath(path: string, { cwd, home }: World): string {
  const inside = relative(cwd, path);
  if (!inside.startsWith("..") && !isAbsolute(inside)) return `./${inside}`;
  const atHome = relative(home, path);
  return atHome.startsWith("..") || isAbsolute(atHome) ? path : `~/${atHome}`;
}
