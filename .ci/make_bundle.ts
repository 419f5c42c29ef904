/** Bundles the program with esbuild and lays its assets beside it: for the single binary, and for the package that Node takes. */

import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { BuildOptions, Plugin } from "esbuild";
import { CHECKED } from "../core/config/profiles.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * Bundles into an emptied folder, so that no chunk of an older build is left in it. False: esbuild has said why not.
 * @param folder must be called `bundle`: by that name `main.ts` knows that its assets lie beside it
 * @param input what esbuild begins with
 * @param assets names of the asset folders, see `SOURCES`
 */
export async function makeBundle(
  folder: string,
  input: Pick<BuildOptions, "entryPoints" | "define" | "external">,
  assets: readonly string[],
): Promise<boolean> {
  await rm(folder, { recursive: true, force: true });
  const esbuild = await import("esbuild");
  const built = await esbuild.build({
    absWorkingDir: ROOT,
    ...input,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "esnext",
    // Node 22 does not know the word.
    supported: { using: false },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    external: ["node:*", ...input.external ?? []],
    chunkNames: "chunk-[name]-[hash]",
    logLevel: "warning",
    plugins: [keepNamedExports, keepEnglish, keepChat, keepNoCompiler, keepSchemas],
  }).catch((error) => {
    // A fault of a plugin's own is told by nobody else.
    if (!("errors" in error)) throw error;
  });
  await esbuild.stop();
  if (built === undefined) return false;
  await giveCommonJsNames(folder);
  for (const name of assets) await layAssets(name, join(folder, "assets", name));
  return true;
}

/**
 * `import("yaml")` of a CommonJS package gives named exports at run time but only `default` in esbuild's chunks:
 * each package that is imported lazily becomes a module with exactly the names that it has from source.
 */
const keepNamedExports: Plugin = {
  name: "keep-named-exports",
  setup(build) {
    build.onResolve({ filter: /^[@a-z][^:]*$/ }, ({ path, kind, resolveDir }) => {
      return kind === "dynamic-import" && !isBuiltin(path)
        ? { path, namespace: "lazy-package", pluginData: resolveDir }
        : undefined;
    });
    build.onLoad({ filter: /.*/, namespace: "lazy-package" }, async ({ path, pluginData }) => {
      const names = NEEDED[path] ??
        Object.keys(await import(path)).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
      return { contents: `export { ${names.join(", ")} } from "${path}";`, resolveDir: pluginData };
    });
  },
};

/** Packages of which the program takes a small part. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  openai: ["OpenAI", "APIError", "APIConnectionError"],
};

/**
 * openai's client brings every resource of the API, helpers around streams and ways to sign in with certificates: 850 kB that the first
 * request would wait for. `openai_transport.ts` asks for chat completions with a key; what else is in these files keeps its name and does
 * nothing.
 */
const keepChat: Plugin = {
  name: "keep-chat",
  setup(build) {
    const filter = /[\\/]openai[\\/](?:resources|lib|auth|internal[\\/]auth[\\/]x509-workload).*\.mjs$/;
    build.onLoad({ filter }, async ({ path }) => {
      if (CHAT.test(path)) return undefined;
      const text = await readFile(path, "utf8");
      const named = [...text.matchAll(/^export (?:async )?(class|function) (\w+)/gm)];
      return named.length === 0 ? undefined : {
        contents: named.map(([, kind, name]) =>
          kind === "class" ? `export class ${name} {}` : `export function ${name}() {}`
        ).join("\n"),
      };
    });
  },
};

/** Files of openai that chat completions come by; what lies outside of these folders is needed as well. */
const CHAT = /[\\/](?:resources[\\/]chat|lib[\\/]chat-completions)[\\/]/;

/** MCP's client brings ajv, 120 kB, to compile the schemas of servers' results; `core/mcp/client.ts` hands it a validator of its own. */
const keepNoCompiler: Plugin = {
  name: "keep-no-compiler",
  setup(build) {
    build.onLoad({ filter: /[\\/]sdk[\\/]dist[\\/]esm[\\/]validation[\\/]ajv-provider\.js$/ }, () => ({
      contents: "export class AjvJsonSchemaValidator {}",
    }));
  },
};

/** zod brings its messages in 50 languages, 300 kB that each start would read; the program speaks English. */
const keepEnglish: Plugin = {
  name: "keep-english",
  setup(build) {
    build.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
  },
};

/** The schemas of the bundled tools are made here, once, and stand in the bundle as data: the first request needs no zod. */
const keepSchemas: Plugin = {
  name: "keep-schemas",
  setup(build) {
    build.onLoad({ filter: /[\\/]core[\\/]tool_schema\.ts$/ }, async () => {
      const { bundle } = await import("../main.ts");
      const tools = await bundle().tools();
      const schemas = Object.fromEntries(tools.map(({ name, schema }) => [name, schema.parameters]));
      return {
        contents: `const SCHEMAS = ${
          JSON.stringify(schemas)
        };\nexport const schemaOf = (name) => SCHEMAS[name];`,
      };
    });
  },
};

/** CommonJS packages expect `require` and `__filename`, which an ES module has only if it makes them. */
async function giveCommonJsNames(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const text = await readFile(path, "utf8");
    const makes: string[] = [];
    if (text.includes("Dynamic require of")) {
      makes.push("require=process.getBuiltinModule('node:module').createRequire(import.meta.url)");
    }
    if (/\b__filename\b/.test(text)) makes.push("__filename=import.meta.filename");
    if (makes.length > 0) await writeFile(path, `var ${makes.join(",")};\n${text}`);
  }
}

/**
 * What `deno compile` takes for a module and parses, wherever it lies: a grammar or a broken sample file would end the build.
 * Packed, they also start faster: each embedded megabyte costs about 1 ms and 1 MB of memory at every start (22 MB of grammars: 22 ms).
 */
const MODULE_NAME = /\.(?:[cm]?[jt]sx?|json|wasm)$/;

/** The asset folders of `main.ts`, and where they lie in the checkout. */
const SOURCES: Readonly<Record<string, string>> = {
  profiles: "profiles",
  grammars: "node_modules/@vscode/tree-sitter-wasm/wasm",
  plugins: "plugins",
  suites: "bench/suites",
  wasm: "node_modules/@jitl/quickjs-wasmfile-release-sync/dist/emscripten-module.wasm",
  workers: "core/sandbox",
  contract: "core/plugin.ts",
};

/** Programs of workers, in `core/sandbox`. */
const WORKERS = ["plugin_worker.ts", "strip_worker.ts"];

export const ASSETS: readonly string[] = Object.keys(SOURCES);

/** A file that looks like a module is stored packed as `name.gz`: `main.ts` finds it, `readAsset()` unpacks it. */
async function layAssets(name: string, to: string): Promise<void> {
  const from = join(ROOT, SOURCES[name] ?? name);
  await mkdir(to, { recursive: true });
  if (!await exists(from)) return;
  if (name === "workers") await bundleWorkers(from, to);
  else if (name === "profiles") await writeFile(join(to, CHECKED), await packProfiles(from));
  else if (name === "plugins") {
    const { bundlePlugins } = await import("./bundle_plugins.ts");
    const { bundle } = await import("../main.ts");
    await writeFile(join(to, "bundled.json"), await bundlePlugins(from, bundle().assets));
  } else await cp(from, (await stat(from)).isFile() ? join(to, basename(from)) : to, { recursive: true });
  const files = await readdir(to, { recursive: true, withFileTypes: true });
  for (const file of files) {
    if (!file.isFile() || !MODULE_NAME.test(file.name)) continue;
    const path = join(file.parentPath, file.name);
    await writeFile(`${path}.gz`, gzipSync(await readFile(path), { level: 9 }));
    await rm(path);
  }
}

/**
 * Each worker becomes one file that needs no other and keeps its name: it is unpacked and started from a `data:` URL, since 4 MB of module
 * would cost 4 ms at every start. For a browser, because the engine's loader for Node resolves its own URL, which `data:` is not.
 */
async function bundleWorkers(from: string, to: string): Promise<void> {
  const esbuild = await import("esbuild");
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: WORKERS.map((name) => join(from, name)),
    outdir: to,
    outExtension: { ".js": ".ts" },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "esnext",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    external: ["node:*"],
    banner: { js: REQUIRE },
    logLevel: "warning",
    plugins: [keepNodeModules],
  });
  await esbuild.stop();
}

/** amaro asks for `util` and `node:buffer` in the way of CommonJS. */
const REQUIRE = 'import{createRequire}from"node:module";const require=createRequire("file:///");';

const keepNodeModules: Plugin = {
  name: "keep-node-modules",
  setup(build) {
    build.onResolve(
      { filter: /^[a-z:]+$/ },
      ({ path }) => isBuiltin(path) ? { path, external: true } : undefined,
    );
  },
};

/** All profiles in one file, each with what it extends: they are read at each start. */
async function packProfiles(from: string): Promise<string> {
  const { loadProfiles } = await import("../core/config/profiles.ts");
  const profiles = await loadProfiles(pathToFileURL(`${from}/`));
  return JSON.stringify(Object.fromEntries(profiles.map((profile) => [profile.name, profile])));
}

export async function exists(path: string): Promise<boolean> {
  return await stat(path).then(() => true, () => false);
}
