import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_STEPS, MIN_STEPS, readPlan, saidDone } from "./read_plan.ts";

const ASKED = { asked: true, changed: false };
const UNASKED = { asked: false, changed: false };
const LATER = { asked: false, changed: true };

const STEPS = ["Add User to models.py", "Use it in app.py", "Run the tests"];

/** Ways in which models write a list of steps. */
const FORMS: readonly (readonly [string, (steps: readonly string[]) => string])[] = [
  ["1.", (steps) => steps.map((step, i) => `${i + 1}. ${step}`).join("\n")],
  ["1)", (steps) => steps.map((step, i) => `${i + 1}) ${step}`).join("\n")],
  ["(1)", (steps) => steps.map((step, i) => `(${i + 1}) ${step}`).join("\n")],
  ["**1.**", (steps) => steps.map((step, i) => `**${i + 1}.** ${step}`).join("\n\n")],
  ["bold", (steps) => steps.map((step, i) => `${i + 1}. **${step}**`).join("\n")],
  ["Step 1:", (steps) => steps.map((step, i) => `Step ${i + 1}: ${step}`).join("\n")],
  ["### Step 1:", (steps) => steps.map((step, i) => `### Step ${i + 1}: ${step}`).join("\n\n")],
  ["Schritt 1:", (steps) => steps.map((step, i) => `Schritt ${i + 1}: ${step}`).join("\n")],
  ["Étape 1 :", (steps) => steps.map((step, i) => `Étape ${i + 1} : ${step}`).join("\n")],
  ["①", (steps) => steps.map((step, i) => `${"①②③④⑤⑥⑦⑧"[i]} ${step}`).join("\n")],
  ["a)", (steps) => steps.map((step, i) => `${"abcdefgh"[i]}) ${step}`).join("\n")],
  ["- ", (steps) => steps.map((step) => `- ${step}`).join("\n")],
  ["* ", (steps) => steps.map((step) => `* ${step}`).join("\n")],
  ["•", (steps) => steps.map((step) => `• ${step}`).join("\n")],
  ["- [ ]", (steps) => steps.map((step) => `- [ ] ${step}`).join("\n")],
  ["☐", (steps) => steps.map((step) => `☐ ${step}`).join("\n")],
  ["1. [ ]", (steps) => steps.map((step, i) => `${i + 1}. [ ] ${step}`).join("\n")],
  ["json plan", (steps) => JSON.stringify({ plan: steps })],
  [
    "json steps",
    (steps) => `Here:\n\`\`\`json\n${JSON.stringify({ steps: steps.map((step) => ({ step })) })}\n\`\`\``,
  ],
  ["json array", (steps) => JSON.stringify(steps)],
  ["fenced", (steps) => `\`\`\`\n${steps.map((step, i) => `${i + 1}. ${step}`).join("\n")}\n\`\`\``],
  ["nested", (steps) => steps.map((step, i) => `${i + 1}. ${step}\n   - one thing\n   - another`).join("\n")],
  [
    "code between",
    (steps) => steps.map((step, i) => `${i + 1}. ${step}\n\`\`\`py\nx = 1\n\`\`\``).join("\n"),
  ],
];

Deno.test("readPlan() reads a plan that was asked for from every list form", () => {
  for (const [name, write] of FORMS) {
    for (const text of [write(STEPS), `Here is the plan:\n\n${write(STEPS)}\n\nI begin with step 1.`]) {
      if (
        name.startsWith("json") && !text.startsWith("{") && !text.startsWith("[") && !text.startsWith("Here:")
      ) continue;
      assert.deepEqual(readPlan(text, ASKED)?.map((step) => step.text), STEPS, `${name}\n${text}`);
    }
  }
});

Deno.test("readPlan() gives 2 to 8 steps in order, whatever the form and the words", () => {
  const word = fc.stringMatching(/^[a-z]{3,9}$/);
  const step = fc.array(word, { minLength: 1, maxLength: 4 }).map((words) => `Add ${words.join(" ")} here`);
  fc.assert(
    fc.property(
      fc.array(step, { minLength: MIN_STEPS, maxLength: MAX_STEPS }),
      fc.constantFrom(...FORMS),
      (steps, [, write]) => {
        assert.deepEqual(readPlan(write(steps), ASKED)?.map(({ text }) => text), steps);
      },
    ),
    { seed: 6, numRuns: 400 },
  );
});

Deno.test("readPlan() never throws, is bounded, and reads any text in linear time", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 400 }),
      fc.boolean(),
      fc.boolean(),
      (text, asked, changed) => {
        const plan = readPlan(text, { asked, changed });
        assert.ok(plan === undefined || plan.length <= MAX_STEPS && plan.every((step) => step.text !== ""));
        saidDone(text);
      },
    ),
    { seed: 7, numRuns: 500 },
  );
  const started = performance.now();
  for (
    const piece of ["1. ", "- [ ] x\n", "step 1 done and ", "First, I will ", '{"plan": [', "```\n", "1. a\n"]
  ) {
    readPlan(piece.repeat(100_000), ASKED);
    saidDone(piece.repeat(100_000));
  }
  assert.ok(performance.now() - started < 3_000, `${performance.now() - started} ms`);
});

Deno.test("readPlan() reads the prose of thinking models", () => {
  const text =
    "Okay, the user wants two things. First, I need to read app.py to see the routes. Then I'll add the login route in app.py. Finally, I will run the tests.";
  assert.deepEqual(readPlan(text, ASKED)?.map((step) => step.text), [
    "read app.py to see the routes",
    "add the login route in app.py",
    "run the tests",
  ]);
});

Deno.test("readPlan() accepts a plan that comes unasked, and takes no summary or answer for one", () => {
  const list = "1. Add the route in app.py\n2. Add a test\n3. Run the tests";
  const cases: readonly (readonly [boolean, string, typeof UNASKED])[] = [
    [true, `Plan:\n${list}`, UNASKED],
    [true, `I will do the following:\n${list}`, UNASKED],
    [true, `Steps to take:\n- Add the route\n- Add a test`, UNASKED],
    [true, `- [ ] Add the route\n- [ ] Add a test`, UNASKED],
    [true, `Updated plan:\n${list}`, LATER],
    [true, `- [x] Add the route\n- [ ] Add a test`, LATER],
    [false, `I made these changes:\n- Added the route in app.py\n- Added a test`, LATER],
    [false, "Done. Summary:\n1. app.py has the route\n2. test_app.py tests it", LATER],
    [false, "The task is done:\n- The route was added\n- A test was added", ASKED],
    [false, "Added:\n1. Added the route\n2. Updated the test", ASKED],
    [false, "The function has two cases:\n- an empty list gives 0\n- else the mean", UNASKED],
    [false, "You can:\n- Option A: a cache\n- Option B: no cache", UNASKED],
    [false, `${list}`, LATER],
    [false, "- [x] Add the route\n- [x] Add a test", LATER],
    [false, "1. Only one thing", ASKED],
    [false, '{"name": "read_file", "arguments": {"path": "a"}}', ASKED],
    [false, "No list at all.", ASKED],
    [false, "", ASKED],
  ];
  for (const [isPlan, text, options] of cases) {
    assert.equal(readPlan(text, options) !== undefined, isPlan, text);
  }
});

Deno.test("readPlan() joins what is more than eight steps into the last", () => {
  const text = Array.from({ length: 10 }, (_, i) => `${i + 1}. Add thing ${i + 1}`).join("\n");
  const plan = readPlan(text, ASKED);
  assert.equal(plan?.length, 8);
  assert.equal(plan?.at(-1)?.text, "Add thing 8; Add thing 9; Add thing 10");
});

Deno.test("saidDone() reads the model's own word", () => {
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ["Step 2 is done. Now step 3.", [2]],
    ["Steps 1 and 2 are complete.", [1, 2]],
    ["Done with step 3", [3]],
    ["Schritt 1 ist erledigt", [1]],
    ["étape 2 terminée", [2]],
    ["1. [x] Add a\n2. [ ] Add b", [1]],
    ["- [x] Add a\n- [x] Add b\n- [ ] Add c", [1, 2]],
    ["1. ~~Add a~~\n2. Add b", [1]],
    ["I will do step 2 next.", []],
    ["Step 2: not done yet", []],
    ["", []],
  ];
  for (const [text, numbers] of cases) assert.deepEqual(saidDone(text), numbers, text);
});
