import assert from "node:assert/strict";
import { behave, type Seen } from "./sim/behave.ts";
import { type Intention, loadIntentions } from "./sim/intentions.ts";
import { malform, MALFORMATIONS } from "./sim/malform.ts";
import { RATES, type Rates } from "./sim/rates.ts";
import { startSim } from "./sim.ts";
import { seededRandom } from "./statistics.ts";
import { writeCall } from "./write_call.ts";
import { SUITES } from "./_test_setup.ts";

const PERFECT: Rates = {
  textCalls: 0,
  malformed: 0,
  malformedRaw: 0,
  wrongName: 0,
  staleSearch: 0,
  bug: 0,
  earlyDone: 0,
  drift: 0,
  loop: 0,
  echoesRules: 0,
  runaway: 0,
  onlyThinks: 0,
};
const SIM = { suites: SUITES, seed: 1, window: 8192, overflow: "refuse", port: 0 } as const;
const BEFORE = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b * 1\n";
const AFTER = BEFORE.replace("a - b\n", "a + b + 0\n");
const WRONG = BEFORE.replace("a - b\n", "a * b * 111\n");
const INTENTION: Intention = {
  prompt: "Fix add in calc.py.",
  files: [{ path: "calc.py", before: BEFORE, after: AFTER, wrong: WRONG }],
  answer: "Done.",
  test: undefined,
};
const TOOLS = [
  { name: "read_file", parameters: ["path"] },
  { name: "write_file", parameters: ["file_path", "content"] },
];

function reply(messages: Seen["messages"], rates: Partial<Rates> = {}, tools: Seen["tools"] = TOOLS) {
  return behave({ messages, tools, seed: 1 }, {
    intentions: [INTENTION],
    rates: { ...PERFECT, ...rates },
    seed: 1,
  });
}

const user = (text: string) => ({ role: "user", text });
const own = (text: string) => ({ role: "assistant", text });
const TASK = user(`Do this: ${INTENTION.prompt}`);

Deno.test("behave() reads a file that it was not shown, and changes one that it was", () => {
  assert.deepEqual(reply([TASK]), { calls: [{ name: "read_file", args: { path: "calc.py" } }] });
  const shown = reply([TASK, own("read_file calc.py"), user(BEFORE)], {}, []);
  assert.match(shown.text ?? "", /"name":"(patch|write_file)".*a \+ b \+ 0/);
});

Deno.test("behave() ends when its work is in the messages, and forgets it when it is not", () => {
  assert.deepEqual(reply([TASK, own("read"), user(BEFORE), own(`write ${AFTER}`), user("ok")]), {
    text: "Done.",
  });
  assert.notDeepEqual(reply([TASK, user(BEFORE), own("masked"), user("ok")]), { text: "Done." });
});

Deno.test("behave() knows its own patch again, and tries again when it was refused", () => {
  const long = `${BEFORE}\n# ${"a".repeat(60)}\n# ${"b".repeat(60)}\n`;
  const intention = {
    ...INTENTION,
    files: [{ path: "calc.py", before: long, after: long.replace("a - b\n", 'a + "b"\n'), wrong: undefined }],
  };
  const next = (...messages: Seen["messages"]) =>
    behave({ messages: [TASK, user(long), ...messages], tools: TOOLS, seed: 1 }, {
      intentions: [intention],
      rates: { ...PERFECT, textCalls: 1 },
      seed: 1,
    }).text ?? "";
  const patch = next();
  assert.match(patch, /"name":"patch"/);
  assert.equal(next(own(patch), user("Edited calc.py")), "Done.");
  assert.equal(next(own(patch), user("Error: Not changed: the search text is not in the file")), patch);
});

Deno.test("behave() writes a file whole where the tool for pieces takes something that it does not know", () => {
  const edit = (...parameters: readonly string[]) =>
    reply([TASK, user(BEFORE)], {}, [...TOOLS, { name: "edit", parameters }]).calls?.[0];
  assert.deepEqual(Object.keys(edit("path", "oldText", "newText")?.args ?? {}), [
    "path",
    "oldText",
    "newText",
  ]);
  assert.deepEqual(edit("path", "edits"), {
    name: "write_file",
    args: { file_path: "calc.py", content: AFTER },
  });
});

Deno.test("behave() mends its bug only when it is shown the error", () => {
  const first = reply([TASK, user(BEFORE)], { bug: 1 }, []);
  assert.match(first.text ?? "", /111/);
  const history = [TASK, user(BEFORE), own(first.text ?? "")];
  assert.deepEqual(reply([...history, user("written")], { bug: 1 }, []), { text: "Done." });
  assert.match(
    reply([...history, user("AssertionError: 3 != 111")], { bug: 1 }, []).text ?? "",
    /a \+ b \+ 0/,
  );
  // Refused before it was written: shown the error all the same.
  assert.match(
    reply([...history, user("Error: Not written: calc.py would no longer parse")], { bug: 1 }, []).text ?? "",
    /a \+ b \+ 0/,
  );
  assert.match(reply([...history, user("Error: the call was cut off")], { bug: 1 }, []).text ?? "", /111/);
});

Deno.test("behave() forgets a file from the third reply on, unless the newest message names it", () => {
  const far = [TASK, own("one"), user("ok"), own("two"), user(BEFORE), own("three")];
  assert.deepEqual(reply([...far, user("Created a.txt")], { drift: 1 }), { text: "Done." });
  assert.notDeepEqual(reply([...far, user("Created a.txt")]), { text: "Done." });
  const told = user(
    "Created a.txt\nPlan, update 2, replaces update 1: now step 2 of 2: Change calc.py. Done: 1.",
  );
  assert.notDeepEqual(reply([...far, told], { drift: 1 }), { text: "Done." });
  assert.notDeepEqual(reply([TASK], { drift: 1 }), { text: "Done." });
});

Deno.test("behave() writes a plan above its call where one is asked for", () => {
  const files = [...INTENTION.files, { path: "b.py", before: undefined, after: "x = 1\n", wrong: undefined }];
  const text = behave({
    messages: [user(`${INTENTION.prompt}\nFirst write a numbered plan.`)],
    tools: TOOLS,
    seed: 1,
  }, {
    intentions: [{ ...INTENTION, files }],
    rates: PERFECT,
    seed: 1,
  });
  assert.equal(text.text, "1. Change calc.py\n2. Change b.py");
  assert.equal(text.calls?.[0]?.name, "read_file");
});

Deno.test("behave() mends its bug in a context that begins anew with what stands there and what fails", () => {
  const anew = (text: string) =>
    reply([user(`${BEFORE}\n${WRONG}\n${INTENTION.prompt}\n${text}`)], { bug: 1 }, []);
  assert.match(anew("AssertionError: 3 != 111").text ?? "", /a \+ b \+ 0/);
  assert.match(anew("It is not done.").text ?? "", /111/);
});

Deno.test("behave() repeats a read until it is told to stop", () => {
  const again = [TASK, user(BEFORE), own("read_file calc.py"), user("the file")];
  assert.deepEqual(reply(again, { loop: 1 }), { calls: [{ name: "read_file", args: { path: "calc.py" } }] });
  assert.notDeepEqual(
    reply([...again.slice(0, -1), user("You made this same call again")], { loop: 1 }),
    { calls: [{ name: "read_file", args: { path: "calc.py" } }] },
  );
});

Deno.test("behave() writes calls as the prompt asks, or as fenced JSON where native ones were offered", () => {
  assert.match(
    reply([{ role: "system", text: "read_file a\n<<<<<<< SEARCH" }, TASK], {}, []).text ?? "",
    /^read_file calc\.py$/,
  );
  assert.match(reply([TASK], { textCalls: 1 }).text ?? "", /^```json\n\{"name":"read_file"/);
});

const CALL = {
  name: "write_file",
  args: { path: "calc.py", content: "x = 'a'\nprint(x)\n" },
};

for (
  const [name, dialect, expected] of [
    ["unclosed", "json", /\}\}$/],
    ["unclosed", "hermes", /\}\}$/],
    ["trailing_comma", "json", /",\}\}/],
    ["raw_newlines", "json", /"x = 'a'\nprint\(x\)\n"/],
    ["triple_quotes", "hermes", /:"""x = 'a'\nprint\(x\)\n"""\}/],
    ["single_quotes", "json", /^```json\n\{'name':'write_file'/],
    ["bad_escape", "json", /x = \\'a\\'/],
    ["parameters_key", "hermes", /"name":"write_file","parameters":/],
    ["said_twice", "json", /(\{"name".*\})\n\1\n```$/],
    ["echoed_response", "raw", /```\n<tool_response>\n/],
    ["orphan_think", "raw", /^I should .*\n<\/think>\n\nwrite_file calc\.py\n```/],
    ["empty_fence", "json", /^```json\n+$/],
  ] as const
) {
  Deno.test(`MALFORMATIONS spoil a call in ${dialect}: ${name}`, () => {
    const row = MALFORMATIONS.find((row) => row.name === name);
    assert.match(row?.spoil(writeCall(CALL, dialect)) ?? "", expected);
  });
}

Deno.test("MALFORMATIONS spoil raw blocks as they were seen", () => {
  const patch = writeCall(
    { name: "patch", args: { path: "a.py", search: "x = 1", replace: "x = 2" } },
    "raw",
  );
  const spoil = (name: string, text: string) => MALFORMATIONS.find((row) => row.name === name)?.spoil(text);
  assert.deepEqual(
    ["prose_arguments", "half_marks", "path_and_pairs"].map((name) => spoil(name, patch)),
    [
      'patch a.py replace "x = 1" "x = 2" replace_all false',
      "patch a.py >>>>>>> x = 2",
      patch.replace("patch a.py", "patch a.py replace_all=false"),
    ],
  );
  assert.equal(spoil("function_form", "read_file a.py"), 'read_file("a.py")');
  assert.equal(spoil("half_marks", writeCall(CALL, "raw")), writeCall(CALL, "raw"));
});

Deno.test("malform() meets every row that applies, and leaves a file's text alone in raw blocks", () => {
  const spoiled = (text: string, place: "text" | "native") => {
    const random = seededRandom(1);
    return new Set(Array.from({ length: 400 }, () => malform(text, place, random)));
  };
  const json = writeCall(CALL, "json");
  const able = MALFORMATIONS.filter(({ spoil }) => spoil(json) !== json);
  assert.deepEqual(spoiled(json, "text"), new Set(able.map(({ spoil }) => spoil(json))));
  assert.equal(able.length, MALFORMATIONS.length - 5); // all but those of raw blocks
  const raw = [...spoiled(writeCall(CALL, "raw"), "text")].filter((text) => text.includes("print(x)"));
  assert.ok(raw.length > 0 && raw.every((text) => text.includes("x = 'a'\nprint(x)")));
  for (const text of spoiled(JSON.stringify(CALL.args), "native")) {
    assert.doesNotMatch(text, /think>|response>/);
  }
});

Deno.test("behave() gives tools and parameters names of its own, and says the prompt's rules again", () => {
  const system = { role: "system", text: "Use read_file to read." };
  const replies = Array.from(
    { length: 20 },
    (_, seed) =>
      behave({ messages: [system, TASK], tools: TOOLS, seed }, {
        intentions: [INTENTION],
        rates: { ...PERFECT, wrongName: 1 },
        seed: 1,
      }).calls?.[0],
  );
  assert.deepEqual(
    new Set(replies.map((call) => JSON.stringify(call))),
    new Set([
      '{"name":"read_file","args":{"file_path":"calc.py"}}',
      '{"name":"open_file","args":{"path":"calc.py"}}',
    ]),
  );
  assert.deepEqual(reply([system, TASK], { echoesRules: 1 }), { text: system.text });
});

Deno.test("behave() says the same for the same request and seed", () => {
  const small = (seed: number) =>
    behave({ messages: [TASK], tools: TOOLS, seed }, {
      intentions: [INTENTION],
      rates: RATES.small,
      seed: 3,
    });
  for (let seed = 0; seed < 20; seed++) assert.deepEqual(small(seed), small(seed));
});

Deno.test("startSim() serves the tasks of the suites over the protocol", async () => {
  const server = await startSim({ ...SIM, strength: "strong" });
  try {
    const body = JSON.stringify({ model: "sim-strong", messages: [{ role: "user", content: "hello" }] });
    const response = await fetch(`${server.url}/chat/completions`, { method: "POST", body });
    const { choices } = await response.json();
    assert.match(choices[0].message.content, /not sure what you mean/);
  } finally {
    await server.close();
  }
});

Deno.test("startSim() forgets the task silently when it truncates, and refuses when it does not", async () => {
  const task = (await loadIntentions(SUITES))[0]?.prompt ?? "";
  for (
    const [overflow, status, says] of [["truncate", 200, /not sure/], ["refuse", 400, /exceeds/]] as const
  ) {
    const server = await startSim({ ...SIM, strength: "strong", window: 600, overflow });
    try {
      const messages = [{ role: "user", content: task }, { role: "user", content: "x".repeat(2_200) }];
      const body = JSON.stringify({ model: "sim-strong", messages });
      const response = await fetch(`${server.url}/chat/completions`, { method: "POST", body });
      assert.equal(response.status, status);
      assert.match(await response.text(), says);
    } finally {
      await server.close();
    }
  }
});
