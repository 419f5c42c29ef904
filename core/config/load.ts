/** flags > environment > ./.env > ./smallcode.toml > the user's .env > the user's smallcode.toml > profile > defaults. */

import { join, resolve } from "node:path";
import type { HarnessSwitches, Sampling } from "../profile.ts";
import type { Mode } from "../types.ts";
import type { Config, Explained, Loaded, McpServer } from "./config.ts";
import { resolveEndpoints } from "./endpoints.ts";
import { findFolders, type Host } from "./folders.ts";
import { camelCase, KEYS, type Value } from "./keys.ts";
import {
  flagLayer,
  type Layer,
  readAssignment,
  readDotenvLayer,
  readEnvironmentLayer,
  readSetting,
  readTomlLayer,
  type Setting,
} from "./layer.ts";
import { readIfThere } from "./private_file.ts";
import { resolveServers } from "./mcp_servers.ts";
import { isLoopback } from "./providers.ts";
import { readMcpJson } from "./server_tables.ts";
import { isTrusted } from "./trust.ts";

/** What the command line sets; each field is named after its flag. */
export interface Flags {
  readonly provider?: string;
  readonly baseUrl?: string;
  readonly model?: string;
  readonly apiKey?: string;
  readonly mode?: string;
  /** `auto` with every question answered yes; the answering is the face's. */
  readonly yes?: boolean;
  /** Trusts the folder for this run. */
  readonly trust?: boolean;
  /** Tokens. */
  readonly window?: string | number;
  /** Names; on the command line separated by commas. */
  readonly tools?: string | readonly string[];
  /** Names of plugins that take part, bundled ones too; on the command line separated by commas; empty: none. */
  readonly plugins?: string | readonly string[];
  /** `key=value` for any key, e.g. `limits.steps=10`. */
  readonly set?: readonly string[];
}

export interface LoadInput extends Host {
  readonly flags: Flags;
  readonly cwd: string;
  /** Whether a person can be asked. */
  readonly isTerminal: boolean;
}

/**
 * Reads, validates and explains the configuration. Nothing is written and no name is resolved.
 * @throws {ConfigError} on an unknown key, a wrong type or an unreadable file
 */
export async function loadConfig(input: LoadInput): Promise<Loaded> {
  const paths = findFolders(input);
  const trusted = input.flags.trust === true || await isTrusted(paths.config, input.cwd);
  const user = await readFolder(paths.config, paths.config, false);
  const isSame = resolve(input.cwd) === resolve(paths.config);
  const project = isSame ? [] : await readFolder(input.cwd, ".", true);
  const environment = readEnvironmentLayer(input.env);
  const safe = trusted ? { layers: project, warnings: [] } : restrict(project, user);
  const layers = [readFlags(input.flags), environment.layer, ...safe.layers, ...user];
  const { endpoints, warnings } = resolveEndpoints(layers);
  const others = isSame ? undefined : await readIfThere(join(input.cwd, ".mcp.json"));
  const foreign = others === undefined ? { servers: [], problems: [] } : readMcpJson(others, "./.mcp.json");
  const tables = [
    ...safe.layers.flatMap(({ servers }) => servers),
    ...foreign.servers,
    ...user.flatMap(({ servers }) => servers),
  ];
  const mcp = resolveServers(tables, layers, trusted);
  const settings = new Map<string, Setting>();
  for (const key of KEYS) {
    const found = layers.find((layer) => layer.settings.has(key.name))?.settings.get(key.name);
    if (found) settings.set(key.name, found);
    else if (key.default !== undefined) settings.set(key.name, { key, value: key.default, from: "default" });
  }
  if (!settings.has("permissions.mode")) {
    const from = input.isTerminal ? "default" : "default without a terminal";
    settings.set(
      "permissions.mode",
      readSetting("permissions.mode", input.isTerminal ? "ask" : "edits", from),
    );
  }
  return {
    config: {
      endpoints,
      mcp,
      ...build((name) => settings.get(name)?.value),
      paths,
      trusted,
    },
    get explained() {
      return KEYS.map((key) => explain(key.name, settings.get(key.name))).concat(
        explainVariables(layers),
        mcp.map(explainServer),
      );
    },
    warnings: [...environment.warnings, ...safe.warnings, ...foreign.problems, ...warnings],
  };
}

/** A folder's `.env` and `smallcode.toml`, in that order. */
async function readFolder(folder: string, shown: string, isProject: boolean): Promise<readonly Layer[]> {
  const [dotenv, toml] = await Promise.all(
    [".env", "smallcode.toml"].map((name) => readIfThere(join(folder, name))),
  );
  return [
    ...(dotenv === undefined ? [] : [readDotenvLayer(dotenv, `${shown}/.env`, isProject)]),
    ...(toml === undefined ? [] : [readTomlLayer(toml, `${shown}/smallcode.toml`, isProject)]),
  ];
}

function readFlags(flags: Flags): Layer {
  const named: readonly (readonly [string, string | undefined, string])[] = [
    ["model.provider", flags.provider, "--provider"],
    ["model.baseUrl", flags.baseUrl, "--base-url"],
    ["model.name", flags.model, "--model"],
    ["model.apiKey", flags.apiKey, "--api-key"],
    ["permissions.mode", flags.yes ? "auto" : flags.mode, flags.yes ? "--yes" : "--mode"],
    ["context.window", flags.window === undefined ? undefined : String(flags.window), "--window"],
    ["tools.enabled", flags.tools === undefined ? undefined : String(flags.tools), "--tools"],
    ["plugins.enabled", flags.plugins === undefined ? undefined : String(flags.plugins), "--plugins"],
  ];
  return flagLayer([
    ...(flags.set ?? []).map((text) => readAssignment(text, "flag --set")),
    ...named.flatMap(([name, value, flag]) =>
      value === undefined ? [] : [readSetting(name, value, `flag ${flag}`)]
    ),
  ]);
}

/**
 * What an untrusted folder's files may say (DESIGN decision 10); the rest is left out and told.
 * A number may only be lower than what the user's own files, or the default, give.
 */
function restrict(
  project: readonly Layer[],
  user: readonly Layer[],
): { readonly layers: readonly Layer[]; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const layers = project.map((layer): Layer => {
    const kept = [...layer.settings].filter(([, setting]) => {
      if (isHarmless(setting, user)) return true;
      const value = setting.key.secret ? "" : ` = ${show(setting.value)}`;
      warnings.push(
        `${setting.from}: ${setting.key.name}${value} is left out, for this folder is not trusted`,
      );
      return false;
    });
    for (const [name, { from }] of layer.variables) {
      if (name.endsWith("_API_KEY") && !KEYS.some((key) => key.env === name)) {
        warnings.push(`${from}: ${name} is left out, for this folder is not trusted`);
      }
    }
    return { ...layer, settings: new Map(kept), variables: new Map() };
  });
  if (warnings.length > 0) warnings.push('Run "smallcode trust" to trust this folder');
  return { layers, warnings };
}

function isHarmless({ key, value }: Setting, user: readonly Layer[]): boolean {
  switch (key.untrusted) {
    case "any":
      return true;
    case "nothing":
      return false;
    case "loopback":
      return isLoopback(value as string);
    case "lower": {
      const own = user.find((layer) => layer.settings.has(key.name))?.settings.get(key.name)?.value ??
        key.default;
      return typeof value === "number" && typeof own === "number" && value <= own;
    }
  }
}

/** The typed configuration from values that the key table has checked. */
function build(
  value: (name: string) => Value | undefined,
): Omit<Config, "endpoints" | "mcp" | "paths" | "trusted"> {
  const whole = (name: string) => value(name) as number;
  const flag = (name: string) => value(name) as boolean;
  const list = (name: string) => value(name) as readonly string[];
  const model = value("model.name") as string | undefined;
  const ollamaHost = value("ollama_host") as string | undefined;
  const window = value("context.window") as number | undefined;
  const enabled = value("tools.enabled") as readonly string[] | undefined;
  const plugins = value("plugins.enabled") as readonly string[] | undefined;
  return {
    ...(model === undefined ? {} : { model }),
    ...(ollamaHost === undefined ? {} : { ollamaHost }),
    context: {
      maxBudgetPct: whole("context.max_budget_pct"),
      workingMemoryTokens: whole("context.working_memory_tokens"),
      ...(window === undefined ? {} : { window }),
      resultChars: whole("context.result_chars"),
    },
    tools: {
      ...(enabled === undefined ? {} : { enabled }),
      bashTimeoutMs: whole("tools.bash_timeout") * 1000,
    },
    plugins: plugins === undefined ? {} : { enabled: plugins },
    planner: {
      autoPlan: flag("planner.auto_plan"),
      maxRetries: whole("planner.max_retries"),
      validateAfterEdit: flag("planner.validate_after_edit"),
      bestOf: whole("planner.best_of"),
      keepFailed: flag("planner.keep_failed"),
    },
    escalation: {
      maxPerSession: whole("escalation.max_per_session"),
      confirm: flag("escalation.confirm"),
      adaptive: flag("escalation.adaptive"),
    },
    permissions: {
      mode: value("permissions.mode") as Mode,
      allow: list("permissions.allow"),
      deny: list("permissions.deny"),
      network: flag("permissions.network"),
    },
    checks: sectionOf("checks", value) as Config["checks"],
    harness: sectionOf("harness", value) as Partial<HarnessSwitches>,
    sampling: sectionOf("sampling", value) as Sampling,
    limits: {
      steps: whole("limits.steps"),
      toolCalls: whole("limits.tool_calls"),
      corrections: whole("limits.corrections"),
      outputTokens: whole("limits.output_tokens"),
      minutes: whole("limits.minutes"),
    },
  };
}

/** The set keys of a section in camelCase. */
function sectionOf(section: string, value: (name: string) => Value | undefined): Record<string, Value> {
  const entries = KEYS.filter((key) => key.name.startsWith(`${section}.`)).flatMap((key) => {
    const set = value(key.name);
    return set === undefined ? [] : [[camelCase(key.name.slice(section.length + 1)), set] as const];
  });
  return Object.fromEntries(entries);
}

function explain(name: string, setting: Setting | undefined): Explained {
  const key = setting?.key ?? KEYS.find((key) => key.name === name);
  return {
    key: name,
    value: setting === undefined ? "" : key?.secret ? maskSecret(String(setting.value)) : show(setting.value),
    from: setting?.from ?? "not set",
    takesEffect: key?.takesEffect ?? true,
  };
}

/** The providers' own keys, masked, with the layer they would be taken from. */
function explainVariables(layers: readonly Layer[]): Explained[] {
  return ["OPENAI_API_KEY", "ANTHROPIC_API_KEY", "OPENROUTER_API_KEY", "DEEPSEEK_API_KEY"].flatMap((name) => {
    const found = layers.find((layer) => layer.variables.has(name))?.variables.get(name);
    return found ? [{ key: name, value: maskSecret(found.value), from: found.from, takesEffect: true }] : [];
  });
}

/** One line for each MCP server: variables by their names. */
function explainServer({ name, from, isEnabled, way }: McpServer): Explained {
  const words = way.kind === "command"
    ? [...Object.keys(way.env).map((env) => `${env}=...`), ...way.argv]
    : [];
  const shown = {
    command: words.join(" "),
    url: way.kind === "url" ? way.url : "",
    broken: way.kind === "broken" ? `cannot be used: ${way.problem}` : "",
    untrusted: "left out, for this folder is not trusted",
  }[way.kind];
  return { key: `mcp.${name}`, value: isEnabled ? shown : "off", from, takesEffect: true };
}

function show(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Shows the last four characters of a long key, nothing of a short one. */
export function maskSecret(secret: string): string {
  return secret.length >= 16 ? `****${secret.slice(-4)}` : "****";
}
