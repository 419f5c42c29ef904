import assert from "node:assert/strict";
import { mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CALC, call, play, tailOf, TEST } from "./core/_test_play.ts";
import type { SmallCodeOptions } from "./core/api.ts";
import { ProviderError } from "./core/errors.ts";
import { type ScriptedServer, startScriptedServer } from "./core/model/scripted.ts";
import { bindSmallCode } from "./core/smallcode.ts";
import type { Message } from "./core/types.ts";
import { bundle } from "./main.ts";

const PATCH = call("patch", { path: "calc.py", search: "a - b", replace: "a + b" });
const RUN_TESTS = call("bash", { command: "python3 -m unittest -q" });

for (const protocol of ["openai", "ollama"] as const) {
  Deno.test(`SmallCode.run() creates a file (${protocol})`, async () => {
    const { result, read } = await play({
      protocol,
      replies: [call("write_file", { path: "hello.py", content: 'print("hello world")\n' }), {
        text: "Created.",
      }],
      tasks: ["Create hello.py that prints hello world"],
    });
    assert.equal(await read("hello.py"), 'print("hello world")\n');
    assert.deepEqual(
      { outcome: result.outcome, success: result.success, created: result.filesCreated, text: result.text },
      { outcome: "unverified", success: true, created: ["hello.py"], text: "Created." },
    );
    assert.deepEqual(result.toolCalls.map(({ name, ok }) => [name, ok]), [["write_file", true]]);
  });

  Deno.test(`SmallCode.run() reads, edits and tests until it is verified (${protocol})`, async () => {
    const { result, read, events } = await play({
      protocol,
      files: { "calc.py": CALC, "test_calc.py": TEST },
      replies: [RUN_TESTS, call("read_file", { path: "calc.py" }), PATCH, RUN_TESTS, { text: "Fixed add." }],
      tasks: ["fix the failing test"],
    });
    assert.equal(await read("calc.py"), CALC.replace("-", "+"));
    assert.equal(result.outcome, "verified", result.reason);
    assert.deepEqual(result.filesEdited, ["calc.py"]);
    const ends = events.filter((event) => event.type === "tool_end").map((event) =>
      event.summary.split(",")[0]
    );
    assert.equal(ends.length, 4);
  });

  Deno.test(`SmallCode.run() finishes a task of five files (${protocol})`, async () => {
    const names = ["a", "b", "c", "d", "e"].map((name) => `${name}.txt`);
    const { result } = await play({
      protocol,
      replies: [...names.map((path) => call("write_file", { path, content: `${path}\n` })), {
        text: "Five files.",
      }],
      tasks: ["Create five files"],
    });
    assert.deepEqual(result.filesCreated, names);
  });
}

Deno.test("SmallCode.run() keeps the prompt's head for all steps and appends to the history", async () => {
  const { requests, events } = await play({
    files: { "calc.py": CALC, "test_calc.py": TEST },
    replies: [RUN_TESTS, call("read_file", { path: "calc.py" }), PATCH, RUN_TESTS, { text: "Fixed add." }],
    tasks: ["fix the failing test"],
  });
  for (const [index, request] of requests.entries()) {
    const before = requests[index - 1];
    if (before) assert.deepEqual(request.messages.slice(0, before.messages.length), before.messages);
    assert.deepEqual(request.body.tools, requests[0]?.body.tools);
  }
  const hashes = new Set(events.flatMap((event) => event.type === "step_start" ? [event.prefixHash] : []));
  assert.equal(hashes.size, 1);
});

Deno.test("SmallCode.run() says failed when a change was asked for and none was made", async () => {
  const { result } = await play({
    replies: [{ text: "Done!" }, { text: "It is all done." }],
    tasks: ["fix it"],
  });
  assert.deepEqual([result.outcome, result.exitCode], ["failed", 1]);
});

Deno.test("SmallCode.run() says answered to a question", async () => {
  const { result } = await play({ replies: [{ text: "It adds." }], tasks: ["What does it do?"] });
  assert.deepEqual([result.outcome, result.exitCode, result.text], ["answered", 0, "It adds."]);
});

Deno.test("SmallCode.run() says failed when the last run of a check is red", async () => {
  const { result } = await play({
    files: { "calc.py": CALC, "test_calc.py": TEST },
    replies: [
      call("patch", { path: "calc.py", search: "a - b", replace: "a * b" }),
      RUN_TESTS,
      ...Array.from({ length: 4 }, () => ({ text: "Fixed." })),
    ],
    tasks: ["fix the failing test"],
  });
  assert.equal(result.outcome, "failed");
});

Deno.test("SmallCode.run() goes on in one conversation", async () => {
  const { results, requests } = await play({
    replies: [call("write_file", { path: "a.txt", content: "1\n" }), { text: "Made." }, {
      text: "It holds 1.",
    }],
    tasks: ["create a.txt", "what does a.txt hold?"],
  });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["unverified", "answered"]);
  assert.equal(results[0]?.session, results[1]?.session);
  assert.ok((requests[2]?.messages.length ?? 0) > (requests[1]?.messages.length ?? 0));
});

Deno.test("SmallCode.run() ends a model that repeats itself", async () => {
  const { result } = await play({
    files: { "a.txt": "1\n" },
    replies: () => call("read_file", { path: "a.txt" }),
  });
  assert.deepEqual([result.outcome, result.exitCode], ["stopped", 1]);
  assert.ok(result.toolCalls.length <= 4);
});

Deno.test("SmallCode.run() ends within its budgets, whatever is called", async () => {
  let n = 0;
  const { result } = await play({
    replies: () => call("bash", { command: `echo ${n++}` }),
    options: { set: ["limits.steps=5"] },
  });
  assert.deepEqual([result.outcome, result.reason], ["stopped", "5 steps are used up"]);
});

Deno.test("SmallCode.run() resolves as cancelled and leaves a valid history", async () => {
  const abort = new AbortController();
  const { result } = await play({
    replies: [call("bash", { command: "sleep 30" }), { text: "never" }],
    signal: abort.signal,
    onEvent: (event) => event.type === "tool_start" && abort.abort(),
  });
  assert.deepEqual([result.outcome, result.exitCode], ["cancelled", 130]);
});

Deno.test("SmallCode.run() stops with the numbers when the window is full", async () => {
  const { result } = await play({
    server: { window: 3000 },
    options: { set: ["harness.compaction=false", "context.result_chars=20000"] },
    files: { "a.txt": "x y z\n".repeat(3000) },
    replies: () => call("bash", { command: "cat a.txt; date +%N" }),
  });
  assert.equal(result.outcome, "stopped");
  assert.match(result.reason, /window is full: \d+ tokens of 3000/);
});

Deno.test("SmallCode.run() reads far more than the window by masking old results", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`f${i}.txt`, `line ${i}\n`.repeat(400)]),
  );
  const { result, events } = await play({
    server: { window: 8192 },
    files,
    replies: [...Object.keys(files).map((path) => call("read_file", { path })), { text: "All read." }],
    tasks: ["What do the 30 files hold?"],
    options: { set: ["limits.steps=60"] },
  });
  assert.deepEqual([result.outcome, result.toolCalls.length], ["answered", 30]);
  assert.ok(events.some((event) => event.type === "compaction"));
  for (const event of events) if (event.type === "step_start") assert.ok(event.promptTokens < 8192);
});

Deno.test("SmallCode.run() answers a malformed call with what is expected, and runs the mended one", async () => {
  const { result, requests } = await play({
    replies: [
      { text: '```json\n{"name": "write_file", "arguments": {"path": "a.txt"}}\n```' },
      { text: '```json\n{"name": "write_file", "arguments": {"path": "a.txt", "content": "1"}}\n```' },
      { text: "Created." },
    ],
    tasks: ["create a.txt"],
  });
  assert.deepEqual(result.filesCreated, ["a.txt"]);
  assert.match(JSON.stringify(requests[1]?.messages.at(-1)), /content/);
});

Deno.test("SmallCode.run() resumes a session with its history", async () => {
  const home = await mkdtemp(join(tmpdir(), "smallcode-resume-"));
  const server: ScriptedServer = await startScriptedServer({ replies: [{ text: "One." }, { text: "Two." }] });
  const SmallCode = bindSmallCode(() => ({ ...bundle(), env: {}, home }));
  const options = { cwd: home, baseUrl: server.url, model: "scripted", dataFolder: join(home, "data") };
  const first = new SmallCode(options);
  const { session } = await first.run("what is one?");
  await first.close();
  const second = new SmallCode({ ...options, resume: "last" });
  assert.equal((await second.run("and two?")).session, session);
  await second.close();
  const said = (server.requests[1]?.messages ?? []).map(({ content }) => content).slice(1);
  assert.deepEqual(said, ["what is one?", "One.", "and two?"]);
  await server.close();
  await rm(home, { recursive: true });
});

Deno.test("SmallCode.run() rejects when there is no server, with what to do", async () => {
  const SmallCode = bindSmallCode(() => ({ ...bundle(), env: {}, home: "/nonexistent" }));
  const agent = new SmallCode({ cwd: tmpdir(), baseUrl: "http://127.0.0.1:9", model: "m" });
  await assert.rejects(
    agent.run("hi"),
    (error: unknown) => error instanceof ProviderError && error.fault === "unreachable",
  );
  await agent.close();
});

/** Each call answered once, in order, nothing in between. */
export function assertValid(messages: readonly Message[]): void {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") assert.equal(open.shift(), message.callId);
    else assert.deepEqual(open, []);
    if (message.role === "assistant") open = message.calls.map(({ id }) => id);
  }
  assert.deepEqual(open, []);
}

Deno.test("SmallCode.run() runs the project's tests itself and sends the failure back", async () => {
  const { result, requests, events } = await play({
    files: { "calc.py": CALC, "test_calc.py": TEST },
    replies: [
      call("patch", { path: "calc.py", search: "a - b", replace: "a * b" }),
      { text: "Fixed." },
      call("patch", { path: "calc.py", search: "a * b", replace: "a + b" }),
      { text: "Fixed now." },
    ],
    tasks: ["fix the failing test"],
  });
  assert.deepEqual([result.outcome, result.text], ["verified", "Fixed now."]);
  assert.match(JSON.stringify(requests[2]?.messages.at(-1)), /Not done: .*AssertionError: 6 != 5/);
  const checks = events.filter((event) => event.type === "check").map(({ phase, state }) =>
    `${phase} ${state}`
  );
  assert.deepEqual(checks, ["baseline red", "after red", "after green"]);
});

Deno.test("SmallCode.run() puts the files back when a green check is red at the end", async () => {
  const good = CALC.replace("-", "+");
  const args = { path: "calc.py", search: "a + b", replace: "a ** b" };
  const { result, read } = await play({
    files: { "calc.py": good, "test_calc.py": TEST },
    replies: [
      call("use", { tool: "patch", args }),
      call("bash", { command: "echo x > b.txt" }),
      ...Array.from({ length: 5 }, () => ({ text: "It is much better now." })),
    ],
    tasks: ["make add faster"],
  });
  assert.deepEqual([result.outcome, await read("calc.py")], ["failed", good]);
  assert.match(result.report, /^ {2}put back: calc\.py \(restored\)\n {2}not put back: b\.txt/m);
  assert.deepEqual([result.filesEdited, result.filesCreated], [[], ["b.txt"]]);
});

Deno.test("SmallCode.run() corrects a claim that did not happen once, then tells it in the report", async () => {
  const claim = { text: "I created a.txt and b.txt. All tests pass." };
  const { result, requests } = await play({
    replies: [call("write_file", { path: "a.txt", content: "1\n" }), claim, claim],
    tasks: ["create a.txt"],
  });
  assert.equal(
    tailOf(requests[2]),
    'You wrote "I created a.txt and b.txt.", but b.txt was not changed.\nYou wrote "All tests pass.", but no test ran after the last change.\n' +
      "Do it now with a tool call, or answer again and say only what happened.",
  );
  assert.equal(requests.length, 3);
  assert.match(
    result.report,
    /^ {2}not so: "I created a\.txt and b\.txt\." \(b\.txt was not changed\)\n {2}not so: "All tests pass\." \(no test ran after the last change\)$/m,
  );
});

Deno.test("SmallCode.run() lets a true claim, and one that is taken back, stand", async () => {
  const { result, requests } = await play({
    replies: [
      call("write_file", { path: "a.txt", content: "1\n" }),
      { text: "Created a.txt. The tests pass." },
      { text: "Created a.txt. No tests were run." },
    ],
    tasks: ["create a.txt"],
  });
  assert.deepEqual([requests.length, result.text], [3, "Created a.txt. No tests were run."]);
  assert.doesNotMatch(result.report, /not so/);
});

Deno.test("SmallCode.run() forgets a reply that claims a change when there is none, and asks for it", async () => {
  const { requests, result, events } = await play({
    replies: [
      { text: "I have created hello.py." },
      call("write_file", { path: "hello.py", content: "print(1)\n" }),
      { text: "I have created hello.py." },
    ],
    tasks: ["create hello.py"],
  });
  assert.match(
    tailOf(requests[1]),
    /\n\nThe last reply changed no file\. If the task asks for no change, answer it again\. Else reply with one tool call\.$/,
  );
  assert.equal(requests[1]?.messages.length, requests[0]?.messages.length);
  assert.doesNotMatch(JSON.stringify(requests[1]?.messages), /I have created/);
  assert.ok(events.some((event) => event.type === "verdict" && event.reason === "claim"));
  assert.deepEqual(result.filesCreated, ["hello.py"]);
});

Deno.test("SmallCode.run() takes the baseline before the first command that changes files", async () => {
  const { result, events } = await play({
    files: { "calc.py": CALC, "test_calc.py": TEST },
    replies: [
      call("bash", { command: "sed -i s/-/+/ calc.py" }),
      call("write_file", { path: "a.txt", content: "one\n" }),
      { text: "Done." },
    ],
    tasks: ["add a.txt"],
  });
  const checks = events.filter((event) => event.type === "check").map(({ phase, state }) =>
    `${phase} ${state}`
  );
  assert.deepEqual([result.outcome, checks], ["verified", ["baseline red", "after green"]]);
});

/** Sixty functions: too long to be asked for whole. */
const MODULE = Array.from({ length: 60 }, (_, i) => `def part_${i}(value):\n    return value + ${i}\n`).join(
  "\n",
);
const missing = (n: number) =>
  call("patch", { path: "a.txt", search: `not there ${n}`, replace: "something" });

Deno.test("SmallCode.run() asks for a small file whole after two refused edits, and shows it", async () => {
  const { result, requests, read } = await play({
    files: { "a.txt": "one\ntwo\n" },
    replies: [
      missing(1),
      missing(2),
      call("write_file", { path: "a.txt", content: "one\nthree\n" }),
      { text: "Changed." },
    ],
    tasks: ["put three in place of two"],
    options: { set: ["harness.first_look=false"] },
  });
  assert.equal(await read("a.txt"), "one\nthree\n");
  assert.deepEqual(result.filesEdited, ["a.txt"]);
  assert.doesNotMatch(tailOf(requests[1]), /refused twice/);
  assert.match(tailOf(requests[2]), /whole file with write_file.*\n```\none\ntwo\n```$/);
});

Deno.test("SmallCode.run() asks for a function by its name after two refused edits inside it", async () => {
  const miss = (n: number) =>
    call("patch", { path: "calc.py", search: `def part_30(value):\n    return ${n}`, replace: "x" });
  const { requests, read } = await play({
    files: { "calc.py": MODULE },
    replies: [
      miss(1),
      miss(2),
      call("patch", {
        path: "calc.py",
        symbol: "part_30",
        replace: "def part_30(value):\n    return value - 30",
      }),
      { text: "Changed." },
    ],
    tasks: ["change calc.py so that part_30 subtracts"],
  });
  assert.match(
    tailOf(requests[2]),
    /patch with symbol part_30, .* like this:\n```\ndef part_30\(value\):\n {4}return value \+ 30\n```$/,
  );
  assert.equal(await read("calc.py"), MODULE.replace("value + 30", "value - 30"));
});

Deno.test("SmallCode.run() asks for line numbers after two refused edits of a long file without named parts", async () => {
  const miss = (n: number) =>
    call("patch", { path: "calc.txt", search: `def part_30(value):\n    return ${n}`, replace: "x" });
  const { requests, read } = await play({
    files: { "calc.txt": MODULE },
    replies: [
      miss(1),
      miss(2),
      call("patch", {
        path: "calc.txt",
        search: "",
        start_line: 92,
        end_line: 92,
        replace: "    return value - 30",
      }),
      { text: "Changed." },
    ],
    tasks: ["change calc.txt so that part_30 subtracts"],
  });
  assert.match(
    tailOf(requests[2]),
    /patch with start_line and end_line.*\n.*92 \| {5}return value \+ 30\n/s,
  );
  assert.match(await read("calc.txt") ?? "", /part_30\(value\):\n {4}return value - 30\n/);
});

Deno.test("SmallCode.run() takes the merged region after three refused edits, and nothing but that region", async () => {
  const miss = (n: number) =>
    call("patch", {
      path: "calc.py",
      search: `def part_30(value):\n    return ${n}`,
      replace: "def part_30(value):\n    return value - 30",
    });
  const { result, requests, read } = await play({
    files: { "calc.py": MODULE },
    replies: (request) => {
      if (request.index < 3) return miss(request.index);
      if (request.index > 3) return { text: "Changed." };
      const shown = /stand like this:\n```\n([^`]*)```/.exec(tailOf(request))?.[1] ?? "";
      return { text: `\`\`\`python\n${shown.replace("value + 30", "value - 30")}\`\`\`` };
    },
    tasks: ["subtract in part_30"],
  });
  assert.match(tailOf(requests[3]), /Reply with all of these lines, changed, in one ``` block/);
  assert.equal(await read("calc.py"), MODULE.replace("value + 30", "value - 30"));
  assert.deepEqual([result.outcome, result.toolCalls.map(({ ok }) => ok)], [
    "unverified",
    [false, false, false, true],
  ]);
});

Deno.test("SmallCode.run() goes on as usual when the reply to a merge is another call", async () => {
  const { read } = await play({
    files: { "a.txt": "one\ntwo\n" },
    replies: [
      missing(1),
      missing(2),
      missing(3),
      call("patch", { path: "a.txt", search: "two", replace: "2" }),
      {
        text: "Changed.",
      },
    ],
    tasks: ["put 2 in place of two"],
  });
  assert.equal(await read("a.txt"), "one\n2\n");
});

/** A model family that is asked for JSON in a fence, and a call of its that lacks the content. */
const JSON_MODEL = "qwen2.5-coder-7b-instruct";
const HALF_CALL = { text: '```json\n{"name": "write_file", "arguments": {"path": "a.txt"}}\n```' };
const asJsonModel = { server: { model: JSON_MODEL }, options: { model: JSON_MODEL } };

Deno.test("SmallCode.run() shows another dialect after the same malformed call, with the head unchanged", async () => {
  const { result, requests } = await play({
    ...asJsonModel,
    replies: [HALF_CALL, HALF_CALL, { text: "write_file a.txt\n```\n1\n```" }, { text: "Created." }],
    tasks: ["create a.txt"],
  });
  assert.deepEqual(result.filesCreated, ["a.txt"]);
  assert.match(tailOf(requests[1]), /Write it like this:\n```json\n/);
  assert.match(tailOf(requests[2]), /Write it like this:\nwrite_file .*from now on\.$/s);
  assert.deepEqual(requests[2]?.messages[0], requests[0]?.messages[0]);
});

Deno.test("SmallCode.run() constrains the reply after three malformed calls, by a grammar beside a text dialect", async () => {
  const { result, requests } = await play({
    ...asJsonModel,
    replies: [HALF_CALL, HALF_CALL, HALF_CALL, { text: 'write_file path="a.txt"\n```\n1\n```' }, {
      text: "Created.",
    }],
    tasks: ["create a.txt"],
  });
  assert.deepEqual(result.filesCreated, ["a.txt"]);
  assert.deepEqual(requests.map(({ body }) => "grammar" in body), [false, false, false, true, false]);
  assert.match(String(requests[3]?.body.grammar), /^root ::= tool0 \|/);
  assert.match(
    tailOf(requests[3]),
    /^The call was not run: .*\nTask: create a\.txt\n\nReply with one tool call\.$/,
  );
});

Deno.test("SmallCode.run() constrains a header by a schema beside native tools, and has the body written as text", async () => {
  const { result, requests, read, events } = await play({
    replies: [
      HALF_CALL,
      HALF_CALL,
      HALF_CALL,
      {
        text: '{"name": "write_file", "arguments": {"path": "a.txt"}}',
      },
      { text: '\nsay "\\n"\n```' },
      { text: "Created." },
    ],
    tasks: ["create a.txt"],
  });
  assert.deepEqual([result.filesCreated, await read("a.txt")], [["a.txt"], 'say "\\n"\n']);
  const [header, body] = [requests[3], requests[4]];
  assert.equal(header?.body.grammar, undefined);
  assert.match(
    JSON.stringify(header?.body.response_format),
    /"enum":\["write_file"\].*"required":\["path"\]/,
  );
  assert.deepEqual([header?.body.tools, body?.body.tools], [
    requests[0]?.body.tools,
    requests[0]?.body.tools,
  ]);
  assert.equal(body?.body.response_format, undefined);
  assert.deepEqual(body?.messages.slice(0, -1), header?.messages);
  assert.deepEqual(body?.messages.at(-1), { role: "assistant", content: "write_file a.txt\n```" });
  const end = events.find((event) => event.type === "turn_end");
  assert.equal(
    end?.type === "turn_end" ? end.promptTokens : 0,
    requests.reduce((sum, { promptTokens }) => sum + promptTokens, 0),
  );
});

Deno.test("SmallCode.run() gives no second constraint to a server that ignores the first", async () => {
  const { requests, events } = await play({
    ...asJsonModel,
    replies: () => HALF_CALL,
    tasks: ["create a.txt", "create a.txt now"],
  });
  const constrained = requests.flatMap(({ body, index }) => "grammar" in body ? [index] : []);
  assert.deepEqual(constrained, [3]);
  assert.ok(events.some((event) => event.type === "notice" && /ignored a constraint/.test(event.text)));
});

Deno.test("SmallCode.run() answers a second read with a line, and with the file once a compaction has masked it", async () => {
  const line = (n: number) => `line ${n} of the file\n`;
  const files = Object.fromEntries(
    Array.from({ length: 12 }, (_, i) => [`f${i}.txt`, line(i).repeat(120)]),
  );
  const reads = ["f0.txt", ...Object.keys(files), "f0.txt"].map((path) => call("read_file", { path }));
  const { events } = await play({
    server: { window: 8192 },
    files,
    replies: [...reads, { text: "All read." }],
    tasks: ["What do these hold?"],
    options: { set: ["harness.first_look=false"] },
  });
  const results = events.flatMap((event) => event.type === "tool_end" ? [event.result] : []);
  const masked = events.findIndex((event) => event.type === "compaction");
  assert.ok(masked > 0);
  assert.deepEqual([0, 1, 13].map((n) => /unchanged since it was shown/.test(results[n] ?? "")), [
    false,
    true,
    false,
  ]);
});

Deno.test("SmallCode.run() shows no tools for a greeting, and opens them for a model that asks", async () => {
  const { result, requests, events } = await play({
    replies: [{ text: "NEED_TOOLS" }, call("write_file", { path: "a.txt", content: "hi\n" }), {
      text: "Hello.",
    }],
    tasks: ["hello"],
    options: { tools: "read_file,write_file,patch,bash,search,find_files,list_files" },
  });
  assert.deepEqual(requests.map(({ tools }) => tools.length > 0), [false, true, true]);
  assert.match(String(requests[0]?.messages[0]?.content), /NEED_TOOLS/);
  const end = events.find((event) => event.type === "turn_end");
  assert.deepEqual([end?.corrections, end?.solvedBy], [0, "model"]);
  assert.deepEqual([result.filesCreated, result.outcome], [["a.txt"], "unverified"]);
  assert.deepEqual(events.flatMap((event) => event.type === "epoch" ? [event.epoch] : []), [2]);
});

Deno.test("SmallCode.run() shows the lines that a stack trace names of a file too long to show", async () => {
  const long = MODULE.repeat(8);
  const { requests, events } = await play({
    server: { window: 8192 },
    files: { "src/calc.py": long, "src/other.py": "x = 1\n", "main.py": "import src.calc\n" },
    replies: [{ text: "It adds." }],
    tasks: ['What is wrong?\n  File "/tmp/project/src/calc.py", line 92, in part_30'],
  });
  assert.match(
    tailOf(requests[0]),
    /src\/calc\.py \(\d+ lines, too long to show; the lines that the task names\):/,
  );
  assert.match(tailOf(requests[0]), /91 \| def part_30\(value\):\n92 \|/);
  const looks = events.flatMap((event) => event.type === "first_look" ? event.files : []);
  assert.equal(looks.find(({ path }) => path === "src/calc.py")?.shown, "regions");
});

Deno.test("SmallCode.run() tells an import of a file that is not there, once its reply's calls have run", async () => {
  const write = (path: string, content: string) => ({ name: "write_file", args: { path, content } });
  const { requests } = await play({
    replies: [
      {
        calls: [
          write("main.ts", 'import { a } from "./a.ts";\nimport { b } from "./b.ts";\n'),
          write("b.ts", "export const b = 1;\n"),
        ],
      },
      { calls: [write("a.ts", "export const a = 1;\n")] },
      { text: "Created." },
    ],
    tasks: ["create main.ts"],
  });
  assert.match(
    tailOf(requests[1]),
    /\nLine 1 of main\.ts imports "\.\/a\.ts", which is not there\. .*import\.$/,
  );
  assert.doesNotMatch(tailOf(requests[2]), /not there/);
});

Deno.test("SmallCode.run() reports what was done before a cancel between two calls of one reply", async () => {
  const abort = new AbortController();
  const { result } = await play({
    replies: [{
      calls: [
        { name: "write_file", args: { path: "a.txt", content: "1\n" } },
        { name: "bash", args: { command: "sleep 30" } },
      ],
    }],
    signal: abort.signal,
    onEvent: (event) => event.type === "tool_start" && event.name === "bash" && abort.abort(),
  });
  assert.deepEqual([result.outcome, result.filesCreated], ["cancelled", ["a.txt"]]);
});

Deno.test("SmallCode.close() lets the run that it ends resolve as cancelled", async () => {
  await using place = await emptyProject();
  const server = await startScriptedServer({ replies: [{ text: "Hello there." }] });
  const agent = place.agent(server.url);
  agent.on("step_start", () => void agent.close());
  const { outcome } = await agent.run("hello").finally(() => server.close());
  assert.equal(outcome, "cancelled");
});

Deno.test("SmallCode.run() tries a server again that was not there", async () => {
  await using place = await emptyProject();
  const first = await startScriptedServer({ replies: [] });
  await first.close();
  const agent = place.agent(first.url);
  await assert.rejects(agent.run("hello"), ProviderError);
  const port = Number(new URL(first.url).port);
  const second = await startScriptedServer({ replies: [{ text: "Hello there." }], port });
  const { outcome } = await agent.run("hello").finally(async () => {
    await agent.close();
    await second.close();
  });
  assert.equal(outcome, "answered");
});

Deno.test("SmallCode.run() can be used again after a signal ended its opening", async () => {
  await using place = await emptyProject();
  const server = await startScriptedServer({ replies: [{ text: "Hello there." }] });
  const agent = place.agent(server.url);
  const abort = new AbortController();
  const opening = agent.run("hello", { signal: abort.signal });
  abort.abort();
  await assert.rejects(opening, { name: "AbortError" });
  const { outcome } = await agent.run("hello").finally(async () => {
    await agent.close();
    await server.close();
  });
  assert.equal(outcome, "answered");
});

Deno.test("SmallCode.run() answers what a crash left open before a session goes on", async () => {
  await using place = await emptyProject();
  const server = await startScriptedServer({ replies: ["One.", "Two.", "Three."].map((text) => ({ text })) });
  const first = place.agent(server.url);
  const { session } = await first.run("what is one?");
  const { store } = await first.open();
  const open = { id: "call_1", name: "list_files", args: {} };
  store.saveMessages(session, 2, [{ role: "assistant", content: "", calls: [open], via: "native" }]);
  await first.close();
  for (const task of ["and two?", "and three?"]) {
    const next = place.agent(server.url, { resume: session });
    await next.run(task);
    assertValid((await next.open()).store.load(session).messages);
    await next.close();
  }
  await server.close();
});

Deno.test("SmallCode.run() resumes no session that is not there, or of another folder", async () => {
  await using place = await emptyProject();
  await using other = await emptyProject();
  const server = await startScriptedServer({ replies: [{ text: "One." }] });
  const dataFolder = join(place.home, "data");
  const first = place.agent(server.url, { dataFolder });
  const { session } = await first.run("what is one?");
  await first.close();
  const resume = async (agent: ReturnType<typeof other.agent>) =>
    await agent.run("and two?").finally(() => agent.close());
  await assert.rejects(resume(other.agent(server.url, { dataFolder, resume: session })), {
    name: "ConfigError",
    message: new RegExp(`it belongs to "${place.home}"; use --cwd`),
  });
  await assert.rejects(resume(place.agent(server.url, { dataFolder, resume: "nothing" })), {
    name: "ConfigError",
    message: /smallcode sessions/,
  });
  await server.close();
});

Deno.test("SmallCode.run() leaves no open turn behind when the server rejects, and is cancelled before the first request", async () => {
  await using place = await emptyProject();
  const server = await startScriptedServer({ replies: [] });
  const agent = place.agent(server.url);
  await agent.open();
  const abort = new AbortController();
  const off = agent.on("turn_start", () => abort.abort());
  assert.equal((await agent.run("explain a.txt", { signal: abort.signal })).outcome, "cancelled");
  off();
  await assert.rejects(agent.run("hello"), ProviderError);
  const { store } = await agent.open();
  const open = store.durable.prepare("SELECT turn FROM turns WHERE ended_at IS NULL").all();
  assert.deepEqual(open, []);
  await agent.close();
  await server.close();
});

/** A project that is its own home, and agents in it. */
async function emptyProject() {
  const home = await realpath(await mkdtemp(join(tmpdir(), "smallcode-main-")));
  await writeFile(join(home, "a.txt"), "one\n");
  const SmallCode = bindSmallCode(() => ({ ...bundle(), env: { HOME: home }, home }));
  return {
    home,
    agent: (baseUrl: string, options: SmallCodeOptions = {}) =>
      new SmallCode({ cwd: home, model: "scripted", baseUrl, mode: "auto", ...options }),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}
