import assert from "node:assert/strict";
import { plainOutput } from "./_limit.ts";
import { tempContext } from "./_temp_context.ts";
import bash from "./bash.ts";
import readFile from "./read_file.ts";

Deno.test("bash gives the output and always the exit code", async () => {
  await using space = await tempContext();
  assert.equal(await space.call(bash, { command: "echo hi; echo no >&2; exit 3" }), "hi\nno\nExit code: 3");
  assert.equal(await space.call(bash, { command: "true" }), "Exit code: 0");
  assert.equal(await space.call(bash, { command: "kill -9 $$" }), "Exit code: none, it was killed");
});

Deno.test("bash carries folder and exports", async () => {
  await using space = await tempContext({ "src/a.txt": "here\n" });
  await space.call(bash, { command: "cd src && export WHO=me" });
  assert.equal(await space.call(bash, { command: "cat a.txt; echo $WHO" }), "here\nme\nExit code: 0");
});

Deno.test("bash keeps what was said before the time ran out", async () => {
  await using space = await tempContext({}, { limits: { bashTimeoutMs: 300 } });
  const text = await space.call(bash, { command: "echo begun; sleep 30" });
  assert.match(text, /^begun\nEnded after 0 s: it took too long/);
});

Deno.test("bash cuts the middle and keeps the whole under a handle", async () => {
  await using space = await tempContext({}, { limits: { resultChars: 1_000 } });
  const text = await space.call(bash, { command: "seq 1 2000; exit 1" });
  assert.ok(text.length <= 1_000, String(text.length));
  assert.match(text, /^1\n2\n/);
  assert.match(text, /\n1999\n2000\n\[all of it: read_file \{"path": "result:1"\}\]\nExit code: 1$/);
  assert.match(
    await space.call(readFile, { path: "result:1", start_line: 700, end_line: 701 }),
    /^700 \| 700\n701 \| 701$/,
  );
});

Deno.test("bash runs a server in the background, by its flag or a last &", async () => {
  await using space = await tempContext();
  for (
    const args of [{ command: "echo up; sleep 30", background: true }, { command: "echo up; sleep 30 &" }]
  ) {
    const begun = await space.call(bash, args);
    const [, job = ""] = begun.match(/^up\nRunning in the background as (job\d)\./) ?? [];
    assert.equal(await space.call(bash, { command: "read", job }), `No new output. ${job} is still running`);
    assert.equal(await space.call(bash, { command: "stop", job }), `No new output. ${job} was stopped`);
    assert.equal(
      await space.call(bash, { command: "read", job }),
      `No new output. ${job} has ended, exit code: none, it was killed`,
    );
  }
  assert.match(await space.call(bash, { command: "stop job2" }), /^No new output. job2 was stopped$/);
  await assert.rejects(space.call(bash, { command: "read job9" }), /jobs: job1, job2/);
});

Deno.test("bash does not take && or a redirection for a last &", async () => {
  await using space = await tempContext();
  assert.equal(await space.call(bash, { command: "echo a 2>&1" }), "a\nExit code: 0");
  assert.match(await space.call(bash, { command: "echo a &&" }), /Exit code: 2$/);
});

Deno.test("bash asks for a command, not for a look at a job", () => {
  assert.deepEqual(bash.request({ command: "npm test" }), {
    effect: "run",
    what: "run: npm test",
    command: "npm test",
  });
  for (const args of [{ command: "read", job: "job1" }, { command: " read job1 " }]) {
    assert.deepEqual(bash.request(args), { effect: "none", what: "background job: read job1" });
  }
  for (const command of ["read job1; rm -rf src", "read job1x", "read jobs", "read job1\nls"]) {
    assert.equal(bash.request({ command }).effect, "run", command);
  }
});

Deno.test("plainOutput() leaves what a terminal would show in the end", () => {
  assert.equal(
    plainOutput("\x1b[31mred\x1b[0m\r\n10%\r50%\r100%\nbell\x07\ttab\n"),
    "red\n100%\nbell\ttab\n",
  );
});
