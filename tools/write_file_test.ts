import assert from "node:assert/strict";
import { writeFile as writeText } from "node:fs/promises";
import { join } from "node:path";
import { ToolError } from "../core/errors.ts";
import { openSyntax } from "../core/syntax/syntax.ts";
import { bundle } from "../main.ts";
import { tempContext } from "./_temp_context.ts";
import readFile from "./read_file.ts";
import writeFile from "./write_file.ts";

const RANGE = "function lerp(from, to) {\n  return from;\n}\n\nmodule.exports = { lerp };\n";
const CLAMP = "function clamp(v) {\n  return v;\n}\n\nmodule.exports = { lerp, clamp };\n";

Deno.test("write_file refuses once to drop what the message does not speak of, and shows the file with it", async () => {
  await using place = await tempContext({ "range.js": RANGE }, { asked: "Add clamp to range.js" });
  await place.call(readFile, { path: "range.js" });
  const write = () => place.call(writeFile, { path: "range.js", content: CLAMP });
  await assert.rejects(
    write(),
    new ToolError(
      `Not written: range.js would lose lerp, which the task does not speak of. With them it is:\n\`\`\`\n${
        RANGE.split("\n\n")[0]
      }\n\n${CLAMP}\`\`\`\nWrite it like this with one call of write_file range.js. If they shall really go, send the same call again`,
    ),
  );
  assert.equal(await write(), "Wrote range.js: 5 lines, +3 -3.");
});

Deno.test("write_file drops what the message speaks of", async () => {
  await using place = await tempContext({ "range.js": RANGE }, {
    asked: "Replace lerp by clamp in range.js",
  });
  await place.call(readFile, { path: "range.js" });
  assert.match(await place.call(writeFile, { path: "range.js", content: CLAMP }), /^Wrote/);
});

Deno.test("write_file refuses to drop a method as it refuses to drop a function", async () => {
  const before =
    "import os\n\n\nclass A:\n    def one(self):\n        return os.sep\n\n    def two(self):\n        pass\n";
  const after = "class A:\n    def two(self):\n        return 2\n";
  await using place = await tempContext({ "a.py": before }, { asked: "two() must give 2" });
  await place.call(readFile, { path: "a.py" });
  await assert.rejects(
    writeFile.run({ path: "a.py", content: after }, {
      ...place.context,
      syntax: openSyntax(bundle().assets),
    }),
    new RegExp(
      "would lose os, one, which the task does not speak of. With them it is:\n```\n" +
        "import os\n\nclass A:\n    def two\\(self\\):\n        return 2\n\n    def one\\(self\\):\n        return os\\.sep\n```",
    ),
  );
});

Deno.test("write_file takes for seen what it wrote, not what a person wrote a moment later", async () => {
  await using place = await tempContext();
  const { files } = place.context;
  const context = {
    ...place.context,
    files: {
      ...files,
      write: async (path: string, text: string, expect: string | null) => {
        const change = await files.write(path, text, expect);
        await writeText(join(place.root, path), "mine\n");
        return change;
      },
    },
  };
  const { changes } = await writeFile.run({ path: "a.txt", content: "ours\n" }, context);
  assert.deepEqual(changes?.map(({ path, kind }) => [path, kind]), [["a.txt", "created"]]);
  await assert.rejects(
    writeFile.run({ path: "a.txt", content: "ours again\n" }, context),
    /Not written: a\.txt exists and you have not seen all of it as it stands now/,
  );
});

Deno.test("write_file writes no text that no tool could read again", async () => {
  await using place = await tempContext();
  await assert.rejects(
    place.call(writeFile, { path: "a.txt", content: "a\u0000b" }),
    new ToolError('Cannot write "a.txt": the text holds a NUL character, which no text file has'),
  );
  assert.equal(await place.context.files.exists("a.txt"), undefined);
});
