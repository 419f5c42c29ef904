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
  ["no test in a script that prints, style in one that reads, behind them the tests that are there", {
    "package.json": manifest({ test: "npm run style", style: "eslint ." }),
    "a.test.js": "",
  }, ["test node --test", "lint npm test"]],
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
  ["unittest", { "tests/test_a.py": "", "a.py": "" }, ["test python3 -m unittest discover -s tests"]],
  ["unittest in packages", {
    "tests/__init__.py": "",
    "tests/unit/__init__.py": "",
    "tests/unit/test_a.py": "",
  }, [
    "test python3 -m unittest discover -s tests -t .",
  ]],
  ["unittest in several folders, and by its other name", { "a/b_test.py": "", "c/d_test.py": "" }, [
    "test python3 -m unittest discover -s a -p '*_test.py' && python3 -m unittest discover -s c -p '*_test.py'",
  ]],
  ["a package of tests from the folder above it", {
    "test_a.py": "",
    "sub/__init__.py": "",
    "sub/test_b.py": "",
  }, [
    "test python3 -m unittest",
  ]],
  [
    "pytest by how the tests are written",
    { "test_a.py": "from a import b\n\ndef test_b():\n    assert b\n" },
    [
      "test python3 -m pytest -q",
    ],
  ],
  ["pytest, mypy and ruff", {
    "pyproject.toml": "[tool.pytest.ini_options]\n[tool.mypy]\n[tool.ruff]\n",
    "tests/test_a.py": "",
  }, ["test python3 -m pytest -q", "types mypy .", "lint ruff check ."]],
  ["a virtual environment", { "pytest.ini": "", "test_a.py": "", ".venv/pyvenv.cfg": "" }, [
    "test .venv/bin/python -m pytest -q",
  ]],
  ["tox where nothing else tests", { "tox.ini": "[tox]\n" }, ["test tox -q"]],
  ["cargo", { "Cargo.toml": "" }, ["test cargo test", "build cargo build"]],
  ["cargo's workspace", { "Cargo.toml": "[package]\n\n[workspace]\n", "b/Cargo.toml": "" }, [
    "test cargo test --workspace",
    "build cargo build --workspace",
  ]],
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
  ["make where a rule runs something", { "Makefile": "test: all\n\t@echo ok\nall:\n\t./t\n" }, [
    "test make test",
  ]],
  ["no make where it only prints", { "Makefile": "test:\n\t@echo ok # t\n\nall:\n\t./t\n" }, []],
  ["no task of deno.json that prints", { "deno.json": '{ "tasks": { "test": "echo ok" } }' }, []],
  ["projects in folders", {
    "README.md": "",
    "backend/pyproject.toml": "[tool.pytest.ini_options]\n[tool.ruff]\n",
    "backend/tests/test_a.py": "",
    "my web/package.json": manifest({ test: "vitest", lint: "eslint ." }),
    "services/api/go.mod": "",
  }, [
    "test cd './my web' && npm test",
    "test cd services/api && go test ./...",
    "test cd backend && python3 -m pytest -q",
  ]],
  ["folders that a check at the top covers only once", {
    "package.json": manifest({ test: "npm test --workspaces" }),
    "packages/a/package.json": manifest({ test: "jest" }),
    "packages/b/package.json": manifest({ test: "jest" }),
  }, ["test npm test"]],
  ["folders where the top tests nothing", {
    "package.json": manifest({ dev: "vite" }),
    "packages/a/package.json": manifest({ test: "jest" }),
    "packages/a/sub/package.json": manifest({ test: "jest" }),
    "testdata/b/package.json": manifest({ test: "jest" }),
    "a/b/c/d/package.json": manifest({ test: "jest" }),
  }, ["test cd packages/a && npm test"]],
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
