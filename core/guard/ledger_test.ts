import assert from "node:assert/strict";
import type { FileChange, Ledger } from "../types.ts";
import { addChanges, addCommand, EMPTY_LEDGER, executesCode, freshChecks } from "./ledger.ts";

const change = (path: string, kind: FileChange["kind"]): FileChange => ({
  path,
  kind,
  linesAdded: 2,
  linesRemoved: 1,
  by: "tool",
});

Deno.test("addChanges() makes several changes of one file one change", () => {
  const ledger = addChanges(addChanges(EMPTY_LEDGER, [change("a", "created")]), [
    change("a", "edited"),
    change("b", "edited"),
  ]);
  assert.deepEqual(ledger, {
    changes: [
      { path: "a", kind: "created", linesAdded: 4, linesRemoved: 2, by: "tool" },
      change("b", "edited"),
    ],
    commands: [],
    writes: 3,
  });
});

Deno.test("addChanges() forgets a file that was created and deleted", () => {
  const ledger = addChanges(addChanges(EMPTY_LEDGER, [change("a", "created")]), [change("a", "deleted")]);
  assert.deepEqual(ledger.changes, []);
});

Deno.test("executesCode() knows test runners, and programs by a changed file", () => {
  for (
    const command of [
      "python3 -m unittest",
      "sh test_cart.sh",
      "node cart.test.js",
      "python3 tests/test_a.py",
      "npm test",
      "cd x && cargo test -q",
      "go test ./...",
      "node --test",
      "make test",
      "CI=1 timeout 60 npm run test:unit 2>&1",
      'bash -c "cd x && pytest -q"',
      "./venv/bin/python3.12 -m pytest",
      "uv run pytest tests",
      "go test ./... && echo fine",
      "make -j4 test",
      "pip install -q pytest; pytest",
    ]
  ) {
    assert.equal(executesCode(command, []), true, command);
  }
  assert.equal(executesCode("python3 hello.py", ["src/hello.py"]), true);
  assert.equal(executesCode("./hello.sh", ["hello.sh"]), true);
  for (const command of ["python3 hello.py", "cat hello.py", "ls", "npm install", "echo npm testing"]) {
    assert.equal(executesCode(command, []), false, command);
  }
  for (
    const command of [
      "cat hello.py",
      "cat ./hello.py",
      "python3 -m py_compile hello.py",
      "node --check hello.py",
      "grep python hello.py",
      "pip install pytest",
      "which pytest",
      "pytest --version",
      "pytest --collect-only",
      "npm test || true",
      "! npm test",
      "cd x && ! npm test",
      "make -n test",
      "make test --dry-run",
      "pytest --fixtures",
      "go test -c ./...",
      "mvn test -DskipTests",
      "npm test | tail -5",
      "npm test; echo done",
      "npm test & sleep 1",
      "echo 'npm test'",
    ]
  ) {
    assert.equal(executesCode(command, ["hello.py"]), false, command);
  }
});

Deno.test("freshChecks() keeps the last run of each check that ran after the last change", () => {
  const run = (ledger: Ledger, command: string, exitCode: number, writesBefore: number) =>
    addCommand(ledger, { command, exitCode, ms: 1 }, { cwd: "/", by: "model", writesBefore });
  let ledger = run(EMPTY_LEDGER, "npm test", 1, 0);
  ledger = addChanges(ledger, [change("a", "edited")]);
  assert.deepEqual(freshChecks(ledger), []);
  ledger = run(run(run(ledger, "npm test", 1, 1), "npm test", 0, 1), "ls", 0, 1);
  assert.deepEqual(freshChecks(ledger).map(({ command, exitCode }) => [command, exitCode]), [[
    "npm test",
    0,
  ]]);
});
