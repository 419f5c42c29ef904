/** What the plugins that take part add to a session: tools, commands, hooks and text, opened together and closed with it. */

import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Emit } from "../events.ts";
import type { OpenPlugin, PluginHost, PluginWorld } from "../plugin_host.ts";
import { pluginText } from "../prompt/text/rules.ts";
import type { CommandWatch, WatchedChanges } from "../sandbox/command_watch.ts";
import { sanitizeSchema, type Tool } from "../tool.ts";
import type { FileChange } from "../types.ts";
import { argsProblem } from "../guard/check_args.ts";
import { type Hooks, openHooks } from "./hooks.ts";
import type { Granted } from "./roster.ts";

/** Tokens that the text of all plugins may take of the head; at most this share of the window. */
const MAX_PROMPT_TOKENS = 200;
const PROMPT_SHARE = 0.02;

export interface ExtensionParts {
  readonly plugins: readonly Granted[];
  readonly host: PluginHost;
  /** What host functions act through, less what is wrapped here. `storeFolder`: of this workspace. */
  readonly world: PluginWorld;
  /** Names of the tools that are there already. */
  readonly taken: readonly string[];
  /** e.g. `TypeScript`: the project's languages. */
  readonly languages: readonly string[];
  readonly window: number;
  readonly estimate: (text: string) => number;
  /** Looks at the workspace around commands; gives what they changed. */
  readonly watchFiles: CommandWatch["around"];
  readonly emit: Emit;
  readonly now: () => number;
}

/** A command of a plugin, as `/help` lists it. */
export interface PluginCommandEntry {
  readonly name: string;
  readonly description: string;
  readonly plugin: string;
}

export interface Extensions {
  readonly tools: readonly Tool[];
  /** Text of the plugins for the prompt's head; empty where there is none. */
  readonly text: string;
  readonly commands: readonly PluginCommandEntry[];
  readonly hooks: Hooks;
  /** What was left out or renamed, for the person. */
  readonly notices: readonly string[];
  /**
   * Runs `/name args`; `undefined` when no plugin has such a command. `task`: to be sent to the model.
   * @throws {PluginError}
   */
  readonly runCommand: (
    line: string,
    signal: AbortSignal,
  ) => Promise<
    { readonly text: string; readonly task?: string; readonly changes: readonly FileChange[] } | undefined
  >;
  readonly close: () => Promise<void>;
}

/** How long a closing session waits for plugins that are still being told of events. */
const SETTLE_MS = 1_000;

/** Opens what the plugins add. No sandbox starts before something of it is used. */
export function openExtensions(parts: ExtensionParts): Extensions {
  const closed = new AbortController();
  const notices: string[] = [];
  const changed = openChanges(parts, closed.signal);
  const open = parts.plugins.map(({ found, source, manifest, grant }) => {
    // Two plugins may have one name at different times; what one keeps is not the other's.
    const storeFolder = join(parts.world.storeFolder, keyOf(found.id));
    return parts.host.open({ source, manifest }, grant, { ...changed.world, storeFolder });
  });
  const tools: Tool[] = [];
  const commands: (PluginCommandEntry & { readonly owner: OpenPlugin })[] = [];
  for (const plugin of open) {
    const { manifest } = plugin;
    for (const one of manifest.tools) {
      const names = [...parts.taken, ...tools.map(({ name }) => name)];
      const name = names.includes(one.name) ? `${manifest.name.replaceAll("-", "_")}_${one.name}` : one.name;
      if (names.includes(name)) {
        notices.push(
          `Plugin ${manifest.name}: its tool ${one.name} is left out, for there is one of that name`,
        );
        continue;
      }
      if (name !== one.name) {
        notices.push(`Plugin ${manifest.name}: its tool ${one.name} is called ${name} here`);
      }
      tools.push(toolOf(name, one, plugin, changed.take));
    }
    for (const { name, description } of manifest.commands) {
      const first = commands.find((command) => command.name === name);
      if (first) {
        notices.push(`Plugin ${manifest.name}: /${name} is left out, for plugin ${first.plugin} has it`);
      } else commands.push({ name, description, plugin: manifest.name, owner: plugin });
    }
  }
  const hooks = openHooks({
    plugins: open,
    emit: parts.emit,
    takeChanges: changed.take,
    now: parts.now,
    signal: closed.signal,
  });
  const { text, left } = promptText(parts);
  return {
    tools,
    text,
    commands,
    hooks,
    notices: [...notices, ...left],
    async runCommand(line, signal) {
      const [, name, args = ""] = /^\/([a-z0-9_-]+)(?:\s+([^]*))?$/.exec(line.trim()) ?? [];
      const command = commands.find((command) => command.name === name);
      if (!command) return undefined;
      const { text, task } = await command.owner.callCommand(command.name, args.trim(), signal);
      return { text, changes: await changed.take(), ...(task === undefined ? {} : { task }) };
    },
    async close() {
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, SETTLE_MS);
      await Promise.race([hooks.settled(), timer.promise]);
      clearTimeout(timeout);
      closed.abort(new DOMException("The session is closed", "AbortError"));
      for (const plugin of open) plugin.close();
    },
  };
}

function keyOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 16);
}

/** Notes what plugins change, so that the ledger has it: their writes as they come, and what their commands did by looking before and after. */
function openChanges(
  { world, watchFiles }: ExtensionParts,
  closed: AbortSignal,
): { readonly world: PluginWorld; readonly take: () => Promise<readonly FileChange[]> } {
  let looked: (() => Promise<WatchedChanges>) | undefined;
  let written: readonly FileChange[] = [];
  return {
    world: {
      ...world,
      async permit(request, signal) {
        const isPermitted = await world.permit(request, signal);
        if (isPermitted && request.effect === "run") looked ??= await watchFiles(closed);
        return isPermitted;
      },
      onChange(change) {
        world.onChange(change);
        written = [...written, change];
      },
    },
    async take() {
      const [compare, own] = [looked, written];
      looked = undefined;
      written = [];
      const byCommands = (await compare?.())?.changes ?? [];
      const known = new Set(own.map(({ path }) => path));
      return [...own, ...byCommands.filter(({ path }) => !known.has(path))];
    },
  };
}

/** The same to the loop as a built-in tool. What it does is checked in the host, so the call as a whole asks nobody. */
function toolOf(
  name: string,
  { description, parameters, example, category, effect, name: inner }:
    OpenPlugin["manifest"]["tools"][number],
  plugin: OpenPlugin,
  takeChanges: () => Promise<readonly FileChange[]>,
): Tool {
  const schema = sanitizeSchema({ ...parameters, type: "object" });
  return {
    name,
    category,
    // Its commands are watched here already; what can change a file is a write to the loop.
    effect: effect === "run" ? "write" : effect,
    isPure: false,
    schema: { name, description, parameters: schema },
    example,
    check(args) {
      const problem = argsProblem(args, schema);
      return problem === undefined ? { args } : { problem };
    },
    request: () => ({ effect: "none", what: `${plugin.manifest.name}: ${name}` }),
    async run(args, { signal }) {
      const { text, summary } = await plugin.callTool(inner, args, signal);
      const changes = await takeChanges();
      return { text, summary, ...(changes.length > 0 ? { changes } : {}) };
    },
  };
}

/** The plugins' text in their order, as much as its share of the window bears. */
function promptText(
  { plugins, languages, window, estimate }: ExtensionParts,
): { text: string; left: readonly string[] } {
  const limit = Math.min(MAX_PROMPT_TOKENS, Math.floor(window * PROMPT_SHARE));
  const spoken = new Set(languages.map((language) => language.toLowerCase()));
  const left: string[] = [];
  let text = "";
  for (const { manifest } of plugins) {
    for (const prompt of manifest.prompts) {
      if (prompt.languages.length > 0 && !prompt.languages.some((one) => spoken.has(one.toLowerCase()))) {
        continue;
      }
      const next = [text, pluginText(manifest.name, prompt.text.trim())].filter(Boolean).join("\n");
      const tokens = estimate(next);
      if (tokens <= limit) text = next;
      else {
        left.push(
          `Plugin ${manifest.name}: its text for the model is left out: ${tokens} tokens, plugins together may have ${limit} of ${window}`,
        );
      }
    }
  }
  return { text, left };
}
