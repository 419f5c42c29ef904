import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "../errors.ts";
import { addPermit, readPermits } from "./permits.ts";

Deno.test("addPermit() keeps what was allowed, for its own workspace only", async () => {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-permits-"));
  assert.deepEqual(await readPermits(folder, "/a"), []);
  await addPermit(folder, "/a", "run: npm test");
  await addPermit(folder, "/a", "run: npm test");
  await addPermit(folder, "/b", "run: make");
  assert.deepEqual(await readPermits(folder, "/a"), ["run: npm test"]);
  assert.deepEqual(await readPermits(folder, "/b"), ["run: make"]);
  await rm(folder, { recursive: true });
});

Deno.test("readPermits() says which file is broken", async () => {
  const folder = await mkdtemp(join(tmpdir(), "smallcode-permits-"));
  for (const text of ["{", "[]", '{"/a": "run: x"}']) {
    await writeFile(join(folder, "permits.json"), text);
    await assert.rejects(
      readPermits(folder, "/a"),
      (error: unknown) => error instanceof ConfigError && /permits\.json/.test(error.message),
    );
  }
  await rm(folder, { recursive: true });
});
