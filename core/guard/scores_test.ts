import { deepEqual, equal, ok } from "node:assert/strict";
import {
  addCall,
  chooseEditFormat,
  editFormatOf,
  editTool,
  type Evidence,
  isFailing,
  rankTools,
  scoreOf,
} from "./scores.ts";

const DAY = 24 * 3_600_000;

/** Calls of a tool in one kind of task, `+` answered and `-` failed, all at time 0. */
function calls(tool: string, signs: string, kind: Evidence["kind"] = "write"): Evidence {
  let seen: Evidence | undefined;
  for (const sign of signs) seen = addCall(seen, { tool, kind, isGood: sign === "+" }, 0);
  return seen ?? { tool, kind, good: 0, bad: 0, at: 0 };
}

const mean = (evidence: readonly Evidence[], now = 0) =>
  Math.round(scoreOf(evidence, "a", "write", now).mean * 1_000) / 1_000;

Deno.test("scoreOf() is the mean of a Beta posterior with prior (4, 1)", () => {
  equal(mean([]), 0.8);
  equal(mean([calls("a", "----")]), 0.444);
  equal(mean([calls("a", "++++++++++")]), 0.933);
  equal(mean([calls("b", "----")]), 0.8);
  equal(mean([calls("a", "----", "read")]), 0.571, "another kind of task counts half");
});

Deno.test("scoreOf() fades: a tool that failed recovers by time, and by calls that are answered", () => {
  const failed = calls("a", "----------");
  ok(isFailing(scoreOf([failed], "a", "write", 0)));
  equal(mean([failed], 7 * DAY), 0.4, "half of it");
  ok(!isFailing(scoreOf([failed], "a", "write", 7 * DAY)));
  ok(mean([failed], 60 * DAY) > 0.79);
  let mended = failed;
  for (let i = 0; i < 10; i++) mended = addCall(mended, { tool: "a", kind: "write", isGood: true }, DAY);
  ok(!isFailing(scoreOf([mended], "a", "write", DAY)));
});

Deno.test("isFailing() wants to have seen enough", () => {
  equal(isFailing(scoreOf([calls("a", "----")], "a", "write", 0)), false);
  equal(isFailing(scoreOf([calls("a", "------")], "a", "write", 0)), true);
});

Deno.test("rankTools() moves what fails behind, and leaves the authors' order where scores are near", () => {
  const tools = ["a", "b", "c"].map((name) => ({ name }));
  const rank = (evidence: readonly Evidence[]) =>
    rankTools(tools, (name) => scoreOf(evidence, name, "write", 0)).map(({ name }) => name);
  deepEqual(rank([]), ["a", "b", "c"]);
  deepEqual(rank([calls("c", "+++++")]), ["a", "b", "c"]);
  deepEqual(rank([calls("a", "---")]), ["b", "c", "a"]);
});

Deno.test("chooseEditFormat() keeps the profile's until it fails and another is better by far", () => {
  const choose = (...evidence: Evidence[]) =>
    chooseEditFormat("search_replace", (tool) => scoreOf(evidence, tool, "write", 0));
  const [own, whole, lines] = (["search_replace", "whole_file", "line_range"] as const).map(editTool) as [
    string,
    string,
    string,
  ];
  equal(choose(), "search_replace");
  equal(choose(calls(own, "----")), "search_replace");
  equal(choose(calls(own, "------")), "whole_file");
  equal(choose(calls(own, "------"), calls(whole, "------")), "line_range");
  equal(choose(calls(own, "------"), calls(whole, "------"), calls(lines, "------")), "search_replace");
});

Deno.test("editFormatOf() tells the form of an edit by its arguments", () => {
  equal(editFormatOf({ path: "a", content: "x" }), "whole_file");
  equal(editFormatOf({ path: "a", search: "x", replace: "y" }), "search_replace");
  equal(editFormatOf({ path: "a", search: "", replace: "y", start_line: 1 }), "line_range");
  equal(editFormatOf({ path: "a", symbol: "f", replace: "y" }), "symbol");
  equal(editFormatOf({ command: "ls" }), undefined);
});
