import assert from "node:assert/strict";
import { phrases } from "./phrases.ts";

const TABLE = phrases(`
  run, sum up, suche+n, look/see at [the/my] file
  give _2 summary, keep *ing, do not [you/ever]3 touch
  show > me/us ; the _ file
  read ! ... from ; it $
  check > if ! ... before _
`);

Deno.test("phrases() reads words, endings, alternatives, what may be missing, and what must or must not follow", () => {
  const cases: readonly (readonly [string, number])[] = [
    ["run it", 1],
    ["runner", 0],
    ["sum it up", 0],
    ["sum up it", 2],
    ["suchen wir", 1],
    ["suchend", 0],
    ["look at file", 3],
    ["see at my file now", 4],
    ["look at your file", 0],
    ["give summary", 2],
    ["give me a summary", 4],
    ["give me a short summary", 0],
    ["keep going", 2],
    ["keep it", 0],
    ["do not ever ever touch", 5],
    ["do not ever ever you ever touch", 0],
    ["show me", 1],
    ["show the old file", 1],
    ["show a banner", 0],
    ["show", 0],
    ["read it", 0],
    ["read it all", 1],
    ["read the names from a file", 0],
    ["check if it runs", 1],
    ["check if it runs before saving", 0],
    ["check the input", 0],
    ["", 0],
  ];
  for (const [text, leads] of cases) assert.equal(TABLE.leads(text.split(" ").filter(Boolean)), leads, text);
});

Deno.test("phrases() finds a phrase anywhere", () => {
  assert.equal(TABLE.stands("please run it".split(" ")), true);
  assert.equal(TABLE.stands("please go".split(" ")), false);
});

Deno.test("phrases() takes steps in proportion to the text", () => {
  const words = (count: number) => Array.from({ length: count }, (_, n) => n % 2 === 0 ? "read" : "give");
  assert.equal(TABLE.leads([...words(20_000), "from"]), 0);
  assert.equal(TABLE.stands(words(2_000).map(() => "give")), false);
});
