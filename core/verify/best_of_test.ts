import assert from "node:assert/strict";
import { bestOf, type Tried } from "./best_of.ts";

const one = (state: Tried["state"], failures: number, lines: number): Tried => ({ state, failures, lines });

const CASES: readonly (readonly [string, readonly Tried[], number, number | undefined])[] = [
  ["nothing of nothing", [], 3, undefined],
  ["the green one", [one("red", 1, 1), one("green", 0, 50)], 3, 1],
  ["the smallest of the green ones", [one("green", 0, 9), one("green", 0, 2), one("green", 0, 5)], 3, 1],
  ["the first of equals", [one("green", 0, 2), one("green", 0, 2)], 3, 0],
  ["the one with the fewest failures", [one("red", 2, 1), one("red", 1, 9)], 3, 1],
  ["none that is no better", [one("red", 3, 1), one("red", 4, 1)], 3, undefined],
  [
    "none of which nothing is known",
    [one("red", 0, 1), one("no_edit", 0, 0), one("not_run", 0, 4)],
    3,
    undefined,
  ],
];

for (const [what, candidates, failures, expected] of CASES) {
  Deno.test(`bestOf() takes ${what}`, () => {
    const best = bestOf(candidates, { failures });
    assert.equal(best, expected === undefined ? undefined : candidates[expected]);
  });
}
