import assert from "node:assert/strict";
import type { Malformed, Turn } from "../types.ts";
import { dialectNow, needsConstraint, noteMisread } from "./misread.ts";

const problem = (kind: Malformed["kind"], tool = "patch"): Malformed => ({ kind, tool, sent: "", why: "" });
const START = { step: 1, corrections: {} } as Turn;

Deno.test("noteMisread() changes the dialect at the second same fault, and stays with it", () => {
  const one = noteMisread(START, problem("unreadable"));
  const other = noteMisread(one, problem("missing_argument"));
  const twice = noteMisread(one, problem("unreadable"));
  const later = noteMisread(twice, problem("cut"));
  assert.deepEqual([one, other, twice, later].map((turn) => dialectNow(turn, "json")), [
    "json",
    "json",
    "raw",
    "raw",
  ]);
  assert.deepEqual(
    (["native", "raw", "hermes", "qwen-xml", "pythonic"] as const).map((name) => dialectNow(twice, name)),
    ["json", "json", "raw", "raw", "raw"],
  );
});

Deno.test("needsConstraint() is true right after the third misread call only", () => {
  const turn = noteMisread(START, problem("unreadable"));
  assert.equal(needsConstraint({ ...turn, corrections: { malformed: 2 } }), false);
  assert.equal(needsConstraint({ ...turn, corrections: { malformed: 3 } }), true);
  assert.equal(needsConstraint({ ...turn, step: 2, corrections: { malformed: 3 } }), false);
});
