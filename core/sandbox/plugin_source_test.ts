import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { makePluginSource, readPluginSource } from "./plugin_source.ts";

async function inFolder(
  files: Readonly<Record<string, string | Uint8Array>>,
  check: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "plugin-source-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    await check(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

Deno.test("readPluginSource() takes a single file alone, and of a folder what can be imported", async () => {
  const files = {
    "web.ts": "export default {};",
    "other.ts": "other",
    "big/plugin.ts": "export default 1;",
    "big/lib/a.js": "a",
    "big/words.json": "{}",
    "big/smallcode.d.ts": "types",
    "big/README.md": "read me",
    "big/node_modules/x/a.js": "x",
    "big/.hidden/a.js": "x",
  };
  await inFolder(files, async (folder) => {
    assert.deepEqual(
      await readPluginSource(join(folder, "web.ts"), "./web.ts"),
      makePluginSource("./web.ts", "web.ts", { "web.ts": files["web.ts"] }),
    );
    assert.deepEqual(
      await readPluginSource(join(folder, "big"), "./big"),
      makePluginSource("./big", "plugin.ts", {
        "lib/a.js": "a",
        "plugin.ts": files["big/plugin.ts"],
        "words.json": "{}",
      }),
    );
  });
});

Deno.test("makePluginSource() gives the hash of names and texts, whatever their order", () => {
  const hash = (files: Record<string, string>) => makePluginSource("x", "a.ts", files).hash;
  assert.equal(hash({ "a.ts": "1", "b.ts": "2" }), hash({ "b.ts": "2", "a.ts": "1" }));
  const different = [{ "a.ts": "1" }, { "a.ts": "2" }, { "a.ts": "", "b.ts": "1" }, {
    "a.ts": "1",
    "b.ts": "",
  }];
  assert.equal(
    new Set(different.map((files) => hash(files as Record<string, string>))).size,
    different.length,
  );
});

Deno.test("readPluginSource() refuses what is no plugin, with its reason", async () => {
  await inFolder(
    { "empty/a.ts": "", "bad.ts": new Uint8Array([0xff, 0xfe]), "far/secret.json": "{}" },
    async (folder) => {
      await mkdir(join(folder, "linked"));
      await writeFile(join(folder, "linked", "plugin.ts"), "");
      await symlink(join(folder, "far", "secret.json"), join(folder, "linked", "secret.json"));
      await mkdir(join(folder, "many"));
      for (let i = 0; i <= 100; i++) await writeFile(join(folder, "many", `${i}.ts`), "");
      await writeFile(join(folder, "large.ts"), "x".repeat(1024 * 1024 + 1));
      const refused: Readonly<Record<string, RegExp>> = {
        gone: /no such file/,
        empty: /no plugin\.ts/,
        "bad.ts": /not UTF-8/,
        linked: /link that leads out/,
        many: /over 100 files/,
        "large.ts": /over 1 MB/,
      };
      for (const [path, message] of Object.entries(refused)) {
        await assert.rejects(readPluginSource(join(folder, path), path), { name: "RangeError", message });
      }
    },
  );
});
