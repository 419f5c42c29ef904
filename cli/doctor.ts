/** `smallcode doctor`: what was found, whether it works, and how to mend what does not. */

import { realpath } from "node:fs/promises";
import type { Config, Endpoint } from "../core/config/config.ts";
import { type Flags, loadConfig } from "../core/config/load.ts";
import { applyConfig, loadProfiles, matchProfile } from "../core/config/profiles.ts";
import { ConfigError, ProviderError } from "../core/errors.ts";
import { lookForPlugins, pluginHostOf } from "../core/session/open_plugins.ts";
import { connect } from "../core/model/connect.ts";
import { type DetectedServer, detectServers } from "../core/model/detect.ts";
import type { ServerFacts, Transport } from "../core/model/transport.ts";
import type { Profile } from "../core/profile.ts";
import { MIN_WINDOW } from "../core/prompt/budget.ts";
import { findSandbox } from "../core/sandbox/command_sandbox.ts";
import { openWorkspace } from "../core/sandbox/workspace.ts";
import { describeCheck, listChecks, listPaths } from "../core/turn/project_checks.ts";
import { exitCodeOf, fixOf } from "./_provider_fault.ts";
import { type ToolTrip, tryTool } from "./_tool_trip.ts";
import { oneLine, painter } from "./terminal_text.ts";
import { whenAsked } from "./tiers.ts";
import type { World } from "./world.ts";

export interface DoctorOptions {
  readonly flags: Flags;
  /** One JSON object on stdout instead of lines. */
  readonly json: boolean;
}

/** One thing that was looked at. `note`: works, but could be better. */
export interface Check {
  readonly name: string;
  readonly state: "ok" | "note" | "fail";
  readonly text: string;
  /** What to do about a note or a failure. */
  readonly fix?: string;
}

interface Examination {
  readonly checks: readonly Check[];
  readonly exitCode: 0 | 1 | 2 | 3;
}

/**
 * Examines configuration, server, model and machine.
 * @returns exit code 0 usable, 3 no model server, 2 configuration (also a wrong key or model name), 1 otherwise
 */
export async function doctorCommand(options: DoctorOptions, world: World): Promise<number> {
  if (!options.json) world.err("Examining; the model is asked twice, which may take a minute ...\n");
  const { checks, exitCode } = await examine(options.flags, world);
  if (options.json) {
    world.out(`${JSON.stringify({ usable: exitCode === 0, exitCode, checks }, null, 2)}\n`);
    return exitCode;
  }
  for (const check of checks) world.out(layCheck(check, world));
  world.out(exitCode === 0 ? "\nSmallCode can be used here.\n" : "\nSmallCode cannot be used here yet.\n");
  return exitCode;
}

async function examine(flags: Flags, world: World): Promise<Examination> {
  const loaded = await loadConfig({ ...world, flags, isTerminal: world.stdinIsTerminal }).catch(
    (error: unknown) => {
      if (error instanceof ConfigError) return error;
      throw error;
    },
  );
  if (loaded instanceof ConfigError) {
    const fix = "change that file or flag; smallcode config prints what holds";
    return { checks: [{ name: "config", state: "fail", text: loaded.message, fix }], exitCode: 2 };
  }
  const { config, warnings } = loaded;
  const { ollamaHost } = config;
  const found = await detectServers({ ...(ollamaHost ? { ollamaHost } : {}), signal: world.signal });
  const model = await examineModel(config, found, world);
  const checks = [
    ...checkConfig(warnings),
    checkFound(found, config.endpoints.default),
    ...model.checks,
    ...await Promise.all((["fast", "strong"] as const).flatMap((tier) => {
      const endpoint = config.endpoints[tier];
      return endpoint ? [checkTier(endpoint, config, world)] : [];
    })),
    await checkSandbox(config, world),
    checkTrust(config, world),
    await checkPlugins(config, world),
    ...checkServers(config),
    ...await checkProject(config, world),
  ];
  return { checks, exitCode: model.exitCode };
}

async function examineModel(
  config: Config,
  found: readonly DetectedServer[],
  world: World,
): Promise<Examination> {
  const first = found[0]?.endpoint;
  const endpoint = config.endpoints.default ??
    (first && config.model ? { ...first, model: config.model } : first);
  if (!endpoint) {
    return {
      checks: [{
        name: "server",
        state: "fail",
        text: "none is configured, and none was found on the default ports",
        fix: 'start Ollama, LM Studio, llama.cpp or vLLM, or name a server: "smallcode provider"',
      }],
      exitCode: 3,
    };
  }
  const checks: Check[] = [];
  let transport: Transport | undefined;
  try {
    const profiles = await loadProfiles(world.assets("profiles/"));
    const profileOf = (name: string) => applyConfig(matchProfile(name, profiles), config);
    transport = await connectEndpoint(endpoint, profileOf, config, world);
    const { facts } = transport;
    const profile = profileOf(facts.model);
    checks.push(...checkFacts(facts, profile));
    if (facts.window < MIN_WINDOW) return { checks, exitCode: 1 };
    const trip = await tryTool(transport, profile, world.signal);
    checks.push(checkTrip(trip, profile), checkSpeed(trip), checkCache(trip, facts));
    return { checks, exitCode: checks.some((check) => check.state === "fail") ? 1 : 0 };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const name = transport ? "tools" : "server";
    checks.push({ name, state: "fail", text: error.message, fix: fixOf(error, endpoint) });
    return { checks, exitCode: exitCodeOf(error) };
  } finally {
    transport?.close();
  }
}

function connectEndpoint(
  endpoint: Endpoint,
  profileOf: (model: string) => Profile,
  config: Config,
  world: World,
): Promise<Transport> {
  const { window } = config.context;
  return connect({ endpoint, profileOf, ...(window ? { window } : {}), signal: world.signal });
}

function checkConfig(warnings: readonly string[]): readonly Check[] {
  return warnings.map((text) => ({ name: "config", state: "note" as const, text }));
}

function checkFound(found: readonly DetectedServer[], configured: Endpoint | undefined): Check {
  const list = found.map(({ kind, baseUrl, models }) =>
    `${kind} at ${baseUrl} (${models.length === 1 ? "1 model" : `${models.length} models`})`
  );
  const text = list.length === 0 ? "no server on the default ports" : list.join("; ");
  const used = configured ? `; configured is ${configured.baseUrl}` : "";
  return { name: "found", state: list.length > 0 || configured ? "ok" : "note", text: `${text}${used}` };
}

function checkFacts(facts: ServerFacts, profile: Profile): readonly Check[] {
  const server = `${facts.kind === "unknown" ? "a server" : facts.kind} ${facts.version}`.trim();
  const window = `${facts.window} tokens (${facts.windowSource})`;
  const isSmall = facts.window < MIN_WINDOW;
  return [
    { name: "server", state: "ok", text: `${server} at ${facts.baseUrl}` },
    { name: "model", state: "ok", text: facts.model },
    {
      name: "profile",
      state: profile.name === "default" ? "note" : "ok",
      text: `${profile.name}: calls as ${profile.dialect}, edits as ${profile.editFormat}`,
      ...(profile.name === "default" ? { fix: "this family is not known; see profiles/ in the docs" } : {}),
    },
    isSmall
      ? {
        name: "window",
        state: "fail",
        text: `${window}; at least ${MIN_WINDOW} are needed`,
        fix: facts.kind === "ollama"
          ? "set window = 8192 under [context] in smallcode.toml"
          : "start the server with a larger window, e.g. llama-server -c 16384",
      }
      : facts.windowIsLoaded
      ? { name: "window", state: "ok", text: window }
      : {
        name: "window",
        state: "note",
        text: `${window}; the server does not say what it has loaded`,
        fix: "set window under [context] in smallcode.toml to what the server was started with",
      },
  ];
}

/** What a round trip showed. */
export function checkTrip({ result, isAnswered }: ToolTrip, profile: Profile): Check {
  const answer = isAnswered ? "its result was used" : "but its result was not used in the answer";
  const state = isAnswered ? "ok" : "note";
  switch (result.kind) {
    case "native":
      return { name: "tools", state, text: `native call understood, ${answer}` };
    case "text": {
      const repairs = result.repairs.length > 0 ? `, mended: ${result.repairs.join(", ")}` : "";
      return {
        name: "tools",
        state,
        text: `call in text understood (${result.dialect}${repairs}), ${answer}`,
      };
    }
    case "wrong_call":
      return {
        name: "tools",
        state: "note",
        text: `a call was understood, but not the one asked for: ${oneLine(result.sent, 200)}`,
        fix: "expect mistakes; a larger model follows instructions better",
      };
    case "not_understood":
      return {
        name: "tools",
        state: "fail",
        text: `not understood as ${profile.dialect}: ${result.why}; it said: ${oneLine(result.sent, 200)}`,
        fix: profile.dialect === "native"
          ? "llama.cpp: start it with --jinja; otherwise choose a model that was trained for tools"
          : 'choose a model that was trained for tools: "smallcode provider"',
      };
  }
}

function checkSpeed({ speed }: ToolTrip): Check {
  const part = (name: string, value: number | undefined) =>
    value === undefined ? `${name} not told` : `${name} ${value.toFixed(value < 10 ? 1 : 0)} tokens/s`;
  const text = `${part("prefill", speed.prefill)}, ${part("output", speed.output)}`;
  return { name: "speed", state: "ok", text };
}

/** The second request begins with the first one's bytes; half of it from the cache is far from chance. */
function checkCache({ cache }: ToolTrip, { kind }: ServerFacts): Check {
  if (!cache) {
    return { name: "cache", state: "ok", text: "the server does not say what it took from its cache" };
  }
  const { cachedTokens, promptTokens } = cache;
  const text = `${cachedTokens} of ${promptTokens} tokens of the second request came from the cache`;
  if (cachedTokens * 2 >= promptTokens) return { name: "cache", state: "ok", text };
  const fix = kind === "llamacpp"
    ? "is another program using the server's only slot? llama-server -np 2 gives two"
    : "each step will read the whole conversation again; look for the server's prefix caching";
  return { name: "cache", state: "note", text, fix };
}

async function checkTier(endpoint: Endpoint, config: Config, world: World): Promise<Check> {
  const name = endpoint.tier;
  const profiles = await loadProfiles(world.assets("profiles/"));
  const profileOf = (model: string) => matchProfile(model, profiles);
  const { window } = endpoint;
  try {
    const transport = await connect({
      endpoint,
      profileOf,
      ...(window ? { window } : {}),
      signal: world.signal,
    });
    transport.close();
    const { facts } = transport;
    const text =
      `${facts.model} at ${endpoint.baseUrl}, window ${facts.window} tokens (${facts.windowSource}), ` +
      `profile ${profileOf(facts.model).name}; ${whenAsked(endpoint, config)} (no message was sent)`;
    if (facts.window >= MIN_WINDOW) return { name, state: "ok", text };
    const fix =
      `at least ${MIN_WINDOW} tokens are needed: start its server with more, or set models.${name}.window`;
    return { name, state: "note", text, fix };
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { name, state: "note", text: error.message, fix: fixOf(error, endpoint) };
  }
}

async function checkSandbox(config: Config, world: World): Promise<Check> {
  const { cwd: root, platform, env } = world;
  const protectedPaths = [config.paths.config, config.paths.data];
  const sandbox = await findSandbox({ root, protectedPaths, platform, env });
  if (sandbox.kind !== "none") {
    return { name: "sandbox", state: "ok", text: `commands run in ${sandbox.kind}` };
  }
  return {
    name: "sandbox",
    state: "note",
    text: `commands would run unconfined: ${sandbox.reason}`,
    fix: platform === "linux"
      ? "install bubblewrap; until then mode auto asks before each command"
      : "mode auto asks before each command",
  };
}

/** Who takes part, and who waits; no plugin is run but to read what it says of itself. */
async function checkPlugins(config: Config, world: World): Promise<Check> {
  const name = "plugins";
  const host = pluginHostOf(config, world);
  try {
    const root = await realpath(world.cwd);
    const listed = await lookForPlugins({ config, root, bundle: world, host, all: false }, world.signal);
    const on = listed.filter(({ state }) => state === "on").map((one) => one.name);
    const idle = listed.filter(({ state }) =>
      !["on", "off", "left_out", "declined", "foreign"].includes(state)
    );
    const text = `${on.length === 0 ? "none" : on.join(", ")} in force`;
    if (idle.length === 0) return { name, state: "ok", text };
    const waiting = idle.map(({ found, why }) => `${found.shown}: ${why}`).join("; ");
    return { name, state: "note", text: `${text}; ${waiting}`, fix: "smallcode plugin list" };
  } finally {
    host.close();
  }
}

/** What is configured; nothing is started for it. */
function checkServers({ mcp }: Config): readonly Check[] {
  if (mcp.length === 0) return [];
  const described = mcp.map(({ name, isEnabled, way }) => {
    if (!isEnabled) return `${name} is off`;
    if (way.kind === "broken") return `${name} cannot be used: ${way.problem}`;
    if (way.kind === "untrusted") return `${name} is left out: this folder is not trusted`;
    return way.kind === "url" ? `${name} at ${way.url}` : `${name} runs ${way.argv[0]}`;
  });
  const isBroken = mcp.some(({ isEnabled, way }) => isEnabled && way.kind === "broken");
  const text = described.map((line) => oneLine(line, 200)).join("; ");
  const fix = "smallcode mcp list starts them and shows their tools";
  return [{ name: "mcp", state: isBroken ? "note" : "ok", text, ...(isBroken ? { fix } : {}) }];
}

function checkTrust(config: Config, { cwd }: World): Check {
  const text = `${cwd} is ${config.trusted ? "" : "not "}trusted`;
  const fix =
    'its plugins, MCP servers and most of its settings are left out; "smallcode trust" changes that';
  return { name: "trust", state: "ok", text: config.trusted ? text : `${text}: ${fix}` };
}

/** The checks that a session in this folder would run after a change. */
async function checkProject(
  config: Config,
  { cwd, env, platform, signal }: World,
): Promise<readonly Check[]> {
  const files = await openWorkspace({ root: cwd, journal: { record: () => {} }, protectedPaths: [] });
  const found = await listChecks(
    { files, settings: config.checks, env, platform },
    await listPaths(files, signal),
  );
  if (found.length === 0) {
    const fix = "set test under [checks] in smallcode.toml, or changes stay unverified";
    return [{ name: "checks", state: "note", text: "no tests, types or lint found in this folder", fix }];
  }
  return found.map((check) => ({
    name: "checks",
    state: check.missing === undefined ? "ok" : "note",
    text: describeCheck(check),
  }));
}

const MARKS = { ok: "ok  ", note: "note", fail: "FAIL" } as const;

function layCheck({ name, state, text, fix }: Check, { colour }: World): string {
  const style = { ok: "green", note: "yellow", fail: "red" } as const;
  const mark = painter(colour)(style[state], MARKS[state]);
  const lines = [`${mark}  ${name.padEnd(8)} ${text.replaceAll("\n", `\n${" ".repeat(15)}`)}`];
  if (fix) lines.push(`${" ".repeat(6)}${"fix".padStart(8)} ${fix}`);
  return `${lines.join("\n")}\n`;
}
