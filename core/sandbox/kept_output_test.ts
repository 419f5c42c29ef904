import assert from "node:assert/strict";
import { cutMiddle, keepOutput } from "./kept_output.ts";

Deno.test("keepOutput() keeps everything that fits, exactly full too", () => {
  const output = keepOutput(10);
  for (const text of ["abc", "defgh", "ij"]) output.add(text);
  assert.equal(output.text(), "abcdefghij");
  output.add("k");
  assert.equal(output.text(), "abcde\n[... 0 lines, 1 characters cut ...]\nghijk");
});

Deno.test("keepOutput() gives the same for any way the text is split", () => {
  const text = Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join("");
  const whole = keepOutput(200);
  whole.add(text);
  const split = keepOutput(200);
  for (let at = 0; at < text.length; at += 7) split.add(text.slice(at, at + 7));
  assert.equal(split.text(), whole.text());
  const [, lines, chars] = whole.text().match(/\[\.\.\. (\d+) lines, (\d+) characters cut \.\.\.\]/) ?? [];
  const kept = whole.text().replace(/\[\.\.\. .*\]\n/, "");
  assert.equal(kept.length + Number(chars), text.length);
  assert.equal(kept.split("\n").length - 1 + Number(lines), 500);
});

Deno.test("fresh() gives only what came since", () => {
  const output = keepOutput(100);
  output.add("one");
  assert.deepEqual([output.fresh(), output.fresh()], ["one", ""]);
  output.add("two");
  assert.deepEqual([output.fresh(), output.text()], ["two", "onetwo"]);
});

Deno.test("cutMiddle() leaves a text that fits as it is", () => {
  assert.equal(cutMiddle("abc", 3), "abc");
  assert.equal(cutMiddle("abcd", 2), "a\n[... 0 lines, 2 characters cut ...]\nd");
});
