import assert from "node:assert/strict";
import { editDistance } from "./edit_distance.ts";

Deno.test("editDistance() counts the characters that must change", () => {
  const pairs = [["", ""], ["abc", ""], ["", "abc"], ["model", "modle"], ["kitten", "sitting"], [
    "same",
    "same",
  ]];
  assert.deepEqual(pairs.map(([a, b]) => editDistance(a ?? "", b ?? "")), [0, 3, 3, 2, 3, 0]);
});
