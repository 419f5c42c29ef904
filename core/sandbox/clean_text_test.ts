import assert from "node:assert/strict";
import { cleanLine, cleanText, exactLine } from "./clean_text.ts";

Deno.test("cleanText() leaves words, tabs and newlines, and nothing that a terminal obeys", () => {
  const cases: Readonly<Record<string, string>> = {
    "a\tb\nc": "a\tb\nc",
    "a\r\nb": "a\nb",
    "over\rwritten": "overwritten",
    "\x1b[31mred\x1b[0m": "red",
    "\x1b]0;title\x07x": "x",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x1b]52;c;aGVsbG8=\x07": "",
    "\x1bP+q544e\x1b\\x": "x",
    "\x9b31mx": "x",
    "\x1bcx": "x",
    "\x1b(0x": "x",
    "\x1b": "",
    "\x1b[": "",
    "\x1b[31": "",
    "a\u202Eb\u2066c": "abc",
    "\x00\x07\x08a\x7f": "a",
    "\ud800x": "\ufffdx",
  };
  assert.deepEqual(
    Object.fromEntries(Object.keys(cases).map((text) => [text, cleanText(text)])),
    cases,
  );
  // deno-lint-ignore no-control-regex -- the control characters are what is looked for
  assert.doesNotMatch(cleanText("\x1b\x1b[31m[31mx\x1b\x1b]0;a\x07"), /[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
});

Deno.test("cleanText() is linear: 2 MB of hostile sequences in no time worth naming", () => {
  for (const part of ["\x1b]", "\x1b[1;", "\x9d", "\x1b \x1b"]) {
    assert.ok(cleanText(part.repeat(1_000_000 / part.length)).length <= 1_000_000);
  }
});

Deno.test("cleanLine() cuts to one line", () => {
  assert.equal(cleanLine("a\n b\t c", 20), "a b c");
  assert.equal(cleanLine("abcdefghij", 8), "abcde...");
});

Deno.test("exactLine() never reads the same for two texts", () => {
  assert.equal(exactLine("a  b\n\x1b[2J\u202ec", 100), "a  b\\n\\u001b[2J\\u202ec");
  const [one, two] = ["x", "y"].map((end) => exactLine("a".repeat(200) + end, 100));
  assert.notEqual(one, two);
  assert.ok(one!.length < 150);
});
