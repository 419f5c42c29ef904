/** A plugin from its text, in a temp workspace, for tests; ends with the block that holds it. */

import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Assets } from "../assets.ts";
import type { EventBody } from "../events.ts";
import { emptyGrant, type Grant, type OpenPlugin, type PluginWorld } from "../plugin_host.ts";
import type { PermissionRequest } from "../tool.ts";
import type { FileChange } from "../types.ts";
import { openPluginHost, type PluginHostOptions } from "./plugin_host.ts";
import { makePluginSource } from "./plugin_source.ts";

const ROOT = new URL("../../", import.meta.url);
/** As `main.ts` resolves them from source. */
export const sourceAssets: Assets = (path) => {
  const [folder = "", ...rest] = path.split("/");
  const folders: Readonly<Record<string, string>> = {
    wasm: "node_modules/@jitl/quickjs-wasmfile-release-sync/dist",
    workers: "core/sandbox",
  };
  return new URL([folders[folder] ?? folder, ...rest].join("/"), ROOT);
};

export interface TestPlugin extends AsyncDisposable {
  readonly root: string;
  /** A folder beside the workspace, which nothing is granted of. */
  readonly outside: string;
  readonly plugin: OpenPlugin;
  readonly events: EventBody[];
  readonly asked: PermissionRequest[];
  readonly changes: FileChange[];
  readonly recorded: Parameters<PluginWorld["record"]>[0][];
  tool(args?: Readonly<Record<string, unknown>>): Promise<string>;
}

export interface TestPluginOptions {
  /** The body of the tool's `run(args, host)`. */
  readonly run?: string;
  /** The whole plugin instead. */
  readonly text?: string;
  /** Before the default export. */
  readonly before?: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly permissions?: Partial<Omit<Grant, "hash">>;
  /** What was granted; default: all that is asked for. */
  readonly granted?: Partial<Omit<Grant, "hash">>;
  readonly files?: Readonly<Record<string, string>>;
  readonly permit?: (request: PermissionRequest) => boolean | Promise<boolean>;
  readonly env?: Readonly<Record<string, string>>;
  readonly limits?: PluginHostOptions["limits"];
  readonly net?: PluginHostOptions["net"];
}

export async function testPlugin(options: TestPluginOptions): Promise<TestPlugin> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "plugin-test-")));
  const [root, outside] = [join(base, "work"), join(base, "outside")];
  await mkdir(root);
  await mkdir(outside);
  for (const [path, text] of Object.entries(options.files ?? {})) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  const text = options.text ?? `${options.before ?? ""}
export default {
  name: "test-plugin", version: "1.0.0", description: "A test",
  permissions: ${JSON.stringify(options.permissions ?? {})},
  tools: [{ name: "act", description: "Act", parameters: { type: "object" }, example: {},
    async run(args, host) { ${options.run ?? "return 'ran'"} } }],
};`;
  const source = makePluginSource("./plugins/test.ts", "test.ts", { "test.ts": text, ...options.more });
  const host = openPluginHost({
    assets: sourceAssets,
    cacheFolder: join(base, "cache"),
    ...(options.limits ? { limits: options.limits } : {}),
    ...(options.net ? { net: options.net } : {}),
  });
  const signal = new AbortController().signal;
  const events: EventBody[] = [];
  const asked: PermissionRequest[] = [];
  const changes: FileChange[] = [];
  const recorded: Parameters<PluginWorld["record"]>[0][] = [];
  const remove = async () => {
    host.close();
    await rm(base, { recursive: true, force: true });
  };
  try {
    const manifest = await host.readManifest(source, signal);
    const grant = { ...emptyGrant(source.hash), ...(options.granted ?? options.permissions) };
    const plugin = host.open({ source, manifest }, grant, {
      root,
      home: join(base, "home"),
      language: "typescript",
      changedFiles: () => ["src/a.ts"],
      protectedPaths: [join(root, "own")],
      permit: async (request) => {
        asked.push(request);
        return await (options.permit?.(request) ?? true);
      },
      record: (entry) => void recorded.push(entry),
      onChange: (change) => void changes.push(change),
      storeFolder: join(base, "store"),
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", ...options.env },
      confine: (argv) => argv,
      emit: (event) => void events.push(event),
    });
    return {
      root,
      outside,
      plugin,
      events,
      asked,
      changes,
      recorded,
      tool: async (args = {}) => (await plugin.callTool("act", args, signal)).text,
      [Symbol.asyncDispose]: remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
