/** Edits of `testdata/edits.jsonl`, in the layout of the conformance corpus: written as traps by someone who had not seen the engine. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { applyEdit, type Replacement } from "./apply_edit.ts";

interface Case {
  readonly id: string;
  readonly original: string;
  readonly search?: string;
  readonly replace?: string;
  readonly edits?: readonly Replacement[];
  readonly replace_all?: boolean;
  /** `null`: must be refused. */
  readonly expected: string | null;
  readonly note: string;
}

const cases: readonly Case[] = readFileSync(new URL("testdata/edits.jsonl", import.meta.url), "utf8")
  .trim().split("\n").map((line) => JSON.parse(line));

Deno.test("applyEdit() gives exactly the file that is meant, or refuses", () => {
  const wrong = cases.flatMap(({ id, original, search, replace, edits, replace_all, expected, note }) => {
    const replacements = edits ??
      [{ search: search ?? "", replace: replace ?? "", ...(replace_all ? { replaceAll: true } : {}) }];
    const result = applyEdit(original, { kind: "search_replace", replacements }, { fuzzy: true });
    const text = result.kind === "applied" ? result.text : null;
    return text === expected ? [] : [{ id, note, expected, text }];
  });
  assert.deepEqual(wrong, []);
});
