import assert from "node:assert/strict";
import { decidesTests, testPart } from "./decides_tests.ts";

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
