import assert from "node:assert/strict";
import { parseQuery } from "./query.mjs";

const cases = {
  "a=1&b=2": { a: "1", b: "2" },
  "?q=hello+big%20world": { q: "hello big world" },
  "": {},
  "?": {},
  "a=1&&b=2&": { a: "1", b: "2" },
  "eq=a=b": { eq: "a=b" },
  flag: { flag: "" },
  "a=1&a=2&a=3": { a: ["1", "2", "3"] },
  "na%26me=x": { "na&me": "x" },
  "plus=1%2B1": { plus: "1+1" },
};
for (const [text, wanted] of Object.entries(cases)) assert.deepEqual({ ...parseQuery(text) }, wanted, text);
