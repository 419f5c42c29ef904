/** The plugins that the program brings along: from source their files, in the binary one list made at build time. */

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Assets, readAsset } from "../assets.ts";
import type { PluginHost, PluginManifest, PluginSource } from "../plugin_host.ts";
import { makePluginSource, readPluginSource } from "../sandbox/plugin_source.ts";

/** Each is read only when it is asked for by name. */
export interface BundledPlugins {
  readonly names: () => Promise<readonly string[]>;
  /** @throws {RangeError} for an unknown name */
  readonly source: (name: string) => Promise<PluginSource>;
  /** @throws {PluginError} */
  readonly manifest: (name: string, host: PluginHost, signal: AbortSignal) => Promise<PluginManifest>;
}

/** What `.ci/compile.ts` writes to `plugins/bundled.json`: the source without types, and what it says of itself. */
export interface Prepared {
  readonly source: PluginSource;
  readonly manifest: PluginManifest;
}

/** Opens the bundled plugins; nothing is read before it is asked for. */
export function openBundled(assets: Assets): BundledPlugins {
  const prepared = Promise.withResolvers<Readonly<Record<string, Prepared>> | undefined>();
  let isAsked = false;
  const read = () => {
    if (!isAsked) readPrepared(assets).then(prepared.resolve, prepared.reject);
    isAsked = true;
    return prepared.promise;
  };
  return {
    async names() {
      const list = await read();
      return list ? Object.keys(list) : await namesIn(fileURLToPath(assets("plugins/")));
    },
    async source(name) {
      const list = await read();
      if (list?.[name]) return list[name].source;
      if (list) throw new RangeError(`There is no bundled plugin "${name}"`);
      return await readFrom(fileURLToPath(assets("plugins/")), name);
    },
    async manifest(name, host, signal) {
      const list = await read();
      if (list?.[name]) return list[name].manifest;
      return await host.readManifest(await readFrom(fileURLToPath(assets("plugins/")), name), signal);
    },
  };
}

/** `undefined` from source, where there is no list. */
async function readPrepared(assets: Assets): Promise<Readonly<Record<string, Prepared>> | undefined> {
  const bytes = await readAsset(assets("plugins/bundled.json")).catch(() => undefined);
  return bytes && JSON.parse(new TextDecoder().decode(bytes));
}

/** The plugins that lie in a folder of the checkout, by name. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  // The package for Node brings none.
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    if (entry.isDirectory()) return [entry.name];
    return entry.name.endsWith(".ts") && !/^_|_test\.ts$|\.d\.ts$/.test(entry.name)
      ? [entry.name.slice(0, -3)]
      : [];
  }).toSorted();
}

/** Reads one of them, without its tests. @throws {RangeError} when there is none */
export async function readFrom(folder: string, name: string): Promise<PluginSource> {
  const where = `bundled plugin ${name}`;
  const names = await readdir(folder);
  if (names.includes(`${name}.ts`)) return await readPluginSource(join(folder, `${name}.ts`), where);
  const { main, files } = await readPluginSource(join(folder, name), where);
  return makePluginSource(
    where,
    main,
    Object.fromEntries(Object.entries(files).filter(([path]) => !path.endsWith("_test.ts"))),
  );
}
