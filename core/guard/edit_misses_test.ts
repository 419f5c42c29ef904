import assert from "node:assert/strict";
import type { CallRecord, ToolCall } from "../types.ts";
import { missedPath, nextForm } from "./edit_misses.ts";

const call = (args: ToolCall["args"]): ToolCall => ({ id: "1", name: "edit", args });
const misses = (path: string, count: number): CallRecord[] =>
  Array.from({ length: count }, (_, step) => ({
    step,
    name: "edit",
    key: `${step}`,
    ok: false,
    result: "",
    missed: path,
  }));
const SMALL = "a\nb\n";
const LARGE = "line\n".repeat(200);

Deno.test("nextForm() asks for another form after two misses and for a merge after three, once each", () => {
  const patch = call({ path: "a.py", search: "x", replace: "y" });
  const forms = [0, 1, 2, 3, 4].map((count) => nextForm(misses("a.py", count), patch, LARGE));
  assert.deepEqual(forms, [undefined, undefined, "line_range", "merge", undefined]);
});

Deno.test("nextForm() takes the whole of a small file, unless the whole file was what was refused", () => {
  const two = misses("a.py", 2);
  assert.equal(nextForm(two, call({ path: "./a.py", search: "x", replace: "y" }), SMALL), "whole_file");
  assert.equal(nextForm(two, call({ path: "a.py", content: "x" }), SMALL), "line_range");
});

Deno.test("nextForm() counts each file for itself", () => {
  const mixed = [...misses("a.py", 1), ...misses("b.py", 1)];
  assert.equal(nextForm(mixed, call({ path: "a.py", search: "x" }), SMALL), undefined);
});

Deno.test("missedPath() is the path as it counts", () => {
  assert.deepEqual([call({ path: "././a.py" }), call({})].map(missedPath), ["a.py", undefined]);
});
