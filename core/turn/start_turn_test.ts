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

Deno.test("messages of one kind keep the head, whatever was learned of the model's tokens", async () => {
  const functions = Array.from({ length: 60 }, (_, n) => `def f_${n}(x):\n    return x + ${n}\n`).join("\n");
  const edit = (n: number) => call("patch", { path: "calc.py", search: `x + ${n}`, replace: `x * ${n}` });
  for (const window of [8_192, 32_768]) {
    const { requests } = await play({
      server: { window },
      files: { "calc.py": functions },
      replies: [21, 22, 23, 24].flatMap((n) => [edit(n), { text: "Done." }]),
      tasks: [21, 22, 23, 24].map((n) => `fix f_${n} in calc.py: it should multiply`),
    });
    const heads = requests.map(({ body, messages }) => JSON.stringify([body.tools, messages[0]]));
    assert.equal(new Set(heads).size, 1);
  }
});
