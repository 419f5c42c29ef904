/** `[mcp.NAME]` of a smallcode.toml, and `.mcp.json`, which other agents read too: tables of values, checked one by one. */

import { ConfigError } from "../errors.ts";
import { checkValue, describeKind, type Kind, nearest, type Value } from "./keys.ts";
import { findLine } from "./toml_text.ts";

/** Texts by name, e.g. variables. */
export type Texts = Readonly<Record<string, string>>;

export interface ServerKey {
  /** As in `[mcp.NAME]`. */
  readonly name: string;
  readonly kind: Kind | { readonly type: "texts" };
  readonly default?: Value;
  readonly description: string;
}

/** A server as one place names it; a place that names it again replaces the whole. */
export interface ServerTable {
  readonly name: string;
  /** e.g. `./smallcode.toml:12`. */
  readonly from: string;
  readonly isProject: boolean;
  /** By key of `SERVER_KEYS`. */
  readonly values: ReadonlyMap<string, Value | Texts>;
  /** Why it cannot be used as it is written. */
  readonly problem?: string;
}

/** What a table may hold. One of `command` and `url` is needed. */
export const SERVER_KEYS: readonly ServerKey[] = [
  {
    name: "command",
    kind: { type: "text" },
    description: "program that is started; it speaks MCP on its input and output",
  },
  { name: "args", kind: { type: "list" }, description: "its arguments" },
  {
    name: "env",
    kind: { type: "texts" },
    description: "its variables beside those of commands; `${NAME}` is taken from your environment",
  },
  { name: "url", kind: { type: "url" }, description: "address of a server that runs (streamable HTTP)" },
  {
    name: "apiKeyEnv",
    kind: { type: "text" },
    description: "variable that holds the key of `url`; sent there as a bearer token",
  },
  { name: "enabled", kind: { type: "flag" }, default: true, description: "whether it takes part" },
  {
    name: "timeout",
    kind: { type: "integer", min: 1, max: 3600 },
    default: 60,
    description: "seconds that its start or a call may take",
  },
  { name: "tools", kind: { type: "list" }, description: "its tools that are offered; all when not set" },
  {
    name: "network",
    kind: { type: "flag" },
    description: "whether its program reaches the network; `permissions.network` when not set",
  },
  {
    name: "sandbox",
    kind: { type: "flag" },
    default: true,
    description: "whether its program runs in the sandbox for commands",
  },
  {
    name: "trust_read_only",
    kind: { type: "flag" },
    default: false,
    description: "tools that it calls read-only run unasked, in every mode",
  },
];

/** Names as they can stand in a tool's name. */
const NAME = /^[A-Za-z0-9_-]{1,40}$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,100}$/;
const MAX_TEXT = 10_000;

/**
 * The `mcp` table of a TOML file.
 * @throws {ConfigError} naming file, line, key, what is expected and the nearest known key
 */
export function readServerTables(
  mcp: unknown,
  file: { readonly text: string; readonly shown: string; readonly isProject: boolean },
): readonly ServerTable[] {
  const at = (path: string) => `${file.shown}:${findLine(file.text, path)}`;
  if (!isTable(mcp)) throw new ConfigError(`Cannot use "mcp" at ${at("mcp")}: expected tables [mcp.NAME]`);
  return Object.entries(mcp).map(([name, table]) => {
    const path = `mcp.${name}`;
    const from = at(path);
    if (!isTable(table)) {
      throw new ConfigError(`Cannot use "${path}" at ${from}: expected a table [mcp.NAME]`);
    }
    if (!NAME.test(name)) {
      throw new ConfigError(
        `Cannot use "${path}" at ${from}: a server's name has letters, digits, - and _, at most 40`,
      );
    }
    const values = new Map(
      Object.entries(table).map(([key, value]) => {
        const known = SERVER_KEYS.find((one) => one.name === key);
        if (!known) {
          const near = nearest(key, SERVER_KEYS.map((one) => one.name));
          const hint = near ? `did you mean "${path}.${near}"` : `known are ${keyNames()}`;
          throw new ConfigError(`Unknown key "${path}.${key}" at ${at(`${path}.${key}`)}: ${hint}`);
        }
        const checked = checkServerValue(known.kind, value);
        if (checked !== undefined) return [key, checked] as const;
        throw new ConfigError(
          `Cannot use ${JSON.stringify(value)} for "${path}.${key}" at ${at(`${path}.${key}`)}: expected ${
            describeServerKind(known.kind)
          }`,
        );
      }),
    );
    const problem = wayProblem(values);
    if (problem !== undefined) throw new ConfigError(`Cannot use "${path}" at ${from}: ${problem}`);
    return { name, from, isProject: file.isProject, values };
  });
}

/** What a key accepts, in words. */
export function describeServerKind(kind: ServerKey["kind"]): string {
  if (kind.type === "texts") return "a table of texts";
  return kind.type === "url" ? "an http or https URL without a user and fragment" : describeKind(kind);
}

/**
 * The servers of a `.mcp.json`. It is another program's file: what cannot be used is left out and said, not an error.
 * @param shown the file as messages name it
 */
export function readMcpJson(
  text: string,
  shown: string,
): { readonly servers: readonly ServerTable[]; readonly problems: readonly string[] } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { servers: [], problems: [`${shown} is left out: it is not JSON`] };
  }
  const servers = isTable(parsed) ? parsed.mcpServers : undefined;
  if (!isTable(servers)) return { servers: [], problems: [`${shown} is left out: it has no "mcpServers"`] };
  const all = Object.entries(servers).slice(0, MAX_SERVERS);
  return { servers: all.map(([name, entry]) => readEntry(name, entry, shown)), problems: [] };
}

/** More than anybody has. */
const MAX_SERVERS = 50;

function readEntry(name: string, entry: unknown, shown: string): ServerTable {
  const cleaned = name.replace(/[^A-Za-z0-9_-]+/g, "-").slice(0, 40) || "server";
  const table = { name: cleaned, from: shown, isProject: true };
  const broken = (problem: string): ServerTable => ({ ...table, values: new Map(), problem });
  if (!isTable(entry)) return broken("it is not an object");
  if (entry.type === "sse") return broken("the old SSE transport is not supported, only streamable HTTP");
  const values = new Map<string, Value | Texts>();
  for (const key of ["command", "args", "env", "url"] as const) {
    if (entry[key] === undefined) continue;
    const kind = SERVER_KEYS.find((one) => one.name === key)!.kind;
    const checked = checkServerValue(kind, entry[key]);
    if (checked === undefined) return broken(`${key}: expected ${describeServerKind(kind)}`);
    values.set(key, checked);
  }
  const named = values.get("command") ?? values.get("url");
  const words = [named, ...(values.get("args") as readonly string[] | undefined ?? [])];
  if (words.some((word) => typeof word === "string" && word.includes("${"))) {
    return broken("variables are put in for env only");
  }
  if (entry.disabled === true) values.set("enabled", false);
  const headers = Object.entries(isTable(entry.headers) ? entry.headers : {});
  for (const [header, value] of headers) {
    const variable = /^Bearer \$\{([A-Za-z_]\w*)\}$/.exec(String(value))?.[1];
    if (header.toLowerCase() !== "authorization" || variable === undefined) {
      return broken(`the header ${header} cannot be sent, only "Authorization": "Bearer \${NAME}"`);
    }
    values.set("apiKeyEnv", variable);
  }
  const problem = wayProblem(values);
  return problem === undefined ? { ...table, values } : broken(problem);
}

/** A table that only switches a server off needs no way to it. */
function wayProblem(values: ServerTable["values"]): string | undefined {
  const [command, url] = [values.has("command"), values.has("url")];
  if (command && url) return "command and url are two ways; one is needed";
  if (!command && !url && values.get("enabled") !== false) return "command or url is needed";
  const foreign = (command ? ["apiKeyEnv"] : ["args", "env", "network", "sandbox"]).find((key) =>
    (command || url) && values.has(key)
  );
  return foreign === undefined
    ? undefined
    : `${foreign} has no meaning beside ${command ? "command" : "url"}`;
}

function checkServerValue(kind: ServerKey["kind"], value: unknown): Value | Texts | undefined {
  switch (kind.type) {
    case "texts": {
      const isTexts = isTable(value) &&
        Object.entries(value).every(([name, text]) => VARIABLE.test(name) && isText(text));
      return isTexts ? value as Texts : undefined;
    }
    case "url":
      return typeof value === "string" ? normalizeUrl(value) : undefined;
    case "list":
      return Array.isArray(value) && value.every(isText) ? value : undefined;
    case "text":
      return isText(value) && value !== "" ? value : undefined;
    default:
      return checkValue(kind, value);
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.length <= MAX_TEXT && !value.includes("\0");
}

/** With its path and query, which name what the server is to serve. */
function normalizeUrl(text: string): string | undefined {
  if (!URL.canParse(text.trim())) return undefined;
  const url = new URL(text.trim());
  const isPlain = /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.hash;
  return isPlain ? url.href : undefined;
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function keyNames(): string {
  return SERVER_KEYS.map(({ name }) => name).join(", ");
}
