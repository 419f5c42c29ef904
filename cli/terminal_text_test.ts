import assert from "node:assert/strict";
import { oneLine, painter, plainText } from "./terminal_text.ts";

Deno.test("plainText() removes what a terminal would obey", () => {
  const hostile = "a\x1b[31mred\x1b[0m\x1b]0;title\x07b\x1b]52;c;aGk=\x1b\\c\td\ne\x08\x9b1m";
  assert.equal(plainText(hostile), "aredbc\td\ne1m");
});

Deno.test("oneLine() folds white space and cuts", () => {
  assert.equal(oneLine("a\n  b\tc", 80), "a b c");
  assert.equal(oneLine("abcdef", 4), "abc…");
});

Deno.test("painter() leaves text alone without colours", () => {
  assert.equal(painter(false)("red", "x"), "x");
  assert.equal(painter(true)("red", "x"), "\x1b[31mx\x1b[39m");
});
