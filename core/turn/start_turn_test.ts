import assert from "node:assert/strict";
import { CALC, call, play } from "../_test_play.ts";

const PATCH = call("patch", { path: "calc.py", search: "a - b", replace: "a + b" });

Deno.test("a yes to an offered change is a change, and tools to make it are there", async () => {
  const { results, requests, read } = await play({
    server: { window: 8_192 },
    files: { "calc.py": CALC },
    replies: [{ text: "It subtracts. Shall I fix it?" }, PATCH, { text: "Fixed." }],
    tasks: ["what does calc.py do?", "yes"],
  });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["answered", "unverified"]);
  assert.equal(requests[0]?.tools.includes("patch"), false);
  assert.ok(requests[1]?.tools.includes("patch"));
  assert.equal(read("calc.py"), CALC.replace("-", "+"));
});

Deno.test("a yes or an ok that nothing was offered for is no change", async () => {
  const { results } = await play({
    files: { "calc.py": CALC },
    replies: ["It subtracts.", "It takes b from a.", "Good."].map((text) => ({ text })),
    tasks: ["what does calc.py do?", "go on", "ok"],
  });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["answered", "answered", "answered"]);
});
