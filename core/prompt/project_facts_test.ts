import assert from "node:assert/strict";
import { openSyntax } from "../syntax/syntax.ts";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import { lookFirst } from "./first_look.ts";
import { BRIEF_FACTS_CHARS, describeFacts, findProjectFacts, type ProjectFacts } from "./project_facts.ts";

const { signal } = new AbortController();

Deno.test("findProjectFacts() sees the top of a large project, and the first look a file that is named beyond it", async () => {
  await using space = await tempWorkspace({
    ...Object.fromEntries(Array.from({ length: 2_100 }, (_, n) => [`docs/deep/page_${n}.md`, "x\n"])),
    "package.json": '{"scripts": {"start": "node src/main.js"}}',
    "src/main.js": "main();\n",
    "src/far/down/zebra.js": "zebra();\n",
    "zz/last.py": "last()\n",
  });
  const facts = await findProjectFacts(space.files, signal);
  assert.deepEqual(facts.entries, ["docs/", "package.json", "src/", "zz/"]);
  assert.match(
    describeFacts(facts),
    /^Project: JavaScript, Python; more than \d+ files\.\nPackage manager: npm\.\nRun: npm start\n/,
  );
  const look = async (task: string) => {
    const syntax = openSyntax(() => new URL("file:///none"));
    const { shown } = await lookFirst({
      ...{ task, facts, files: space.files, syntax, signal, roomTokens: 1_000 },
      estimate: (text) => text.length / 4,
    });
    return shown.map(({ path }) => path);
  };
  assert.deepEqual(await look("fix zebra.js"), ["src/far/down/zebra.js"]);
  assert.deepEqual(await look("what does docs/deep/page_2099.md say?"), ["docs/deep/page_2099.md"]);
  assert.deepEqual(await look("create nowhere.js"), []);
});

Deno.test("describeFacts() is as long as it may be: no half command, as many names as fit", () => {
  const facts: ProjectFacts = {
    languages: ["Python"],
    packageManager: "uv",
    testCommand: "python -m pytest ".repeat(30),
    entries: Array.from({ length: 24 }, (_, n) => `some_long_folder_name_${n}/`),
    fileCount: 400,
    paths: [],
  };
  for (const most of [430, BRIEF_FACTS_CHARS]) {
    const text = describeFacts(facts, most);
    assert.ok(text.length <= most && text.length > most - 40, `${text.length} of ${most}`);
    assert.match(
      text,
      /^Project: Python; 400 files\.\nPackage manager: uv\.\nTop: some_long_folder_name_0\//,
    );
  }
});

Deno.test("findProjectFacts() tells the framework, the commands and the entry point, and reads past a manifest that is no text", async () => {
  const cases: readonly (readonly [Readonly<Record<string, string | Uint8Array>>, string])[] = [
    [
      {
        "package.json":
          '{"main": "./lib/server.js", "scripts": {"build": "tsc", "start": "x"}, "dependencies": {"express": "5"}}',
        "lib/server.js": "1\n",
      },
      "Project: JavaScript; 2 files; Express.\nPackage manager: npm.\nRun: npm start\nBuild: npm run build\nEntry: lib/server.js\nTop: lib/ package.json",
    ],
    [
      { "requirements.txt": "Django>=5\npsycopg\n", "manage.py": "x\n" },
      "Project: Python; 2 files; Django.\nTop: manage.py requirements.txt",
    ],
    [
      { "package.json": new Uint8Array([0xff, 0xfe, 0, 1]), "a.js": "1\n" },
      "Project: JavaScript; 2 files.\nPackage manager: npm.\nTop: a.js package.json",
    ],
    [
      { "package.json": '[1, {"re":' },
      "Project: no source files; 1 files.\nPackage manager: npm.\nTop: package.json",
    ],
    [{}, "The project folder is empty."],
  ];
  for (const [files, told] of cases) {
    await using space = await tempWorkspace(files);
    assert.equal(describeFacts(await findProjectFacts(space.files, signal)), told);
  }
});
