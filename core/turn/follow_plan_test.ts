/** The plan in the loop, from the message to the end, on a scripted server. */

import assert from "node:assert/strict";
import { play, tailOf } from "../_test_play.ts";
import type { Event } from "../events.ts";
import type { ScriptedReply } from "../model/scripted.ts";
import { holdToPlan } from "./follow_plan.ts";

const write = (path: string): { name: string; args: Record<string, unknown> } => ({
  name: "write_file",
  args: { path, content: `${path}\n` },
});
const call = (path: string, text = ""): ScriptedReply => ({ text, calls: [write(path)] });
const DONE = { text: "Done." };
const PLAN = "1. Create models.py\n2. Create app.py\n3. Create README.md";
const TASK = "Create models.py with a User class, app.py with a login route and README.md, then add tests";

/** Of each plan event: how many steps are done. */
function progress(events: readonly Event[]): readonly number[] {
  return events.flatMap((event) =>
    event.type === "plan" ? [event.steps.filter(({ state }) => state === "done").length] : []
  );
}

Deno.test("a plan is asked for once, in front of the line that asks for the call, and comes with the first call", async () => {
  const { requests, events, result } = await play({
    tasks: [TASK],
    replies: [call("models.py", PLAN), call("app.py"), call("README.md"), DONE],
  });
  const lines = tailOf(requests[0]).split("\n");
  assert.match(lines.at(-2) ?? "", /^This task has several steps\. First list them: 2 to 8 numbered lines/);
  assert.equal(lines.at(-1), "Reply with one tool call.");
  assert.deepEqual(progress(events), [0, 1, 2, 3]);
  const anchors = requests.slice(1).map((request) => tailOf(request).split("\n").at(-1));
  assert.deepEqual(anchors, [
    "Plan, update 2, replaces update 1: done: 1. Left: 3 Create README.md. Now reply with one tool call for step 2 of 3: Create app.py",
    "Plan, update 3, replaces update 2: done: 1, 2. Now reply with one tool call for step 3 of 3: Create README.md",
    "Plan, update 4, replaces update 3: all 3 steps are done.",
  ]);
  assert.equal(result.outcome, "unverified");
  assert.equal(events.findLast((event) => event.type === "turn_end")?.corrections, 0);
});

Deno.test("a simple task is asked for no plan", async () => {
  const { requests, events } = await play({
    tasks: ["Create hello.py that prints hello"],
    replies: [call("hello.py"), DONE],
  });
  assert.equal(tailOf(requests[0]), "Create hello.py that prints hello\n\nReply with one tool call.");
  assert.deepEqual(progress(events), []);
});

Deno.test("a reply that is only a plan costs a step and is no correction", async () => {
  const { requests, events, result } = await play({
    tasks: [TASK],
    replies: [{ text: PLAN }, call("models.py"), call("app.py"), call("README.md"), DONE],
  });
  assert.equal(tailOf(requests[1]), "Good. Now do step 1: Create models.py\nReply with one tool call.");
  const end = events.findLast((event) => event.type === "turn_end");
  assert.deepEqual([end?.steps, end?.corrections, result.outcome], [5, 0, "unverified"]);
});

Deno.test("plans without end are no way round the budgets", async () => {
  let count = 0;
  const { events, result } = await play({
    tasks: [TASK],
    replies: () => ({ text: `Plan:\n1. Create a${count++}.py\n2. Create b${count}.py` }),
  });
  const end = events.findLast((event) => event.type === "turn_end");
  assert.ok(end && end.steps <= 6, `${end?.steps} steps`);
  assert.equal(result.outcome, "failed");
});

Deno.test("a step that the model forgets is in its prompt, and an end is held to it once", async () => {
  const steps = ["one.txt", "two.txt", "three.txt", "four.txt", "five.txt"];
  const task = `Please do this:\n${steps.map((path, i) => `${i + 1}. create ${path}`).join("\n")}`;
  const forgets = [call("one.txt"), call("two.txt"), call("four.txt"), call("five.txt"), {
    text: "All done.",
  }];
  const { requests, events, result } = await play({
    tasks: [task],
    replies: [...forgets, call("three.txt"), DONE],
  });
  assert.equal(
    tailOf(requests[4]).split("\n").at(-1),
    "Plan, update 5, replaces update 4: done: 1, 2, 4, 5. Now reply with one tool call for step 3 of 5: create three.txt",
  );
  assert.match(tailOf(requests[5]), /^Step 3 of the plan is still open: create three\.txt\n/);
  assert.deepEqual(progress(events).at(-1), 5);
  assert.deepEqual(result.filesCreated.toSorted(), steps.toSorted());
  const insists = await play({ tasks: [task], replies: [...forgets, { text: "It is all done." }] });
  assert.equal(insists.events.filter((e) => e.type === "verdict" && e.reason === "plan").length, 1);
});

Deno.test("an end is held to each step that is forgotten, one after the other", async () => {
  const { requests, result } = await play({
    tasks: ["1. create one.txt\n2. create two.txt\n3. create three.txt"],
    replies: [call("one.txt"), DONE, call("two.txt"), DONE, call("three.txt"), DONE],
  });
  assert.match(tailOf(requests[2]), /^Step 2 of the plan is still open: create two\.txt\n/);
  assert.match(tailOf(requests[4]), /^Step 3 of the plan is still open: create three\.txt\n/);
  assert.equal(result.filesCreated.length, 3);
});

Deno.test("the user's own list is the plan, also where none is asked for", async () => {
  const { requests, events } = await play({
    tasks: ["1. create a.py\n2. create b.py\n3. create c.py"],
    replies: [call("a.py"), call("b.py"), call("c.py"), DONE],
    options: { set: ["harness.ask_plan=false"] },
  });
  assert.ok(!tailOf(requests[0]).includes("numbered lines"));
  assert.deepEqual(progress(events), [0, 1, 2, 3]);
});

Deno.test("files that a task names and no change touched are asked for once", async () => {
  const { requests, events } = await play({
    files: { "greet.js": "export const greet = 1;\n", "main.js": "// greet is told here\n" },
    tasks: ["Rename greet to welcome in greet.js and in main.js"],
    replies: [
      { calls: [{ name: "patch", args: { path: "greet.js", search: "greet", replace: "welcome" } }] },
      DONE,
      { text: "main.js needs no change." },
    ],
  });
  assert.match(
    tailOf(requests[1]),
    /done: 1\. Now step 2 of 2: reply with one tool call that changes main\.js\.$/,
  );
  assert.match(tailOf(requests[2]), /^Not changed yet: main\.js\. If the task needs a change there/);
  assert.equal(events.findLast((event) => event.type === "turn_end")?.corrections, 1);
});

Deno.test("a file that a task names and that is not there yet is asked for without a way out", async () => {
  const { requests, result } = await play({
    tasks: ["Create shapes.py with a function area, and main.py that imports it"],
    replies: [call("shapes.py"), DONE, call("main.py"), DONE],
  });
  assert.equal(
    tailOf(requests[2]),
    "Not changed yet: main.py.\nReply with one tool call that changes main.py.",
  );
  assert.deepEqual(result.filesCreated, ["shapes.py", "main.py"]);
});

Deno.test("planner.auto_plan and harness.ask_plan ask for no plan, harness.plan keeps none", async () => {
  for (const key of ["planner.auto_plan", "harness.ask_plan", "harness.plan"]) {
    const { requests, events } = await play({
      tasks: [TASK],
      replies: [call("models.py", `Plan:\n${PLAN}`), call("app.py"), call("README.md"), DONE],
      options: { set: [`${key}=false`] },
    });
    assert.ok(!tailOf(requests[0]).includes("numbered lines"), key);
    assert.equal(progress(events).length > 0, key !== "harness.plan", key);
  }
});

Deno.test("a plan goes on with the next message, or is dropped where that is about something else", async () => {
  const stops = [call("models.py", PLAN), DONE, { text: "I stop here." }];
  const on = await play({
    tasks: [TASK, "continue"],
    replies: [...stops, call("app.py"), call("README.md"), DONE],
  });
  const second = on.requests.find((request) => tailOf(request).startsWith("continue"));
  assert.match(
    tailOf(second),
    /^continue\n\nPlan, update 2: done: 1\. Left: 3 Create README\.md\. Now reply with one tool call for step 2 of 3: Create app\.py\n/,
  );
  const off = await play({
    tasks: [TASK, "Fix the typo in notes.txt"],
    replies: [...stops, call("notes.txt"), DONE, DONE],
  });
  const dropped = off.events.filter((event) => event.type === "plan").at(-1);
  assert.deepEqual(dropped?.type === "plan" && dropped.steps, []);
});

Deno.test("an unchanged plan is told again after six steps, and a compaction keeps it", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`f${i}.py`, `x${i} = 1\n`.repeat(900)]),
  );
  const read = (i: number): ScriptedReply => ({ calls: [{ name: "read_file", args: { path: `f${i}.py` } }] });
  const { requests, events } = await play({
    files,
    server: { window: 8_192 },
    tasks: ["1. create one.txt\n2. create two.txt\n3. create three.txt"],
    replies: [
      call("one.txt"),
      ...Array.from({ length: 9 }, (_, i) => read(i)),
      call("two.txt"),
      call("three.txt"),
      DONE,
      DONE,
    ],
  });
  assert.ok(events.some((event) => event.type === "compaction"));
  for (const request of requests.slice(1, -2)) {
    const said = request.messages.map(({ content }) => String(content)).join("\n");
    assert.match(said, /Plan, update 2.*step 2 of 3: create two\.txt/, `request ${request.index}`);
  }
});

Deno.test("holdToPlan() leaves every verdict but an end as it is", async () => {
  const verdict = { kind: "stop" as const, reason: "x" };
  assert.equal(await holdToPlan(verdict, {} as never, {} as never), verdict);
});
