import assert from "node:assert/strict";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import { type CheckSettings, checksToRun, findChecks } from "./checks.ts";

type Files = Readonly<Record<string, string>>;

/** Each check as `kind command`; one that cannot be run here ends with `(!program)`. */
async function found(
  files: Files,
  settings: CheckSettings = {},
  programs?: readonly string[],
): Promise<readonly string[]> {
  await using space = await tempWorkspace(files);
  const checks = await findChecks({
    files: space.files,
    paths: Object.keys(files).filter((path) => !/^(?:node_modules|\.venv)\//.test(path)),
    hasProgram: (name) => programs?.includes(name) ?? true,
    settings,
  });
  return checks.map(({ kind, command, missing }) => `${kind} ${command}${missing ? ` (!${missing})` : ""}`);
}

const manifest = (scripts: Readonly<Record<string, string>>, more = {}) =>
  JSON.stringify({ scripts, ...more });

const CASES: readonly (readonly [string, Files, readonly string[]])[] = [
  ["nothing", { "a.txt": "" }, []],
  ["the scripts of package.json", {
    "package.json": manifest({ test: "jest", typecheck: "tsc", lint: "eslint .", build: "vite build" }),
  }, ["test npm test", "types npm run typecheck", "lint npm run lint", "build npm run build"]],
  ["the project's own package manager", { "package.json": manifest({ test: "x" }), "pnpm-lock.yaml": "" }, [
    "test pnpm test",
  ]],
  ["no test that npm init wrote, no lint that writes", {
    "package.json": manifest({ test: 'echo "Error: no test specified" && exit 1', lint: "eslint --fix ." }),
  }, []],
  ["a runner that package.json depends on", {
    "package.json": manifest({}, { devDependencies: { vitest: "1" } }),
    "node_modules/.bin/vitest": "",
  }, ["test npx --no-install vitest run"]],
  ["a broken package.json", { "package.json": "{", "a.test.js": "" }, ["test node --test"]],
  ["tsc and eslint by their configuration, where they are installed", {
    "package.json": "{}",
    "tsconfig.json": "{}",
    "eslint.config.js": "",
    "node_modules/.bin/tsc": "",
  }, ["types npx --no-install tsc --noEmit", "lint npx --no-install eslint . (!eslint)"]],
  ["tasks of deno.json", {
    "deno.jsonc": '// c\n{ "tasks": { "test": "deno test -A", "lint": "x" } }',
  }, ["test deno task test", "lint deno task lint"]],
  ["deno's tests", { "deno.json": "{}", "a_test.ts": "" }, ["test deno test", "types deno check ."]],
  ["unittest", { "tests/test_a.py": "", "a.py": "" }, ["test python3 -m unittest discover -s tests -t ."]],
  ["pytest, mypy and ruff", {
    "pyproject.toml": "[tool.pytest.ini_options]\n[tool.mypy]\n[tool.ruff]\n",
    "tests/test_a.py": "",
  }, ["test python3 -m pytest -q", "types mypy .", "lint ruff check ."]],
  ["a virtual environment", { "pytest.ini": "", "test_a.py": "", ".venv/pyvenv.cfg": "" }, [
    "test .venv/bin/python -m pytest -q",
  ]],
  ["tox where nothing else tests", { "tox.ini": "[tox]\n" }, ["test tox -q"]],
  ["cargo", { "Cargo.toml": "" }, ["test cargo test", "build cargo build"]],
  ["go", { "go.mod": "" }, ["test go test ./...", "build go build ./..."]],
  ["make", { "Makefile": "CHECK := 1\nall:\n\tcc\ncheck: all\n\t./t\n" }, ["test make check"]],
  ["make only where nothing else tests", { "Makefile": "test:\n\tgo test\n", "go.mod": "" }, [
    "test go test ./...",
    "build go build ./...",
  ]],
  ["dotnet", { "src/a.csproj": "" }, ["test dotnet test", "build dotnet build"]],
  ["maven by its wrapper", { "pom.xml": "", "mvnw": "" }, [
    "test ./mvnw -B -ntp test",
    "build ./mvnw -B -ntp compile",
  ]],
  ["gradle", { "build.gradle.kts": "" }, ["test gradle test", "build gradle assemble"]],
  ["rspec", { "spec/a_spec.rb": "", "Gemfile": "gem 'rspec'" }, ["test bundle exec rspec"]],
];

for (const [what, files, wanted] of CASES) {
  Deno.test(`findChecks() finds ${what}`, async () => {
    assert.deepEqual(await found(files), wanted);
  });
}

Deno.test("findChecks() takes what is set, nothing where an empty text is set, and tells what is not installed", async () => {
  const files = { "package.json": manifest({ test: "jest", lint: "eslint ." }) };
  assert.deepEqual(await found(files, { test: "make t", lint: "" }), ["test make t"]);
  assert.deepEqual(await found({ "Cargo.toml": "" }, {}, []), [
    "test cargo test (!cargo)",
    "build cargo build (!cargo)",
  ]);
  assert.deepEqual(await found({ "pytest.ini": "", "test_a.py": "" }, {}, ["python"]), [
    "test python -m pytest -q",
  ]);
});

Deno.test("checksToRun() runs a build only where nothing tells more, or where it is set", () => {
  const check = (kind: "test" | "build", more = {}) => ({ kind, command: kind, from: "x", ...more });
  const run = (...checks: Parameters<typeof checksToRun>[0]) => checksToRun(checks).map(({ kind }) => kind);
  assert.deepEqual(run(check("test"), check("build")), ["test"]);
  assert.deepEqual(run(check("test", { missing: "x" }), check("build")), ["build"]);
  assert.deepEqual(run(check("test"), check("build", { from: "smallcode.toml" })), ["test", "build"]);
});
