import assert from "node:assert/strict";
import type { AgentDeps } from "./agent_deps.ts";
import type { EventBody } from "../events.ts";
import { EMPTY_LEDGER } from "../guard/ledger.ts";
import { openSeen } from "../guard/seen.ts";
import { contextStart, freshContext } from "./history.ts";
import { anewMessage } from "../prompt/text/fresh_context.ts";
import type { Message, Turn } from "../types.ts";

const TURN: Turn = {
  number: 1,
  task: "fix it",
  wantsChange: true,
  head: { system: "s", nativeTools: [], shown: [], offered: [], hash: "h" },
  epoch: 3,
  messages: [
    { role: "user", content: "hello" },
    { role: "assistant", content: "Hello.", calls: [], via: "text" },
    { role: "user", content: "fix it" },
    { role: "assistant", content: "", calls: [{ id: "1", name: "bash", args: {} }], via: "native" },
  ],
  start: 2,
  step: 4,
  toolCalls: 5,
  corrections: { red: 1 },
  calls: [{ step: 1, name: "bash", key: "bash {}", ok: true, result: "r" }],
  ledger: EMPTY_LEDGER,
  tokens: { prompt: 1, prefilled: 1, output: 1 },
  merge: { path: "a", region: { from: 1, to: 1, text: "x\n" } },
  measured: { messages: 4, tokens: 900 },
  startedAt: 0,
};

Deno.test("freshContext() keeps the head and the budgets, closes what was said and shows one message", () => {
  const saved: (readonly Message[])[] = [];
  const events: EventBody[] = [];
  const seen = openSeen();
  seen.note("a", "h", 1, 1, 1);
  const deps = {
    save: (turn: Turn) => saved.push(turn.messages),
    emit: (event: EventBody) => events.push(event),
    world: { seen },
    profile: { dialect: "json", editFormat: "search_replace", harness: { govern: true } },
    heads: { renew: () => TURN.head },
  } as unknown as AgentDeps;
  const next = freshContext(TURN, { why: "a loop", content: "Task: fix it" }, deps);
  const { merge: _, ...same } = TURN;
  assert.deepEqual(next, {
    ...same,
    epoch: 4,
    messages: [{ role: "user", content: "Task: fix it", startsContext: true }],
    start: 0,
    calls: [],
    measured: { messages: 0, tokens: 0 },
  });
  assert.deepEqual(events, [
    { type: "epoch", epoch: 4, reason: "fresh context: a loop", prefixHash: "h" },
  ]);
  assert.deepEqual(saved, [
    [...TURN.messages, {
      role: "tool",
      callId: "1",
      name: "bash",
      content: "Not run: the work starts anew",
    }],
    next.messages,
  ]);
  assert.equal(seen.isWhole("a", "h"), false);
});

Deno.test("contextStart() is where the last context began, or the beginning", () => {
  const [hello, ...rest] = TURN.messages;
  assert.equal(contextStart([]), 0);
  assert.equal(contextStart(TURN.messages), 0);
  assert.equal(contextStart([hello!, { role: "user", content: "a", startsContext: true }, ...rest]), 1);
});

Deno.test("anewMessage() says files, task, what was done, what is wrong, and how to go on; empty parts are left out", () => {
  const ledger = {
    changes: [{ path: "a.ts", kind: "edited", linesAdded: 2, linesRemoved: 1, by: "tool" }],
    commands: [{
      command: "npm test\n",
      cwd: "/",
      exitCode: 1,
      ms: 1,
      by: "model",
      isCheck: true,
      afterChanges: 1,
    }],
    writes: 1,
  } as const;
  const parts = { asked: [], files: "", task: "fix it", ledger: EMPTY_LEDGER, wrong: "", how: "Go on." };
  assert.equal(anewMessage(parts), "Task: fix it\n\nGo on.");
  assert.equal(
    anewMessage({
      ...parts,
      asked: ["make a\nlong"],
      files: "a.ts:\n1",
      ledger,
      wrong: "`npm test` ends with exit code 1",
    }),
    "The user asked before: make a\n\na.ts:\n1\n\nTask: fix it\n\nDone so far:\n- edited a.ts (+2 -1)\n- ran npm test (exit 1)\n\n" +
      "`npm test` ends with exit code 1\n\nGo on.",
  );
});
