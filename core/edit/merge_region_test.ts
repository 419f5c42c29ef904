import assert from "node:assert/strict";
import { mergeRegion, mergeRequest, takeMerged } from "./merge_region.ts";

const FILE = Array.from({ length: 40 }, (_, i) => `line${i + 1} = ${i + 1}\r\n`).join("");
const REGION = { from: 17, to: 23, text: FILE.split("\r\n").slice(16, 23).join("\r\n") + "\r\n" };

Deno.test("mergeRegion() holds the nearest line with three on each side, as it stands", () => {
  assert.deepEqual(mergeRegion(FILE, "line20 = twenty"), REGION);
});

Deno.test("mergeRegion() is undefined where nothing can be shown", () => {
  assert.deepEqual([
    mergeRegion("", "a"),
    mergeRegion(FILE, " \n"),
    mergeRegion(FILE.repeat(9), FILE.repeat(3)),
  ], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("mergeRequest() fences texts that hold fences", () => {
  const request = mergeRequest({ from: 1, to: 1, text: "````\n" }, "a", "b");
  assert.equal(request.includes("`````\n````\n`````"), true);
});

Deno.test("takeMerged() writes the region and nothing else, in the file's endings", () => {
  const merged = REGION.text.replaceAll("\r\n", "\n").replace("line20 = 20", () => "line20 = $&");
  const result = takeMerged(FILE, REGION, `Here:\n\`\`\`python\n${merged}\`\`\`\n`);
  assert.equal(
    result.kind === "applied" ? result.text : result.message,
    FILE.replace("line20 = 20", () => "line20 = $&"),
  );
});

Deno.test("takeMerged() refuses what is not the whole region", () => {
  const replies = [
    "line20 = 21",
    "```\nline20 = 21\n",
    "```\n\n```",
    "```\na\n```\n```\nb\n```",
    "```\nline20 = 21\n# ... rest of the code\n```",
  ];
  for (const reply of replies) assert.equal(takeMerged(FILE, REGION, reply).kind, "refused", reply);
  assert.equal(takeMerged(`new\n${FILE}`, REGION, "```\na = 1\n```").kind, "refused");
});
