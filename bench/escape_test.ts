import assert from "node:assert/strict";
import { bundle } from "../main.ts";
import { escapeCommand } from "./escape.ts";

Deno.test("bench escape prints a row for each attempt, and counts", async () => {
  let text = "";
  const world = { assets: bundle().assets, out: (part: string) => void (text += part) };
  assert.equal(await escapeCommand({ only: "a data: module" }, world), 0);
  assert.match(
    text,
    /^held +import +answered +\d+ ms +a data: module\n1 attempts, 0 escapes, 0 not proved\n5 controls, 5 found/,
  );
  await assert.rejects(escapeCommand({ only: "no such thing" }, world), RangeError);
});
