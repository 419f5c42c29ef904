import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Category } from "../types.ts";
import { asksForChange } from "./asks_for_change.ts";
import { classify } from "./classify.ts";
import { READ_ONLY } from "./select.ts";

interface Labelled {
  readonly text: string;
  readonly category: Category;
  readonly wantsChange: boolean;
}

function load(name: string): readonly Labelled[] {
  const file = new URL(`./testdata/${name}`, import.meta.url);
  return readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as Labelled);
}

/** Only totals, so that nobody tunes on the rows of the held-out set. */
function score(rows: readonly Labelled[]): { right: number; starved: number } {
  const judged = rows.map((row) => ({ row, category: classify(row.text).category }));
  return {
    right: judged.filter(({ row, category }) => category === row.category).length / rows.length,
    starved: judged.filter(({ row, category }) => row.wantsChange && READ_ONLY.includes(category)).length,
  };
}

Deno.test("classify() gives 95 of 100 labelled messages their category, and no change a read-only one", () => {
  const rows = load("messages.jsonl");
  assert.ok(rows.length >= 280);
  const { right, starved } = score(rows);
  assert.ok(right >= 0.95, `${(right * 100).toFixed(1)} % right`);
  assert.equal(starved, 0);
});

Deno.test("classify() gives 92 of 100 held-out messages their category, and no change a read-only one", () => {
  const rows = load("held_out.jsonl");
  assert.ok(rows.length >= 140);
  const { right, starved } = score(rows);
  assert.ok(right >= 0.92, `${(right * 100).toFixed(1)} % right`);
  assert.equal(starved, 0);
});

Deno.test("classify() and asksForChange() agree: a message that asks for a change gets tools to make it", () => {
  for (const { text } of load("messages.jsonl")) {
    const { category, confidence } = classify(text);
    assert.ok(confidence >= 0 && confidence <= 1, text);
    assert.equal(asksForChange(text) && READ_ONLY.includes(category), false, text);
    assert.equal(!asksForChange(text) && category === "write", false, text);
  }
});

Deno.test("classify() reads the end of a message after what was pasted", () => {
  const log = "2026-01-02T10:00:00 INFO request served\n".repeat(2_000);
  assert.equal(classify(`What does this log say?\n${log}`).category, "read");
  assert.equal(classify(`Look at this log\n${log}\nand fix the handler`).category, "write");
});

Deno.test("classify() answers anything, empty and hostile texts too, in time that does not grow with them", () => {
  for (
    const text of [
      "",
      " ",
      "?",
      "👍",
      "```",
      "`".repeat(5_000),
      "a.".repeat(50_000),
      "please ".repeat(50_000),
      "_a".repeat(50_000),
    ]
  ) {
    assert.ok(classify(text).confidence >= 0);
  }
});
