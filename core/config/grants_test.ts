import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGrants, removeGrant, type StoredGrant, writeGrant } from "./grants.ts";

const GRANT: StoredGrant = {
  name: "a",
  hash: "00",
  decision: "granted",
  disabled: false,
  read: ["."],
  write: [],
  net: [],
  run: [],
  env: [],
};

Deno.test("grants are kept by plugin, replaced, and taken back; nobody else can read them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-grants-"));
  try {
    assert.deepEqual(await readGrants(folder), {});
    await writeGrant(folder, "/p/a.ts", GRANT);
    await writeGrant(folder, "/p/b.ts", { ...GRANT, name: "b" });
    await writeGrant(folder, "/p/a.ts", { ...GRANT, disabled: true });
    assert.deepEqual(await readGrants(folder), {
      "/p/a.ts": { ...GRANT, disabled: true },
      "/p/b.ts": { ...GRANT, name: "b" },
    });
    assert.deepEqual([await removeGrant(folder, "/p/a.ts"), await removeGrant(folder, "/p/a.ts")], [
      true,
      false,
    ]);
    assert.deepEqual(Object.keys(await readGrants(folder)), ["/p/b.ts"]);
    if (Deno.build.os !== "windows") {
      assert.equal((await stat(join(folder, "plugins.json"))).mode & 0o777, 0o600);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

Deno.test("readGrants() refuses a file that is none, so that no damage reads as a grant", async () => {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-grants-"));
  try {
    const { hash: _, ...without } = GRANT;
    for (const text of ["{", "[]", '{"/p/a.ts": true}', JSON.stringify({ "/p/a.ts": without })]) {
      await writeFile(join(folder, "plugins.json"), text);
      await assert.rejects(readGrants(folder), { name: "ConfigError", message: /mend or delete it/ });
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
