import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { detectSteps } from "./detect.ts";

interface Row {
  readonly text: string;
  readonly steps: boolean;
}

async function readRows(path: string): Promise<readonly Row[]> {
  const text = await readFile(new URL(path, import.meta.url), "utf8");
  return text.trim().split("\n").map((line) => JSON.parse(line));
}

/** Shares of rows: tasks of several steps that are found, simple ones that are left alone. */
function score(rows: readonly Row[]): { found: number; leftAlone: number } {
  const share = (wanted: boolean) => {
    const these = rows.filter(({ steps }) => steps === wanted);
    return these.filter(({ text }) => detectSteps(text).hasSteps === wanted).length / these.length;
  };
  return { found: share(true), leftAlone: share(false) };
}

Deno.test("detectSteps() finds tasks of several steps and leaves simple ones alone", async () => {
  const rows = await readRows("testdata/messages.jsonl");
  assert.ok(rows.length >= 100, `${rows.length} messages`);
  const { found, leftAlone } = score(rows);
  assert.equal(leftAlone, 1, "a simple task never pays for a plan");
  assert.ok(found >= 0.9, `found ${found}`);
});

Deno.test("detectSteps() does so on a held-out third", async () => {
  const rows = await readRows("testdata/held_out.jsonl");
  assert.ok(rows.length >= 50, `${rows.length} messages`);
  const { found, leftAlone } = score(rows);
  assert.equal(leftAlone, 1, "a simple task never pays for a plan");
  assert.ok(found >= 0.8, `found ${found}`);
});

Deno.test("detectSteps() asks no plan for what asks for no change, on the router's messages", async () => {
  const rows = (await Promise.all(
    ["../route/testdata/messages.jsonl", "../route/testdata/held_out.jsonl"].map(async (path) => {
      const text = await readFile(new URL(path, import.meta.url), "utf8");
      return text.trim().split("\n").map((line): { text: string; wantsChange: boolean } => JSON.parse(line));
    }),
  )).flat();
  const planned = rows.filter(({ text }) => detectSteps(text).hasSteps);
  assert.deepEqual(planned.filter(({ wantsChange }) => !wantsChange), []);
  // Nearly all of them are one change; the rate of plans is bounded.
  assert.ok(planned.length / rows.length < 0.02, `${planned.length} of ${rows.length}`);
});

Deno.test("detectSteps() takes the user's own list, in its words", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["1. add a flag to cli.py\n2. update the help text", ["add a flag to cli.py", "update the help text"]],
    ["Do this:\n- [ ] rename x to y in a.py\n- [x] add b.py\n- [ ] run the tests", [
      "rename x to y in a.py",
      "run the tests",
    ]],
    ["Step 1: add a Dockerfile. Step 2: run it.", ["add a Dockerfile", "run it"]],
    ["a) write parser.py\nb) use it in app.py", ["write parser.py", "use it in app.py"]],
    ["Create config.yaml with:\n- host: localhost\n- port: 8080", []],
    ["Add these to words.txt:\n1. apple\n2. pear\n3. fig", []],
    ["fix a.py:\n```\n1. add x\n2. remove y\n```", []],
    ["What does step 1. do and 2. the rest?", []],
  ];
  for (const [task, listed] of cases) assert.deepEqual(detectSteps(task).listed, listed, task);
});
