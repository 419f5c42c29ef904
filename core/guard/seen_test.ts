import assert from "node:assert/strict";
import { addRange, openSeen } from "./seen.ts";

Deno.test("openSeen() knows a file as whole when its ranges cover it at one content", () => {
  const seen = openSeen();
  seen.note("a", "h1", 1, 10, 20);
  assert.equal(seen.isWhole("a", "h1"), false);
  seen.note("a", "h1", 11, 20, 20);
  assert.equal(seen.isWhole("a", "h1"), true);
  assert.equal(seen.isWhole("a", "h2"), false);
  seen.note("a", "h2", 1, 5, 20);
  assert.equal(seen.isWhole("a", "h1"), false);
  assert.equal(seen.hash("a"), "h2");
  assert.equal(seen.hash("b"), undefined);
});

Deno.test("openSeen() knows an empty file as whole once it was shown", () => {
  const seen = openSeen();
  assert.equal(seen.isWhole("a", "h"), false);
  seen.note("a", "h", 1, 0, 0);
  assert.equal(seen.isWhole("a", "h"), true);
});

Deno.test("openSeen() knows what stands in the context until all of it is hidden", () => {
  const seen = openSeen();
  const content = { hash: "h", text: "one\n" };
  seen.show("a", content);
  assert.deepEqual([seen.shown("a"), seen.shown("b")], [content, undefined]);
  seen.hideAll();
  assert.equal(seen.shown("a"), undefined);
});

Deno.test("openSeen() forgets what was shown when the context starts anew", () => {
  const seen = openSeen();
  seen.note("a", "h", 1, 2, 2);
  seen.show("a", { hash: "h", text: "one\ntwo\n" });
  seen.forgetAll();
  assert.deepEqual([seen.isWhole("a", "h"), seen.hash("a"), seen.shown("a")], [false, undefined, undefined]);
});

Deno.test("addRange() joins ranges that overlap or touch", () => {
  assert.deepEqual(addRange([[1, 3], [8, 9]], [4, 5]), [[1, 5], [8, 9]]);
  assert.deepEqual(addRange([[1, 3], [8, 9]], [2, 8]), [[1, 9]]);
  assert.deepEqual(addRange([[4, 5]], [1, 2]), [[1, 2], [4, 5]]);
});
