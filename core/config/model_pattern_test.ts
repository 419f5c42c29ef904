import { equal } from "node:assert/strict";
import { fitsPattern, isPattern } from "./model_pattern.ts";

const FITS: readonly (readonly [name: string, pattern: string, fits: boolean])[] = [
  ["abc", "*", true],
  ["", "*", true],
  ["abc", "abc", true],
  ["abcd", "abc", false],
  ["a1b1b", "a*1b", true],
  ["aba", "*a*a", true],
  ["ab", "*a", false],
  ["a", "a*a", false],
  ["a1b", "a*1b*b", false],
  ["x.y", "x.y", true],
  ["x-y", "x.y", false],
  ["v4-x", "v[3-9]*", true],
  ["v2", "v[3-9]*", false],
];

Deno.test("fitsPattern() knows stars and classes, and takes all else literally", () => {
  for (const [name, pattern, fits] of FITS) equal(fitsPattern(name, pattern), fits, `${name} ${pattern}`);
});

Deno.test("fitsPattern() is linear in the name", () => {
  equal(fitsPattern("a".repeat(100_000), `${"*a".repeat(1_000)}b`), false);
});

Deno.test("isPattern() refuses other globs, and classes that are none", () => {
  for (const text of ["*", "qwen2.5-coder*", "o[1-9]*"]) equal(isPattern(text), true, text);
  for (const text of ["", "{a,b}", "a?", "@(a|b)", "[", "[]", "[z-a]", "a\\b", "!a"]) {
    equal(isPattern(text), false, text);
  }
});
