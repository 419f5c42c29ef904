import assert from "node:assert/strict";
import { readTestRun } from "./failures.ts";
import { foundNoTests, testsNothing } from "./tests_nothing.ts";

Deno.test("testsNothing() knows commands that print, look or read the code, and doubts the rest", () => {
  for (
    const line of [
      "echo ok",
      "true",
      "exit 0",
      "test -f a.txt && grep -q Usage README.md",
      "eslint .",
      "tsc --noEmit && prettier --check .",
      "node --check a.js",
      `node -e "console.log('ok')"`,
      "python3 -c 'print(1)'",
      "npm run lint && echo fine",
      "ruff check . ; mypy .",
    ]
  ) {
    assert.equal(testsNothing(line, { lint: "eslint ." }), true, line);
  }
  for (
    const line of [
      "node test.js",
      "jest",
      "npm run unit",
      "eslint . && jest",
      "./run.sh",
      "make test",
      `node -e "require('./a.js').run()"`,
      "python3 -c 'import a; a.run()'",
      "echo $(node t.js)",
      "for f in *.js; do node $f; done",
    ]
  ) {
    assert.equal(testsNothing(line, { unit: "node t.js", lint: "eslint ." }), false, line);
  }
});

Deno.test("testsNothing() ends where scripts call each other in a circle", () => {
  assert.equal(testsNothing("npm run a", { a: "npm run b", b: "npm run a" }), false);
});

Deno.test("foundNoTests() goes by the runner's own word, and by its count where it has one", () => {
  const empty = (output: string, exitCode = 0) => foundNoTests(readTestRun(output, "/w"), output, exitCode);
  const broken = " RUN  v4.1.12 /w\n\nfailed to load config from /w/vitest.config.ts\n";
  assert.deepEqual([empty(broken, 1), empty("no tests ran in 0.01s\n", 5)], [false, true]);
  for (
    const output of [
      "\n----\nRan 0 tests in 0.000s\n\nOK\n",
      "\nno tests ran in 0.01s\n",
      "?   \tx\t[no test files]\n",
      "ok  \tx\t0.002s [no tests to run]\n",
      "ok  \tx\t(cached) [no tests to run]\n?   \tx/b\t[no test files]\n",
      "make: 'test' is up to date.\n",
      "make: Nothing to be done for 'test'.\n",
      "[INFO] No tests to run.\n[INFO] BUILD SUCCESS\n",
      "> Task :compileJava\n> Task :test NO-SOURCE\n\nBUILD SUCCESSFUL in 1s\n",
      "running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 5 filtered out; finished in 0.00s\n",
      'npm error Missing script: "test"\n',
      "ℹ tests 0\nℹ suites 0\nℹ pass 0\nℹ fail 0\n",
      "\n  0 passing (1ms)\n",
      "No tests found, exiting with code 0\n",
    ]
  ) {
    assert.equal(empty(output), true, output);
  }
  for (
    const output of [
      "",
      "fine\n",
      "make: Nothing to be done for 'all'.\nall good\n",
      "ok  \tx\t0.002s\n?   \tx/b\t[no test files]\n",
      "[INFO] No tests to run.\n[INFO] Tests run: 2, Failures: 0, Errors: 0, Skipped: 0\n",
      "> Task :a:test NO-SOURCE\n> Task :b:test\n",
      "No tests found in a.test.js\nTests:       2 passed, 2 total\n",
    ]
  ) {
    assert.equal(empty(output), false, output);
  }
});
