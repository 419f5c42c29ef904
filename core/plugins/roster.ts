/** Which plugins there are, and which of them take part: trust, grants, switches and names, in that order. */

import { readGrants, type StoredGrant, writeGrant } from "../config/grants.ts";
import {
  type Grant,
  PluginError,
  type PluginHost,
  type PluginManifest,
  type PluginSource,
} from "../plugin_host.ts";
import { readPluginSource } from "../sandbox/plugin_source.ts";
import type { Answer, Question } from "../types.ts";
import type { BundledPlugins } from "./bundled.ts";
import { findPlugins, type FoundPlugin } from "./find.ts";
import { describeChange, describeParts, describeWishes, flat, wishesOf } from "./wishes.ts";

/**
 * `on`: takes part. `new`, `changed`: a person has to decide. `declined`, `off`: one has. `left_out`: not among the wanted.
 * `untrusted`: not even read. `hidden`: another of this name comes first. `broken`: cannot be read, `foreign`: by all signs it is no
 * plugin of SmallCode.
 */
export type PluginState =
  | "on"
  | "new"
  | "changed"
  | "declined"
  | "off"
  | "left_out"
  | "untrusted"
  | "hidden"
  | "broken"
  | "foreign";

/** A plugin as it stands. */
export interface Listed {
  readonly found: FoundPlugin;
  /** The manifest's name, or the file's where there is none to read. */
  readonly name: string;
  readonly state: PluginState;
  /** For a person: why it stands so. */
  readonly why: string;
  readonly source?: PluginSource;
  readonly manifest?: PluginManifest;
  /** What was decided before, if anything. */
  readonly stored?: StoredGrant;
  readonly grant?: Grant;
}

/** A plugin that takes part. */
export interface Granted {
  readonly found: FoundPlugin;
  readonly source: PluginSource;
  readonly manifest: PluginManifest;
  readonly grant: Grant;
}

export interface RosterInput {
  /** Absolute real path of the workspace. */
  readonly root: string;
  readonly configFolder: string;
  readonly trusted: boolean;
  readonly host: PluginHost;
  readonly bundled: BundledPlugins;
  /** Names of those that take part, bundled ones too; absent: all that are granted. */
  readonly wanted?: readonly string[];
  /** Every bundled plugin is looked at, not only those that someone decided about. */
  readonly all: boolean;
  readonly signal: AbortSignal;
}

/** Plugins that are looked at together: a new one starts two workers. */
const AT_ONCE = 4;

/** Every plugin with its state, in the order in which hooks run and names are won: project, user, bundled. */
export async function listPlugins(input: RosterInput): Promise<readonly Listed[]> {
  const [local, stored] = await Promise.all([
    findPlugins(input.root, input.configFolder),
    readGrants(input.configFolder),
  ]);
  const wanted = new Set(input.wanted ?? []);
  const isWanted = input.all || wanted.size > 0 ||
    Object.keys(stored).some((id) => id.startsWith("bundled:"));
  const bundled = (isWanted ? await input.bundled.names() : [])
    .map((name): FoundPlugin => ({ origin: "bundled", id: `bundled:${name}`, shown: "bundled", stem: name }))
    .filter(({ id, stem }) => input.all || stored[id] !== undefined || wanted.has(stem));
  const all = [...local, ...bundled];
  const listed: Listed[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE) {
    const group = all.slice(from, from + AT_ONCE);
    const looked = await Promise.all(group.map((found) => look(found, stored[found.id], input)));
    for (const one of looked) listed.push(hideTwin(one, listed));
  }
  return listed;
}

function hideTwin(one: Listed, before: readonly Listed[]): Listed {
  const first = one.manifest && before.find(({ name, manifest }) => manifest && name === one.name);
  if (!first) return one;
  return { ...one, state: "hidden", why: `${first.found.shown} has the same name and comes first` };
}

async function look(
  found: FoundPlugin,
  stored: StoredGrant | undefined,
  input: RosterInput,
): Promise<Listed> {
  const plain = { found, name: found.stem, ...(stored ? { stored } : {}) };
  if (found.origin === "project" && !input.trusted) {
    return { ...plain, state: "untrusted", why: "this folder is not trusted: smallcode trust" };
  }
  const { source, problem } = await readSource(found, input);
  if (!source) return { ...plain, state: "broken", why: problem };
  try {
    const manifest = found.origin === "bundled"
      ? await input.bundled.manifest(found.stem, input.host, input.signal)
      : await input.host.readManifest(source, input.signal);
    return decide({ ...plain, name: manifest.name, source, manifest }, input.wanted);
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    const isForeign = !/\bpermissions\b|smallcode/i.test(source.files[source.main] ?? "");
    return { ...plain, source, state: isForeign ? "foreign" : "broken", why: error.message };
  }
}

async function readSource(
  found: FoundPlugin,
  input: RosterInput,
): Promise<{ source: PluginSource; problem?: never } | { source?: never; problem: string }> {
  try {
    const source = found.origin === "bundled"
      ? await input.bundled.source(found.stem)
      : await readPluginSource(found.id, found.shown);
    return { source };
  } catch (error) {
    input.signal.throwIfAborted();
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

function decide(
  one: Omit<Listed, "state" | "why"> & { readonly source: PluginSource; readonly manifest: PluginManifest },
  wanted: readonly string[] | undefined,
): Listed {
  const { stored, source, manifest, found } = one;
  if (wanted && !wanted.includes(manifest.name)) {
    return { ...one, state: "left_out", why: "not among plugins.enabled" };
  }
  if (!stored) {
    const isOffered = found.origin !== "bundled" || wanted !== undefined;
    const why = `smallcode plugin grant ${manifest.name} lets it take part`;
    return { ...one, state: isOffered ? "new" : "off", why };
  }
  if (stored.disabled) {
    return { ...one, state: "off", why: `smallcode plugin enable ${manifest.name} switches it on` };
  }
  if (!isSame(stored, one)) {
    return { ...one, state: "changed", why: describeChange(stored, manifest.permissions) };
  }
  if (stored.decision === "declined") {
    return { ...one, state: "declined", why: `smallcode plugin grant ${manifest.name} changes that` };
  }
  return { ...one, state: "on", why: "granted", grant: { ...manifest.permissions, hash: source.hash } };
}

/** A new version of the program changes its own plugins without asking, as long as they ask for no more. */
function isSame(
  stored: StoredGrant,
  { source, manifest, found }: { source: PluginSource; manifest: PluginManifest; found: FoundPlugin },
): boolean {
  if (found.origin !== "bundled") return stored.hash === source.hash;
  const granted = wishesOf(stored);
  return wishesOf(manifest.permissions).every((wish) => granted.includes(wish));
}

/**
 * Asks for each plugin that waits for a decision and gives those that take part. `always` and `no` are kept, the other answers hold for this
 * session. Without `ask` nobody is asked and what waits stays inert.
 */
export async function settlePlugins(
  listed: readonly Listed[],
  configFolder: string,
  ask: ((question: Question, signal: AbortSignal) => Promise<Answer>) | undefined,
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  const settled: Listed[] = [];
  for (const one of listed) {
    const { source, manifest } = one;
    if (!ask || !source || !manifest || (one.state !== "new" && one.state !== "changed")) {
      settled.push(one);
      continue;
    }
    const answer = await ask(questionFor(one, manifest), signal);
    signal.throwIfAborted();
    if (answer === "always" || answer === "no") {
      await keepDecision(configFolder, one, answer === "no" ? "declined" : "granted");
    }
    settled.push(
      answer === "no"
        ? { ...one, state: "declined", why: `smallcode plugin grant ${one.name} changes that` }
        : { ...one, state: "on", why: "granted", grant: { ...manifest.permissions, hash: source.hash } },
    );
  }
  return settled;
}

/** Keeps what a person decided about exactly this content. @throws {RangeError} when it has no manifest to decide about */
export async function keepDecision(
  configFolder: string,
  { found, source, manifest }: Listed,
  decision: StoredGrant["decision"],
): Promise<void> {
  if (!source || !manifest) throw new RangeError(`Cannot decide about ${found.shown}: it cannot be read`);
  const { permissions, name } = manifest;
  await writeGrant(configFolder, found.id, {
    ...permissions,
    name,
    hash: source.hash,
    decision,
    disabled: false,
  });
}

function questionFor(one: Listed, manifest: PluginManifest): Question {
  return {
    kind: "plugin",
    plugin: manifest.name,
    what: describePlugin(one, manifest),
    why: one.state === "changed" ? one.why : "",
  };
}

/** What a person decides by: what it is, wants and adds. */
export function describePlugin({ found }: Listed, manifest: PluginManifest): string {
  const wishes = wishesOf(manifest.permissions);
  return [
    `${manifest.name} ${flat(manifest.version)} (${found.shown}): ${flat(manifest.description)}`,
    ...(wishes.length > 3
      ? ["  It wants to", ...wishes.map((wish) => `    - ${wish}`)]
      : [`  It ${describeWishes(wishes)}.`]),
    `  It adds: ${describeParts(manifest)}.`,
  ].join("\n");
}

/** Those that take part. */
export function grantedOf(listed: readonly Listed[]): readonly Granted[] {
  return listed.flatMap(({ state, found, source, manifest, grant }) =>
    state === "on" && source && manifest && grant ? [{ found, source, manifest, grant }] : []
  );
}

/** What is told at the start of a session: what does nothing and why, so that nobody wonders. */
export function pluginNotices(listed: readonly Listed[]): readonly string[] {
  const waiting = listed.filter(({ state }) => state === "new");
  const untrusted = listed.filter(({ state }) => state === "untrusted");
  return [
    ...(untrusted.length > 0
      ? [
        `Plugins of this folder do nothing until it is trusted (smallcode trust): ${
          untrusted.map(({ found }) => found.shown).join(", ")
        }`,
      ]
      : []),
    ...waiting.map(({ name, found }) =>
      `Plugin ${name} (${found.shown}) does nothing until it is granted: smallcode plugin grant ${name}`
    ),
    ...listed.filter(({ state }) => state === "changed").map(({ name, found, why }) =>
      `Plugin ${name} (${found.shown}) does nothing: ${why}: smallcode plugin grant ${name}`
    ),
    ...listed.filter(({ state }) => state === "broken" || state === "hidden").map(({ found, why }) =>
      `Plugin ${found.shown} cannot be used: ${why}`
    ),
  ];
}
