/** `verified` is never said of what no test ran on: projects and models that end well and test nothing. */

import assert from "node:assert/strict";
import { CALC, call, play, TEST } from "../_test_play.ts";
import type { AgentDeps } from "./agent_deps.ts";
import { provesNothing } from "./proves_nothing.ts";
import { runPermitted } from "./run_check.ts";
import { tempShell } from "../sandbox/_temp_shell.ts";
import { tempWorkspace } from "../sandbox/_temp_workspace.ts";
import type { Event } from "../events.ts";
import type { ScriptedReply } from "../model/scripted.ts";

const GOOD = CALC.replace("a - b", "a + b");
const DONE = { text: "Done." };
const write = (path: string, content: string) => call("write_file", { path, content });
const bash = (command: string) => call("bash", { command });
const scripts = (test: string) => JSON.stringify({ scripts: { test } });
const SUM = "module.exports = (a, b) => a + b;\n";
const SUM_TEST =
  "const test = require('node:test');\nconst assert = require('node:assert');\ntest('sum', () => assert.equal(require('./sum.js')(1, 2), 3));\n";

interface Trick {
  readonly files: Readonly<Record<string, string>>;
  readonly replies: readonly ScriptedReply[];
  readonly outcome?: "failed";
  readonly reason: RegExp;
}

const MEND = write("calc.py", GOOD);
const TRICKS: Readonly<Record<string, Trick>> = {
  "a test script that prints": {
    files: { "package.json": scripts("echo ok"), "sum.js": SUM },
    replies: [write("sum.js", "module.exports = 1;\n"), DONE],
    reason: /^no check ran after the last change/,
  },
  "a test script that only looks at the syntax": {
    files: { "package.json": scripts("node --check sum.js"), "sum.js": SUM },
    replies: [write("sum.js", "module.exports = 1;\n"), DONE],
    reason: /runs none of the code$/,
  },
  "a test script that hides with its exit code that tests fail": {
    files: { "package.json": scripts("node --test || true"), "sum.js": SUM, "sum.test.js": SUM_TEST },
    replies: [write("sum.js", SUM.replace("+", "-")), ...Array(8).fill(DONE)],
    outcome: "failed",
    reason: /^`npm test` was green and is red after the change/,
  },
  "a test script that prints, run by the model": {
    files: { "package.json": scripts("echo ok"), "sum.js": SUM },
    replies: [write("sum.js", "module.exports = 1;\n"), bash("npm test"), DONE],
    reason: /^no check ran after the last change/,
  },
  "tests of another folder": {
    files: {
      "calc.py": GOOD,
      "other/pyproject.toml": "",
      "other/test_o.py": TEST.replace("from calc import add", "add = lambda a, b: 5"),
    },
    replies: [write("calc.py", CALC), bash("cd other && python3 -m unittest"), DONE],
    reason: /passed, but runs none of calc\.py$/,
  },
  "a make target that is a folder": {
    files: { "Makefile": "test:\n\tpython3 -m unittest\n", "test/a.txt": "", "calc.py": CALC },
    replies: [MEND, DONE],
    reason: /`make test`: it found no tests/,
  },
  "a make target that prints": {
    files: { "Makefile": "test:\n\t@echo ok\n", "calc.py": CALC },
    replies: [MEND, DONE],
    reason: /^no check ran after the last change/,
  },
  "a runner that the model starts and that finds no tests": {
    files: { "calc.py": CALC },
    replies: [MEND, bash("python3 -m unittest"), DONE],
    reason: /^no check ran after the last change/,
  },
  "tests of another language than the change": {
    files: { "calc.py": GOOD, "test_calc.py": TEST, "web.js": "let a = 1;\n" },
    replies: [write("web.js", "let a = 2;\n"), DONE],
    reason: /passed, but runs none of web\.js$/,
  },
  "tests that are gone after the change": {
    files: { "calc.py": GOOD, "test_calc.py": TEST },
    replies: [write("calc.py", CALC), bash("rm test_calc.py"), bash("python3 calc.py"), DONE, DONE, DONE],
    reason: /^the tests pass only as they were changed in this turn: test_calc\.py/,
  },
};

for (const [name, { files, replies, outcome = "unverified", reason }] of Object.entries(TRICKS)) {
  Deno.test(`outcome: ${name}`, async () => {
    const { result } = await play({ files, replies, tasks: ["Change the code."] });
    assert.equal(result.outcome, outcome, result.report);
    assert.match(result.reason, reason);
  });
}

Deno.test("provesNothing(): which runs of the model's own are no checks", async () => {
  await using space = await tempWorkspace({ "web/a.js": "" });
  const { root } = space;
  const known = [{ kind: "test", command: "npm test", from: "package.json" }] as const;
  const deps = { world: { files: { root } }, checks: { known: () => known } } as unknown as AgentDeps;
  const proves = (line: string, output: string, exitCode = 0, cwd = root) =>
    provesNothing(
      { text: `${output}\nExit code: ${exitCode}`, command: { command: line, exitCode, ms: 1 } },
      cwd,
      deps,
    )
      .isCheck !== false;
  const one = "Ran 1 test in 0.000s\n\nOK";
  const cases: readonly (readonly [string, string, boolean, string?])[] = [
    ["python3 -m unittest", one, true],
    ["python3 -m unittest", "Ran 0 tests in 0.000s\n\nOK", false],
    ["npm test", "fine", true],
    ["CI=1 npm test 2>&1", "fine", true],
    ["npm run test:unit", "fine", false],
    ["npm run test:unit", one, true],
    ["make test", "ok", false],
    ["python3 main.py", "5", true],
    ["python3 -m unittest", one, false, "/"],
    [`cd ${root}/web && npm test`, "fine", true],
    ["cd / && python3 -m unittest", one, false],
    ["cd ../.. && python3 -m unittest", one, false],
    ["cd .. && python3 -m unittest", one, true, `${root}/web`],
    ["cd $HOME && python3 -m unittest", one, true],
  ];
  for (const [line, output, expected, cwd] of cases) {
    assert.equal(proves(line, output, 0, cwd), expected, `${line}: ${output}`);
  }
  const failed =
    "======================================================================\nFAIL: test_a (t.T.test_a)\n" +
    one;
  assert.deepEqual([proves("python3 -m unittest", failed, 0), proves("python3 -m unittest", failed, 1)], [
    false,
    true,
  ]);
});

Deno.test("runPermitted(): a check that ended before the change and does not since is red, else it did not run", async () => {
  await using temp = await tempShell();
  const { shell } = temp;
  const events: Event[] = [];
  const emit = (event: unknown) => void events.push(event as Event);
  const call = {
    command: "echo begun; sleep 30",
    kind: "test" as const,
    phase: "after" as const,
    timeoutMs: 300,
    shell,
  };
  const context = { signal: new AbortController().signal, output: () => {} };
  const known = await runPermitted({ ...call, endedIn: 20 }, context, { emit });
  const unknown = await runPermitted(call, context, { emit });
  assert.deepEqual(events.map((event) => event.type === "check" && event.state), ["red", "not_run"]);
  assert.deepEqual(
    [known.state === "ran" && [known.exitCode, known.output], unknown.state],
    [[
      124,
      "It did not end within 0 s; before your change it took 1 s. Look for a loop or a wait without an end.\nbegun\n",
    ], "not_run"],
  );
});

Deno.test("outcome: what a job changes while the checks run is checked too, or the outcome says that it was not", async () => {
  const slow = TEST.replace("import unittest", "import unittest, time\ntime.sleep(1)");
  const { result, read } = await play({
    files: { "calc.py": CALC, "test_calc.py": slow },
    replies: [
      call("bash", { command: "sleep 0.8; echo 'x = 1' > late.py; sleep 60", background: true }),
      MEND,
      DONE,
    ],
    tasks: ["Change the code."],
  });
  assert.equal(read("late.py"), "x = 1\n");
  assert.match(result.report, /created {2}late\.py/);
  // The second run saw it.
  assert.equal(result.outcome, "verified", result.report);
});

Deno.test("outcome: code that a check itself formats is told, and checked once more", async () => {
  const format = "grep -q done sum.js || echo '// done' >> sum.js";
  const { result, read, events } = await play({
    files: {
      "package.json": scripts(`node --test && if [ -f go ]; then ${format}; fi`),
      "sum.js": SUM,
      "sum.test.js": SUM_TEST,
    },
    replies: [write("go", "x\n"), write("sum.js", SUM.replace("a + b", "b + a")), DONE],
    tasks: ["Change the code."],
  });
  const runs = events.flatMap((event) => event.type === "check" ? [`${event.phase} ${event.state}`] : []);
  assert.deepEqual(runs, ["baseline green", "after green", "after green"]);
  assert.match(read("sum.js") ?? "", /b \+ a;\n\/\/ done\n$/);
  assert.equal(result.outcome, "verified", result.report);
});

Deno.test("outcome: a file that a check changes before the first edit is told", async () => {
  const { result } = await play({
    files: {
      "package.json": scripts("node --test && date +%N > log.txt"),
      "log.txt": "",
      "sum.js": SUM,
      "sum.test.js": SUM_TEST,
    },
    replies: [write("sum.js", SUM.replace("a + b", "b + a")), DONE],
    tasks: ["Change the code."],
  });
  assert.match(result.report, /changed while the checks ran before the first edit: log\.txt/);
  assert.match(result.report, /changed while the checks ran: log\.txt/);
  assert.equal(result.outcome, "verified", result.report);
});

/** Fails at its second run of those in one folder for temporary files. */
const FLAKY =
  "import unittest, os, tempfile\nP = os.path.join(tempfile.gettempdir(), 'n')\nclass F(unittest.TestCase):\n    def test_f(self):\n        n = len(open(P).read()) if os.path.exists(P) else 0\n        open(P, 'a').write('x')\n        self.assertNotEqual(n, 1)\n";

Deno.test("outcome: a test that fails now and then takes no change back and verifies none", async () => {
  const { result, read } = await play({
    files: { "calc.py": GOOD, "test_calc.py": TEST, "test_flaky.py": FLAKY },
    replies: [write("calc.py", GOOD.replace("a + b", "b + a")), DONE],
    tasks: ["Change the code."],
  });
  assert.equal(result.outcome, "unverified", result.report);
  assert.match(result.reason, /failed, and passed when it ran again with nothing changed: test_f/);
  assert.match(read("calc.py") ?? "", /b \+ a/);
});

Deno.test("outcome: tests that pass verify no blank line, until something else is changed, too", async () => {
  const blank = write("calc.py", `${GOOD}\n\n`);
  const session = (replies: readonly ReturnType<typeof write>[]) =>
    play({
      files: { "calc.py": GOOD, "test_calc.py": TEST },
      replies: [...replies, DONE],
      tasks: ["Change the code."],
    });
  const { result } = await session([blank]);
  assert.deepEqual([result.outcome, /but only blank lines were changed$/.test(result.reason)], [
    "unverified",
    true,
  ], result.report);
  const real = await session([blank, write("calc.py", GOOD.replace("a + b", "b + a"))]);
  assert.equal(real.result.outcome, "verified", real.result.report);
});
