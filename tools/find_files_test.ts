import assert from "node:assert/strict";
import { matchPaths } from "./_path_match.ts";
import { tempContext } from "./_temp_context.ts";
import findFiles from "./find_files.ts";
import listFiles from "./list_files.ts";

const project = {
  ".gitignore": "dist\n",
  "main.py": "",
  "src/app.ts": "",
  "src/deep/er/App.test.ts": "",
  "src/deep/x.ts": "",
  "dist/app.ts": "",
};

Deno.test("matchPaths() takes patterns as they are written", () => {
  const paths = ["main.py", "src/app.ts", "src/deep/App.test.ts"];
  const cases: [pattern: string, matched: string[]][] = [
    ["*.ts", ["src/app.ts", "src/deep/App.test.ts"]],
    ["**/*.ts", ["src/app.ts", "src/deep/App.test.ts"]],
    ["src/*.ts", ["src/app.ts"]],
    ["./src/*.ts", ["src/app.ts"]],
    ["deep/*.ts", ["src/deep/App.test.ts"]],
    ["APP", ["src/app.ts", "src/deep/App.test.ts"]],
    ["src/deep", ["src/deep/App.test.ts"]],
    ["*.{py,js}", ["main.py"]],
    ["main.py", ["main.py"]],
    ["[", []],
    ["nothing", []],
  ];
  assert.deepEqual(cases.map(([pattern]) => [pattern, paths.filter(matchPaths(pattern))]), cases);
  assert.throws(() => matchPaths("a".repeat(1_001)), RangeError);
});

Deno.test("find_files gives paths, and tells when there is none", async () => {
  await using space = await tempContext(project);
  assert.equal(await space.call(findFiles, { pattern: "app" }), "src/app.ts\nsrc/deep/er/App.test.ts");
  assert.equal(
    await space.call(findFiles, { pattern: "*.rs" }),
    'No file matches "*.rs" among 8 files and folders (git-ignored ones left out)',
  );
  await assert.rejects(space.call(findFiles, { pattern: "" }), TypeError);
});

Deno.test("find_files shows at most 100 and counts all", async () => {
  await using space = await tempContext(
    Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`f${String(i).padStart(3, "0")}.txt`, ""])),
  );
  const lines = (await space.call(findFiles, { pattern: "*.txt" })).split("\n");
  assert.deepEqual([lines.length, lines[99], lines[100]], [
    101,
    "f099.txt",
    "[100 of 101 shown; use a narrower pattern]",
  ]);
});

Deno.test("list_files shows two levels with full paths, deeper folders counted", async () => {
  await using space = await tempContext(project);
  assert.equal(
    await space.call(listFiles, {}),
    ".gitignore\nmain.py\nsrc/\nsrc/app.ts\nsrc/deep/ (2 files)",
  );
  assert.equal(await space.call(listFiles, { path: "src", depth: 1 }), "src/app.ts\nsrc/deep/ (2 files)");
  assert.equal(
    await space.call(listFiles, { path: "./src/deep", depth: 9 }),
    "src/deep/er/\nsrc/deep/er/App.test.ts\nsrc/deep/x.ts",
  );
  await assert.rejects(space.call(listFiles, { path: "main.py" }), /it is a file; use read_file/);
});

Deno.test("list_files tells an empty folder, and counts what does not fit", async () => {
  await using empty = await tempContext();
  assert.equal(await empty.call(listFiles, { path: "" }), ". is empty (or all of it is ignored by git)");
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`file-${i}.txt`, ""]));
  await using space = await tempContext(many, { limits: { resultChars: 1_000 } });
  const text = await space.call(listFiles, {});
  assert.ok(text.length <= 1_000);
  const [, hidden] = text.match(/\[(\d+) more entries; list a folder/) ?? [];
  assert.equal(text.split("\n").length - 1 + Number(hidden), 300);
});
