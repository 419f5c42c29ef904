import assert from "node:assert/strict";
import { createRequire } from "node:module";

const { Queue } = createRequire(import.meta.url)("./queue.js");
const queue = new Queue();
for (const [item, priority] of [["a", 1], ["b", 1], ["c", 2], ["d"], ["e", 2], ["f", 1], ["g", 0]]) {
  queue.push(item, priority);
}
assert.equal(queue.size, 7);
const popped = [];
while (queue.size > 0) popped.push(queue.pop());
assert.deepEqual(popped, ["c", "e", "a", "b", "f", "d", "g"]);
assert.equal(queue.pop(), undefined);
