/**
 * Makes the single binary: bundles `main.ts` with esbuild, lays the assets beside the bundle, compiles both.
 *
 *     deno task compile                       dist/smallcode for this machine
 *     deno task compile --target macos-arm64  dist/smallcode-macos-arm64
 *     deno task compile --entry a.js --output b   one plain program by the same compiler (bench:perf's empty program)
 *
 * `deno compile` needs a base runtime (denort) of exactly the compiler's version. In this order: DENO_FOR_COMPILE and
 * DENORT_BIN; `../shared/denort/get.sh`, where it exists and the target is Linux x64; the compiler's own download.
 * Exit codes: 0 built, 1 could not be built, 2 wrong usage, 3 no compiler and base runtime can be had on this machine.
 */

import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { ASSETS, exists, makeBundle } from "./make_bundle.ts";

/** Release name of each target, and what `deno compile --target` calls it. */
const TRIPLES: Readonly<Record<string, string>> = {
  "linux-x64": "x86_64-unknown-linux-gnu",
  "linux-arm64": "aarch64-unknown-linux-gnu",
  "macos-x64": "x86_64-apple-darwin",
  "macos-arm64": "aarch64-apple-darwin",
  "windows-x64": "x86_64-pc-windows-msvc",
};

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const BUNDLE = join(ROOT, "dist", "bundle");

interface Compiler {
  readonly deno: string;
  readonly env: Readonly<Record<string, string>>;
  /** Where compiler and base runtime come from, as told to the person. */
  readonly source: string;
}

interface Program {
  readonly entry: string;
  readonly output: string;
  readonly includes: readonly string[];
  readonly target?: string;
}

async function main(argv: readonly string[]): Promise<number> {
  const options = readOptions(argv);
  if (typeof options === "string") return refuse(options);
  const compiler = await findCompiler(options.target);
  say(`compiler: ${compiler.source}`);
  const plain = options.entry !== undefined;
  if (!plain && !await makeBundle(BUNDLE, { entryPoints: ["main.ts"] }, ASSETS)) return 1;
  const program: Program = {
    entry: resolve(options.entry ?? join(BUNDLE, "main.js")),
    output: resolve(options.output ?? join(ROOT, "dist", binaryName(options.target))),
    // LICENSE travels in the binary, and keeps the embedded root above `dist/bundle/`, by which `main.ts` knows the bundle.
    includes: plain ? [] : [join(BUNDLE, "assets"), join(ROOT, "LICENSE")],
    ...(options.target === undefined ? {} : { target: options.target }),
  };
  const failure = await compileProgram(program, compiler);
  if (failure === "") {
    const { size } = await stat(program.output);
    say(`built ${program.output} (${(size / 1e6).toFixed(1)} MB)`);
    return 0;
  }
  complain(failure);
  if (!plain && await canCompileNothing(compiler, options.target)) return 1;
  complain("no matching pair of Deno compiler and base runtime (denort) can be had on this machine");
  complain("set DENO_FOR_COMPILE and DENORT_BIN to a pair of one version, or allow dl.deno.land");
  return 3;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`${line}\n`);
}

function refuse(why: string): number {
  complain(`compile: ${why}`);
  return 2;
}

interface Options {
  readonly target?: string;
  readonly entry?: string;
  readonly output?: string;
}

function readOptions(argv: readonly string[]): Options | string {
  const text = { type: "string" } as const;
  try {
    const { values } = parseArgs({ args: [...argv], options: { target: text, entry: text, output: text } });
    if (values.target === undefined || values.target in TRIPLES) return values;
    return `unknown target "${values.target}"; known: ${Object.keys(TRIPLES).join(", ")}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function binaryName(target: string | undefined): string {
  const windows = target === undefined ? process.platform === "win32" : target.startsWith("windows");
  return `smallcode${target === undefined ? "" : `-${target}`}${windows ? ".exe" : ""}`;
}

async function findCompiler(target: string | undefined): Promise<Compiler> {
  const { DENO_FOR_COMPILE, DENORT_BIN } = process.env;
  if (DENO_FOR_COMPILE !== undefined || DENORT_BIN !== undefined) {
    const deno = DENO_FOR_COMPILE ?? Deno.execPath();
    return { deno, env: {}, source: `${deno}, base runtime ${DENORT_BIN ?? "by download"} (environment)` };
  }
  const script = resolve(ROOT, "..", "shared", "denort", "get.sh");
  const onLinuxX64 = process.platform === "linux" && process.arch === "x64";
  if (onLinuxX64 && (target === undefined || target === "linux-x64") && await exists(script)) {
    const { success, stdout } = await run("bash", [script], {});
    const env = Object.fromEntries(
      [...stdout.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    );
    if (success && env.DENO_FOR_COMPILE) {
      return {
        deno: env.DENO_FOR_COMPILE,
        env,
        source: `${env.DENO_FOR_COMPILE} with its denort (${script})`,
      };
    }
    complain(`${script} gave no compiler; trying the normal download`);
  }
  return {
    deno: Deno.execPath(),
    env: {},
    source: `Deno ${Deno.version.deno}, base runtime by its own download`,
  };
}

/** Empty when it was built, else what the compiler said. */
async function compileProgram(program: Program, compiler: Compiler): Promise<string> {
  await mkdir(dirname(program.output), { recursive: true });
  const args = [
    "compile",
    "--no-check",
    "--no-config",
    "--no-lock",
    "-A",
    "--no-prompt",
    "--unstable-worker-options",
    // It would hold the entry's machine code only, and lie in the temp folder under a name that any user of the machine can take first.
    "--no-code-cache",
    // The classifier's long patterns would be compiled twice, for V8's interpreter and for the machine: 95 ms instead of 21.
    "--v8-flags=--no-regexp-tier-up",
    ...program.includes.flatMap((path) => ["--include", path]),
    ...(program.target === undefined ? [] : ["--target", TRIPLES[program.target] ?? program.target]),
    "--output",
    program.output,
    program.entry,
  ];
  const { success, stderr } = await run(compiler.deno, args, compiler.env);
  return success ? "" : stderr.trim() || `${compiler.deno} compile failed without a word`;
}

/** Tells our own mistake from a machine without compiler: an empty program compiles in the first case only. */
async function canCompileNothing(compiler: Compiler, target: string | undefined): Promise<boolean> {
  const folder = await Deno.makeTempDir({ dir: tmpdir(), prefix: "smallcode-empty-" });
  try {
    const entry = join(folder, "empty.js");
    await writeFile(entry, "");
    const program = {
      entry,
      output: join(folder, "empty"),
      includes: [],
      ...(target === undefined ? {} : { target }),
    };
    return await compileProgram(program, compiler) === "";
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function run(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { NO_COLOR: "1", ...env },
    cwd: ROOT,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

process.exitCode = await main(process.argv.slice(2));
