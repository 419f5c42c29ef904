import assert from "node:assert/strict";
import fc from "fast-check";
import type { Plan } from "../types.ts";
import { ANCHOR_TOKENS, anchorLine } from "./anchor.ts";
import {
  advancePlan,
  type Evidence,
  goesOn,
  isFinished,
  kindOfStep,
  lastPlan,
  layPlan,
  openStep,
  revisePlan,
  shownSteps,
  untold,
} from "./plan.ts";

function plan(...texts: readonly string[]): Plan {
  return layPlan(texts.map((text) => ({ text, isDone: false })), { by: "model", files: [], step: 0 });
}

/** Numbers of the steps that are done after these. */
function doneAfter(start: Plan, ...evidence: readonly Evidence[]): readonly number[] {
  const end = evidence.reduce(advancePlan, start);
  return end.steps.flatMap(({ isDone }, index) => isDone ? [index + 1] : []);
}

const changed = (path: string, added = ""): Evidence => ({ changed: [{ path, added }] });
const ran = (command: string, isGreen = true, isCheck = true): Evidence => ({
  ran: [{ command, isGreen, isCheck }],
});

Deno.test("kindOfStep() tells what would show that a step is done", () => {
  const kinds = {
    "Read app.py": "look",
    "Understand the code": "look",
    "Add a route to app.py": "change",
    "Add tests": "change",
    "Update all imports": "wide",
    "Run the tests": "run",
    "Test the changes": "check",
    "Test file for the parser": "change",
    "Verify that it works": "check",
    "Tell the user": "say",
  };
  for (const [text, kind] of Object.entries(kinds)) assert.equal(kindOfStep(text), kind, text);
});

Deno.test("advancePlan() marks the step whose file was changed, in any order", () => {
  const start = plan("Create models.py", "Use it in app.py", "Update README.md");
  assert.deepEqual(doneAfter(start, changed("models.py")), [1]);
  assert.deepEqual(doneAfter(start, changed("src/app.py")), [2]);
  assert.deepEqual(doneAfter(start, changed("models.py"), changed("README.md")), [1, 3]);
  assert.deepEqual(doneAfter(start, changed("other.py")), []);
});

Deno.test("advancePlan() waits for all files that a step names", () => {
  const start = plan("Rename f in a.py and b.py", "Run the tests");
  assert.deepEqual(doneAfter(start, changed("a.py")), []);
  assert.deepEqual(doneAfter(start, changed("a.py"), changed("b.py")), [1]);
});

Deno.test("advancePlan() asks no change of a file that a step only speaks of", () => {
  const start = plan(
    "Create main.py",
    'Add "Usage: `python3 main.py red`" to README.md',
    "Import area from shapes.py in app.py",
  );
  assert.deepEqual(doneAfter(start, changed("README.md")), [2]);
  assert.deepEqual(doneAfter(start, changed("app.py")), [3]);
});

Deno.test("advancePlan() gives one change to one step, but for names that came in with it", () => {
  const start = plan("Add `parse_date` to util.py", "Add `parse_time` to util.py", "Add docs to util.py");
  assert.deepEqual(doneAfter(start, changed("util.py", "+def parse_date(): ...")), [1]);
  assert.deepEqual(doneAfter(start, changed("util.py", "+def parse_date(): ...\n+def parse_time(): ...")), [
    1,
    2,
  ]);
});

Deno.test("advancePlan() takes a change without a named file for the current step, tests for the step about tests", () => {
  const start = plan("Add validation", "Add tests", "Write the docs");
  assert.deepEqual(doneAfter(start, changed("signup.py")), [1]);
  assert.deepEqual(doneAfter(start, changed("tests/test_signup.py")), [2]);
});

Deno.test("advancePlan() takes only green commands", () => {
  const start = plan("Fix cart.py", "Run the tests", "Run `npm run lint`");
  assert.deepEqual(doneAfter(start, ran("npm test", false)), []);
  assert.deepEqual(doneAfter(start, ran("npm test")), [2, 3]);
  assert.deepEqual(doneAfter(start, ran("npm run lint", true, false)), [3]);
});

Deno.test("advancePlan() lets steps that leave no trace pass with a later one", () => {
  const start = plan(
    "Understand app.py",
    "Add a route to app.py",
    "Update all callers",
    "Add tests/test_app.py",
  );
  assert.deepEqual(doneAfter(start, { read: ["app.py"] }), [1]);
  assert.deepEqual(doneAfter(start, changed("app.py")), [1, 2]);
  assert.deepEqual(doneAfter(start, changed("app.py"), changed("tests/test_app.py")), [1, 2, 3, 4]);
});

Deno.test("advancePlan() takes the model's word, but not for a file that it did not touch", () => {
  const start = plan("Add validation", "Update README.md", "Handle errors");
  assert.deepEqual(doneAfter(start, { said: [1, 2] }), [1]);
  assert.deepEqual(doneAfter(start, changed("README.md"), { said: [3] }), [2, 3]);
  assert.deepEqual(doneAfter(start, { said: [9] }), []);
});

Deno.test("advancePlan() never undoes a step, counts each change once, and keeps the plan where nothing is new", () => {
  const evidence = fc.record({
    changed: fc.array(
      fc.record({ path: fc.constantFrom("a.py", "b.py", "t/test_a.py"), added: fc.constant("") }),
    ),
    ran: fc.array(
      fc.record({ command: fc.constant("npm test"), isGreen: fc.boolean(), isCheck: fc.boolean() }),
    ),
    read: fc.array(fc.constantFrom("a.py", "z.py")),
    said: fc.array(fc.integer({ min: -1, max: 9 })),
  });
  const step = fc.constantFrom(
    "Read a.py",
    "Change a.py",
    "Change b.py",
    "Add tests",
    "Run the tests",
    "Fix all",
    "Report",
  );
  fc.assert(
    fc.property(fc.array(step, { minLength: 2, maxLength: 8 }), fc.array(evidence), (texts, all) => {
      let before = plan(...texts);
      for (const one of all) {
        const after = advancePlan(before, one);
        before.steps.forEach(({ isDone }, index) => assert.ok(!isDone || after.steps[index]?.isDone));
        assert.ok(after.update - before.update <= 1);
        assert.equal(advancePlan(after, { said: [], changed: [] }), after);
        before = after;
      }
    }),
    { seed: 3, numRuns: 300 },
  );
});

Deno.test("revisePlan() keeps what was done", () => {
  const start = advancePlan(plan("Create a.py", "Create b.py"), changed("a.py"));
  const revised = revisePlan(start, [
    { text: "Create a.py.", isDone: false },
    { text: "Create c.py", isDone: false },
    { text: "Run the tests", isDone: false },
  ], 3);
  assert.deepEqual(revised.steps.map(({ isDone }) => isDone), [true, false, false]);
  assert.deepEqual([revised.update, revised.told], [3, { update: 3, step: 3 }]);
  assert.equal(revisePlan(revised, revised.steps, 4), revised);
});

Deno.test("openStep() names only a step that would have left a trace", () => {
  assert.deepEqual(openStep(plan("Understand it", "Verify it", "Tell the user")), undefined);
  assert.deepEqual(openStep(advancePlan(plan("Create a.py", "Create b.py"), changed("a.py"))), {
    number: 2,
    text: "Create b.py",
  });
});

Deno.test("goesOn() keeps a plan for what belongs to it and drops it for another subject", () => {
  const start = advancePlan(
    plan("Create models.py", "Add the login route to app.py", "Write integration tests for registration"),
    changed("models.py"),
  );
  const on = [
    "continue",
    "go on",
    "ok, next step please",
    "Yes, go ahead",
    "weiter",
    "mach weiter",
    "vas-y",
    "sigue",
    "continuar",
    "продолжай",
    "do step 3",
    "app.py still lacks the route",
    "the login route must use bcrypt",
    "follow the plan",
    "",
  ];
  for (const task of on) assert.ok(goesOn(task, start), task);
  const off = [
    "fix the typo in the readme",
    "what does utils.py do?",
    "models.py needs a docstring",
    "thanks!",
  ];
  for (const task of off) assert.ok(!goesOn(task, start), task);
  const finished = advancePlan(start, { said: [2, 3], changed: [{ path: "app.py", added: "" }] });
  assert.ok(isFinished(advancePlan(finished, { said: [3] })));
  assert.ok(!goesOn("continue", advancePlan(finished, { said: [3] })));
});

Deno.test("lastPlan() brings a plan back from a session's events", () => {
  const start = advancePlan(plan("Create a.py", "Create b.py"), changed("a.py"));
  const event = { type: "plan" as const, steps: shownSteps(start), update: start.update };
  assert.deepEqual(lastPlan([event])?.steps, start.steps);
  assert.equal(lastPlan([event, { type: "plan", steps: [], update: 3 }]), undefined);
  assert.equal(lastPlan([]), undefined);
});

const estimate = (text: string) => Math.ceil(text.length / 3);

Deno.test("anchorLine() tells the current step, what is done and what is left", () => {
  const start = advancePlan(
    plan("Create models.py", "Use it in app.py", "Run the tests"),
    changed("models.py"),
  );
  assert.equal(
    anchorLine(start, { replaces: 1, estimate }),
    "Plan, update 2, replaces update 1: done: 1. Left: 3 Run the tests. Now reply with one tool call for step 2 of 3: Use it in app.py",
  );
  assert.equal(
    anchorLine(advancePlan(start, { ...changed("app.py"), ...ran("npm test") }), { estimate }),
    "Plan, update 3: all 3 steps are done.",
  );
  assert.match(
    anchorLine(untold(start), { replaces: untold(start).told.update, estimate }),
    /^Plan, update 2: done: 1\./,
  );
  const files = { ...start, files: ["app.py", "docs/a.md"] };
  assert.match(anchorLine(files, { estimate }), / Not changed yet: docs\/a\.md\. Now reply/);
});

Deno.test("anchorLine() costs at most 60 tokens, whatever the plan, and names the current step", () => {
  const text = fc.string({ minLength: 1, maxLength: 160 }).map((part) => `Add ${part.replace(/\s+/g, " ")}`);
  fc.assert(
    fc.property(
      fc.array(fc.record({ text, isDone: fc.boolean() }), { minLength: 2, maxLength: 8 }),
      fc.array(fc.stringMatching(/^[a-z]{1,30}\.py$/), { maxLength: 8 }),
      (steps, files) => {
        const made = { ...plan(), steps, files, update: 12 };
        const line = anchorLine(made, { replaces: 11, estimate });
        assert.ok(estimate(line) <= ANCHOR_TOKENS, `${estimate(line)}: ${line}`);
        assert.ok(!line.includes("\n"));
        const current = steps.findIndex(({ isDone }) => !isDone);
        if (current >= 0) assert.ok(line.includes(`step ${current + 1} of ${steps.length}: Add`), line);
      },
    ),
    { seed: 4, numRuns: 500 },
  );
});
