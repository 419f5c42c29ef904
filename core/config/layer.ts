/** One place that sets configuration values: the flags, the environment, or one file. */

import { parse, TomlError } from "smol-toml";
import { ConfigError } from "../errors.ts";
import { parseDotenv } from "./dotenv.ts";
import { checkValue, describeKind, findKey, type Key, KEYS, nearest, readValue, type Value } from "./keys.ts";
import { PROVIDERS } from "./providers.ts";
import { readServerTables, type ServerTable } from "./server_tables.ts";
import { findLine } from "./toml_text.ts";

export interface Setting {
  readonly key: Key;
  readonly value: Value;
  /** e.g. `./smallcode.toml:3`, `environment SMALLCODE_MODEL`. */
  readonly from: string;
}

export interface Layer {
  /** e.g. `flags`, `environment`, `./smallcode.toml`. */
  readonly name: string;
  /** Whether it is a file of the workspace, which an untrusted folder may not use freely. */
  readonly isProject: boolean;
  /** By key name. */
  readonly settings: ReadonlyMap<string, Setting>;
  /** Variables that keys are taken from: providers' own, and those that `apiKeyEnv` names. */
  readonly variables: ReadonlyMap<string, { readonly value: string; readonly from: string }>;
  /** MCP servers, which only files name. */
  readonly servers: readonly ServerTable[];
}

const PROVIDER_KEYS = PROVIDERS.flatMap((provider) => provider.keyEnv ?? []);
const ENV_NAMES = [...KEYS.flatMap((key) => key.env ?? []), ...PROVIDER_KEYS];

/** Names under `SMALLCODE_` that others read: the installer, and keys that `apiKeyEnv` names. */
const OTHERS = /^SMALLCODE_(RELEASE_URL|\w*_KEY)$/;

/**
 * The layer of one `smallcode.toml`.
 * @param shown the file as messages name it, e.g. `./smallcode.toml`
 * @throws {ConfigError} naming file, line, key, what is expected and the nearest known key
 */
export function readTomlLayer(text: string, shown: string, isProject: boolean): Layer {
  const settings = new Map<string, Setting>();
  const { mcp, ...tables } = parseToml(text, shown);
  for (const { path, value } of flatten(tables)) {
    const from = `${shown}:${findLine(text, path)}`;
    const key = findKey(path);
    if (!key || key.envOnly) throw unknownKey(path, from);
    if (key.secret) {
      const way = key.name.replace(/Key$/, "KeyEnv");
      throw new ConfigError(
        `Cannot use "${path}" at ${from}: keys do not belong in a file that is shared; put it into .env as ${key.env}, or name a variable with "${way}"`,
      );
    }
    const other = settings.get(key.name);
    if (other) {
      throw new ConfigError(
        `Cannot use "${path}" at ${from}: ${other.from} sets the same value as "${key.name}"`,
      );
    }
    settings.set(key.name, {
      key,
      value: checked(key, checkValue(key.kind, value), { path, from, value }),
      from,
    });
  }
  const servers = mcp === undefined ? [] : readServerTables(mcp, { text, shown, isProject });
  return { name: shown, isProject, settings, variables: new Map(), servers };
}

/**
 * The layer of one `.env` file: only `SMALLCODE_*` and the known names are read, the rest is the project's own.
 * @throws {ConfigError} on an unknown `SMALLCODE_` name or a value that does not fit
 */
export function readDotenvLayer(text: string, shown: string, isProject: boolean): Layer {
  const lines = parseDotenv(text).map(({ name, value, line }) => ({ name, value, from: `${shown}:${line}` }));
  const unknown = lines.find(({ name }) => isUnknown(name));
  if (unknown) throw unknownName(unknown.name, unknown.from);
  return envLayer(lines, shown, isProject);
}

/**
 * The layer of the process environment. An unknown `SMALLCODE_` name is no error there, for another program may own it.
 * @returns the layer, and a sentence for each unknown name
 * @throws {ConfigError} on a value that does not fit
 */
export function readEnvironmentLayer(
  env: Readonly<Record<string, string>>,
): { readonly layer: Layer; readonly warnings: readonly string[] } {
  const lines = Object.entries(env).map(([name, value]) => ({ name, value, from: `environment ${name}` }));
  const warnings = lines.filter(({ name }) => isUnknown(name)).map(({ name, from }) =>
    unknownName(name, from).message
  );
  return { layer: envLayer(lines, "environment", false), warnings };
}

/** Settings of flags, already read into values. */
export function flagLayer(settings: readonly Setting[]): Layer {
  return {
    name: "flags",
    isProject: false,
    settings: new Map(settings.map((setting) => [setting.key.name, setting])),
    variables: new Map(),
    servers: [],
  };
}

/**
 * Reads `key=value`, as `--set` gives it.
 * @throws {ConfigError} on an unknown key or a value that does not fit
 */
export function readAssignment(text: string, from: string): Setting {
  const equals = text.indexOf("=");
  if (equals < 0) {
    throw new ConfigError(`Cannot read "${text}" of ${from}: expected key=value, e.g. limits.steps=10`);
  }
  return readSetting(text.slice(0, equals).trim(), text.slice(equals + 1), from);
}

/** Reads one value given as text. @throws {ConfigError} on an unknown key or a value that does not fit */
export function readSetting(path: string, value: string, from: string): Setting {
  const key = findKey(path);
  if (!key || key.envOnly) throw unknownKey(path, from);
  return { key, value: checked(key, readValue(key.kind, value), { path, from, value }), from };
}

function envLayer(
  lines: readonly { readonly name: string; readonly value: string; readonly from: string }[],
  name: string,
  isProject: boolean,
): Layer {
  const byName = new Map(lines.map((line) => [line.name, line]));
  const settings = new Map<string, Setting>();
  for (const key of KEYS) {
    const line = key.env === undefined ? undefined : byName.get(key.env);
    // A variable set to nothing is a usual way to unset it.
    if (!line || line.value.trim() === "") continue;
    const { value, from } = line;
    settings.set(key.name, {
      key,
      value: checked(key, readValue(key.kind, value), { path: line.name, from, value }),
      from,
    });
  }
  // The process environment may hold the key that `apiKeyEnv` names under any name; files only under the names they are read for.
  const variables = new Map(
    lines.filter((line) =>
      name === "environment" || line.name.startsWith("SMALLCODE_") || ENV_NAMES.includes(line.name)
    )
      .filter((line) => line.value !== "")
      .map(({ name, value, from }) => [name, { value, from }]),
  );
  return { name, isProject, settings, variables, servers: [] };
}

function isUnknown(name: string): boolean {
  return name.startsWith("SMALLCODE_") && !ENV_NAMES.includes(name) && !OTHERS.test(name);
}

function checked(
  key: Key,
  value: Value | undefined,
  written: { readonly path: string; readonly from: string; readonly value: unknown },
): Value {
  if (value !== undefined) return value;
  const got = key.secret ? "the value" : JSON.stringify(written.value) ?? String(written.value);
  throw new ConfigError(
    `Cannot use ${got} for "${written.path}" at ${written.from}: expected ${describeKind(key.kind)}`,
  );
}

function unknownKey(path: string, from: string): ConfigError {
  const known = KEYS.filter((key) => !key.envOnly && !key.secret).map((key) => key.name);
  const tables = [...new Set(known.map((name) => name.slice(0, name.lastIndexOf("."))))];
  const meant = nearest(path, [...known, ...tables]) ??
    known.find((name) => name.endsWith(`.${path.split(".").at(-1)}`));
  const hint = meant ? `did you mean "${meant}"` : `known are ${tables.map((name) => `[${name}]`).join(" ")}`;
  return new ConfigError(`Unknown key "${path}" at ${from}: ${hint}`);
}

function unknownName(name: string, from: string): ConfigError {
  const near = nearest(name, ENV_NAMES);
  return new ConfigError(
    `Unknown name "${name}" at ${from}${
      near ? `: did you mean "${near}"` : `: known are ${ENV_NAMES.join(", ")}`
    }`,
  );
}

function parseToml(text: string, shown: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const what = error.message.split("\n")[0]?.replace(/^Invalid TOML document: /, "");
    throw new ConfigError(`Cannot read ${shown}:${error.line}: not valid TOML: ${what}`, { cause: error });
  }
}

/** Leaves of the tables; an array is a leaf. Depth is bounded by the known keys: a table three levels down is an unknown key. */
function flatten(
  table: Record<string, unknown>,
  prefix = "",
): { readonly path: string; readonly value: unknown }[] {
  return Object.entries(table).flatMap(([name, value]) => {
    const path = prefix ? `${prefix}.${name}` : name;
    const isTable = typeof value === "object" && value !== null && !Array.isArray(value) &&
      !(value instanceof Date);
    if (!isTable || path.split(".").length >= 3) return [{ path, value }];
    // A table where a value belongs is reported as that value, an empty unknown one as itself.
    const known = KEYS.some((key) => key.name.startsWith(`${path}.`)) || path === "models" ||
      path === "models.default";
    return known ? flatten(value as Record<string, unknown>, path) : [{ path, value }];
  });
}
