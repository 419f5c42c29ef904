import assert from "node:assert/strict";
import { createRequire } from "node:module";

const { sumTo } = createRequire(import.meta.url)("./sum.js");
assert.deepEqual([0, 1, 2, 4, 100].map((n) => sumTo(n)), [0, 1, 3, 10, 5050]);
