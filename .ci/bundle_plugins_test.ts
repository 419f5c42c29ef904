import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { PluginHost } from "../core/plugin_host.ts";
import { openBundled, type Prepared } from "../core/plugins/bundled.ts";
import { bundle } from "../main.ts";
import { bundlePlugins } from "./bundle_plugins.ts";

const FOLDER = fileURLToPath(new URL("../plugins/", import.meta.url));

Deno.test("bundlePlugins() makes the list that the binary reads: no types, no tests, and no sandbox for a manifest", async () => {
  const { assets } = bundle();
  const text = await bundlePlugins(FOLDER, assets);
  const list: Readonly<Record<string, Prepared>> = JSON.parse(text);
  const fromSource = openBundled(assets);
  assert.deepEqual(Object.keys(list), await fromSource.names());
  const code = Object.values(list).flatMap(({ source }) => Object.entries(source.files));
  assert.deepEqual(
    code.filter(([path, text]) => /_test/.test(path) || /import type|satisfies Plugin/.test(text)),
    [],
  );

  const folder = await mkdtemp(join(tmpdir(), "smallcode-bundled-"));
  try {
    await writeFile(join(folder, "bundled.json"), text);
    const bundled = openBundled((path) => pathToFileURL(join(folder, path.replace("plugins/", ""))));
    const noHost = {} as PluginHost;
    const signal = AbortSignal.timeout(1_000);
    assert.deepEqual(await bundled.names(), Object.keys(list));
    assert.deepEqual(await bundled.manifest("web", noHost, signal), list.web?.manifest);
    assert.deepEqual(Object.keys((await bundled.source("web")).files), ["html.ts", "plugin.ts"]);
    await assert.rejects(bundled.source("nothing"), RangeError);
  } finally {
    await rm(folder, { recursive: true });
  }
});
