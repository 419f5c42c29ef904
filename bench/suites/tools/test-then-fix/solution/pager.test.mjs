import assert from "node:assert/strict";
import { page } from "./pager.mjs";

const items = [1, 2, 3, 4, 5];
assert.deepEqual(page(items, 1, 2), { items: [1, 2], pages: 3 });
assert.deepEqual(page(items, 3, 2), { items: [5], pages: 3 });
assert.deepEqual(page([], 1, 2), { items: [], pages: 0 });
