import assert from "node:assert/strict";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import { localImports, missingImports } from "./local_imports.ts";

Deno.test("localImports() reads relative imports and nothing else", () => {
  const names = (path: string, text: string) =>
    localImports(path, text).map(({ line, name }) => `${line} ${name}`);
  const script = [
    'import { a } from "./a.ts";',
    "import './style.css?inline';",
    'import b from "react";',
    "export * from '../b';",
    'const c = require("./c"), d = await import("./d.js");',
    '// import e from "./e";',
    "import {",
    "  f,",
    '} from "./f";',
  ].join("\n");
  assert.deepEqual(names("src/main.ts", script), [
    "1 ./a.ts",
    "2 ./style.css?inline",
    "4 ../b",
    "5 ./c",
    "5 ./d.js",
    "9 ./f",
  ]);
  const python =
    "from .a import b\nfrom ..c.d import e\nfrom . import f\nfrom g import h\n# from .i import j\n";
  assert.deepEqual(names("pkg/main.py", python), ["1 .a", "2 ..c.d"]);
  assert.deepEqual(names("notes.md", script), []);
});

Deno.test("missingImports() tells the added imports that lead nowhere", async () => {
  const main = [
    'import "./there.js";',
    'import "./folder";',
    'import "./gone";',
    'import "./old";',
    'import "../../outside";',
    "",
  ].join("\n");
  await using space = await tempWorkspace({
    "src/main.ts": main,
    "src/there.ts": "",
    "src/folder/index.ts": "",
    "pkg/main.py": "from .there import a\nfrom .gone import b\nfrom .part.deep import c\n",
    "pkg/there.py": "",
    "pkg/part/deep/__init__.py": "",
  });
  const missing = async (path: string, added: readonly string[]) =>
    (await missingImports(path, added.map((line) => `+${line}`).join("\n"), space.files)).map(({ name }) =>
      name
    );
  const added = main.split("\n").filter((line) => !line.includes("old"));
  assert.deepEqual(await missing("src/main.ts", added), ["./gone"]);
  const python = (await space.files.read("pkg/main.py")).text.split("\n");
  assert.deepEqual(await missing("pkg/main.py", python), [".gone"]);
});
