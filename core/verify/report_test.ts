import assert from "node:assert/strict";
import { EMPTY_LEDGER } from "../guard/ledger.ts";
import type { CommandRun, FileChange, Turn } from "../types.ts";
import { finishReport } from "./report.ts";

const TURN: Turn = {
  number: 1,
  task: "fix it",
  wantsChange: true,
  head: { system: "s", nativeTools: [], shown: [], offered: [], hash: "h" },
  epoch: 1,
  messages: [],
  start: 0,
  step: 5,
  toolCalls: 3,
  corrections: {},
  calls: [],
  ledger: EMPTY_LEDGER,
  tokens: { prompt: 5_000, prefilled: 1_200, output: 300 },
  measured: { messages: 0, tokens: 0 },
  startedAt: 0,
};
const ENDING = {
  outcome: "failed",
  reason: "`npm test` was green and is red after the change",
  notes: [],
  ms: 12_340,
} as const;
const run = (
  command: string,
  exitCode: number | null,
  by: CommandRun["by"] = "model",
  isCheck = false,
): CommandRun => ({
  command,
  cwd: "/",
  exitCode,
  ms: 1,
  by,
  isCheck,
  afterChanges: 2,
});
const edit = (path: string, more: Partial<FileChange> = {}): FileChange => ({
  path,
  kind: "edited",
  linesAdded: 2,
  linesRemoved: 1,
  by: "tool",
  ...more,
});
const lines = (turn: Partial<Turn>, notes: readonly string[] = []) =>
  finishReport({ ...TURN, ...turn }, { ...ENDING, notes }).split("\n");

Deno.test("finishReport() tells each kind of fact in a line of its own", () => {
  const check = { command: "npm test", kind: "test", failures: [], tests: 3, ms: 1 } as const;
  assert.deepEqual(
    lines({
      ledger: {
        changes: [
          edit("a.ts"),
          edit("b.ts", { kind: "created", by: "command", linesAdded: 0, linesRemoved: 0 }),
        ],
        commands: [
          run("npm run build", 1),
          run("npm run build", 1),
          run("npm run build", 0),
          run("sleep 99\nls", null),
          run("npm test", 1, "harness", true),
        ],
        writes: 2,
      },
      baselines: [{ ...check, exitCode: 0 }, {
        ...check,
        command: "tsc",
        kind: "types",
        exitCode: 0,
        tests: undefined,
      }],
      checks: [{ ...check, exitCode: 1, failures: ["adds"], excerpt: "" }, {
        ...check,
        command: "eslint",
        kind: "lint",
        exitCode: null,
        why: "it was not permitted",
        excerpt: "",
      }],
      attempts: [{ strategy: "cooler", corrections: 1 }, { strategy: "rewrite_section", corrections: 2 }],
      corrections: { red: 2, malformed: 3, claim: 1 },
      notes: ["a hook: formatted"],
    }, ["put back: a.ts (restored)"]),
    [
      "  edited   a.ts  (+2 -1)",
      "  created  b.ts  (by a command)",
      "  ran      npm run build  (exit 1, then exit 0)",
      "  ran      sleep 99…  (killed)",
      "  check    npm test  green (3 tests) before, red (1 of 3 failed) after",
      "  broke    adds",
      "  check    eslint  not run: it was not permitted",
      "  check    tsc  green before, not run after",
      "  tried    cooler, then rewrite section",
      "  corrected: malformed 3 times, claim",
      "  put back: a.ts (restored)",
      "  a hook: formatted",
      "  failed: `npm test` was green and is red after the change",
      "  5 steps, 1200 tokens read (3800 more from the cache), 300 written, 12.3 s",
    ],
  );
});

Deno.test("finishReport() says which files no check ran on, and which check is of an earlier state", () => {
  const ledger = {
    changes: ["a", "b", "c", "d", "e", "f", "g"].map((path) => edit(path)),
    commands: [],
    writes: 7,
  };
  assert.equal(lines({ ledger })[7], "  not checked by any run: a, b, c, d, e and 2 more");
  const check = {
    command: "npm test",
    kind: "test",
    exitCode: 0,
    failures: [],
    tests: 1,
    ms: 1,
    excerpt: "",
  } as const;
  const old = { ...run("npm test", 0, "harness", true), afterChanges: 1 };
  assert.equal(
    lines({ ledger: { changes: [edit("a")], commands: [old], writes: 2 }, checks: [check] })[1],
    "  check    npm test  green (1 test) after (before the last change)",
  );
});

Deno.test("finishReport() of an answer is its outcome and its cost", () => {
  const report = finishReport({ ...TURN, step: 1, tokens: { prompt: 90, prefilled: 90, output: 9 } }, {
    outcome: "answered",
    reason: "no change was asked for and none was made",
    notes: [],
    ms: 950,
  });
  assert.equal(
    report,
    "  answered: no change was asked for and none was made\n  1 step, 90 tokens read, 9 written, 0.9 s",
  );
});

Deno.test("finishReport() tells the last of many commands", () => {
  const commands = Array.from({ length: 14 }, (_, i) => run(`echo ${i}`, 0));
  const told = lines({ ledger: { ...EMPTY_LEDGER, commands } });
  assert.deepEqual([told[0], told[1], told[10]], [
    "  ran      4 more commands",
    "  ran      echo 4  (exit 0)",
    "  ran      echo 13  (exit 0)",
  ]);
});

Deno.test("finishReport() tells a job from a command that was killed", () => {
  const commands = [{ ...run("npm start", null), isJob: true as const }, run("sleep 99", null)];
  assert.deepEqual(lines({ ledger: { ...EMPTY_LEDGER, commands } }).slice(0, 2), [
    "  ran      npm start  (in the background)",
    "  ran      sleep 99  (killed)",
  ]);
});

Deno.test("finishReport() tells the first of many files that commands made, and each that a tool wrote", () => {
  const made = (i: number) => ({ ...edit(`gen/${i}`), by: "command" }) as const;
  const changes = [...Array.from({ length: 100 }, (_, i) => made(i)), edit("own")];
  const told = lines({ ledger: { changes, commands: [], writes: 101 } });
  assert.match(told[39] ?? "", /gen\/39 /);
  assert.match(told[40] ?? "", / own /);
  assert.equal(told[41], "  and 60 more files by commands");
});

Deno.test("finishReport() says where it was not looked for what commands changed", () => {
  assert.equal(
    lines({ ledger: { ...EMPTY_LEDGER, unwatched: 2 } })[0],
    "  unseen   what 2 commands changed was not all looked for: over 20,000 files, or over 300 ms",
  );
});
