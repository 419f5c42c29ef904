/** From tables to the MCP servers of a configuration: variables put in, keys bound to their host (DESIGN decision 10). */

import type { McpServer } from "./config.ts";
import type { Value } from "./keys.ts";
import type { Layer } from "./layer.ts";
import { PROVIDERS, sameOrigin } from "./providers.ts";
import { SERVER_KEYS, type ServerTable, type Texts } from "./server_tables.ts";

/**
 * Each server once, by its highest place; those of an untrusted folder are named and nothing else of them is used.
 * @param layers highest first
 * @param trusted whether the user trusts the folder
 */
export function resolveServers(
  tables: readonly ServerTable[],
  layers: readonly Layer[],
  trusted: boolean,
): readonly McpServer[] {
  const byName = new Map<string, ServerTable>();
  for (const table of tables) {
    if (table.isProject && !trusted) continue; // must not hide the user's own server of that name
    if (!byName.has(table.name)) byName.set(table.name, table);
  }
  const inert = tables.filter(({ isProject }) => isProject && !trusted);
  const once = new Map(inert.map((table) => [table.name, table]));
  return [
    ...[...byName.values()].map((table) => resolveServer(table, layers)),
    ...[...once.values()].map(untrusted),
  ];
}

function untrusted({ name, from }: ServerTable): McpServer {
  return {
    ...{ name, from, isProject: true, isEnabled: true, timeoutMs: 0, trustReadOnly: false },
    way: { kind: "untrusted" },
  };
}

function resolveServer(table: ServerTable, layers: readonly Layer[]): McpServer {
  const { name, from, isProject, values } = table;
  const value = (key: string): Value | Texts | undefined =>
    values.get(key) ?? SERVER_KEYS.find((one) => one.name === key)?.default;
  const tools = value("tools") as readonly string[] | undefined;
  return {
    name,
    from,
    isProject,
    isEnabled: value("enabled") as boolean,
    timeoutMs: (value("timeout") as number) * 1000,
    ...(tools ? { tools } : {}),
    trustReadOnly: value("trust_read_only") as boolean,
    way: table.problem === undefined ? wayOf(value, layers) : { kind: "broken", problem: table.problem },
  };
}

function wayOf(
  value: (key: string) => Value | Texts | undefined,
  layers: readonly Layer[],
): McpServer["way"] {
  const command = value("command") as string | undefined;
  const url = value("url") as string | undefined;
  try {
    if (command !== undefined) {
      const network = value("network") as boolean | undefined;
      return {
        kind: "command",
        argv: [command, ...(value("args") as readonly string[] | undefined ?? [])],
        env: readEnv(value("env") as Texts | undefined ?? {}, layers),
        isSandboxed: value("sandbox") as boolean,
        ...(network === undefined ? {} : { network }),
      };
    }
    if (url === undefined) return { kind: "broken", problem: "command or url is needed" };
    const apiKeyEnv = value("apiKeyEnv") as string | undefined;
    if (apiKeyEnv === undefined) return { kind: "url", url };
    return { kind: "url", url, apiKeyEnv, apiKey: readVariable(apiKeyEnv, url, layers) };
  } catch (error) {
    if (error instanceof RangeError) return { kind: "broken", problem: error.message };
    throw error;
  }
}

/** `written` is what a person may be shown: the value as it stands in the file, where it is not to be kept secret. */
function readEnv(
  env: Texts,
  layers: readonly Layer[],
): Readonly<Record<string, { readonly written: string; readonly value: string }>> {
  return Object.fromEntries(
    Object.entries(env).map(([name, written]) => [name, {
      written,
      value: written.replaceAll(
        /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g,
        (_, variable: string, otherwise?: string) => readVariable(variable, undefined, layers, otherwise),
      ),
    }]),
  );
}

/** A variable that may go there. @throws {RangeError} with the reason when it may not, or is not set */
function readVariable(
  name: string,
  url: string | undefined,
  layers: readonly Layer[],
  otherwise?: string,
): string {
  const owner = PROVIDERS.find((provider) => provider.keyEnv === name);
  if (owner?.baseUrl && (url === undefined || !sameOrigin(owner.baseUrl, url))) {
    throw new RangeError(`${name} goes to ${new URL(owner.baseUrl).origin} only`);
  }
  if (/^SMALLCODE_API_KEY/.test(name)) throw new RangeError(`${name} goes to the model's server only`);
  const value = layers.find((layer) => layer.variables.has(name))?.variables.get(name)?.value ?? otherwise;
  if (value === undefined) throw new RangeError(`the variable ${name} is not set`);
  return value;
}
