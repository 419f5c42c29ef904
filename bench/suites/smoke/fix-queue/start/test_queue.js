const assert = require("node:assert");
const { Queue } = require("./queue.js");

const queue = new Queue();
queue.push("first");
queue.push("second");
queue.push("urgent", 5);
assert.strictEqual(queue.pop(), "urgent");
assert.strictEqual(queue.pop(), "first");
assert.strictEqual(queue.pop(), "second");
console.log("ok");
