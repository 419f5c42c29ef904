/** What the checks around a turn's changes make of it, on real small projects. */

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentDeps } from "./agent_deps.ts";
import { checkWork } from "./check_changes.ts";
import { openProjectChecks } from "./project_checks.ts";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import type { Turn } from "../types.ts";
import { judgeOutcome } from "../verify/outcome.ts";
import { CALC, call, type Given, play, tailOf, TEST } from "../_test_play.ts";
import type { Event } from "../events.ts";

const GOOD = CALC.replace("a - b", "a + b");
const FILES = { "calc.py": CALC, "test_calc.py": TEST };
const MEND = call("patch", { path: "calc.py", search: "a - b", replace: "a + b" });
/** Makes the test expect what the bug gives. */
const WEAKEN = call("patch", { path: "test_calc.py", search: "5", replace: "-1" });
const DONE = { text: "Done." };
const TASK = ["fix the failing test"];

const checks = (events: readonly Event[]) =>
  events.flatMap((event) => event.type === "check" ? [`${event.phase} ${event.state}`] : []);

async function outcomeOf(given: Given) {
  const { result } = await play(given);
  return [result.outcome, result.reason];
}

Deno.test("checks: a weakened test is green and verifies nothing; the model is told to put it back", async () => {
  const { result, requests, events, read } = await play({
    files: FILES,
    replies: [
      WEAKEN,
      DONE,
      call("patch", { path: "test_calc.py", search: "-1", replace: "5" }),
      MEND,
      DONE,
    ],
    tasks: TASK,
  });
  assert.match(
    tailOf(requests[2]),
    /^Not done: .*tests as they were.* exit code 1 .*\nYou changed test_calc\.py\. It was run here as it is without your change: put the old text back and mend the code\.\ntest_calc\.py:7: test_add/,
  );
  assert.deepEqual(checks(events), ["baseline red", "after green", "after red", "after green"]);
  assert.deepEqual(
    [result.outcome, read("calc.py"), read("test_calc.py")],
    ["verified", GOOD, TEST],
    result.report,
  );
});

Deno.test("checks: a model that insists on its weakened test fails, and its files are left as they are", async () => {
  const { result } = await play({
    files: FILES,
    replies: [WEAKEN, ...Array(8).fill(DONE)],
    tasks: TASK,
    options: { set: ["harness.improve=false"] },
  });
  assert.equal(result.outcome, "failed", result.report);
  assert.match(result.reason, /tests as they were/);
});

Deno.test("checks: a deleted test, a skipped one, a changed test script and a new conftest.py are weakened tests too", async () => {
  const python = "python3 -m unittest";
  const off = { set: ["harness.improve=false", "planner.max_retries=0"] };
  const skip = TEST.replace("    def test_add", "    @unittest.skip('later')\n    def test_add");
  const write = (path: string, content: string) => call("write_file", { path, content });
  const manifest = (test: string) => JSON.stringify({ scripts: { test } }) + "\n";
  const cases: [Given["files"], ReturnType<typeof call>][] = [
    [FILES, call("bash", { command: "rm test_calc.py && echo '# x' >> calc.py" })],
    [FILES, write("test_calc.py", skip)],
    [{ ...FILES, "package.json": manifest(python) }, write("package.json", manifest("true"))],
  ];
  const conftest = "import unittest\nunittest.TestCase.assertEqual = lambda *_: None\n";
  cases.push([{ ...FILES, "pytest.ini": "" }, write("conftest.py", conftest)]);
  for (const [files = {}, change] of cases) {
    const read = call("read_file", { path: "package.json" in files ? "package.json" : "test_calc.py" });
    const [outcome, reason] = await outcomeOf({
      files,
      replies: [read, change, DONE, DONE],
      tasks: TASK,
      options: off,
    });
    assert.notEqual(outcome, "verified", `${JSON.stringify(change)}: ${reason}`);
  }
});

Deno.test("checks: a renamed function reaches the tests: unverified, and nothing is put back", async () => {
  const replies = [
    call("bash", { command: "sed -i s/add/plus/ calc.py test_calc.py" }),
    DONE,
  ];
  const { result, read } = await play({
    files: { ...FILES, "calc.py": GOOD },
    replies,
    tasks: ["rename add to plus everywhere"],
  });
  assert.deepEqual([result.outcome, result.reason], [
    "unverified",
    "the tests pass only as they were changed in this turn: test_calc.py",
  ]);
  assert.match(read("calc.py") ?? "", /def plus/);
});

Deno.test("checks: new tests, and tests that were asked for, verify", async () => {
  const more = TEST.replace("class T", "class U").replace("5", "5");
  const added = await outcomeOf({
    files: FILES,
    replies: [MEND, call("write_file", { path: "test_more.py", content: more }), DONE],
    tasks: TASK,
  });
  assert.equal(added[0], "verified", added[1]);
  const asked = await outcomeOf({
    files: { ...FILES, "calc.py": GOOD },
    replies: [call("patch", { path: "test_calc.py", search: "add(2, 3), 5", replace: "add(2, 4), 6" }), DONE],
    tasks: ["update the test: it should add 2 and 4"],
  });
  assert.equal(asked[0], "verified", asked[1]);
});

Deno.test("checks: only new failures are told, place first, and known ones leave the turn unverified", async () => {
  const files = {
    "calc.py": "def add(a, b):\n    return a + b\n\n\ndef sub(a, b):\n    return a + b\n",
    "test_calc.py":
      "import unittest\nfrom calc import add, sub\n\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n\n    def test_sub(self):\n        self.assertEqual(sub(3, 2), 1)\n",
  };
  const { result, requests } = await play({
    files,
    replies: [
      call("patch", { path: "calc.py", start_line: 2, end_line: 2, search: "", replace: "    return a * b" }),
      DONE,
      call("patch", { path: "calc.py", search: "a * b", replace: "b + a" }),
      DONE,
    ],
    tasks: ["rewrite add with the operands swapped"],
  });
  assert.match(
    tailOf(requests[2]),
    /\ntest_calc\.py:7: test_add .*\n {2}self\.assertEqual\(add\(2, 3\), 5\)\n {2}AssertionError: 6 != 5\n/,
  );
  assert.doesNotMatch(tailOf(requests[2]), /test_sub/);
  assert.deepEqual([result.outcome, result.reason], [
    "unverified",
    "red, and not known to be green before: `python3 -m unittest`",
  ]);
});

Deno.test("checks: node's own test runner and deno's are read as well", async () => {
  const node = {
    "package.json": '{ "type": "module", "scripts": { "test": "node --test" } }\n',
    "sum.js": "export const sum = (a, b) => a - b;\n",
    "sum.test.js":
      'import test from "node:test";\nimport assert from "node:assert";\nimport { sum } from "./sum.js";\ntest("sums", () => assert.equal(sum(1, 2), 3));\n',
  };
  const deno = {
    "deno.json": '{ "tasks": { "test": "deno test --no-check" } }\n',
    "sum.js": node["sum.js"],
    "sum_test.js":
      'import assert from "node:assert";\nimport { sum } from "./sum.js";\nDeno.test("sums", () => assert.equal(sum(1, 2), 3));\n',
  };
  const edit = (search: string, replace: string) => call("patch", { path: "sum.js", search, replace });
  for (
    const [files, told] of [[node, /\nsum\.test\.js:4: sum\.test\.js > sums\n/], [
      deno,
      /\nsum_test\.js:3: sum_test\.js > sums\n/,
    ]] as const
  ) {
    const { result, requests, events } = await play({
      files,
      replies: [edit("a - b", "a * b"), DONE, edit("a * b", "a + b"), DONE],
      tasks: TASK,
    });
    assert.match(tailOf(requests[2]), told);
    assert.deepEqual(checks(events), ["baseline red", "after red", "after green"]);
    assert.equal(result.outcome, "verified", result.report);
  }
});

Deno.test("checks: run in the project's folder, whatever the model's commands left behind", async () => {
  const [outcome, reason] = await outcomeOf({
    files: { ...FILES, "sub/empty.txt": "" },
    replies: [call("bash", { command: "cd sub && export PYTHONPATH=/nowhere" }), MEND, DONE],
    tasks: TASK,
  });
  assert.equal(outcome, "verified", reason);
});

Deno.test("checks: what a command did before Ctrl+C is in the report", async () => {
  const abort = new AbortController();
  const { result } = await play({
    files: FILES,
    replies: [call("bash", { command: "echo x > made.txt; echo '# y' >> calc.py; echo ready; sleep 30" })],
    tasks: TASK,
    signal: abort.signal,
    onEvent: (event) => event.type === "tool_output" && event.text.includes("ready") && abort.abort(),
  });
  assert.deepEqual(
    [result.outcome, result.filesCreated, result.filesEdited],
    ["cancelled", ["made.txt"], ["calc.py"]],
    result.report,
  );
});

Deno.test("checks: what a background job did is in the report, and a tool's own edit is not taken for it", async () => {
  const { result } = await play({
    files: FILES,
    replies: [
      call("bash", {
        command: "while [ ! -e go ]; do sleep 0.1; done; echo x > byjob.txt; sleep 30",
        background: true,
      }),
      call("write_file", { path: "go", content: "go\n" }),
      call("read_file", { path: "calc.py" }),
      { ...DONE, fault: { kind: "silence", ms: 1_000 } },
    ],
    tasks: ["start the server"],
  });
  assert.deepEqual(result.filesCreated.toSorted(), ["byjob.txt", "go"], result.report);
});

Deno.test("checks: a task without tests takes the checks that the change brings", async () => {
  const { result, events } = await play({
    files: { "readme.md": "x\n" },
    replies: [
      call("write_file", { path: "calc.py", content: GOOD }),
      call("write_file", { path: "test_calc.py", content: TEST }),
      DONE,
    ],
    tasks: ["create calc.py with add, and a test"],
  });
  assert.deepEqual([result.outcome, checks(events)], ["verified", ["after green"]], result.report);
});

Deno.test("checks: [checks] sets another command, or none", async () => {
  const set = (value: string) => ({ options: { set: [`checks.test=${value}`] } });
  const base = { files: FILES, replies: [MEND, DONE], tasks: TASK };
  assert.deepEqual(checks((await play({ ...base, ...set("python3 -c 'import calc'") })).events), [
    "baseline green",
    "after green",
  ]);
  assert.deepEqual(checks((await play({ ...base, ...set("") })).events), []);
});

Deno.test("checks: nearest tests run first where all take long, and alone when they fail", async () => {
  await using at = await slowProject({ "cart.py": "def total(a):\n    return a - 1\n" });
  const red = await at.check(["cart.py"]);
  const nearest = "python3 -m unittest test_cart.py";
  assert.deepEqual(red.checks?.map(({ command, exitCode, of }) => [command, exitCode, of]), [[
    nearest,
    1,
    at.all,
  ]]);
  assert.match(red.checks?.[0]?.excerpt ?? "", /^test_cart\.py:6: test_total /);
  assert.equal(judgeOutcome(red).outcome, "failed");
  await at.write("cart.py", "def total(a):\n    return 1 + a\n");
  const green = await at.check(["cart.py"]);
  assert.deepEqual(green.checks?.map(({ command, exitCode }) => [command, exitCode]), [[nearest, 0], [
    at.all,
    0,
  ]]);
  assert.equal(judgeOutcome(green).outcome, "verified");
});

Deno.test("checks: one that never ended is not run again, nor the nearest tests that did not end", async () => {
  await using at = await slowProject({ "cart.py": "def total(a):\n    return a + 1\n" });
  at.hung.add(at.all);
  const near = await at.check(["cart.py"]);
  const ran = (turn: Turn) => turn.checks?.map(({ command, exitCode }) => [command, exitCode]);
  assert.deepEqual(ran(near), [["python3 -m unittest test_cart.py", 0], [at.all, null]]);
  assert.deepEqual(judgeOutcome(near), {
    outcome: "unverified",
    reason: `how \`${at.all}\` stands after the change is not known: it did not end before in this session`,
  });
  at.hung.add("python3 -m unittest test_cart.py");
  assert.deepEqual(ran(await at.check(["cart.py"])), [[at.all, null]]);
});

/** A project whose tests are known to be slow, with a baseline of them that was green. */
async function slowProject(files: Readonly<Record<string, string>>) {
  const test =
    "import unittest\nfrom cart import total\n\nclass T(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total(1), 2)\n";
  const space = await tempWorkspace({ ...files, "test_cart.py": test, "test_other.py": "import unittest\n" });
  const checks = openProjectChecks({
    files: space.files,
    settings: {},
    sandbox: { kind: "none", reason: "this test needs none" },
    confine: {
      root: space.root,
      protectedPaths: [],
      platform: "linux",
      // As in a session: both texts of cart.py have one size, and one second may hold both runs.
      env: { PATH: Deno.env.get("PATH") ?? "", PYTHONDONTWRITEBYTECODE: "1" },
    },
  });
  const all = "python3 -m unittest";
  checks.slow.add(all);
  const baseline = { command: all, kind: "test", exitCode: 0, failures: [], tests: 1, ms: 1 } as const;
  const deps = {
    checks,
    baselines: { settle: () => Promise.resolve([baseline]), originals: () => new Map() },
    lookAtFiles: () => Promise.resolve(() => Promise.resolve([])),
    changesByJobs: () => Promise.resolve({ changes: [], isWhole: true }),
    emit: () => {},
    now: () => 0,
    ask: () => Promise.resolve("once"),
    rules: () => ({ mode: "ask", allow: [], deny: [], sandboxed: false, sessionAllowed: new Set() }),
    profile: { harness: { verify: true, plan: false } },
    config: { planner: { validateAfterEdit: true }, tools: { bashTimeoutMs: 30_000 }, context: {} },
    transport: { facts: { window: 8_192 }, estimateTokens: () => 0 },
    world: { files: space.files, results: { keep: () => "result:1" } },
    tools: new Map(),
  } as unknown as AgentDeps;
  return {
    all,
    hung: checks.hung,
    write: (path: string, text: string) => writeFile(join(space.root, path), text),
    check: (paths: readonly string[]) => {
      const changes = paths.map((path) =>
        ({ path, kind: "edited", linesAdded: 1, linesRemoved: 1, by: "tool" }) as const
      );
      const ledger = { changes, commands: [], writes: 1 };
      const turn = {
        task: "make total faster",
        wantsChange: true,
        ledger,
        baselines: [baseline],
        messages: [],
        head: { system: "", nativeTools: [] },
      };
      const measured = { messages: 0, tokens: 0 };
      return checkWork({ ...turn, measured } as unknown as Turn, deps, new AbortController().signal);
    },
    async [Symbol.asyncDispose]() {
      await checks.close();
      await space[Symbol.asyncDispose]();
    },
  };
}

Deno.test("checks: an edit is told what is wrong with the file and was not before", async () => {
  const { requests, result } = await play({
    files: { "old.py": "def f(a, a):\n    return a\n", "new.py": "def g():\n    pass\n" },
    replies: [
      call("write_file", { path: "made.py", content: "x = 1\nreturn x\n" }),
      call("patch", { path: "old.py", search: "    return a", replace: "    return a + 1" }),
      call("patch", { path: "new.py", search: "    pass", replace: "    nonlocal x" }),
      call("patch", { path: "new.py", search: "    nonlocal x", replace: "    return 1" }),
      DONE,
      DONE,
    ],
    tasks: ["change the files"],
  });
  const told = requests.slice(1, 5).map((request) =>
    /Wrong since your change:\n([^]*)$/.exec(tailOf(request))?.[1]
  );
  assert.match(told[0] ?? "", /^made\.py:2: SyntaxError: 'return' outside function/);
  assert.equal(told[1], undefined);
  assert.match(told[2] ?? "", /^new\.py:2: SyntaxError: no binding for nonlocal 'x' found/);
  assert.equal(told[3], undefined);
  assert.deepEqual(
    [result.outcome, /^red, .*made\.py/.test(result.reason)],
    ["unverified", true],
    result.reason,
  );
});

Deno.test("checks: a file that parsed before and does not now is broken; the model is told", async () => {
  const broken = "def g():\n    nonlocal x\n";
  const { result, read, requests } = await play({
    files: { "new.py": "def g():\n    pass\n" },
    replies: [
      call("patch", { path: "new.py", search: "    pass", replace: "    nonlocal x" }),
      ...Array(9).fill(DONE),
    ],
    tasks: ["change new.py"],
    options: { set: ["harness.improve=false", "planner.max_retries=1"] },
  });
  assert.match(
    tailOf(requests[2]),
    /^Not done: `python3 -c .* new\.py` ends with exit code 1 after your change\.\nnew\.py:2: SyntaxError/,
  );
  assert.deepEqual([result.outcome, read("new.py") === broken], ["failed", false], result.report);
});

Deno.test("checks: a program is run only as the message shows how", async () => {
  const write = call("write_file", { path: "main.py", content: "import sys\nprint(int(sys.argv[1]) + 1)\n" });
  const run = async (task: string) => await outcomeOf({ replies: [write, DONE], tasks: [task] });
  assert.deepEqual(await run("create main.py: `python3 main.py 4` prints 5"), [
    "verified",
    "`python3 main.py 4` passed after the last change",
  ]);
  assert.deepEqual((await run("create main.py: `python3 main.py` prints 5"))[0], "unverified");
  assert.deepEqual(await run("create main.py that adds one to its argument"), [
    "unverified",
    "no check ran after the last change",
  ]);
});

Deno.test("checks: looks at edited files ask nobody in the mode edits, and the tests ask as any command", async () => {
  const asked: string[] = [];
  const { requests } = await play({
    files: FILES,
    replies: [
      call("patch", { path: "calc.py", search: "    return", replace: "    nonlocal a; return" }),
      DONE,
      DONE,
    ],
    tasks: ["change calc.py"],
    options: { mode: "edits", ask: ({ what }) => (asked.push(what), Promise.resolve("no")) },
  });
  assert.deepEqual([...new Set(asked)], ["run: python3 -m unittest"]);
  assert.doesNotMatch(tailOf(requests[1]), /Wrong since/);
});

Deno.test("checks: a fix that lets tests load again is not taken back for what they find", async () => {
  const { result, read } = await play({
    files: { "calc.py": CALC.replace("def add", "def ad d"), "test_calc.py": TEST },
    replies: [call("patch", { path: "calc.py", search: "def ad d", replace: "def add" }), DONE, DONE],
    tasks: ["correct the function's name in calc.py"],
    options: { set: ["planner.max_retries=0", "harness.improve=false"] },
  });
  assert.equal(read("calc.py"), CALC, result.report);
  assert.notEqual(result.outcome, "verified");
});
