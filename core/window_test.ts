/** What is read fits the window, whole turns through: many results at once, texts of other scripts, long messages, handles. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { call, type Happened, play, tailOf } from "./_test_play.ts";

const lines = (name: string, count: number) =>
  Array.from(
    { length: count },
    (_, n) => `def ${name}_${n}(x): return x + ${n}  # words that fill the line\n`,
  )
    .join("");
const reads = (paths: readonly string[]) => ({
  calls: paths.map((path) => ({ name: "read_file", args: { path } })),
});
const DONE = { text: "They hold functions." };
const ASKED = ["What do these files have in common?"];

/** No request was over the window, and within an epoch each begins with the bytes of the one before. */
function assertFrugal({ requests, events }: Happened, window: number): void {
  const epochs = events.flatMap((event) => event.type === "step_start" ? [event.epoch] : []);
  for (const [i, { body, messages, promptTokens }] of requests.entries()) {
    assert.ok(promptTokens <= window, `request ${i}: ${promptTokens} tokens`);
    const before = requests[i - 1];
    if (!before || epochs[i] !== epochs[i - 1]) continue;
    assert.deepEqual(body.tools, before.body.tools);
    assert.deepEqual(messages.slice(0, before.messages.length), before.messages);
  }
}

for (const window of [4_096, 8_192]) {
  Deno.test(`six files read in one reply fit a window of ${window}, and the model sees each before any is masked`, async () => {
    const paths = ["a", "b", "c", "d", "e", "f"].map((name) => `${name}.py`);
    const files = Object.fromEntries(paths.map((path) => [path, lines(path[0] ?? "", 130)]));
    const happened = await play({
      files,
      replies: [reads(paths), DONE],
      server: { window },
      tasks: ASKED,
    });
    assert.equal(happened.result.outcome, "answered", happened.result.reason);
    assertFrugal(happened, window);
    const results = happened.requests[1]?.messages.filter(({ role }) => role === "tool") ?? [];
    assert.deepEqual(
      results.map(({ content }) => String(content).split("\n")[0]),
      paths.map((path) => `1 | ${lines(path[0] ?? "", 1).trimEnd()}`),
    );
  });
}

Deno.test("a text of three bytes a character takes no more of the window than it may", async () => {
  const text = "这个函数计算购物车的总价格并返回结果，同时检查库存数量是否足够。\n";
  const files = Object.fromEntries([1, 2, 3, 4].map((n) => [`f${n}.txt`, text.repeat(80 * n)]));
  const happened = await play({
    files,
    replies: [...[1, 2, 3, 4].map((n) => call("read_file", { path: `f${n}.txt`, start_line: 1 })), DONE],
    server: { window: 4_096 },
    tasks: ASKED,
  });
  assert.equal(happened.result.outcome, "answered", happened.result.reason);
  assertFrugal(happened, 4_096);
  const first = String(happened.requests[1]?.messages.at(-1)?.content);
  assert.match(first, /\[lines 1-\d+ of 80; go on with read_file \{"path":"f1.txt","start_line":\d+\}\]/);
});

Deno.test("a message longer than the window is told so, and the next message is answered", async () => {
  const log = "2026-01-02 INFO request served in 12 ms by worker 7\n".repeat(600);
  const { results, requests } = await play({
    files: { "a.py": lines("a", 3) },
    replies: [DONE],
    server: { window: 4_096 },
    tasks: [`Explain this log:\n${log}`, "What does a.py do?"],
  });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["stopped", "answered"]);
  assert.match(
    results[0]?.reason ?? "",
    /your message alone has about \d{4}\. Shorten it, or put the text into a file/,
  );
  assert.equal(requests.length, 1);
  assert.match(JSON.stringify(requests[0]?.messages), /The user asked before: Explain this log: 2026-01-02/);
});

Deno.test("what a compaction masks can be got again: a file by its parts, a command's output by its handle, after a resume too", async () => {
  const root = await mkdtemp(join(tmpdir(), "smallcode-window-"));
  const project = join(root, "project");
  await mkdir(project);
  const names = [..."abcdefgh"];
  for (const name of names) await writeFile(join(project, `${name}.py`), lines(name, 45));
  const options = { cwd: project, dataFolder: join(root, "data") };
  const happened = await play({
    server: { window: 8_192 },
    options,
    replies: [
      call("bash", { command: "seq 1 400" }),
      ...names.map((name) => call("read_file", { path: `${name}.py` })),
      call("read_file", { path: "result:1", start_line: 390, end_line: 391 }),
      DONE,
    ],
    tasks: ["Tell me what the files hold. Change nothing."],
  });
  assert.equal(happened.result.outcome, "answered", happened.result.reason);
  assertFrugal(happened, 8_192);
  const told = happened.requests.flatMap(({ messages }) => messages.map(({ content }) => String(content)));
  const kept =
    /^- bash seq 1 400: 1 \(all of it: read_file result:1\)$|^\[Old result of bash seq 1 400, .* All of it: read_file with path "result:1"\.\]$/m;
  const file =
    /^\[Old result of read_file a\.py, 45 lines, .* Content [0-9a-f]{8}\. Its parts: a_0 1-1, .* Call it again/;
  for (const stub of [kept, file]) assert.ok(told.some((text) => stub.test(text)), `${stub}`);
  assert.match(tailOf(happened.requests.at(-1)), /^390 \| 390\n391 \| 391/);
  const resumed = await play({
    server: { window: 8_192 },
    options: { ...options, resume: "last" },
    replies: [call("read_file", { path: "result:1", start_line: 399 }), DONE],
    tasks: ["And what was its last line?"],
  });
  assert.match(tailOf(resumed.requests.at(-1)), /^399 \| 399\n400 \| 400/);
  await rm(root, { recursive: true });
});
