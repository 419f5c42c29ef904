import assert from "node:assert/strict";
import { page } from "./pager.mjs";

assert.deepEqual(page([1, 2, 3, 4], 1, 2).items, [1, 2]);
