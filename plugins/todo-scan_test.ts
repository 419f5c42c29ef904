import assert from "node:assert/strict";
import { callCommand, callTool, openTestHost } from "./_test_host.ts";
import plugin from "./todo-scan.ts";

Deno.test("todo_scan lists each note with its line, and leaves out what is no source of the project", async () => {
  await using host = await openTestHost({
    files: {
      "a.py": "x = 1\n# TODO: use y\ny = 2  # FIXME(ann) later\n",
      "src/b.ts": "/* HACK: for now */\nconst todos = 1;\n",
      "node_modules/c.js": "// TODO not ours\n",
      ".git/d.sh": "# TODO\n",
      "e.bin": "TODO",
    },
  });
  assert.deepEqual(await callTool(plugin, "todo_scan", {}, host), {
    text: "a.py:2: TODO use y\na.py:3: FIXME ann) later\nsrc/b.ts:1: HACK for now",
    summary: "3 notes in 2 files",
  });
  assert.equal(await callCommand(plugin, "src", host), "src/b.ts:1: HACK for now");
});

Deno.test("todo_scan says that there is nothing, and stops at 200 notes", async () => {
  await using none = await openTestHost({ files: { "a.py": "x = 1\n" } });
  assert.equal(
    (await callTool(plugin, "todo_scan", { path: "a.py" }, none)).text,
    "No TODO, FIXME, HACK or XXX in 1 files",
  );
  await using many = await openTestHost({ files: { "a.py": "# TODO x\n".repeat(500) } });
  const { text } = await callTool(plugin, "todo_scan", {}, many);
  assert.equal(text.split("\n").length, 201);
  assert.match(text, /\(the first 200; give a folder to see others\)$/);
});
