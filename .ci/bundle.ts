/**
 * Makes the npm package in `dist/npm`: the library as one ES module without dependencies, its assets, its types.
 *
 *     deno task bundle      then `npm pack ./dist/npm`
 */

import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { rollup } from "rollup";
import { dts } from "rollup-plugin-dts";
import ts from "typescript";
import { VERSION } from "../main.ts";
import { makeBundle } from "./make_bundle.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PACKAGE = join(ROOT, "dist", "npm");

/** `node:sqlite` needs no flag from this version on. */
const NODE = ">=22.13.0";

async function main(): Promise<number> {
  // With `import.meta.main` false the command line is dead code, and with it what only it loads.
  const isBuilt = await makeBundle(join(PACKAGE, "bundle"), {
    entryPoints: [{ in: ".ci/npm/index.ts", out: "index" }],
    define: { "import.meta.main": "false" },
    external: ["./cli/*", "./bench/*"],
  }, ["profiles", "grammars"]);
  if (!isBuilt) return 1;
  await writeFile(join(PACKAGE, "index.d.ts"), await bundleTypes(join(ROOT, ".ci", "npm", "types.ts")));
  await writeFile(join(PACKAGE, "package.json"), `${JSON.stringify(await packageJson(), undefined, 2)}\n`);
  await copyFile(join(ROOT, "LICENSE"), join(PACKAGE, "LICENSE"));
  await copyFile(join(ROOT, ".ci", "npm", "README.md"), join(PACKAGE, "README.md"));
  process.stdout.write(`built ${PACKAGE} (version ${VERSION})\n`);
  return 0;
}

async function packageJson() {
  const { name, license } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  return {
    name,
    version: VERSION,
    description: "A coding agent for small local models, as a library",
    license,
    type: "module",
    exports: { ".": { types: "./index.d.ts", default: "./bundle/index.js" } },
    files: ["bundle", "index.d.ts"],
    engines: { node: NODE },
  };
}

/** The public types in one file that imports nothing. */
async function bundleTypes(entry: string): Promise<string> {
  const compilerOptions = {
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ESNext,
    strict: true,
  };
  const types = await rollup({ input: entry, external: [/^node:/], plugins: [dts({ compilerOptions })] });
  const { output } = await types.generate({ format: "es" });
  await types.close();
  return output[0].code;
}

process.exitCode = await main();
