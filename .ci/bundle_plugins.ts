/** Makes the list of bundled plugins for the binary: each without types, and what it says of itself, so that a start costs nothing. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { transformSync } from "amaro";
import type { Assets } from "../core/assets.ts";
import { namesIn, type Prepared, readFrom } from "../core/plugins/bundled.ts";
import { openPluginHost } from "../core/sandbox/plugin_host.ts";
import { makePluginSource } from "../core/sandbox/plugin_source.ts";

/** The text of `plugins/bundled.json`. @throws {PluginError} for a plugin that is none */
export async function bundlePlugins(folder: string, assets: Assets): Promise<string> {
  const cacheFolder = await mkdtemp(join(tmpdir(), "smallcode-bundle-"));
  const host = openPluginHost({ assets, cacheFolder });
  const prepared: Record<string, Prepared> = {};
  try {
    for (const name of await namesIn(folder)) {
      const source = await readFrom(folder, name);
      const manifest = await host.readManifest(source, AbortSignal.timeout(60_000));
      const files = Object.fromEntries(
        Object.entries(source.files).map((
          [path, text],
        ) => [path, path.endsWith(".ts") ? strip(path, text) : text]),
      );
      prepared[name] = { source: makePluginSource(source.where, source.main, files), manifest };
    }
  } finally {
    host.close();
    await rm(cacheFolder, { recursive: true, force: true });
  }
  return JSON.stringify(prepared);
}

/** As the sandbox would: lines and columns stay. */
function strip(filename: string, text: string): string {
  return transformSync(text, { mode: "strip-only", filename }).code.replace(/[ \t]+$/gm, "");
}
