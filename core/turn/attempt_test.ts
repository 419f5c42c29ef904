/** What a model is shown and may do in each attempt after a red check, word by word. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { CALC, call, play, tailOf, TEST } from "../_test_play.ts";
import type { ScriptedReply, ScriptedRequest } from "../model/scripted.ts";
import { openStore } from "../store/store.ts";

const CHECK = "python3 -m unittest";
const DONE: ScriptedReply = { text: "Fixed." };
/** A wrong mend of `calc.py`: `a - b` becomes something else that is wrong. */
const wrong = (from: string, to: string) => call("patch", { path: "calc.py", search: from, replace: to });
const TASK = ["fix the failing test"];
const FILES = { "calc.py": CALC, "test_calc.py": TEST };

const strategies = (events: readonly { readonly type: string }[]) =>
  events.flatMap((event) => event.type === "attempt" ? [(event as { strategy?: string }).strategy] : []);
const temperatures = (requests: readonly ScriptedRequest[]) =>
  requests.map(({ body }) => body.temperature as number | undefined);
/** A request without the system message. */
const shown = (request: ScriptedRequest | undefined) =>
  (request?.messages ?? []).slice(1).map(({ role, content }) => [role, content]);
/** Times and folders, which differ in each run, are taken out. */
const plain = (text: string) =>
  text.replaceAll(/"\/[^"]*\/project\//g, '"').replaceAll(/in [\d.]+s/g, "in 0s").replaceAll(
    / \^+\n| [~^]+\n/g,
    "\n",
  );

Deno.test("attempts: first the error at a lower temperature, then the whole file at a higher one", async () => {
  const { result, requests, events } = await play({
    files: FILES,
    replies: [
      wrong("a - b", "a * b"),
      DONE,
      wrong("a * b", "a / b"),
      DONE,
      call("write_file", { path: "calc.py", content: CALC.replace("-", "+") }),
      DONE,
    ],
    tasks: TASK,
    options: { set: ["sampling.temperature=0.4"] },
  });
  assert.deepEqual([result.outcome, strategies(events)], ["verified", ["cooler", "other_form"]]);
  assert.deepEqual(temperatures(requests), [0.4, 0.4, 0.2, 0.2, 0.8, 0.8]);
  assert.match(
    tailOf(requests[2]),
    /^Not done: `python3 -m unittest.*` ends with exit code 1 after your change\.\n[^]*AssertionError: 6 != 5[^]*\nReply with one tool call that mends calc\.py\.$/,
  );
  assert.match(
    tailOf(requests[4]),
    /^`python3 -m unittest.*` ends with exit code 1\.\n[^]*\nPatching did not mend it\. Now write calc\.py whole with write_file: every line, with the mistake corrected\. It stands like this:\n```\ndef add\(a, b\):\n {4}return a \/ b\n```$/,
  );
});

Deno.test("attempts: a long file is not asked for whole, but for a smaller step at the lines in question", async () => {
  const filler = Array.from({ length: 90 }, (_, i) => `def part_${i}():\n    return ${i}\n`).join("\n");
  const { requests } = await play({
    files: { "calc.py": `${filler}\n\n${CALC}`, "test_calc.py": TEST },
    replies: [wrong("a - b", "a * b"), DONE, wrong("a * b", "a / b"), ...Array(5).fill(DONE)],
    tasks: TASK,
  });
  assert.match(
    tailOf(requests[4]),
    /\nThat did not mend it\. Take another way and a smaller step: change only the lines of calc\.py that are wrong\. They stand like this now:\n272 \| def add\(a, b\):\n273 \| {5}return a \/ b\nReply with one patch call for calc\.py\.$/,
  );
});

Deno.test("attempts: rewrite_section shows one part in a fresh context behind the same head, and takes the part as the reply", async () => {
  const { result, requests, read, events } = await play({
    files: FILES,
    replies: [
      wrong("a - b", "a * b"),
      DONE,
      DONE,
      DONE,
      { text: "```python\ndef add(a, b):\n    return a + b\n```" },
      DONE,
    ],
    tasks: TASK,
  });
  assert.deepEqual([result.outcome, read("calc.py")], ["verified", CALC.replace("-", "+")]);
  assert.deepEqual(strategies(events), ["cooler", "other_form", "rewrite_section"]);
  const fresh = requests[4];
  assert.deepEqual([fresh?.messages[0], fresh?.body.tools], [
    requests[0]?.messages[0],
    requests[0]?.body.tools,
  ]);
  const [[role, content], ...more] = shown(fresh) as [[string, string]];
  assert.deepEqual([role, more], ["user", []]);
  assert.equal(
    plain(content).replace(/\ntest_calc\.py:7: test_add [^]*?(?=\n\nWrite)/, "\n(failure)"),
    "Lines 1-2 of calc.py stand like this:\n```\ndef add(a, b):\n    return a * b\n```\n\nTask: fix the failing test\n\n" +
      "Done so far:\n- edited calc.py (+1 -1)\n- ran CHECK (exit 1)\n\n`CHECK` ends with exit code 1.\n(failure)\n\n"
        .replaceAll("CHECK", commandOf(events)) +
      "Write `add` of calc.py anew, so that this does not fail any more. It is wrong as it stands. Reply with the corrected `add` in one ``` block and nothing else.",
  );
  const epochs = events.flatMap((event) => event.type === "epoch" ? [event.reason] : []);
  assert.deepEqual(epochs, ["fresh context: rewrite_section"]);
});

Deno.test("attempts: rewrite_section takes a short file whole where the failure points at no part of it", async () => {
  const { requests, events, read } = await play({
    files: {
      "value.py": "VALUE = 3\n",
      "test_value.py": TEST.replace("from calc import add", "import value").replace(
        "add(2, 3)",
        "value.VALUE",
      ),
    },
    replies: [
      call("patch", { path: "value.py", search: "3", replace: "4" }),
      DONE,
      DONE,
      DONE,
      { text: "```python\nVALUE = 5\n```" },
      DONE,
    ],
    tasks: TASK,
  });
  assert.equal(strategies(events)[2], "rewrite_section");
  assert.match(
    tailOf(requests[4]),
    /^Lines 1-1 of value\.py stand like this:[^]*\nWrite value\.py anew, so that/,
  );
  assert.equal(read("value.py"), "VALUE = 5\n");
});

function commandOf(events: readonly { readonly type: string }[]): string {
  return (events.find((event) => event.type === "check") as { command?: string } | undefined)?.command ??
    CHECK;
}

const TWO = "def add(a, b):\n    return a - b\n\n\ndef double(a):\n    return a\n";
const TWO_TESTS =
  "import unittest\nfrom calc import add, double\n\n\nclass T(unittest.TestCase):\n    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n\n    def test_double(self):\n        self.assertEqual(double(2), 4)\n";

Deno.test("attempts: one_error_at_a_time tells of the first failure only, and lets no other file change", async () => {
  const { requests, events, read } = await play({
    files: { "calc.py": TWO, "test_calc.py": TWO_TESTS },
    replies: [
      wrong("a - b", "a * b"),
      DONE,
      DONE,
      DONE,
      call("write_file", { path: "other.py", content: "x = 1\n" }),
      call("bash", { command: "sed -i s/5/6/ test_calc.py" }),
      call("bash", { command: "echo 1 > other.py" }),
      call("bash", { command: "grep -o 'a . b' calc.py | head -1 2>&1" }),
      wrong("a * b", "a + b"),
      DONE,
      ...Array(3).fill(DONE),
    ],
    tasks: TASK,
  });
  assert.deepEqual(strategies(events).slice(2), ["one_error_at_a_time", "rewrite_section"]);
  const [[, content]] = shown(requests[4]) as [[string, string]];
  assert.match(
    content,
    /^calc\.py \(6 lines, whole\):\n```\ndef add[^]*` ends with exit code 1\. It has 2 failures\. Only the first counts now:\ntest_calc\.py:\d+: test_add[^]*\n\nMend only this failure\. Reply with one tool call that changes calc\.py; no other file can be changed now\.$/,
  );
  assert.doesNotMatch(content, /test_double/);
  assert.equal(tailOf(requests[5]), "Not changed: other.py is not part of this step. Change calc.py.");
  assert.equal(read("other.py"), undefined);
  // Neither can a command.
  assert.equal(tailOf(requests[6]), "Not changed: test_calc.py is not part of this step. Change calc.py.");
  assert.equal(
    tailOf(requests[7]),
    "Not changed: `echo 1 > other.py` is not part of this step. Change calc.py.",
  );
  assert.match(tailOf(requests[8]), /^a \* b\nExit code: 0/);
  // The error that is left comes next.
  const [[, next]] = shown(requests[10]) as [[string, string]];
  assert.match(next, /^Lines 5-6 of calc\.py stand like this:\n```\ndef double\(a\):/);
});

const LONG = `def add(a, b):\n${
  Array.from({ length: 70 }, (_, i) => `    x${i} = ${i}\n`).join("")
}    return a - b\n`;

Deno.test("attempts: extract_function shows a long function around the failing line and says how to take it apart", async () => {
  const { requests, events } = await play({
    files: { "calc.py": LONG, "test_calc.py": TEST },
    replies: [wrong("a - b", "a * b"), ...Array(5).fill(DONE)],
    tasks: TASK,
  });
  assert.deepEqual(strategies(events), ["cooler", "other_form", "extract_function"]);
  const [[, content]] = shown(requests[4]) as [[string, string]];
  assert.match(
    content,
    /^calc\.py \(72 lines, whole|^calc\.py \(72 lines\), the part in question:\n1 \| def add/,
  );
  assert.match(
    content,
    /\n\n`add` has 72 lines \(1-72 of calc\.py\), too many to mend at once\. Make the lines that fail a new function of their own above it, mended, with one patch call; then put a call of it in their place with a second patch call\. No other file can be changed now\.$/,
  );
});

Deno.test("attempts: split_file lets new files come, and no other change", async () => {
  const filler = Array.from({ length: 900 }, (_, i) => `value_${i} = ${i}\n`).join("");
  const { requests, events, read } = await play({
    server: { window: 8_192 },
    files: { "calc.py": `${filler}add = lambda a, b: a - b\n`, "test_calc.py": TEST },
    replies: [
      wrong("a - b", "a * b"),
      DONE,
      DONE,
      DONE,
      call("write_file", { path: "adding.py", content: "def add(a, b):\n    return a + b\n" }),
      call("patch", { path: "test_calc.py", search: "5)", replace: "6)" }),
      DONE,
    ],
    tasks: TASK,
  });
  // The new file is red as long as nothing imports it.
  assert.deepEqual(strategies(events), ["cooler", "other_form", "split_file", "rewrite_section"]);
  const [[, content]] = shown(requests[4]) as [[string, string]];
  assert.match(
    content,
    /\n\ncalc\.py has 901 lines, too many to see at once\. Make .* a new file beside it with write_file, mended; then take it out of calc\.py with patch and import it there\. No other file can be changed now\.$/,
  );
  assert.equal(tailOf(requests[6]), "Not changed: test_calc.py is not part of this step. Change calc.py.");
  assert.deepEqual([read("test_calc.py"), read("adding.py")], [TEST, "def add(a, b):\n    return a + b\n"]);
});

Deno.test("attempts: replan has the open steps of the model's plan written anew, and follows them", async () => {
  const { result, requests, events } = await play({
    files: FILES,
    replies: [
      { text: "1. change calc.py\n2. run the tests of calc.py\n3. write notes.txt" },
      wrong("a - b", "a * b"),
      DONE,
      DONE,
      DONE,
      { text: "1. make add in calc.py add again\n2. run the tests" },
      wrong("a * b", "a + b"),
      DONE,
      DONE,
    ],
    tasks: [
      "First fix the failing test in calc.py, then run the tests, and finally write a summary to notes.txt",
    ],
    options: { set: ["harness.ask_plan=true"] },
  });
  assert.deepEqual(strategies(events), ["cooler", "other_form", "replan"]);
  const fresh = requests.findIndex(({ messages }) => /The plan so far/.test(JSON.stringify(messages)));
  const [[, content]] = shown(requests[fresh]) as [[string, string]];
  assert.match(
    content,
    /\n\nThe plan so far:\n1\. change calc\.py \(done\)\n2\. .* \(open\)\n3\. .* \(open\)\n\nIts open steps did not lead there\. Write the steps that are left anew, a numbered list of 2 to 5 short lines, made from what fails above\. Then call the tool for the first one\.$/,
  );
  assert.match(tailOf(requests[fresh + 1]), /make add in calc\.py add again/);
  assert.notEqual(result.outcome, "failed");
});

Deno.test("attempts: without harness.improve the same error is shown as often as there are retries", async () => {
  const { result, requests, events } = await play({
    files: FILES,
    replies: [wrong("a - b", "a * b"), ...Array(3).fill(DONE)],
    tasks: TASK,
    options: { set: ["harness.improve=false"] },
  });
  assert.deepEqual([result.outcome, requests.length, strategies(events)], ["failed", 4, []]);
  assert.equal(tailOf(requests[3]), tailOf(requests[2]));
});

Deno.test("attempts: the next turn goes on in the newest context, a resumed session too, and the store has it all", async () => {
  let roles: readonly string[] = [];
  let begins: readonly number[] = [];
  const { results, requests } = await play({
    files: FILES,
    replies: [
      wrong("a - b", "a * b"),
      DONE,
      DONE,
      DONE,
      { text: "```python\ndef add(a, b):\n    return a + b\n```" },
      DONE,
      { text: "It adds." },
    ],
    tasks: [...TASK, "what does add do?"],
    async after({ home }) {
      const store = await openStore({ folder: join(home, "data"), now: Date.now });
      const { messages } = store.load("last");
      store.close();
      roles = messages.map(({ role }) => role);
      begins = messages.flatMap((message, i) => message.role === "user" && message.startsContext ? [i] : []);
    },
  });
  assert.deepEqual(results.map(({ outcome }) => outcome), ["verified", "answered"]);
  const messages = shown(requests[6]);
  assert.match(String(messages[0]?.[1]), /^Lines 1-2 of calc\.py/);
  assert.deepEqual(messages.map(([role]) => role), ["user", "assistant", "user", "assistant", "user"]);
  assert.deepEqual(
    roles.join(" "),
    "user assistant tool assistant user assistant user assistant user assistant tool assistant user assistant",
  );
  assert.deepEqual(begins, [8]);
});
