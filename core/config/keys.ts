/** Every configuration key in one table: validation, `smallcode config` and the documentation are driven by it. */

import type { TierName } from "../types.ts";
import { editDistance } from "../edit_distance.ts";

/** A value as a layer sets it. */
export type Value = string | number | boolean | readonly string[];

/** What a key accepts. Numbers are bounded inclusively. */
export type Kind =
  | { readonly type: "text" }
  /** A text that may be empty, which means none. */
  | { readonly type: "command" }
  | { readonly type: "url" }
  | { readonly type: "flag" }
  | { readonly type: "integer"; readonly min: number; readonly max: number }
  | { readonly type: "number"; readonly min: number; readonly max: number }
  | { readonly type: "list" }
  | { readonly type: "choice"; readonly choices: readonly string[] };

/**
 * What an untrusted folder's files may set (DESIGN decision 10): `any` value, a `loopback` URL,
 * a number `lower` than the user's own, or `nothing`.
 */
export type UntrustedRule = "any" | "loopback" | "lower" | "nothing";

export interface Key {
  /** Dotted, as in smallcode.toml. */
  readonly name: string;
  readonly kind: Kind;
  /** Absent: not set, or decided by the profile or the server. */
  readonly default?: Value;
  readonly description: string;
  /** `false`: accepted and shown, but the part that reads it is not built yet. */
  readonly takesEffect: boolean;
  readonly untrusted: UntrustedRule;
  /** Environment variable that sets it. */
  readonly env?: string;
  /** Never shown, never accepted in a TOML file, which people commit. */
  readonly secret?: true;
  /** Set by the environment only. */
  readonly envOnly?: true;
}

const WHOLE = Number.MAX_SAFE_INTEGER;
const flag: Kind = { type: "flag" };
const text: Kind = { type: "text" };
const command: Kind = { type: "command" };
const list: Kind = { type: "list" };
const integer = (min: number, max = WHOLE): Kind => ({ type: "integer", min, max });
const number = (min: number, max: number): Kind => ({ type: "number", min, max });

/** Servers that can be named; the first four are local. */
export const PROVIDER_NAMES = [
  "ollama",
  "lmstudio",
  "llamacpp",
  "vllm",
  "openrouter",
  "openai",
  "anthropic",
  "deepseek",
  "custom",
] as const;

/** The table. A key that is not in it is an error. */
export const KEYS: readonly Key[] = [
  ...tierKeys("default"),
  ...tierKeys("fast"),
  ...tierKeys("strong"),
  {
    name: "ollama_host",
    kind: text,
    description: "where a running Ollama is looked for",
    takesEffect: true,
    untrusted: "nothing",
    env: "OLLAMA_HOST",
    envOnly: true,
  },
  {
    name: "no_color",
    kind: text,
    description: "no colours when set to anything",
    takesEffect: true,
    untrusted: "nothing",
    env: "NO_COLOR",
    envOnly: true,
  },
  ...section("context", "any", [
    {
      name: "max_budget_pct",
      kind: integer(10, 100),
      default: 70,
      description: "share of the window, in percent, that a request may fill",
      env: "SMALLCODE_CONTEXT_BUDGET",
    },
    {
      name: "working_memory_tokens",
      kind: integer(0),
      default: 1000,
      description: "tokens kept for notes that survive a compaction",
      takesEffect: false,
    },
    {
      name: "window",
      kind: integer(1024),
      description: "tokens of the window, instead of what the server says; num_ctx on Ollama",
    },
    {
      name: "result_chars",
      kind: integer(500),
      default: 8000,
      description: "characters a tool result may have before it is cut",
    },
  ]),
  ...section("tools", "any", [
    { name: "enabled", kind: list, description: "tools that are offered; all when not set" },
    {
      name: "bash_timeout",
      kind: integer(1, 86_400),
      default: 30,
      description: "seconds a command may take",
    },
  ]),
  ...section("planner", "any", [
    {
      name: "auto_plan",
      kind: flag,
      default: true,
      description: "plans are asked for when a task has several steps",
    },
    {
      name: "max_retries",
      kind: integer(0, 10),
      default: 2,
      description:
        "attempts in the same context after a failed check; then come other strategies, 0 for none",
    },
    {
      name: "validate_after_edit",
      kind: flag,
      default: true,
      description: "checks run after each edit",
    },
    {
      name: "best_of",
      kind: integer(1, 8),
      default: 1,
      description: "replies that the last attempt asks for, each tried in a copy; 1 for none",
    },
    {
      name: "keep_failed",
      kind: flag,
      default: false,
      description: "files stay as they are when a green check is red at the end",
    },
  ]),
  ...section("checks", "nothing", [
    { name: "test", kind: command, description: "command that runs the tests, instead of what is found" },
    { name: "types", kind: command, description: "command that checks the types" },
    { name: "lint", kind: command, description: "command that checks the style; it must not write" },
    { name: "build", kind: command, description: "command that builds the project" },
  ]),
  ...section("escalation", "nothing", [
    {
      name: "max_per_session",
      kind: integer(0, 1000),
      default: 5,
      description: "times a stronger model may be asked in a session; 0 is never",
      untrusted: "lower",
      env: "SMALLCODE_ESCALATION_MAX",
    },
    {
      name: "confirm",
      kind: flag,
      default: true,
      description: "a person is asked before a task leaves this machine for a stronger model",
    },
    {
      name: "adaptive",
      kind: flag,
      default: false,
      description: "a turn begins at the weakest model that did not fail most of its last 10 turns",
    },
  ]),
  ...section("permissions", "nothing", [
    {
      name: "mode",
      kind: { type: "choice", choices: ["read-only", "ask", "edits", "auto"] },
      description: "what may happen without asking; ask at a terminal, edits elsewhere",
    },
    {
      name: "allow",
      kind: list,
      default: [],
      description: "beginnings of commands that are run without asking",
    },
    { name: "deny", kind: list, default: [], description: "beginnings of commands that are refused" },
    {
      name: "network",
      kind: flag,
      default: false,
      description: "commands in the sandbox reach the network, e.g. for npm install",
    },
  ]),
  ...section("harness", "nothing", [
    { name: "freeze_prefix", kind: flag, description: "prompt head frozen for an epoch" },
    { name: "text_calls", kind: flag, description: "calls written as text are understood" },
    { name: "repair_calls", kind: flag, description: "damaged calls are mended" },
    { name: "clamp_output", kind: flag, description: "output is clamped to what the window leaves" },
    { name: "first_look", kind: flag, description: "files a message is about are shown first" },
    { name: "route", kind: flag, description: "tools are selected by the kind of message" },
    { name: "read_guard", kind: flag, description: "files too long for the window are cut with directions" },
    {
      name: "fuzzy_edit",
      kind: flag,
      description: "inexact search text is matched by documented relaxations",
    },
    { name: "edit_recovery", kind: flag, description: "after refused edits another form is asked for" },
    {
      name: "semantic_merge",
      kind: flag,
      description: "the last such form: a change merged into shown lines",
    },
    {
      name: "constrain",
      kind: flag,
      description: "after misread calls the server allows nothing but a call",
    },
    { name: "syntax_gate", kind: flag, description: "edits that break the syntax are refused" },
    {
      name: "keep_names",
      kind: flag,
      description: "names that an edit drops and that are used or not spoken of are told",
    },
    { name: "compaction", kind: flag, description: "old tool results are masked when the budget is reached" },
    { name: "plan", kind: flag, description: "plans are followed and shown to the model at the tail" },
    { name: "ask_plan", kind: flag, description: "a plan is asked of the model for a task of several steps" },
    { name: "verify", kind: flag, description: "the harness runs checks and feeds failures back" },
    { name: "govern", kind: flag, description: "repetition and early ends are noticed and answered" },
    { name: "scores", kind: flag, description: "tools that a model fails with are offered last or not" },
    { name: "dedup", kind: flag, description: "a result that stands in the context is not written again" },
    { name: "improve", kind: flag, description: "attempts after a red check differ from each other" },
    { name: "claims", kind: flag, description: "claims that did not happen are corrected and told" },
    { name: "hard_fail", kind: flag, description: "files go back when a green check is red at the end" },
    { name: "plugins", kind: flag, description: "plugins that were granted take part" },
    { name: "mcp", kind: flag, description: "MCP servers are started and their tools offered" },
  ]),
  ...section("plugins", "nothing", [
    {
      name: "enabled",
      kind: list,
      description: "plugins that take part, bundled ones too; all that were granted when not set",
    },
  ]),
  ...section("sampling", "nothing", [
    { name: "temperature", kind: number(0, 2), description: "sampling temperature" },
    { name: "top_p", kind: number(0, 1), description: "nucleus sampling" },
    { name: "top_k", kind: integer(0, 100_000), description: "candidates kept; 0 keeps all" },
    { name: "min_p", kind: number(0, 1), description: "least probability relative to the best" },
    { name: "repeat_penalty", kind: number(0, 4), description: "penalty for repeated tokens; 1 is none" },
    { name: "presence_penalty", kind: number(-2, 2), description: "penalty for tokens already present" },
    { name: "seed", kind: integer(0), description: "seed of the server's random numbers" },
  ]),
  ...section("limits", "lower", [
    { name: "steps", kind: integer(1), default: 40, description: "model calls in a turn" },
    { name: "tool_calls", kind: integer(1), default: 80, description: "tool calls in a turn" },
    { name: "corrections", kind: integer(0), default: 8, description: "corrections in a turn" },
    {
      name: "output_tokens",
      kind: integer(64),
      default: 60_000,
      description: "tokens a model may write in a turn",
    },
    { name: "minutes", kind: number(0.01, 10_080), default: 60, description: "minutes a turn may take" },
  ]),
];

type Row = Omit<Key, "takesEffect" | "untrusted"> & Partial<Pick<Key, "takesEffect" | "untrusted">>;

function section(name: string, untrusted: UntrustedRule, rows: readonly Row[]): Key[] {
  return rows.map((row) => ({ takesEffect: true, untrusted, ...row, name: `${name}.${row.name}` }));
}

/** `[model]` is the default tier; `[models.default]` is another way to write it. */
function tierKeys(tier: TierName): Key[] {
  const prefix = tierPrefix(tier);
  const suffix = tier === "default" ? "" : `_${tier.toUpperCase()}`;
  const of = tier === "default" ? "the model" : `the ${tier} model`;
  return [
    {
      name: `${prefix}.provider`,
      kind: { type: "choice", choices: PROVIDER_NAMES },
      description: `server of ${of}; guessed from the base URL when not set`,
      takesEffect: true,
      untrusted: "nothing",
    },
    {
      name: `${prefix}.name`,
      kind: text,
      description: `name of ${of} as its server lists it`,
      takesEffect: true,
      untrusted: "any",
      env: `SMALLCODE_MODEL${suffix}`,
    },
    {
      name: `${prefix}.baseUrl`,
      kind: { type: "url" },
      description: `base URL of ${of}`,
      takesEffect: true,
      untrusted: "loopback",
      env: `SMALLCODE_BASE_URL${suffix}`,
    },
    {
      name: `${prefix}.apiKeyEnv`,
      kind: text,
      description:
        `environment variable that holds the key of ${of}; goes to the base URL set in the same file`,
      takesEffect: true,
      untrusted: "nothing",
    },
    {
      name: `${prefix}.apiKey`,
      kind: text,
      description: `key of ${of}; goes to the base URL set in the same place`,
      takesEffect: true,
      untrusted: "nothing",
      env: `SMALLCODE_API_KEY${suffix}`,
      secret: true,
    },
    ...tier === "default" ? [] : [{
      name: `${prefix}.window`,
      kind: integer(1024),
      description: `tokens of the window of ${of}, instead of what its server or profile says`,
      takesEffect: true,
      untrusted: "any" as const,
    }],
  ];
}

/** Where a tier's keys lie: `model` for the default tier, else `models.<tier>`. */
export function tierPrefix(tier: TierName): string {
  return tier === "default" ? "model" : `models.${tier}`;
}

/** The key of that name, `models.default.*` included. */
export function findKey(name: string): Key | undefined {
  const canonical = name.replace(/^models\.default\./, "model.");
  return KEYS.find((key) => key.name === canonical);
}

/** What a key accepts, in words, for messages and the documentation. */
export function describeKind(kind: Kind): string {
  switch (kind.type) {
    case "text":
      return "a text";
    case "command":
      return "a command; empty: none";
    case "url":
      return "an http or https URL without a user, query or fragment";
    case "flag":
      return "true or false";
    case "list":
      return "a list of texts";
    case "choice":
      return `one of ${kind.choices.join(", ")}`;
    case "integer":
    case "number": {
      const what = kind.type === "integer" ? "a whole number" : "a number";
      return kind.max === WHOLE
        ? `${what} of at least ${kind.min}`
        : `${what} from ${kind.min} to ${kind.max}`;
    }
  }
}

/** Checks a value as a TOML file holds it; `undefined` when it does not fit the kind. */
export function checkValue(kind: Kind, value: unknown): Value | undefined {
  switch (kind.type) {
    case "text":
      return isText(value) ? value : undefined;
    case "command":
      return typeof value === "string" ? value : undefined;
    case "url":
      return typeof value === "string" ? normalizeBaseUrl(value) : undefined;
    case "flag":
      return typeof value === "boolean" ? value : undefined;
    case "list":
      return Array.isArray(value) && value.every(isText) ? value : undefined;
    case "choice":
      return typeof value === "string" && kind.choices.includes(value) ? value : undefined;
    case "integer":
      return Number.isSafeInteger(value) ? withinBounds(kind, value as number) : undefined;
    case "number":
      return typeof value === "number" ? withinBounds(kind, value) : undefined;
  }
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

/** Infinity and NaN lie within no bounds. */
function withinBounds(
  { min, max }: { readonly min: number; readonly max: number },
  value: number,
): number | undefined {
  return value >= min && value <= max ? value : undefined;
}

/** Reads a value from a text (environment, `.env`, `--set`); lists are separated by commas. */
export function readValue(kind: Kind, value: string): Value | undefined {
  const trimmed = value.trim();
  switch (kind.type) {
    case "flag":
      if (/^(true|1|yes|on)$/i.test(trimmed)) return true;
      return /^(false|0|no|off)$/i.test(trimmed) ? false : undefined;
    case "integer":
    case "number":
      return trimmed === "" ? undefined : checkValue(kind, Number(trimmed));
    case "list":
      return trimmed.split(",").map((part) => part.trim()).filter((part) => part !== "");
    case "text":
    case "command":
    case "url":
    case "choice":
      return checkValue(kind, trimmed);
  }
}

/**
 * A base URL without a trailing slash. A bare host gets `/v1`, which people leave out and every server here understands.
 * @returns `undefined` for anything but http(s), and for a URL with a user, password, query or fragment
 */
export function normalizeBaseUrl(text: string): string | undefined {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  if (url.username || url.password || url.search || url.hash) return undefined;
  let end = url.pathname.length;
  while (url.pathname[end - 1] === "/") end--;
  return `${url.origin}${url.pathname.slice(0, end) || "/v1"}`;
}

/**
 * The known name that was probably meant: at most a third of the letters (at least 2) away.
 * @returns `undefined` when nothing is near
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.slice(0, 100).toLowerCase();
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (!best || distance < best.distance) best = { name: candidate, distance };
  }
  return best && best.distance <= Math.max(2, Math.floor(wanted.length / 3)) ? best.name : undefined;
}

/** `top_p` -> `topP`: how names of files become fields of contracts. */
export function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `topP` -> `top_p`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
