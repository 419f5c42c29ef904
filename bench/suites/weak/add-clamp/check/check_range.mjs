import assert from "node:assert/strict";
import range from "./range.js";

assert.equal(range.clamp(5, 1, 10), 5);
assert.equal(range.clamp(-3, 1, 10), 1);
assert.equal(range.clamp(30, 1, 10), 10);
assert.equal(range.clamp(1, 1, 10), 1);
assert.equal(range.clamp(0, -5, 5), 0);
assert.equal(range.lerp(0, 10, 0.5), 5);
