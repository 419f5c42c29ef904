/** The governor seen from outside: what a model that goes round in circles is told, and what it costs. */

import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CALC, call, play, tailOf } from "./_test_play.ts";

const LONG = { "calc.py": "add(1, 2)  # a line that is long enough to be worth a stub\n".repeat(12) };
const SEARCH = call("search", { pattern: "add" });

Deno.test("runTurn() answers a loop with a note, another way, a fresh context, and stops with the truth", async () => {
  const { result, events, requests } = await play({
    files: { "calc.py": CALC },
    tasks: ["Change calc.py so that add is right"],
    replies: () => call("list_files", {}),
  });
  deepEqual(
    events.flatMap((event) => event.type === "verdict" ? [`${event.kind} ${event.reason}`.trim()] : []),
    [
      ...["run", "run", "correct repetition", "correct repetition", "correct repetition"],
      ...["run", "run", "stop the same list_files call was made again and again"],
    ],
  );
  equal(result.outcome, "stopped");
  match(tailOf(requests[3]), /^You made this same list_files call 3 times/);
  equal(
    tailOf(requests[4]),
    "Not run: do not call list_files again. Reply with one tool call that changes calc.py.",
  );
  const anew = requests[5]?.messages ?? [];
  equal(anew.length, 2, "system text and one message");
  match(tailOf(requests[5]), /calc\.py \(2 lines, whole\)/);
  match(tailOf(requests[5]), /Before, the same list_files call was made again and again/);
});

Deno.test("runTurn() does not write a result again that stands in the context, and writes it when the disk changed", async () => {
  let project = "";
  const { requests } = await play({
    files: LONG,
    tasks: ["Where is add() called?"],
    before: (at) => void (project = at.project),
    replies: (request) => {
      // Another program changes the file between the first and the second search.
      if (request.index === 1) writeFileSync(join(project, "calc.py"), `${LONG["calc.py"]}add(3, 4)\n`);
      return request.index < 3 ? SEARCH : { text: "In calc.py." };
    },
  });
  const results = requests.map(tailOf);
  match(results[1] ?? "", /calc\.py/);
  match(results[2] ?? "", /add\(3, 4\)/);
  match(results[3] ?? "", /^Nothing changed: this search call gives the same as before\. It stands above/);
});

Deno.test("runTurn() tells a model that looks and learns nothing, before it is stopped", async () => {
  const pages = Array.from(
    { length: 6 },
    (_, i) => call("read_file", { path: "calc.py", start_line: 1, end_line: 12 - i }),
  );
  const { requests, events } = await play({
    files: LONG,
    tasks: ["What does calc.py do?"],
    replies: [call("read_file", { path: "calc.py" }), ...pages, { text: "It adds." }, { text: "It adds." }],
  });
  ok(
    requests.some((request) =>
      tailOf(request).endsWith("(Your last calls showed nothing new. Use what is shown above.)")
    ),
  );
  ok(events.some((event) => event.type === "verdict" && event.reason === "no_news"));
});

Deno.test("runTurn() stops edits that are undone and redone, by the content of the file", async () => {
  const write = (sign: string) => call("write_file", { path: "calc.py", content: CALC.replace("-", sign) });
  const { events, requests } = await play({
    files: { "calc.py": CALC },
    tasks: ["Change calc.py so that add is right"],
    replies: [...["+", "-", "+", "-", "*"].map(write), ...Array(6).fill({ text: "Done." })],
  });
  deepEqual(
    events.flatMap((event) => event.type === "verdict" ? [`${event.kind} ${event.reason}`.trim()] : []).slice(
      0,
      5,
    ),
    ["run", "run", "run", "correct spiral", "run"],
    "one that differs from all before is let through",
  );
  match(tailOf(requests[4]), /^Not run: your edits bring calc\.py back to what it was before, 2 times now/);
});

Deno.test("runTurn() takes a write that is sent a third time for the end of the task", async () => {
  const { result, requests } = await play({
    files: { "calc.py": CALC },
    tasks: ["Change calc.py so that add is right"],
    replies: () => call("write_file", { path: "calc.py", content: "def add(a, b):\n    return a + b\n" }),
  });
  equal(requests.length, 3);
  match(tailOf(requests[2]), /If the task is done, answer in one sentence\.$/);
  deepEqual([result.outcome, result.text], ["unverified", "The files stand as they were written."]);
});

Deno.test("runTurn() has in its ledger what a background job changed between two calls", async () => {
  let place = "";
  const waitFor = (name: string) => {
    while (!existsSync(join(place, name))) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  };
  const job =
    "until [ -e go ]; do sleep 0.05; done; echo new > b.txt; echo made > c.txt; touch over; sleep 60";
  const { result } = await play({
    files: { "b.txt": "old\n" },
    tasks: ["Run the job and create go"],
    before: ({ project }) => void (place = project),
    replies: ({ index }) => {
      if (index === 0) return call("bash", { command: job, background: true });
      if (index === 1) return call("write_file", { path: "go", content: "go\n" });
      waitFor("over");
      // A look of its own, before and after.
      if (index === 2) return call("bash", { command: "read", job: "job1" });
      return { text: "The job ran." };
    },
  });
  deepEqual(result.report.split("\n").slice(0, 5), [
    "  created  go  (+1 -0)",
    "  created  c.txt  (by a command)",
    "  created  over  (by a command)",
    "  edited   b.txt  (by a command)",
    `  ran      ${job.slice(0, 90)}…  (in the background)`,
  ]);
});

Deno.test("runTurn() ends a refused edit with the line that asked for it, until the file is changed", async () => {
  const broken = call("patch", { path: "calc.py", search: "    return a - b", replace: "    return (a + b" });
  const { requests } = await play({
    files: { "calc.py": CALC },
    tasks: ["Change calc.py so that add is right"],
    replies: [
      broken,
      call("patch", { path: "calc.py", search: "a - b", replace: "a + b" }),
      call("patch", { path: "calc.py", search: "a + b", replace: "(a + b" }),
      { text: "Done." },
    ],
  });
  match(
    tailOf(requests[1]),
    /^Error: Not written: calc\.py would no longer parse[\s\S]*\nReply with one tool call that changes calc\.py\.$/,
  );
  match(tailOf(requests[3]), /would no longer parse/);
  doesNotMatch(tailOf(requests[3]), /Reply with one tool call/);
});

Deno.test("runTurn() asks again, without the reply, after an empty one and an offer of help", async () => {
  const { requests } = await play({
    files: { "calc.py": CALC },
    tasks: ["Change calc.py so that add is right"],
    replies: [
      { text: "" },
      { text: "Hello! How can I help you today?" },
      call("patch", { path: "calc.py", search: "a - b", replace: "a + b" }),
      { text: "Done." },
    ],
  });
  match(tailOf(requests[1]), /Your reply was empty\. Reply with one tool call that changes calc\.py\.$/);
  match(
    tailOf(requests[2]),
    /The last reply changed no file\..* Else reply with one tool call that changes calc\.py\.$/,
  );
  doesNotMatch(JSON.stringify(requests[2]?.messages), /How can I help/);
});
