/** The checks that a project brings: found in its manifests, or set in smallcode.toml. */

import { ifRefused } from "../errors.ts";
import type { WorkspaceFiles } from "../tool.ts";
import type { CheckKind } from "../types.ts";

/** One command that says whether the project is sound. */
export interface ProjectCheck {
  readonly kind: CheckKind;
  readonly command: string;
  /** The same for some files: `{files}` stands for their paths, `{folders}` for their folders. Absent: it cannot. */
  readonly perFile?: string;
  /** What says so, e.g. `package.json`. */
  readonly from: string;
  /** A program that it needs and that is not there: the check is listed and not run. */
  readonly missing?: string;
}

/** `[checks]` of smallcode.toml: a command; empty: none of that kind; absent: what is found. */
export type CheckSettings = Partial<Readonly<Record<CheckKind, string>>>;

export interface Surroundings {
  readonly files: Pick<WorkspaceFiles, "read" | "exists">;
  /** Files of the project that .gitignore does not exclude, relative to its folder. */
  readonly paths: readonly string[];
  readonly hasProgram: (name: string) => boolean;
  readonly settings: CheckSettings;
}

export const CHECK_KINDS: readonly CheckKind[] = ["test", "types", "lint", "build"];

/** What one manifest offers; the first of a kind counts. */
type Finder = (project: Project) => Promise<readonly ProjectCheck[]>;

interface Project extends Surroundings {
  /** Names at the top. */
  readonly top: ReadonlySet<string>;
  /** Text of a file at the top; empty where there is none. */
  readonly read: (name: string) => Promise<string>;
  readonly isFile: (path: string) => Promise<boolean>;
}

const FINDERS: readonly Finder[] = [
  findScripts,
  findRust,
  findGo,
  findDeno,
  findPython,
  findJava,
  findDotnet,
  findRuby,
];

/** All checks of a project, those first that its tests are. At most one of a kind from each manifest. */
export async function findChecks(around: Surroundings): Promise<readonly ProjectCheck[]> {
  const top = new Set(around.paths.filter((path) => !path.includes("/")));
  const project: Project = {
    ...around,
    top,
    read: async (name) => top.has(name) ? (await around.files.read(name).catch(ifRefused))?.text ?? "" : "",
    isFile: async (path) => await around.files.exists(path).catch(() => undefined) === "file",
  };
  const found: ProjectCheck[] = [];
  for (const find of FINDERS) found.push(...firstOfKinds(await find(project)));
  const hasTests = found.some(({ kind }) => kind === "test");
  found.push(...(await findMake(project)).filter(({ kind }) => kind !== "test" || !hasTests));
  return CHECK_KINDS.flatMap((kind) => {
    const set = around.settings[kind];
    if (set !== undefined) return set.trim() === "" ? [] : [{ kind, command: set, from: "smallcode.toml" }];
    return found.filter((check) => check.kind === kind).map((check) => withMissing(check, around.hasProgram));
  });
}

/** The checks that the harness runs: a build only where neither tests nor types tell more, or where it was set. */
export function checksToRun(checks: readonly ProjectCheck[]): readonly ProjectCheck[] {
  const there = checks.filter(({ missing }) => missing === undefined);
  const tells = there.some(({ kind }) => kind === "test" || kind === "types");
  return there.filter(({ kind, from }) => kind !== "build" || !tells || from === "smallcode.toml");
}

function firstOfKinds(checks: readonly ProjectCheck[]): readonly ProjectCheck[] {
  return CHECK_KINDS.flatMap((kind) => checks.find((check) => check.kind === kind) ?? []);
}

function withMissing(check: ProjectCheck, hasProgram: (name: string) => boolean): ProjectCheck {
  const program = check.command.split(" ", 1)[0] ?? "";
  return check.missing !== undefined || program.includes("/") || hasProgram(program)
    ? check
    : { ...check, missing: program };
}

/** What `npm init` writes. */
const NO_TESTS = /no test specified/;
/** A check must not write: a lint script that mends is none. */
const WRITES = /--(?:fix|write)\b/;

async function findScripts(project: Project): Promise<readonly ProjectCheck[]> {
  const { top, read, isFile, paths } = project;
  const manifest = readManifest(await read("package.json"));
  const script = (name: string) => {
    const text = manifest.scripts[name];
    return typeof text === "string" && text.trim() !== "" ? text : undefined;
  };
  const from = "package.json";
  const run = scriptRunner(project);
  const checks: ProjectCheck[] = [];
  const test = script("test");
  const bin = (name: string) => isFile(`node_modules/.bin/${name}`);
  if (test !== undefined && !NO_TESTS.test(test)) {
    const perFile = perFileOf(test);
    checks.push({ kind: "test", command: `${run} test`, from, ...(perFile ? { perFile } : {}) });
  } else {
    for (const runner of ["vitest", "jest", "mocha"] as const) {
      if (!manifest.packages.includes(runner)) continue;
      const command = `npx --no-install ${runner}${runner === "vitest" ? " run" : ""}`;
      const missing = await bin(runner) ? {} : { missing: runner };
      checks.push({ kind: "test", command, perFile: `${command} {files}`, from, ...missing });
    }
    if (!top.has("deno.json") && paths.some((path) => /[.-]test\.[cm]?js$/.test(path))) {
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

function readManifest(text: string): Manifest {
  try {
    const parsed: unknown = text === "" ? {} : JSON.parse(text);
    const part = (name: string) => recordOf(recordOf(parsed)[name]);
    const packages = [...Object.keys(part("dependencies")), ...Object.keys(part("devDependencies"))];
    return { scripts: part("scripts"), packages };
  } catch (error) {
    if (error instanceof SyntaxError) return { scripts: {}, packages: [] }; // broken: the gate and its own tools say so
    throw error;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

async function findDeno({ top, read, paths }: Project): Promise<readonly ProjectCheck[]> {
  const from = ["deno.json", "deno.jsonc"].find((name) => top.has(name));
  if (from === undefined) return [];
  // The tasks' names are all that is needed, and JSON with comments is no JSON.
  const tasks = /"tasks"\s*:\s*\{([\s\S]{0,20000})/.exec(await read(from))?.[1] ?? "";
  const has = (name: string) => new RegExp(`"${name}"\\s*:`).test(tasks);
  const checks: ProjectCheck[] = [];
  if (has("test")) checks.push({ kind: "test", command: "deno task test", from });
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

const PYTHON_TEST = /(^|\/)(test_[^/]*|[^/]*_test)\.py$/;

async function findPython(project: Project): Promise<readonly ProjectCheck[]> {
  const { top, read, isFile, paths, hasProgram } = project;
  const checks: ProjectCheck[] = [];
  const pyproject = await read("pyproject.toml");
  const setup = await read("setup.cfg");
  const venv = await isFile(".venv/pyvenv.cfg")
    ? ".venv/bin/"
    : await isFile("venv/pyvenv.cfg")
    ? "venv/bin/"
    : "";
  const python = venv === "" ? "python3" : `${venv}python`;
  const test = paths.find((path) => PYTHON_TEST.test(path));
  const usesPytest = top.has("pytest.ini") || top.has("conftest.py") ||
    [
      pyproject,
      setup,
      await read("requirements.txt"),
      await read("requirements-dev.txt"),
      await read("tox.ini"),
    ]
      .some((text) => text.includes("pytest"));
  if (test !== undefined && usesPytest) {
    const command = `${python} -m pytest -q`;
    checks.push({ kind: "test", command, perFile: `${command} {files}`, from: "pytest" });
  } else if (test !== undefined) {
    const folder = test.includes("/") ? ` discover -s ${test.slice(0, test.indexOf("/"))} -t .` : "";
    const command = `${python} -m unittest`;
    checks.push({ kind: "test", command: command + folder, perFile: `${command} {files}`, from: "unittest" });
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
      command: check.command.replace(/^python3 /, "python "),
      ...(check.perFile ? { perFile: check.perFile.replace(/^python3 /, "python ") } : {}),
    }))
    : checks;
}

function findRust({ top }: Project): Promise<readonly ProjectCheck[]> {
  if (!top.has("Cargo.toml")) return Promise.resolve([]);
  const from = "Cargo.toml";
  return Promise.resolve([
    { kind: "test", command: "cargo test", from },
    { kind: "build", command: "cargo build", from },
  ]);
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

async function findMake({ top, read }: Project): Promise<readonly ProjectCheck[]> {
  const from = ["GNUmakefile", "makefile", "Makefile"].find((name) => top.has(name));
  if (from === undefined) return [];
  const text = await read(from);
  const target = (...names: readonly string[]) =>
    names.find((name) => new RegExp(`^${name}[ \\t]*:(?!=)`, "m").test(text));
  const checks: ProjectCheck[] = [];
  const test = target("test", "check");
  if (test !== undefined) checks.push({ kind: "test", command: `make ${test}`, from });
  return checks;
}
