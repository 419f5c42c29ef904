/** The plugins of a conversation: found and decided about before the server is asked, opened once the session stands. */

import { join } from "node:path";
import type { Bundle, SmallCodeOptions } from "../api.ts";
import type { Config } from "../config/config.ts";
import type { PluginProfile } from "../config/profiles.ts";
import type { PluginHost } from "../plugin_host.ts";
import { openBundled } from "../plugins/bundled.ts";
import { grantedOf, type Listed, listPlugins, pluginNotices, settlePlugins } from "../plugins/roster.ts";

/** What was found, and the host that runs those that take part. */
export interface FoundPlugins {
  readonly listed: readonly Listed[];
  readonly host: PluginHost;
  readonly profiles: readonly PluginProfile[];
  /** In sentences for the user. */
  readonly notices: readonly string[];
}

/** The sandbox for plugins; its code is loaded when the first manifest is read, so that a folder without plugins does not pay for it. */
export function pluginHostOf(config: Pick<Config, "paths">, bundle: Pick<Bundle, "assets">): PluginHost {
  let host: PluginHost | undefined;
  const load = async () => {
    const { openPluginHost } = await import("../sandbox/plugin_host.ts");
    return host ??= openPluginHost({
      cacheFolder: join(config.paths.data, "plugins"),
      assets: bundle.assets,
    });
  };
  return {
    readManifest: async (source, signal) => await (await load()).readManifest(source, signal),
    open(plugin, grant, world) {
      if (!host) throw new TypeError("Cannot open a plugin before its manifest was read");
      return host.open(plugin, grant, world);
    },
    close: () => host?.close(),
  };
}

/** Every plugin of a folder with its state. `all`: also the bundled ones that nobody decided about. */
export async function lookForPlugins(
  look: {
    readonly config: Pick<Config, "paths" | "trusted" | "plugins">;
    readonly root: string;
    readonly bundle: Pick<Bundle, "assets">;
    readonly host: PluginHost;
    readonly all: boolean;
  },
  signal: AbortSignal,
): Promise<readonly Listed[]> {
  const { config, root, bundle, host, all } = look;
  const { enabled } = config.plugins;
  return await listPlugins({
    root,
    configFolder: config.paths.config,
    trusted: config.trusted,
    host,
    bundled: openBundled(bundle.assets),
    ...(enabled ? { wanted: enabled } : {}),
    all,
    signal,
  });
}

/** Finds the plugins of a session and asks for each that waits for a decision, unless plugins are switched off. */
export async function findSessionPlugins(
  config: Config,
  root: string,
  given: { readonly options: SmallCodeOptions; readonly bundle: Bundle },
  signal: AbortSignal,
): Promise<FoundPlugins> {
  const host = pluginHostOf(config, given.bundle);
  if (config.harness.plugins === false) return { listed: [], host, profiles: [], notices: [] };
  const looked = await lookForPlugins({ config, root, bundle: given.bundle, host, all: false }, signal);
  const listed = await settlePlugins(looked, config.paths.config, given.options.ask, signal);
  const profiles = grantedOf(listed).flatMap(({ manifest }) =>
    manifest.profiles.map((text) => ({ plugin: manifest.name, text }))
  );
  const known = new Set(listed.map(({ name }) => name));
  const unknown = (config.plugins.enabled ?? []).filter((name) => !known.has(name));
  return {
    listed,
    host,
    profiles,
    notices: [
      ...pluginNotices(listed),
      ...(unknown.length > 0 ? [`plugins.enabled: there is no plugin ${unknown.join(", ")}`] : []),
    ],
  };
}
