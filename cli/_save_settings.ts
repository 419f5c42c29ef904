/** Where the wizard's settings go: one file, changed without touching the rest, shown before it is written. */

import { join } from "node:path";
import { createTwoFilesPatch } from "diff";
import type { ProviderName } from "../core/config/config.ts";
import { parseDotenv, setDotenv } from "../core/config/dotenv.ts";
import { KEYS } from "../core/config/keys.ts";
import { readIfThere } from "../core/config/private_file.ts";
import { setTomlValue } from "../core/config/toml_text.ts";

export type Scope = "global" | "project";

/** Settings under the names of their environment variables; `undefined` takes one away. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** A file as it stands and as it would be. */
export interface FileChange {
  readonly path: string;
  /** Permissions; `.env` holds keys. */
  readonly mode: number;
  readonly before: string;
  readonly after: string;
  /** Unified diff of the changed lines alone; keys are masked. Empty: nothing changes. */
  readonly diff: string;
}

export interface SavePlan {
  readonly scope: Scope;
  readonly settings: Settings;
  readonly provider: ProviderName;
  readonly cwd: string;
  /** `config.paths.config` */
  readonly configFolder: string;
}

/**
 * Plans the change. The user's settings lie in `.env` of the configuration folder; a project's in its `smallcode.toml`, which can be shared, but
 * in its `.env` where a key is among them or that file has the say already.
 * @throws {ConfigError} when a file cannot be read, or a TOML file cannot be changed line by line
 */
export async function planSave(plan: SavePlan): Promise<FileChange> {
  const folder = plan.scope === "global" ? plan.configFolder : plan.cwd;
  const dotenv = join(folder, ".env");
  const text = await readIfThere(dotenv) ?? "";
  if (plan.scope === "global") return changeDotenv(dotenv, text, plan.settings);
  const toml = join(folder, "smallcode.toml");
  const tomlText = await readIfThere(toml) ?? "";
  const names = Object.keys(plan.settings);
  const hasSay = parseDotenv(text).some(({ name }) => names.includes(name));
  const hasKey = names.some((name) => plan.settings[name] !== undefined && isSecret(name));
  // A key named in the TOML file would be sent to the new address, for it stands in the same place.
  const namesKey = /^\s*(?:[\w.]+\.)?apiKeyEnv\s*=/m.test(tomlText);
  return hasSay || hasKey || namesKey
    ? changeDotenv(dotenv, text, plan.settings)
    : changeToml(toml, tomlText, plan);
}

function changeDotenv(path: string, before: string, settings: Settings): FileChange {
  const after = setDotenv(before, settings);
  const diff = diffOf(path, maskDotenv(before), maskDotenv(after, before));
  return { path, mode: 0o600, before, after, diff };
}

function changeToml(path: string, before: string, { settings, provider }: SavePlan): FileChange {
  const values = KEYS.flatMap((key) => {
    const value = key.env === undefined ? undefined : settings[key.env];
    if (value === undefined) return [];
    return [[key.name, key.kind.type === "integer" ? Number(value) : value] as const];
  });
  const after = [["model.provider", provider] as const, ...values].reduce(
    (text, [name, value]) => setTomlValue(text, name, value),
    before,
  );
  return { path, mode: 0o644, before, after, diff: diffOf(path, before, after) };
}

/** Shows only our own plain settings; a value that differs from `earlier` is marked, or a new key would look like the old one. */
function maskDotenv(text: string, earlier = text): string {
  const known = new Map(parseDotenv(earlier).map(({ name, value }) => [name, value]));
  const lines = text.split("\n");
  for (const { name, value, line } of parseDotenv(text)) {
    if (isSecret(name)) lines[line - 1] = `${name}=****${known.get(name) === value ? "" : " (new)"}`;
  }
  return lines.join("\n");
}

function isSecret(name: string): boolean {
  return !KEYS.some((key) => key.env === name && !key.secret);
}

function diffOf(path: string, before: string, after: string): string {
  if (before === after) return "";
  // Without context: what stands beside our lines may be secret.
  const patch = createTwoFilesPatch(path, path, before, after, "", "", { context: 0 });
  const changed = patch.split("\n").filter((line) => /^[-+]/.test(line) && !/^(---|\+\+\+) /.test(line));
  return `${changed.join("\n")}\n`;
}
