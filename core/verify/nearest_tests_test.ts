import assert from "node:assert/strict";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import { commandFor, nearestTests } from "./nearest_tests.ts";

Deno.test("nearestTests() finds tests by name, then by import, changed tests first", async () => {
  await using space = await tempWorkspace({
    "src/cart.js": "",
    "test/cart.test.js": "",
    "test/shop.test.js": 'import { total } from "../src/cart.js";\n',
    "test/other.test.js": "// cart is not imported here\n",
    "test/fixtures/cart.json": "{}",
    "tests/test_cart.py": "",
  });
  const paths = [
    "src/cart.js",
    "test/cart.test.js",
    "test/shop.test.js",
    "test/other.test.js",
    "test/fixtures/cart.json",
    "tests/test_cart.py",
  ];
  const found = (changed: readonly string[]) => nearestTests(changed, paths, space.files);
  assert.deepEqual(await found(["src/cart.js"]), [
    "test/cart.test.js",
    "tests/test_cart.py",
    "test/shop.test.js",
  ]);
  assert.deepEqual(await found(["test/other.test.js"]), ["test/other.test.js"]);
  assert.deepEqual(await found(["README.md"]), []);
});

Deno.test("commandFor() quotes names and leaves out what no shell could", () => {
  assert.equal(
    commandFor("pytest -q {files}", ["a/test_a.py", "b c.py"]),
    "pytest -q a/test_a.py './b c.py'",
  );
  assert.equal(
    commandFor("go test {folders}", ["a/b/x_test.go", "y_test.go", "a/b/z_test.go"]),
    "go test ./a/b .",
  );
  assert.equal(commandFor("pytest {files}", ["it's.py"]), undefined);
  assert.equal(commandFor("pytest {files}", []), undefined);
});
