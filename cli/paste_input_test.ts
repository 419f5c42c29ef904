import assert from "node:assert/strict";
import { foldPaste, unfoldPaste } from "./paste_input.ts";

const folded = (...chunks: string[]) => {
  const fold = foldPaste();
  return chunks.map(fold).join("");
};

Deno.test("foldPaste() makes a pasted text one line, and unfoldPaste() gives it back", () => {
  const line = folded("say \x1b[200~one\r\ntwo\nthree\x1b[201~ end\r");
  assert.equal(line, "say one⏎two⏎three end\r");
  assert.equal(unfoldPaste(line.trimEnd()), "say one\ntwo\nthree end");
});

Deno.test("foldPaste() finds marks that are cut by chunks", () => {
  assert.equal(folded("a\x1b[2", "00~b\nc", "\nd\x1b[20", "1~e\r"), "ab⏎c⏎de\r");
});

Deno.test("foldPaste() leaves keys alone", () => {
  for (const key of ["\x1b", "\x1b[A", "\x1b[3~", "\x03", "\r", "x"]) assert.equal(folded(key), key);
});
