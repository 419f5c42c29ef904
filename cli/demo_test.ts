import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindSmallCode } from "../core/smallcode.ts";
import { bundle } from "../main.ts";
import { demoCommand } from "./demo.ts";
import type { World } from "./world.ts";

Deno.test("demoCommand() shows a test fail, the repair, and the test pass", async () => {
  const home = await mkdtemp(join(tmpdir(), "smallcode-demo-test-"));
  const { PATH = "" } = Deno.env.toObject();
  const SmallCode = bindSmallCode(() => ({ ...bundle(), env: { PATH, HOME: home }, home }));
  let text = "";
  const world = {
    newAgent: (options) => new SmallCode(options),
    out: (part) => text += part,
    colour: false,
    columns: 100,
    signal: new AbortController().signal,
  } as Partial<World> as World;
  assert.equal(await demoCommand(world), 0, text);
  assert.match(
    text,
    /ran {6}sh test_cart\.sh {2}\(exit 1, then exit 0\)\n {2}verified/,
  );
  await rm(home, { recursive: true });
});
