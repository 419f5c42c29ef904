/** `smallcode plugin`: what plugins there are here, and what each may do. */

import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { removeGrant, writeGrant } from "../core/config/grants.ts";
import { type Flags, loadConfig } from "../core/config/load.ts";
import { ConfigError } from "../core/errors.ts";
import { lookForPlugins, pluginHostOf } from "../core/session/open_plugins.ts";
import type { Permissions } from "../core/plugin_host.ts";
import { describePlugin, keepDecision, type Listed, type PluginState } from "../core/plugins/roster.ts";
import { describeChange, summarizeWishes } from "../core/plugins/wishes.ts";
import { plainText } from "./terminal_text.ts";
import type { World } from "./world.ts";

const ACTIONS = ["list", "info", "grant", "revoke", "disable", "enable", "test", "new"] as const;
export type PluginAction = (typeof ACTIONS)[number];

export interface PluginOptions extends Flags {
  readonly action: PluginAction;
  /** The plugin's name; a path for `test`. */
  readonly name?: string;
  /** The project folder; default: the current one. */
  readonly cwd?: string;
  /** `list`: as JSON. */
  readonly json?: boolean;
  /** `test`: each tool is called with its example, under what the plugin asks for. */
  readonly run?: boolean;
  readonly yes?: boolean;
  /** Asks a person; absent where there is none. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

const STATES: Readonly<Record<PluginState, string>> = {
  on: "on",
  new: "not granted",
  changed: "changed",
  declined: "declined",
  off: "off",
  left_out: "left out",
  untrusted: "not trusted",
  hidden: "hidden",
  broken: "broken",
  foreign: "no plugin",
};

/** @throws {ConfigError} for a word that is no action */
export function readAction(word: string): PluginAction {
  const action = ACTIONS.find((one) => one === word);
  if (!action) throw new ConfigError(`There is no "plugin ${word}": ${ACTIONS.join(", ")}`);
  return action;
}

/**
 * Lists, shows, grants, takes back, switches, tries or makes a plugin.
 * @returns exit code 0; 1 when the answer was no, or `test` found something wrong; 2 when nobody can be asked
 * @throws {ConfigError} when there is no such plugin, or it cannot be read
 */
export async function pluginCommand(options: PluginOptions, world: World): Promise<number> {
  const { action, name } = options;
  if (action === "new") {
    const { newPlugin } = await import("./_plugin_new.ts");
    return await newPlugin(needed(name, action), world);
  }
  const root = await realpath(resolve(world.cwd, options.cwd ?? "."));
  const { config } = await loadConfig({
    ...world,
    cwd: root,
    flags: options.trust === undefined ? {} : { trust: options.trust },
    isTerminal: world.stdinIsTerminal && world.stdoutIsTerminal,
  });
  const host = pluginHostOf(config, world);
  try {
    if (action === "test") {
      const { tryPlugin } = await import("./_try_plugin.ts");
      return await tryPlugin({ ...options, path: needed(name, action), root, host, config }, world);
    }
    const all = await lookForPlugins({ config, root, bundle: world, host, all: true }, world.signal);
    if (action === "list") return list(all, options.json === true, world);
    const one = find(needed(name, action), all);
    if (action === "info") return info(one, world);
    return await change(one, action, { options, folder: config.paths.config }, world);
  } finally {
    host.close();
  }
}

function needed(name: string | undefined, action: PluginAction): string {
  if (name !== undefined && name !== "") return name;
  const what = action === "test" ? "FILE" : "NAME";
  throw new ConfigError(`Which plugin? smallcode plugin ${action} ${what}`);
}

/** The one that the name stands for in a session: the first that can be read, else the first at all. */
function find(name: string, all: readonly Listed[]): Listed {
  const named = all.filter((one) => one.name === name || one.found.stem === name);
  const one = named.find(({ state }) => state !== "hidden" && state !== "broken") ?? named[0];
  if (one) return one;
  const known = [...new Set(all.map((one) => one.name))].join(", ");
  throw new ConfigError(`There is no plugin "${name}" here${known === "" ? "" : `: ${known}`}`);
}

function list(all: readonly Listed[], asJson: boolean, world: World): number {
  if (asJson) {
    const rows = all.map(({ name, state, why, found, source, manifest }) => ({
      name,
      state,
      why,
      origin: found.origin,
      where: found.origin === "bundled" ? "bundled" : found.id,
      ...(source ? { hash: source.hash } : {}),
      ...(manifest
        ? { version: manifest.version, description: manifest.description, permissions: manifest.permissions }
        : {}),
    }));
    world.out(`${JSON.stringify(rows, null, 2)}\n`);
    return 0;
  }
  for (const { name, state, why, found, manifest } of all) {
    const wishes = manifest ? summarizeWishes(manifest.permissions) : "";
    const line = [name.padEnd(16), STATES[state].padEnd(12), found.shown.padEnd(28), wishes].join(" ");
    world.out(`${plainText(line).trimEnd()}\n`);
    const isTold = !["on", "off", "foreign"].includes(state) ||
      (state === "off" && found.origin !== "bundled");
    if (isTold) world.out(`${" ".repeat(17)}${plainText(why)}\n`);
  }
  if (all.length === 0) world.out("There is no plugin here: smallcode plugin new NAME makes one\n");
  return 0;
}

function info(one: Listed, world: World): number {
  const { manifest, found, source } = one;
  const lines = manifest
    ? [
      describePlugin(one, manifest),
      ...manifest.tools.map(({ name, description, effect }) => `  tool ${name} (${effect}): ${description}`),
      ...manifest.commands.map(({ name, description }) => `  /${name}: ${description}`),
      ...manifest.prompts.map(({ text, languages }) =>
        `  says to the model${languages.length > 0 ? ` (${languages.join(", ")})` : ""}: ${text}`
      ),
    ]
    : [`${one.name} (${found.shown})`];
  const files = Object.entries(source?.files ?? {}).map(([path, text]) =>
    `${path} (${text.split("\n").length} lines)`
  );
  world.out(
    plainText([
      ...lines,
      `  State: ${STATES[one.state]}; ${one.why}`,
      `  Lies in: ${found.origin === "bundled" ? "the program" : found.id}`,
      ...(source ? [`  Files: ${files.join(", ")}`, `  SHA-256: ${source.hash}`] : []),
    ].join("\n")) + "\n",
  );
  return 0;
}

async function change(
  one: Listed,
  action: Exclude<PluginAction, "list" | "info" | "test" | "new">,
  { options, folder }: { options: PluginOptions; folder: string },
  world: World,
): Promise<number> {
  const say = (text: string) => world.out(`${plainText(text)}\n`);
  const { found, manifest, source, stored, name } = one;
  if (action === "revoke") {
    const was = await removeGrant(folder, found.id);
    say(was ? `${name}: what was granted is taken back` : `${name} had no grant`);
    return 0;
  }
  if (!manifest || !source) throw new ConfigError(`Cannot ${action} "${name}" (${found.shown}): ${one.why}`);
  switch (action) {
    case "grant":
      return await grant(one, { options, folder }, world);
    case "disable":
      await writeGrant(folder, found.id, {
        ...stored ?? declined(manifest.permissions, name, source.hash),
        disabled: true,
      });
      say(`${name} is off; smallcode plugin enable ${name} switches it on again`);
      return 0;
    case "enable":
      if (stored?.decision === "granted" && stored.hash === source.hash) {
        await writeGrant(folder, found.id, { ...stored, disabled: false });
        say(`${name} is on`);
        return 0;
      }
      return await grant(one, { options, folder }, world);
  }
}

function declined(permissions: Permissions, name: string, hash: string) {
  return { ...permissions, name, hash, decision: "declined" as const, disabled: true };
}

async function grant(
  one: Listed,
  { options, folder }: { options: PluginOptions; folder: string },
  world: World,
): Promise<number> {
  const { manifest, name, stored, source } = one;
  if (!manifest || !source) return 1;
  world.out(`${plainText(describePlugin(one, manifest))}\n`);
  if (stored?.decision === "granted" && stored.hash !== source.hash) {
    world.out(`  ${plainText(describeChange(stored, manifest.permissions))}\n`);
  }
  if (!options.yes && !options.confirm) {
    world.err("Nobody can be asked here: smallcode plugin grant --yes\n");
    return 2;
  }
  if (!options.yes && !await options.confirm?.("Grant all of it?")) return 1;
  await keepDecision(folder, one, "granted");
  world.out(`${name} is on${one.state === "hidden" ? `, but ${plainText(one.why)}` : ""}\n`);
  return 0;
}
