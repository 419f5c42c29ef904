import assert from "node:assert/strict";
import { behave, type Seen } from "./sim/behave.ts";
import type { Intention } from "./sim/intentions.ts";
import { RATES, type Rates } from "./sim/rates.ts";
import { startSim } from "./sim.ts";
import { SUITES } from "./_test_setup.ts";

const PERFECT: Rates = {
  textCalls: 0,
  malformed: 0,
  wrongName: 0,
  staleSearch: 0,
  bug: 0,
  earlyDone: 0,
  loop: 0,
  runaway: 0,
  onlyThinks: 0,
};
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

Deno.test("behave() mends its bug only when it is shown the error", () => {
  const first = reply([TASK, user(BEFORE)], { bug: 1 }, []);
  assert.match(first.text ?? "", /111/);
  const history = [TASK, user(BEFORE), own(first.text ?? "")];
  assert.deepEqual(reply([...history, user("written")], { bug: 1 }, []), { text: "Done." });
  assert.match(
    reply([...history, user("AssertionError: 3 != 111")], { bug: 1 }, []).text ?? "",
    /a \+ b \+ 0/,
  );
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
  const server = await startSim({ suites: SUITES, strength: "strong", seed: 1, window: 8192, port: 0 });
  try {
    const body = JSON.stringify({ model: "sim-strong", messages: [{ role: "user", content: "hello" }] });
    const response = await fetch(`${server.url}/chat/completions`, { method: "POST", body });
    const { choices } = await response.json();
    assert.match(choices[0].message.content, /not sure what you mean/);
  } finally {
    await server.close();
  }
});
