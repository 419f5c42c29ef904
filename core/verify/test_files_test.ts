import assert from "node:assert/strict";
import { asksForTests, decidesTests, testPart } from "./test_files.ts";

Deno.test("asksForTests() tells a change of tests from a change that tests judge", () => {
  const yes = [
    "add tests for the cart",
    "Write a unit test for add()",
    "update the failing test, the spec changed",
    "add a function and its tests",
    "rename cart to basket in the code and update all tests",
    "delete the old integration tests",
    "improve test coverage",
  ];
  const no = [
    "fix the failing test",
    "make test_calc.py pass",
    "change add so that the tests pass",
    "change add so the tests pass",
    "the tests fail, mend the code",
    "add a flag without changing the tests",
    "add a subtract function; do not edit the tests",
    "add validation to the form and make the tests pass",
    "run the tests",
  ];
  assert.deepEqual(yes.filter((task) => !asksForTests(task)), []);
  assert.deepEqual(no.filter(asksForTests), []);
});

Deno.test("testPart() is what decides a test run", () => {
  assert.ok(
    decidesTests("tests/conftest.py") && decidesTests("package.json") && !decidesTests("src/cart.js"),
  );
  const json = (test: string, version: string) =>
    JSON.stringify({ version, scripts: { test }, dependencies: { a: version } });
  assert.equal(
    testPart("package.json", json("node --test", "1")),
    testPart("package.json", json("node --test", "2")),
  );
  assert.notEqual(
    testPart("package.json", json("node --test", "1")),
    testPart("package.json", json("true", "1")),
  );
  const make = (test: string, all: string) => `all:\n\t${all}\n\ntest: all\n\t${test}\n`;
  assert.equal(testPart("Makefile", make("pytest", "cc")), testPart("Makefile", make("pytest", "gcc")));
  assert.notEqual(testPart("Makefile", make("pytest", "cc")), testPart("Makefile", make("true", "cc")));
  const toml = (version: string, options: string) =>
    `[project]\nversion = "${version}"\n[tool.pytest.ini_options]\n${options}\n`;
  assert.equal(testPart("pyproject.toml", toml("1", "a")), testPart("pyproject.toml", toml("2", "a")));
  assert.notEqual(testPart("pyproject.toml", toml("1", "a")), testPart("pyproject.toml", toml("1", "b")));
});
