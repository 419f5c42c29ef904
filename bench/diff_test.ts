import assert from "node:assert/strict";
import { ablate, ablationMarkdown } from "./ablate.ts";
import { diffMarkdown, diffResults } from "./diff.ts";
import { reportHtml, reportMarkdown } from "./report.ts";
import { summarize } from "./summary.ts";
import { record, results } from "./_test_setup.ts";

const NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** Two runs of each of eight tasks. */
function runs(passed: (task: string) => boolean) {
  return NAMES.flatMap((task) => [1, 2].map((run) => record(task, run, passed(task))));
}

const NONE = results("none", runs(() => false));
const ALL = results("all", runs(() => true));
const HALF = results("half", runs((task) => task < "e"));

Deno.test("diffResults() decides by the interval of the paired difference", () => {
  assert.equal(diffResults(NONE, ALL).verdict, "improved");
  assert.equal(diffResults(ALL, NONE).verdict, "regressed");
  assert.equal(diffResults(ALL, ALL).verdict, "no difference shown");
  assert.equal(diffResults(ALL, results("one", runs((task) => task !== "a"))).verdict, "no difference shown");
});

Deno.test("diffResults() counts no difference up to the threshold", () => {
  assert.equal(diffResults(ALL, HALF).verdict, "regressed");
  assert.equal(diffResults(ALL, HALF, 0.5).verdict, "no difference shown");
});

Deno.test("diffResults() decides nothing by fewer than five runs", () => {
  const few = (passed: boolean) =>
    results("few", ["a", "b"].flatMap((task) => [1, 2].map((run) => record(task, run, passed))));
  const { verdict, caveats } = diffResults(few(false), few(true));
  assert.deepEqual([verdict, caveats], ["no difference shown", [
    "only 4 runs on a side: too few to decide anything",
  ]]);
});

Deno.test("diffResults() pairs the tasks that both have and says what it left out", () => {
  const fewer = results("fewer", ALL.records.filter(({ task }) => task < "c"), { model: "other" });
  const diff = diffResults(ALL, fewer);
  assert.deepEqual([diff.tasks, diff.caveats], [2, [
    "only 4 runs on a side: too few to decide anything",
    "model: m against other",
    "6 tasks are in one of the two only and were left out",
  ]]);
  assert.throws(() => diffResults(ALL, results("empty", [])), /have no task in common/);
});

Deno.test("diffMarkdown() lists the tasks that moved", () => {
  assert.match(diffMarkdown(diffResults(ALL, HALF)), /4 down, 4 same[\s\S]*- down e: 100 % to 0 %/);
});

Deno.test("summarize() says that a run is unfinished, and counts claims that were not true", () => {
  const run = results("x", [record("a", 1, false, { exitCode: 0 })], { isolation: "bwrap" });
  const summary = summarize(run);
  assert.deepEqual([summary.caveats, summary.all?.falseClaims], [["unfinished: 1 of 4 runs"], 1]);
});

Deno.test("summarize() never shows a simulated model's numbers as a model's", () => {
  const { title } = summarize(results("x", [], { simulated: true }));
  assert.match(title, /^SIMULATED MODEL/);
});

Deno.test("reportHtml() is one page that loads nothing, with both schemes, and escapes what it shows", () => {
  const hostile = results("x", [record("<script>", 1, true, { category: "a&b" })], {
    model: '"><img src=x>',
  });
  const page = reportHtml([hostile, hostile], {
    record: record("a", 1, true),
    title: "a, run 1: passed",
    events: [
      { at: 1_000, session: "s", turn: 1, step: 1, type: "verdict", kind: "correct", reason: "<b>" },
      {
        at: 2_000,
        session: "s",
        turn: 1,
        step: 1,
        type: "tool_end",
        id: "1",
        name: "bash",
        ok: false,
        ms: 500,
        result: "",
        summary: "",
      },
    ],
  });
  assert.doesNotMatch(page, /<script|<img|<link|https?:\/\/|@import|url\(/);
  assert.match(page, /prefers-color-scheme: dark/);
  assert.match(page, /&lt;script&gt;/);
  assert.equal(page.match(/<svg/g)?.length, page.match(/<\/svg>/g)?.length);
});

Deno.test("reportMarkdown() compares each folder with the first", () => {
  assert.match(reportMarkdown([NONE, ALL]), /against weak, smallcode 0, m \(none\)\n\n\*\*improved\*\*/);
});

Deno.test("ablate() gives what each part is worth: the whole less the one without", async () => {
  const ablation = await ablate(
    ["route", "verify"],
    (off) => Promise.resolve(off.length === 0 ? ALL : off[0] === "route" ? HALF : ALL),
  );
  assert.deepEqual(
    ablation.parts.map(({ part, worth }) => [part, worth.pass.estimate.mean, worth.verdict]),
    [["route", 0.5, "improved"], ["verify", 0, "no difference shown"]],
  );
  assert.match(ablationMarkdown(ablation), /\| route \|.*\| helps \|/);
});
