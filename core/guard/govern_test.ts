import assert from "node:assert/strict";
import type { Parsed, ToolCall, Turn } from "../types.ts";
import { announces, govern, type GovernOptions, greets, spentBudget } from "./govern.ts";
import { EMPTY_LEDGER } from "./ledger.ts";
import { callKey } from "./repetition.ts";

const LIMITS = { steps: 10, toolCalls: 20, corrections: 3, outputTokens: 1000, minutes: 1 };
const OPTIONS: GovernOptions = {
  limits: LIMITS,
  govern: true,
  maxRetries: 2,
  describe: () => "like this",
  effectOf: () => "read",
};

const TURN: Turn = {
  number: 1,
  task: "fix it",
  wantsChange: true,
  head: { system: "", nativeTools: [], shown: [], offered: [], hash: "h" },
  epoch: 1,
  messages: [{ role: "user", content: "fix it" }],
  start: 0,
  step: 1,
  toolCalls: 0,
  corrections: {},
  calls: [],
  ledger: EMPTY_LEDGER,
  tokens: { prompt: 0, prefilled: 0, output: 0 },
  measured: { messages: 0, tokens: 0 },
  startedAt: 0,
};
const CALL: ToolCall = { id: "1", name: "read_file", args: { path: "a.ts" } };
const CALLS: Parsed = { kind: "calls", calls: [CALL], text: "", via: "text", dialect: "json", repairs: [] };
const record = (result: string) => ({ step: 1, name: "read_file", key: callKey(CALL), ok: true, result });
const final = (text: string): Parsed => ({ kind: "final", text });
const decide = (turn: Partial<Turn>, parsed: Parsed, options: Partial<GovernOptions> = {}) => {
  const calls = parsed.kind === "calls" ? [CALL] : [];
  const verdict = govern({ ...TURN, ...turn }, { parsed, finish: "stop", calls }, { ...OPTIONS, ...options });
  if (verdict.kind === "correct" && verdict.isFresh) return `anew ${verdict.reason}`;
  return "reason" in verdict ? `${verdict.kind} ${verdict.reason}` : verdict.kind;
};

Deno.test("govern() runs calls, and stops a call that gives the same result for the third time", () => {
  assert.equal(decide({}, CALLS), "run");
  assert.equal(decide({ calls: [record("x")] }, CALLS), "run");
  assert.equal(decide({ calls: [record("x"), record("x")] }, CALLS), "correct repetition");
  assert.equal(decide({ calls: [record("x"), record("y")] }, CALLS), "run");
});

Deno.test("govern() answers a loop with a note, another way, a fresh context and the end, whatever the loops are", () => {
  const limits = { ...LIMITS, corrections: 8 };
  const stuck = (corrections: Turn["corrections"]) =>
    decide({ calls: [record("x"), record("x")], corrections }, CALLS, { limits });
  assert.equal(stuck({}), "correct repetition");
  assert.equal(stuck({ no_news: 1 }), "correct repetition");
  assert.equal(stuck({ no_news: 1, repetition: 1 }), "anew repetition");
  assert.equal(
    stuck({ no_news: 1, repetition: 1, spiral: 1 }),
    "stop the same read_file call was made again and again",
  );
  const turn = { ...TURN, calls: [record("x"), record("x")], corrections: { repetition: 3 } };
  const said = { parsed: CALLS, finish: "stop", calls: [CALL] } as const;
  assert.equal(govern(turn, said, { ...OPTIONS, limits, canEscalate: true }).kind, "escalate");
});

Deno.test("govern() sends an offer of help back once, and a reply that only thought once", () => {
  const hello = final("Hello! How can I assist you today?");
  assert.equal(decide({}, hello), "correct greeting");
  assert.equal(decide({ corrections: { greeting: 1 } }, hello), "correct unchanged");
  assert.equal(decide({ wantsChange: false, toolCalls: 0 }, hello), "finish");
  assert.equal(decide({ wantsChange: false, toolCalls: 2 }, hello), "correct greeting");
  const said = { parsed: final(""), finish: "stop", calls: [], hasThought: true } as const;
  assert.deepEqual(govern(TURN, said, OPTIONS), {
    kind: "correct",
    reason: "thought",
    message: "You thought, but gave no answer. Reply now with one tool call, or the answer.",
  });
  const again = govern({ ...TURN, corrections: { thought: 1 } }, said, OPTIONS);
  assert.equal(again.kind === "correct" && again.reason, "empty");
});

Deno.test("govern() answers a reply that is a copy of its correction in a fresh context, once", () => {
  const told = "No file was changed yet. If the task needs no change, say why in one sentence.";
  const messages = [...TURN.messages, { role: "user" as const, content: told }];
  assert.equal(decide({ messages }, final(told)), "anew echo");
  assert.equal(decide({ messages, corrections: { echo: 1 } }, final(told)), "correct unchanged");
  assert.equal(decide({ messages, corrections: { echo: 1, unchanged: 1 } }, final(told)), "finish");
});

Deno.test("greets() tells an offer of help from an answer", () => {
  for (
    const text of [
      "Hi there! How can I help you?",
      "Hello!",
      "How may I assist you today?",
      "I'm here to help with your project.",
      "Let me know how I can help.",
    ]
  ) assert.equal(greets(text), true, text);
  for (
    const text of [
      "Done.",
      "I changed add().",
      "The function says hello to its caller.",
      "Highlighting works now.",
      "What the function does is add.",
    ]
  ) assert.equal(greets(text), false, text);
});

Deno.test("govern() sends back an answer to a change that was not made, once", () => {
  assert.equal(decide({}, final("It is fixed.")), "correct unchanged");
  assert.equal(decide({}, final("I will now edit a.ts.")), "correct announced");
  assert.equal(decide({ corrections: { unchanged: 1 } }, final("It is fixed.")), "finish");
  assert.equal(decide({ wantsChange: false }, final("It adds numbers.")), "finish");
});

Deno.test("govern() sends back a red check after the last change, at most maxRetries times", () => {
  const ledger = {
    changes: [{ path: "a.py", kind: "edited", linesAdded: 1, linesRemoved: 1, by: "tool" }],
    commands: [{
      command: "python3 -m unittest",
      cwd: "/",
      exitCode: 1,
      ms: 1,
      by: "model",
      isCheck: true,
      afterChanges: 1,
    }],
    writes: 1,
  } as const;
  assert.equal(decide({ ledger }, final("Done.")), "correct red");
  assert.equal(decide({ ledger, corrections: { red: 2 } }, final("Done.")), "finish");
  assert.equal(decide({ ledger: { ...ledger, writes: 2 } }, final("Done.")), "finish");
});

Deno.test("govern() answers malformed calls, empty replies and cut answers within bounds", () => {
  const malformed: Parsed = {
    kind: "malformed",
    problem: { kind: "unreadable", sent: "{", why: "not JSON" },
    text: "{",
    dialect: "json",
    repairs: [],
  };
  assert.equal(decide({}, malformed), "correct malformed");
  assert.equal(decide({ corrections: { malformed: 3 } }, malformed), "stop 3 corrections did not help");
  assert.equal(decide({}, final("  ")), "correct empty");
  assert.equal(decide({ corrections: { empty: 2 } }, final("")), "anew empty");
  assert.equal(decide({ corrections: { empty: 3 } }, final("")), "stop the model's reply was empty");
  const many = { limits: { ...LIMITS, corrections: 8 } };
  assert.equal(decide({ corrections: { malformed: 3 } }, malformed, many), "correct malformed");
  assert.equal(decide({ corrections: { malformed: 4 } }, malformed, many), "anew malformed");
  assert.match(decide({ corrections: { malformed: 5 } }, malformed, many), /^stop the model's calls could/);
  const change = { path: "a", kind: "edited", linesAdded: 1, linesRemoved: 0, by: "tool" } as const;
  const ledger = { changes: [change], commands: [], writes: 1 };
  assert.equal(decide({ corrections: { empty: 2 }, ledger }, final("")), "finish");
});

Deno.test("govern() only tells calls, answers and malformed calls apart when it is switched off", () => {
  assert.equal(decide({ calls: [record("x"), record("x")] }, CALLS, { govern: false }), "run");
  assert.equal(decide({}, final("It is fixed."), { govern: false }), "finish");
});

Deno.test("announces() looks at how a text ends", () => {
  assert.equal(announces("Let me read the file."), true);
  for (
    const text of [
      "Ich werde die Datei jetzt anlegen.",
      "Je vais créer a.py.",
      "Voy a crear a.py.",
      "Vou criar a.py.",
      "接下来我会创建 a.py。",
    ]
  ) {
    assert.equal(announces(text), true, text);
  }
  for (
    const text of [
      "Ich habe a.py angelegt.",
      "J'ai créé a.py.",
      "He creado a.py.",
      "Criei a.py.",
      "已创建 a.py。",
    ]
  ) {
    assert.equal(announces(text), false, text);
  }
  assert.equal(announces(`I'll fix it. ${"It is fixed now. ".repeat(30)}`), false);
});

Deno.test("spentBudget() names the budget that is used up", () => {
  assert.equal(spentBudget(TURN, LIMITS, 0), undefined);
  assert.equal(spentBudget({ ...TURN, step: 10 }, LIMITS, 0), "10 steps are used up");
  assert.equal(spentBudget({ ...TURN, toolCalls: 20 }, LIMITS, 0), "20 tool calls are used up");
  assert.equal(
    spentBudget({ ...TURN, tokens: { prompt: 0, prefilled: 0, output: 1000 } }, LIMITS, 0),
    "1000 output tokens are used up",
  );
  assert.equal(spentBudget(TURN, LIMITS, 60_000), "1 minutes are used up");
});

Deno.test("callKey() does not depend on the order of arguments", () => {
  assert.equal(
    callKey({ name: "a", args: { x: 1, y: { p: [1, "2"], q: null } } }),
    callKey({ name: "a", args: { y: { q: null, p: [1, "2"] }, x: 1 } }),
  );
  assert.notEqual(callKey({ name: "a", args: { x: 1 } }), callKey({ name: "a", args: { x: "1" } }));
});

Deno.test("govern() asks a stronger tier in place of a stop or a failure, where one can be asked", () => {
  const canEscalate = { canEscalate: true };
  const misread = { corrections: { malformed: 5 } };
  const malformed: Parsed = {
    kind: "malformed",
    problem: { kind: "unreadable", sent: "{", why: "no end" },
    text: "{",
    dialect: "json",
    repairs: [],
  };
  const stopped = "the model's calls could not be understood (no end)";
  assert.equal(decide(misread, malformed), `stop ${stopped}`);
  assert.equal(decide(misread, malformed, canEscalate), `escalate ${stopped}`);
  const idle = { corrections: { unchanged: 1 } };
  assert.equal(decide(idle, final("It is fixed."), canEscalate), "escalate no file was changed");
  assert.equal(decide({}, final("It is fixed."), canEscalate), "correct unchanged");
  assert.equal(decide({ wantsChange: false }, final("It adds numbers."), canEscalate), "finish");
  const red = {
    ...TURN,
    corrections: { red: 2 },
    ledger: {
      changes: [{ path: "a.py", kind: "edited", linesAdded: 1, linesRemoved: 1, by: "tool" }],
      commands: [{
        command: "npm test",
        cwd: "/",
        exitCode: 1,
        ms: 1,
        by: "model",
        isCheck: true,
        afterChanges: 1,
      }],
      writes: 1,
    },
  } as const;
  const verdict = govern(red, { parsed: final("Done."), finish: "stop", calls: [] }, {
    ...OPTIONS,
    ...canEscalate,
  });
  const otherwise = { kind: "finish", text: "Done." };
  assert.deepEqual(verdict, { kind: "escalate", reason: "`npm test` is still red", otherwise });
});
