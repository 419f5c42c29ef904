/** Reads profiles, finds the one of a model, and lays the user's own values over it. */

import { readdir, readFile } from "node:fs/promises";
import { ConfigError } from "../errors.ts";
import type { Profile } from "../profile.ts";
import type { Config, Explained } from "./config.ts";
import { camelCase, snakeCase } from "./keys.ts";
import { fitsPattern } from "./model_pattern.ts";
import type { profileShape } from "./profile_shape.ts";

/**
 * The profiles of a folder, sorted by name. Each `*.yaml` is one; `extends: other` takes what it does not say from that profile.
 * @throws {ConfigError} naming the file and the field that is missing, unknown or of a wrong type
 */
export async function loadProfiles(folder: URL): Promise<readonly Profile[]> {
  const { raw, isChecked } = await readFolder(folder);
  const shape = isChecked ? undefined : await loadShape();
  return [...raw.keys()].map((name) => {
    const fields = resolve(name, raw);
    return shape ? check(name, fields, shape) : fields as unknown as Profile;
  });
}

/** A profile that a plugin brings, as YAML text. */
export interface PluginProfile {
  readonly plugin: string;
  readonly text: string;
}

/**
 * The profiles of a folder behind those of plugins, which may extend them; of two patterns of one length the plugin's wins.
 * @returns also why a plugin's profile is left out, in sentences for the user
 * @throws {ConfigError} for a profile of the folder
 */
export async function loadAllProfiles(
  folder: URL,
  added: readonly PluginProfile[],
): Promise<{ readonly profiles: readonly Profile[]; readonly problems: readonly string[] }> {
  const own = await loadProfiles(folder);
  if (added.length === 0) return { profiles: own, problems: [] };
  const { raw } = await readFolder(folder);
  const [shape, parse] = await Promise.all([loadShape(), yamlParser()]);
  const profiles: Profile[] = [];
  const problems: string[] = [];
  for (const { plugin, text } of added) {
    try {
      const value = parse(text);
      const name = isRecord(value) ? value.name : undefined;
      if (!isRecord(value) || typeof name !== "string") throw new ConfigError("it has no name");
      if (raw.has(name)) throw new ConfigError(`there is a profile "${name}" already`);
      const profile = check(name, resolve(name, new Map([...raw, [name, value]])), shape);
      raw.set(name, value);
      profiles.push(profile);
    } catch (error) {
      // What parse() throws is of the YAML package; whatever it is, the session goes on without this profile.
      const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
      problems.push(`Plugin ${plugin}: its profile is left out: ${why}`);
    }
  }
  return { profiles: [...profiles, ...own], problems };
}

/** The file in which the binary holds all profiles as JSON, by name: whole, and checked when it was built. */
export const CHECKED = "checked";

async function readFolder(
  folder: URL,
): Promise<{ readonly raw: Map<string, Record<string, unknown>>; readonly isChecked: boolean }> {
  const base = new URL(folder.href.endsWith("/") ? folder.href : `${folder.href}/`);
  const read = (file: string) => readFile(new URL(file, base), "utf8");
  const files = await readdir(base);
  if (files.includes(CHECKED)) {
    return { raw: new Map(Object.entries(JSON.parse(await read(CHECKED)))), isChecked: true };
  }
  const names = files.filter((name) => name.endsWith(".yaml")).toSorted();
  const [parse, texts] = await Promise.all([yamlParser(), Promise.all(names.map(read))]);
  const raw = new Map(names.map((file, i) => {
    const value = parse(texts[i] ?? "");
    if (!isRecord(value)) throw new ConfigError(`Cannot read profile "${file}": expected a mapping`);
    return [file.slice(0, -".yaml".length), value];
  }));
  return { raw, isChecked: false };
}

async function yamlParser(): Promise<(text: string) => unknown> {
  const { parse } = await import("yaml");
  return (text) => camelKeys(parse(text, { maxAliasCount: 0 }));
}

/**
 * The profile whose longest pattern matches a model's name, however its server writes it: `qwen3:8b`, `Qwen/Qwen3-8B`, `/models/Qwen3-8B-Q4_K_M.gguf`.
 * Patterns (`model_pattern.ts`) are over the last part of the name, in lower case, with `-` for `:`, `_` and spaces.
 * @throws {ConfigError} when nothing matches, not even a profile for all names
 */
export function matchProfile(model: string, profiles: readonly Profile[]): Profile {
  const name = normalizeModel(model);
  let best: { readonly profile: Profile; readonly length: number } | undefined;
  for (const profile of profiles) {
    for (const pattern of profile.match) {
      if (best && pattern.length <= best.length) continue;
      if (fitsPattern(name, pattern)) best = { profile, length: pattern.length };
    }
  }
  if (!best) throw new ConfigError(`No profile matches the model "${model}"`);
  return best.profile;
}

/** The part of a model's name that tells its family; `any` for an empty one, which only a profile for all names matches. */
export function normalizeModel(model: string): string {
  const last = model.split(/[\\/]/).findLast((part) => part !== "") ?? "";
  return last.toLowerCase().replace(/\.gguf$/, "").replace(/[:_\s]+/g, "-") || "any";
}

/** The profile with the user's `[harness]` and `[sampling]` over it. */
export function applyConfig(profile: Profile, config: Pick<Config, "harness" | "sampling">): Profile {
  return {
    ...profile,
    harness: { ...profile.harness, ...config.harness },
    sampling: { ...profile.sampling, ...config.sampling },
  };
}

/** Fills what the user did not set with what the profile gives, for `smallcode config`. */
export function explainProfile(explained: readonly Explained[], profile: Profile): readonly Explained[] {
  const given = new Map<string, unknown>([
    ...Object.entries(profile.harness).map(([name, value]) => [`harness.${snakeCase(name)}`, value] as const),
    ...Object.entries(profile.sampling).map(([name, value]) =>
      [`sampling.${snakeCase(name)}`, value] as const
    ),
  ]);
  return explained.map((row) => {
    const value = row.from === "not set" ? given.get(row.key) : undefined;
    return value === undefined ? row : { ...row, value: String(value), from: `profile ${profile.name}` };
  });
}

/** A profile's fields over those of the one it extends; mappings are merged, lists replaced. */
function resolve(
  name: string,
  raw: ReadonlyMap<string, Record<string, unknown>>,
  seen: readonly string[] = [],
): Record<string, unknown> {
  const own = raw.get(name);
  if (!own || seen.includes(name)) {
    throw new ConfigError(
      `Cannot read profile "${seen.at(-1)}.yaml": extends: "${name}" ${own ? "is a cycle" : "is unknown"}`,
    );
  }
  const { extends: parent, ...fields } = own;
  return typeof parent === "string" ? merge(resolve(parent, raw, [...seen, name]), fields) : fields;
}

function merge(under: Record<string, unknown>, over: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(over).map(([key, value]) => {
    const below = under[key];
    // Sampling belongs together: half of one family's values and half of another's is nobody's recommendation.
    return [key, key !== "sampling" && isRecord(value) && isRecord(below) ? merge(below, value) : value];
  });
  return { ...under, ...Object.fromEntries(entries) };
}

function check(
  name: string,
  fields: Record<string, unknown>,
  shape: ReturnType<typeof profileShape>,
): Profile {
  const result = shape.safeParse(fields);
  if (!result.success) {
    const issue = result.error.issues[0];
    const path = issue?.path.map((part) => snakeCase(String(part))).join(".") || "its fields";
    throw new ConfigError(`Cannot use profile "${name}.yaml": ${path}: ${issue?.message}`);
  }
  if (result.data.name !== name) {
    throw new ConfigError(
      `Cannot use profile "${name}.yaml": its name is "${result.data.name}", not the file's`,
    );
  }
  return result.data as Profile;
}

/** Profiles that were checked when the binary was built need none of zod. */
async function loadShape() {
  return (await import("./profile_shape.ts")).profileShape();
}

function camelKeys(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [camelCase(key), camelKeys(inner)]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
