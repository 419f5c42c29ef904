import assert from "node:assert/strict";
import { checkToolNames } from "./tool_names.ts";

Deno.test("checkToolNames() accepts known names, and names what has no effect yet", () => {
  assert.deepEqual(checkToolNames(["read_file", "memory", "symbols"], ["read_file", "patch"]), [
    "memory",
    "symbols",
  ]);
});

Deno.test("checkToolNames() refuses an unknown name with the nearest", () => {
  assert.throws(
    () => checkToolNames(["read_files"], ["read_file", "patch"]),
    /there is no tool "read_files"; did you mean "read_file"\? Tools: read_file, patch/,
  );
});
