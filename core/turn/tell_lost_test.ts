/** Names that edits take away, in the loop. */

import assert from "node:assert/strict";
import { call, play, tailOf } from "../_test_play.ts";

const FILES = {
  "shop.py": "def calc(items):\n    return sum(items)\n",
  "main.py": "from shop import calc\n\nprint(calc([1, 2]))\n",
};
const RENAME = call("patch", { path: "shop.py", search: "def calc(", replace: "def total_price(" });
const DONE = { text: "calc is total_price now." };
const TOLD =
  "calc is gone from shop.py, but main.py still takes it from there (line 1). Reply with one tool call that changes main.py.";

Deno.test("a name that an edit took away is told at the edit, and once more when the model ends", async () => {
  const { result, requests, events } = await play({
    files: FILES,
    tasks: ["Rename calc to total_price"],
    options: { set: ["planner.auto_plan=false"] },
    replies: [
      RENAME,
      DONE,
      call("write_file", {
        path: "main.py",
        content: "from shop import total_price\n\nprint(total_price([1, 2]))\n",
      }),
      DONE,
    ],
  });
  assert.equal(tailOf(requests[1]).split("\n").at(-1), TOLD);
  assert.equal(tailOf(requests[2]), TOLD);
  assert.doesNotMatch(tailOf(requests[3]), /calc is gone/);
  assert.deepEqual(
    events.flatMap((event) => event.type === "verdict" && event.kind === "correct" ? [event.reason] : []),
    ["lost"],
  );
  assert.deepEqual(result.filesEdited, ["shop.py", "main.py"]);
});

Deno.test("nothing is told of lost names with harness.keep_names off", async () => {
  const { requests } = await play({
    files: FILES,
    tasks: ["Rename calc to total_price"],
    options: { set: ["harness.keep_names=false", "planner.auto_plan=false"] },
    replies: [RENAME, DONE],
  });
  assert.equal(requests.length, 2);
  assert.doesNotMatch(tailOf(requests[1]), /gone/);
});
