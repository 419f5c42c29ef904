import assert from "node:assert/strict";
import { nameList } from "./name_list.ts";

Deno.test("nameList() names the first and counts the others", () => {
  assert.equal(nameList([], 2), "");
  assert.equal(nameList(["a", "b"], 2), "a, b");
  assert.equal(nameList(["a", "b", "c", "d"], 2), "a, b and 2 more");
});
