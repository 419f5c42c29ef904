/** What manifests offer as checks: one finder for each kind of project. */

import { fieldsOf, readManifest } from "../prompt/project_facts.ts";
import type { ProjectCheck } from "./project_check.ts";
import { unittestCommand, usesPytest } from "./python_tests.ts";
import { testsNothing } from "./tests_nothing.ts";

/** A folder with a manifest, or the workspace. Paths are relative to it. */
export interface Project {
  /** Its files that .gitignore does not exclude. */
  readonly paths: readonly string[];
  /** Names at the top. */
  readonly top: ReadonlySet<string>;
  /** Text of a file; empty where there is none. */
  readonly read: (path: string) => Promise<string>;
  readonly isFile: (path: string) => Promise<boolean>;
  readonly hasProgram: (name: string) => boolean;
}

/** What one manifest offers; the first of a kind counts. */
export type Finder = (project: Project) => Promise<readonly ProjectCheck[]>;

/** A kind of project. */
export interface Kind {
  readonly find: Finder;
  /** Names of the files by which a folder is such a project of its own. */
  readonly manifest: RegExp;
  /** A project below another is not part of it. */
  readonly isApart?: true;
}

export const KINDS: readonly Kind[] = [
  { find: findScripts, manifest: /^package\.json$/ },
  { find: findRust, manifest: /^Cargo\.toml$/ },
  { find: findGo, manifest: /^go\.mod$/, isApart: true },
  { find: findDeno, manifest: /^deno\.jsonc?$/ },
  {
    find: findPython,
    manifest: /^(?:pyproject\.toml|setup\.(?:py|cfg)|pytest\.ini|tox\.ini|requirements\.txt)$/,
  },
  { find: findJava, manifest: /^(?:pom\.xml|build\.gradle(?:\.kts)?)$/ },
  // Solutions are found wherever they lie.
  { find: findDotnet, manifest: /^(?!)/ },
  { find: findRuby, manifest: /^(?:Gemfile|\.rspec)$/ },
];

/** What `npm init` writes. */
const NO_TESTS = /no test specified/;
/** It prints and ends. */
const SAYS_NOTHING = /^\s*(?:echo|true|exit|:)(?= |$)[^&|;]*$/;
/** A check must not write: a lint script that mends is none. */
const WRITES = /--(?:fix|write)\b/;

async function findScripts(project: Project): Promise<readonly ProjectCheck[]> {
  const { top, read, isFile, paths } = project;
  const manifest = readPackage(await read("package.json"));
  const script = (name: string) => {
    const text = manifest.scripts[name];
    return typeof text === "string" && text.trim() !== "" ? text : undefined;
  };
  const from = "package.json";
  const run = scriptRunner(project);
  const checks: ProjectCheck[] = [];
  const test = script("test");
  const bin = (name: string) => isFile(`node_modules/.bin/${name}`);
  const isIdle = ["pretest", "test", "posttest"].every((name) =>
    script(name) === undefined || testsNothing(script(name) ?? "", manifest.scripts)
  );
  if (test !== undefined && !NO_TESTS.test(test) && isIdle) {
    // Style and types under the name of tests.
    if (!SAYS_NOTHING.test(test)) checks.push({ kind: "lint", command: `${run} test`, from });
  }
  if (test !== undefined && !NO_TESTS.test(test) && !isIdle) {
    const perFile = perFileOf(test);
    checks.push({ kind: "test", command: `${run} test`, from, ...(perFile ? { perFile } : {}) });
  } else {
    for (const runner of ["vitest", "jest", "mocha"] as const) {
      if (!manifest.packages.includes(runner)) continue;
      const command = `npx --no-install ${runner}${runner === "vitest" ? " run" : ""}`;
      const missing = await bin(runner) ? {} : { missing: runner };
      checks.push({ kind: "test", command, perFile: `${command} {files}`, from, ...missing });
    }
    if (!top.has("deno.json") && paths.some((path) => /[._-]test\.[cm]?js$/.test(path))) {
      checks.push({
        kind: "test",
        command: "node --test",
        perFile: "node --test {files}",
        from: "*.test.js",
      });
    }
  }
  const types = ["typecheck", "type-check", "check-types", "types"].find((name) =>
    script(name) !== undefined
  );
  if (types !== undefined) checks.push({ kind: "types", command: `${run} run ${types}`, from });
  if (top.has("tsconfig.json")) {
    const missing = await bin("tsc") ? {} : { missing: "tsc" };
    checks.push({
      kind: "types",
      command: "npx --no-install tsc --noEmit",
      from: "tsconfig.json",
      ...missing,
    });
  }
  const hasEslint = [...top].some((name) =>
    /^(?:eslint\.config\.[cm]?[jt]s|\.eslintrc(?:\.\w+)?)$/.test(name)
  );
  const eslint = hasEslint ? { perFile: "npx --no-install eslint {files}" } : {};
  const lint = script("lint");
  if (lint !== undefined && !WRITES.test(lint)) {
    checks.push({ kind: "lint", command: `${run} run lint`, from, ...await bin("eslint") ? eslint : {} });
  }
  if (hasEslint) {
    const missing = await bin("eslint") ? {} : { missing: "eslint" };
    checks.push({
      kind: "lint",
      command: "npx --no-install eslint .",
      from: "eslint",
      ...eslint,
      ...missing,
    });
  }
  if (script("build") !== undefined) checks.push({ kind: "build", command: `${run} run build`, from });
  return checks;
}

/** How the runner behind a script is called for one file; only where the script is nothing but that runner. */
function perFileOf(script: string): string | undefined {
  const [, runner] = /^(?:[A-Z_]+=\S+ )*(vitest|jest|mocha|node)(?: |$)/.exec(script) ?? [];
  if (runner === undefined) return undefined;
  if (runner === "node") return /^node --test\b/.test(script) ? "node --test {files}" : undefined;
  return `npx --no-install ${runner}${runner === "vitest" ? " run" : ""} {files}`;
}

function scriptRunner({ top, hasProgram }: Project): string {
  const locks = [["pnpm-lock.yaml", "pnpm"], ["yarn.lock", "yarn"], ["bun.lock", "bun"], [
    "bun.lockb",
    "bun",
  ]];
  const [, name = "npm"] = locks.find(([file = "", name = ""]) => top.has(file) && hasProgram(name)) ?? [];
  return name === "bun" ? "bun run" : name;
}

interface Manifest {
  readonly scripts: Readonly<Record<string, unknown>>;
  /** Names of the packages that it depends on. */
  readonly packages: readonly string[];
}

function readPackage(text: string): Manifest {
  const { scripts, dependencies, devDependencies } = readManifest(text);
  const packages = [dependencies, devDependencies].flatMap((part) => Object.keys(fieldsOf(part)));
  return { scripts: fieldsOf(scripts), packages };
}

async function findDeno({ top, read, paths }: Project): Promise<readonly ProjectCheck[]> {
  const from = ["deno.json", "deno.jsonc"].find((name) => top.has(name));
  if (from === undefined) return [];
  // The tasks' names are all that is needed, and JSON with comments is no JSON.
  const tasks = /"tasks"\s*:\s*\{([\s\S]{0,20000})/.exec(await read(from))?.[1] ?? "";
  const has = (name: string) => new RegExp(`"${name}"\\s*:`).test(tasks);
  const written = /"test"\s*:\s*"((?:[^"\\]|\\.){0,2000})"/.exec(tasks)?.[1]?.replace(/\\(["\\])/g, "$1");
  const isIdle = written !== undefined && testsNothing(written);
  const checks: ProjectCheck[] = [];
  if (has("test") && !isIdle) checks.push({ kind: "test", command: "deno task test", from });
  else if (paths.some((path) => /[._]test\.[cm]?[jt]sx?$/.test(path))) {
    checks.push({ kind: "test", command: "deno test", perFile: "deno test {files}", from });
  }
  if (has("check")) checks.push({ kind: "types", command: "deno task check", from });
  else if (paths.some((path) => /\.[cm]?tsx?$/.test(path))) {
    checks.push({ kind: "types", command: "deno check .", perFile: "deno check {files}", from });
  }
  if (has("lint")) checks.push({ kind: "lint", command: "deno task lint", from });
  if (has("build")) checks.push({ kind: "build", command: "deno task build", from });
  return checks;
}

/** Files at the top by one of which a project without a source file is one of Python's. */
const PYTHON_FILES = ["pyproject.toml", "setup.cfg", "tox.ini", "mypy.ini", "ruff.toml", ".ruff.toml"];

async function findPython(project: Project): Promise<readonly ProjectCheck[]> {
  const { top, read, isFile, paths, hasProgram } = project;
  if (!paths.some((path) => path.endsWith(".py")) && !PYTHON_FILES.some((name) => top.has(name))) return [];
  const checks: ProjectCheck[] = [];
  const pyproject = await read("pyproject.toml");
  const setup = await read("setup.cfg");
  const venv = await isFile(".venv/pyvenv.cfg")
    ? ".venv/bin/"
    : await isFile("venv/pyvenv.cfg")
    ? "venv/bin/"
    : "";
  const python = venv === "" ? "python3" : `${venv}python`;
  const configs = [
    pyproject,
    setup,
    ...await Promise.all(["requirements.txt", "requirements-dev.txt", "tox.ini"].map(read)),
  ];
  const namesPytest = top.has("pytest.ini") || top.has("conftest.py") ||
    configs.some((text) => text.includes("pytest"));
  const unittest = unittestCommand(paths);
  if (unittest !== undefined && (namesPytest || await usesPytest(paths, read))) {
    const command = `${python} -m pytest -q`;
    checks.push({ kind: "test", command, perFile: `${command} {files}`, from: "pytest" });
  } else if (unittest !== undefined) {
    const command = unittest.map((args) => `${python} -m unittest${args}`).join(" && ");
    checks.push({ kind: "test", command, perFile: `${python} -m unittest {files}`, from: "unittest" });
  } else if (top.has("tox.ini")) checks.push({ kind: "test", command: "tox -q", from: "tox.ini" });
  const tool = async (name: string) =>
    await isFile(`${venv}${name}`) && venv !== "" ? `${venv}${name}` : name;
  if (top.has("mypy.ini") || pyproject.includes("[tool.mypy") || setup.includes("[mypy")) {
    const command = await tool("mypy");
    checks.push({ kind: "types", command: `${command} .`, perFile: `${command} {files}`, from: "mypy" });
  }
  if (top.has("ruff.toml") || top.has(".ruff.toml") || pyproject.includes("[tool.ruff")) {
    const command = `${await tool("ruff")} check`;
    checks.push({ kind: "lint", command: `${command} .`, perFile: `${command} {files}`, from: "ruff" });
  }
  return python === "python3" && !hasProgram("python3") && hasProgram("python")
    ? checks.map((check) => ({
      ...check,
      command: check.command.replaceAll(/(^|&& )python3 /g, "$1python "),
      ...(check.perFile ? { perFile: check.perFile.replace(/^python3 /, "python ") } : {}),
    }))
    : checks;
}

async function findRust({ top, read }: Project): Promise<readonly ProjectCheck[]> {
  if (!top.has("Cargo.toml")) return [];
  const from = "Cargo.toml";
  // Without the option only the package at the top is tested, where there is one.
  const all = /^\[workspace\]/m.test(await read(from)) ? " --workspace" : "";
  return [
    { kind: "test", command: `cargo test${all}`, from },
    { kind: "build", command: `cargo build${all}`, from },
  ];
}

function findGo({ top }: Project): Promise<readonly ProjectCheck[]> {
  if (!top.has("go.mod")) return Promise.resolve([]);
  const from = "go.mod";
  return Promise.resolve([
    { kind: "test", command: "go test ./...", perFile: "go test {folders}", from },
    { kind: "build", command: "go build ./...", from },
  ]);
}

/** The project's own wrapper first: it fetches the version that the project is built with. */
function findJava({ top }: Project): Promise<readonly ProjectCheck[]> {
  if (top.has("pom.xml")) {
    const maven = top.has("mvnw") ? "./mvnw" : "mvn";
    return Promise.resolve([
      { kind: "test", command: `${maven} -B -ntp test`, from: "pom.xml" },
      { kind: "build", command: `${maven} -B -ntp compile`, from: "pom.xml" },
    ]);
  }
  const from = ["build.gradle", "build.gradle.kts"].find((name) => top.has(name));
  if (from === undefined) return Promise.resolve([]);
  const gradle = top.has("gradlew") ? "./gradlew" : "gradle";
  return Promise.resolve([
    { kind: "test", command: `${gradle} test`, from },
    { kind: "build", command: `${gradle} assemble`, from },
  ]);
}

function findDotnet({ paths }: Project): Promise<readonly ProjectCheck[]> {
  const from = paths.find((path) => /\.slnx?$/.test(path)) ??
    paths.find((path) => /\.(?:cs|fs|vb)proj$/.test(path));
  if (from === undefined) return Promise.resolve([]);
  return Promise.resolve([
    { kind: "test", command: "dotnet test", from },
    { kind: "build", command: "dotnet build", from },
  ]);
}

async function findRuby({ top, paths, read }: Project): Promise<readonly ProjectCheck[]> {
  if (!top.has(".rspec") && !paths.some((path) => /(^|\/)spec\/.*_spec\.rb$/.test(path))) return [];
  const command = (await read("Gemfile")).includes("rspec") ? "bundle exec rspec" : "rspec";
  return [{ kind: "test", command, perFile: `${command} {files}`, from: "spec" }];
}

/** A makefile counts where nothing else tests. */
export async function findMake({ top, read }: Project): Promise<readonly ProjectCheck[]> {
  const from = ["GNUmakefile", "makefile", "Makefile"].find((name) => top.has(name));
  if (from === undefined) return [];
  const text = await read(from);
  const target = (...names: readonly string[]) =>
    names.find((name) => new RegExp(`^${name}[ \\t]*:(?!=)`, "m").test(text));
  const checks: ProjectCheck[] = [];
  const test = target("test", "check");
  if (test !== undefined && !isIdleRule(text, test)) {
    checks.push({ kind: "test", command: `make ${test}`, from });
  }
  return checks;
}

/** Whether a rule of a makefile needs no other and runs nothing of the project. */
function isIdleRule(text: string, target: string): boolean {
  const lines = text.split("\n");
  const at = lines.findIndex((line) => new RegExp(`^${target}[ \\t]*:(?!=)`).test(line));
  const [head = "", ...below] = lines.slice(at);
  const end = below.findIndex((line) => line.trim() !== "" && !/^[\t#]/.test(line));
  const [needs = "", ...inline] = head.slice(head.indexOf(":") + 1).split(";");
  const recipe = [inline.join(";"), ...below.slice(0, end < 0 ? below.length : end)];
  return needs.replace(/#.*/, "").trim() === "" &&
    recipe.every((line) => testsNothing(line.replace(/^[\t @+-]+/, "").replace(/^#.*/, "")));
}
