import assert from "node:assert/strict";
import { page } from "./pager.mjs";

const items = ["a", "b", "c", "d", "e"];
assert.deepEqual(page(items, 1, 2), { items: ["a", "b"], pages: 3 });
assert.deepEqual(page(items, 2, 2), { items: ["c", "d"], pages: 3 });
assert.deepEqual(page(items, 3, 2), { items: ["e"], pages: 3 });
assert.deepEqual(page(items, 1, 5), { items, pages: 1 });
assert.deepEqual(page([], 1, 5), { items: [], pages: 0 });
