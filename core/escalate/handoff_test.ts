import { deepEqual, equal, ok } from "node:assert/strict";
import type { Turn } from "../types.ts";
import { MIN_WINDOW } from "../prompt/budget.ts";
import { handoffMessage, handoffRoom, searchText } from "./handoff.ts";

const TURN = {
  task: "make add right",
  asked: ["one", "two", "three"],
  ledger: {
    changes: [{ path: "calc.py", kind: "edited", linesAdded: 1, linesRemoved: 2, by: "tool" }],
    commands: [],
    writes: 1,
  },
  checks: [
    { command: "npm test", exitCode: 1, failures: [], tests: 3, excerpt: "calc.test.js:4 5 != 6" },
    { command: "npm run lint", exitCode: 0, failures: [], tests: undefined, excerpt: "" },
  ],
  plan: { steps: [{ text: "find it", isDone: true }, { text: "mend it", isDone: false }] },
  contract: [{ assertion: { kind: "command", command: "npm test" } }],
} as unknown as Turn;

const estimate = (text: string) => Math.ceil(text.length / 4);
const about = (window: number) => ({ reason: "no end", files: "", room: handoffRoom(window, 800), estimate });

Deno.test("handoffMessage() says task, plan, what was done, what fails and what must hold", () => {
  equal(
    handoffMessage(TURN, { ...about(32_000), files: "calc.py:\n```\ndef add\n```" }),
    `The user asked before: two
The user asked before: three

calc.py:
\`\`\`
def add
\`\`\`

Task: make add right

Done so far:
- edited calc.py (+1 -2)

A smaller model worked on this task and did not finish it: no end.
\`npm test\` ends with exit code 1:
calc.test.js:4 5 != 6
Its plan:
1. find it (done)
2. mend it (open)
At the end these must hold:
- \`npm test\` succeeds

Do the whole task now, beginning with one tool call. What was changed so far may be wrong: change it as you see fit.`,
  );
});

Deno.test("searchText() looks for what the task, the failures and the changes name", () => {
  deepEqual(searchText(TURN).split("\n"), ["make add right", "calc.test.js:4 5 != 6", "calc.py"]);
});

Deno.test("handoffMessage() and its files leave most of a small window for the work", () => {
  const long = {
    ...TURN,
    task: "do it ".repeat(20_000),
    checks: [{ ...TURN.checks![0]!, excerpt: "x".repeat(9_000) }],
    contract: Array.from({ length: 20 }, (_, i) => ({
      assertion: { kind: "contains", path: `${i}.txt`, text: "y".repeat(3_000) },
    })),
    ledger: {
      ...TURN.ledger,
      changes: Array.from({ length: 5_000 }, (_, i) => ({ ...TURN.ledger.changes[0]!, path: `gen/${i}.js` })),
    },
  } as unknown as Turn;
  for (const window of [MIN_WINDOW, 4_096, 32_768]) {
    const { room, ...rest } = about(window);
    const tokens = room.files + estimate(handoffMessage(long, { ...rest, room }));
    ok(800 + tokens < window * 0.9, `${window}: ${tokens}`);
  }
  equal(handoffRoom(200_000, 1_000).files, 8_000);
  deepEqual(handoffRoom(500, 800), { files: 0, task: 0, check: 0, contract: 0 });
});
