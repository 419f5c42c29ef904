/** The outputs in `testdata/` are those of the runners themselves, made on 2026-11-25; versions stand in the readers. */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { describeFailures, readTestRun } from "./failures.ts";

const FOLDER = new URL("testdata/", import.meta.url);
const output = (name: string) => readFile(new URL(`${name}.txt`, FOLDER), "utf8");
const runOf = async (name: string) => readTestRun(await output(name), "/project");

/** Tests that ran, then each failure as `place name`. */
const PYTEST = [
  "10",
  "tests/test_calc.py:8 tests/test_calc.py::CalcTest::test_add",
  "calc.py:6 tests/test_calc.py::CalcTest::test_first",
  "tests/test_calc.py:20 tests/test_calc.py::CalcTest::test_many (n=1)",
  "tests/test_calc.py:20 tests/test_calc.py::CalcTest::test_many (n=2)",
  "tests/test_plain.py:5 tests/test_plain.py::test_plain",
  "tests/test_plain.py:9 tests/test_plain.py::test_param[1]",
  "tests/test_plain.py:9 tests/test_plain.py::test_param[2]",
  "tests/test_plain.py:13 tests/test_plain.py::test_fixture",
];
const GO = [
  "calc_test.go:4 calc TestAdd",
  "calc_test.go:8 calc TestTable/one",
  "pan/p_test.go:3 calc/pan TestPanics",
];
const RUFF = ["?", "lint.py:1 lint.py: I001", "lint.py:1 lint.py: F401", "lint.py:4 lint.py: F821"];
const TSC = ["?", "ts.ts:1 ts.ts: error TS2322", "ts.ts:2 ts.ts: error TS2345"];
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  cargo: ["4", "src/lib.rs:10 tests::adds_two_numbers", "tests/it.rs:2 outer"],
  cargo_compile: ["?", "src/lib.rs:14 src/lib.rs: error[E0308]: mismatched types"],
  deno: [
    "4",
    "calc_test.ts:3 calc_test.ts > adds two numbers",
    "calc_test.ts:6 calc_test.ts > steps ... inner",
  ],
  deno_missing: ["?", 'broken_test.ts:1 broken_test.ts: error: Module not found "missing.ts"'],
  deno_types: ["?", "broken_test.ts:2 broken_test.ts: TS2345 [ERROR]: Argument of type"],
  eslint: ["?", "bad.js:1 bad.js: 'a' is", "bad.js:2 bad.js: 'undefinedCall' is", "bad.js:2 bad.js: 'b' is"],
  go: ["?", ...GO, "sub/sub.go:2 calc/sub [build failed]"],
  go_v: ["7", ...GO, "sub/sub.go:2 calc/sub [build failed]"],
  go_vet: ["?", "sub/sub.go:2 sub/sub.go: undefined: undefinedThing"],
  jest: [
    "3",
    "jt/calc.test.cjs:4 jt/calc.test.cjs › add › adds two numbers",
    "calc.cjs:1 jt/calc.test.cjs › first of nothing",
    "jt/broken.test.cjs:1 jt/broken.test.cjs › Test suite failed to run",
  ],
  junit_pytest: [
    "8",
    "tests/test_calc.py:8 tests.test_calc.CalcTest > test_add",
    "calc.py:6 tests.test_calc.CalcTest > test_first",
    "tests/test_calc.py:20 tests.test_calc.CalcTest > test_many",
    "tests/test_plain.py:5 tests.test_plain > test_plain",
    "tests/test_plain.py:9 tests.test_plain > test_param[1]",
    "tests/test_plain.py:9 tests.test_plain > test_param[2]",
    "tests/test_plain.py:13 tests.test_plain > test_fixture",
  ],
  junit_vitest: [
    "4",
    "vt/broken.test.js:2 vt/broken.test.js > vt/broken.test.js",
    "vt/calc.test.js:4 vt/calc.test.js > add > adds two numbers",
    "calc.js:2 vt/calc.test.js > first of nothing",
  ],
  mocha: ["3", "calc.js:2 first of nothing", "mt/calc.js:4 add > adds two numbers"],
  mypy: [
    "?",
    "lint.py:3 lint.py: error: Incompatible return",
    'lint.py:4 lint.py: error: Name "undefined_name"',
  ],
  node_spec: [
    "4",
    "nt/broken.test.js:1 nt/broken.test.js",
    "nt/calc.test.js:5 nt/calc.test.js > adds two numbers",
    "calc.js:2 nt/calc.test.js > first of nothing",
  ],
  node_tap: [
    "4",
    "nt/broken.test.js:1 nt/broken.test.js",
    "nt/calc.test.js:5 nt/calc.test.js > add > adds two numbers",
    "calc.js:2 nt/calc.test.js > first of nothing",
  ],
  pytest: PYTEST,
  pytest_collect: ["1", "tests/test_broken.py:1 tests/test_broken.py"],
  pytest_short: PYTEST,
  pytest_v: PYTEST,
  rspec: ["2", "spec/calc_spec.rb:3 add adds two numbers"],
  ruff: RUFF,
  ruff_concise: RUFF,
  surefire: ["3", "CalcTest.java:2 CalcTest.adds", "CalcTest.java:2 CalcTest.boom"],
  tsc: TSC,
  tsc_pretty: TSC,
  unittest: [
    "5",
    "tests/test_broken.py:1 tests.test_broken (unittest.loader._FailedTest.tests.test_broken)",
    "calc.py:6 test_first (tests.test_calc.CalcTest.test_first)",
    "tests/test_calc.py:8 test_add (tests.test_calc.CalcTest.test_add)",
    "tests/test_calc.py:20 test_many (tests.test_calc.CalcTest.test_many) (n=1)",
    "tests/test_calc.py:20 test_many (tests.test_calc.CalcTest.test_many) (n=2)",
  ],
  vitest: [
    "3",
    "vt/broken.test.js:2 vt/broken.test.js",
    "vt/calc.test.js:4 vt/calc.test.js > add > adds two numbers",
    "calc.js:2 vt/calc.test.js > first of nothing",
  ],
};

Deno.test("readTestRun() names failures, places and counts of each runner's own output", async () => {
  const names = (await readdir(FOLDER)).map((name) => name.replace(/\.txt$/, "")).sort();
  assert.deepEqual(names, Object.keys(EXPECTED).sort());
  for (const name of names) {
    const { tests, failures } = await runOf(name);
    const got = [String(tests ?? "?"), ...failures.map(({ name, at }) => `${at} ${name}`)];
    const wanted = EXPECTED[name] ?? [];
    // Messages of compilers are compared by their beginnings.
    assert.deepEqual(got.map((line, i) => line.slice(0, wanted[i]?.length ?? line.length)), wanted, name);
  }
});

Deno.test("readTestRun() gives each failure what was said of it", async () => {
  const said = async (name: string) => (await runOf(name)).failures.map(({ detail }) => detail.join(" | "));
  assert.equal((await said("unittest"))[2], "self.assertEqual(add(2, 3), 5) | AssertionError: -1 != 5");
  assert.equal((await said("pytest"))[1], "return box[\"items\"][0] | KeyError: 'items'");
  assert.equal(
    (await said("jest"))[0],
    "expect(add(2, 3)).toBe(5); | expect(received).toBe(expected) // Object.is equality | Expected: 5 | Received: -1",
  );
  assert.match(
    (await said("node_spec"))[0] ?? "",
    /^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module 'missing.js'/,
  );
  assert.match(
    (await said("node_tap"))[0] ?? "",
    /^Error \[ERR_MODULE_NOT_FOUND\]: Cannot find module 'missing.js'/,
  );
  for (const name of Object.keys(EXPECTED)) {
    const isProblems = EXPECTED[name]?.[0] === "?" && name !== "go";
    if (!isProblems) assert.ok((await said(name)).every((text) => text !== ""), name);
  }
});

Deno.test("readTestRun() counts only tests that ran, and tells when none did", () => {
  const tests = (text: string) => readTestRun(text, "/project").tests;
  const cases: readonly [string, number | undefined][] = [
    ["Ran 3 tests in 0.001s\n\nOK (skipped=2)\n", 1],
    ["\nRan 0 tests in 0.000s\n\nNO TESTS RAN\n", 0],
    ["1 passed, 2 skipped in 0.01s\n", 1],
    ["no tests ran in 0.01s\n", 0],
    ["ℹ tests 5\nℹ pass 2\nℹ skipped 2\nℹ todo 1\n", 2],
    ["Tests:       1 skipped, 2 passed, 3 total\n", 2],
    ["?   \tcalc\t[no test files]\n", 0],
    ["ok  \tcalc\t0.004s\n", undefined],
    ["running 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored\n", 0],
    ["all fine, 0 errors\n", undefined],
  ];
  for (const [text, n] of cases) assert.equal(tests(text), n, text);
});

Deno.test("readTestRun() gives a failure the same name wherever the project lies and whatever stands above it", () => {
  const text = (root: string, line: number) =>
    `${root}/src/a.ts(${line},3): error TS1: no\n${root}/src/a.ts(${line + 4},3): error TS1: no\n`;
  const names = (root: string, line: number) =>
    readTestRun(text(root, line), root).failures.map(({ name }) => name);
  assert.deepEqual(names("/tmp/x", 1), ["src/a.ts: error TS1: no", "src/a.ts: error TS1: no (2)"]);
  assert.deepEqual(names("/tmp/x", 1), names("/home/y", 7));
});

Deno.test("describeFailures() begins with the place and has at most 25 lines", async () => {
  const text = await output("pytest");
  const run = readTestRun(text, "/project");
  assert.equal(
    describeFailures(run, text, ({ name }) => name.endsWith("test_add")),
    "tests/test_calc.py:8: tests/test_calc.py::CalcTest::test_add\n  self.assertEqual(add(2, 3), 5)\n  AssertionError: -1 != 5",
  );
  const lines = describeFailures(run, text).split("\n");
  assert.ok(lines.length <= 25 && /^and \d more$/.test(lines.at(-1) ?? ""), lines.join("\n"));
  const mypy = await output("mypy");
  assert.match(describeFailures(readTestRun(mypy, "/project"), mypy), /^lint\.py:3: error: Incompatible/);
  const unknown = `${"progress\n".repeat(100)}FAIL: test_bad\nit is wrong\n`;
  assert.match(describeFailures(readTestRun(unknown, "/project"), unknown), /^FAIL: test_bad\nit is wrong/);
  assert.ok(describeFailures({ failures: [], tests: 0 }, "error\n".repeat(1000)).split("\n").length <= 25);
});

Deno.test("readTestRun() reads 5 MB of hostile lines", () => {
  const pieces = [
    "(",
    " at ",
    "E   ",
    "not ok 1 - ",
    "  1) ",
    "a.b(",
    " FAIL  ",
    "<testcase ",
    "--- FAIL: ",
    "  ● ",
  ];
  const text = pieces.map((piece) => `${piece.repeat(200)}\n`.repeat(400)).join("");
  assert.ok(readTestRun(text, "/project").failures.length <= 200);
});
