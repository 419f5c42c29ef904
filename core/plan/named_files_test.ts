import assert from "node:assert/strict";
import { filesToChange, isSameFile, namedFiles } from "./named_files.ts";

Deno.test("namedFiles() gives each file once, and no product", () => {
  assert.deepEqual(
    namedFiles(
      "In ./src/a.ts, `b.py`, a Dockerfile and src/a.ts use Node.js 2.1.0 and console.log (see c.test.js).",
    ),
    ["src/a.ts", "b.py", "Dockerfile", "c.test.js"],
  );
});

Deno.test("filesToChange() leaves out what is only spoken of", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["Rename greet to welcome in greet.js and in main.js which imports it.", ["greet.js", "main.js"]],
    ["Fix cart.py so that test_cart.py passes.", ["cart.py"]],
    ["Write load.py that reads data.csv.", ["load.py"]],
    ["Write unit tests for is_leap in leap.py, in a new file test_leap.py.", ["test_leap.py"]],
    ["Make `python3 test_cart.py` pass.", []],
    ["Add a page like about.html in team.html", ["team.html"]],
    ["create b.py with class B that extends A, and main.py that prints both", ["b.py", "main.py"]],
    ["data.csv uses ; between the columns. Change main.py.", ["main.py"]],
  ];
  for (const [task, files] of cases) assert.deepEqual(filesToChange(task), files, task);
});

Deno.test("isSameFile() takes a path's end for the path", () => {
  assert.ok(isSameFile("a.ts", "src/a.ts") && isSameFile("src/a.ts", "a.ts") && isSameFile("A.ts", "a.ts"));
  assert.ok(!isSameFile("a.ts", "src/ba.ts"));
});
