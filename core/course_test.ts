/** What a session learns about its model, and when it may enter the prompt's head: at an epoch's beginning and never between two. */

import { deepEqual, doesNotMatch, equal, match, ok } from "node:assert/strict";
import { CALC, call, play } from "./_test_play.ts";
import type { ScriptedReply, ScriptedRequest } from "./model/scripted.ts";

const systemOf = (request: ScriptedRequest | undefined) => String(request?.messages[0]?.content);
const DONE = { text: "Done." };
const BROKEN: ScriptedReply = { calls: [{ name: "patch", args: '{"path": "calc.py"' }] };
const refused = (from: number, count: number) =>
  Array.from(
    { length: count },
    (_, i) => call("patch", { path: "calc.py", search: `no ${from + i}`, replace: "x" }),
  );
/** Equal calls until the ladder brings a fresh context: an epoch. */
const LOOP = Array<ScriptedReply>(5).fill(call("list_files", {}));
const TASK = "Change calc.py so that add is right";

Deno.test("runTurn() puts a changed edit form into the head at the next epoch, and keeps it for the session", async () => {
  const { requests } = await play({
    files: { "calc.py": CALC },
    tasks: [TASK, "Change calc.py once more"],
    replies: [...refused(0, 2), ...LOOP, ...Array(20).fill(DONE)],
  });
  const wholeFile = requests.map((request) =>
    /Create or change a file with write_file/.test(systemOf(request))
  );
  const from = wholeFile.indexOf(true);
  equal(from, 7, "after two refusals and five equal calls");
  ok(wholeFile.slice(from).every((is) => is), "also in the second turn");
  match(JSON.stringify(requests[2]?.messages), /Now write the whole file/, "announced at the tail before");
});

Deno.test("runTurn() puts a changed dialect into the head at the next epoch, and keeps it for the session", async () => {
  const { requests } = await play({
    files: { "calc.py": CALC },
    tasks: [TASK, "Change calc.py once more"],
    replies: [BROKEN, BROKEN, ...LOOP, ...Array(20).fill(DONE)],
  });
  const native = requests.map(({ tools }) => tools.length > 0);
  equal(native.indexOf(false), 7);
  ok(native.slice(7).every((is) => !is), "also in the second turn");
  match(systemOf(requests[7]), /```json/);
  doesNotMatch(systemOf(requests[6]), /```json/);
});

Deno.test("scores change what is offered in the next session, and every tool stays within reach", async () => {
  const store = { dataFolder: await Deno.makeTempDir() };
  const fail = (from: number) =>
    play({
      files: { "calc.py": CALC },
      tasks: [TASK],
      replies: [...refused(from, 6), ...Array(20).fill(DONE)],
      options: store,
    });
  const first = await fail(0);
  const second = await play({
    files: { "calc.py": CALC },
    tasks: [TASK],
    replies: Array(20).fill(DONE),
    options: store,
  });
  await Deno.remove(store.dataFolder, { recursive: true });
  ok(first.requests[0]?.tools.includes("patch"));
  const offered = second.requests[0]?.tools ?? [];
  deepEqual([offered.includes("patch"), offered.includes("write_file")], [false, true]);
  ok(offered.includes("menu"));
  const route = second.events.find((event) => event.type === "route");
  match(route?.reason ?? "", /without patch, which this model fails with/);
});

Deno.test("a head that is not frozen is another one at each step", async () => {
  const run = (freeze: boolean) =>
    play({
      files: { "calc.py": CALC },
      tasks: ["What does calc.py do?"],
      replies: [call("list_files", {}), call("search", { pattern: "add" }), { text: "It adds." }],
      options: { set: [`harness.freeze_prefix=${freeze}`] },
    });
  const [frozen, loose] = [await run(true), await run(false)];
  equal(new Set(frozen.requests.map(systemOf)).size, 1);
  equal(new Set(loose.requests.map(systemOf)).size, 3);
  const cached = ({ requests }: typeof frozen) =>
    requests.slice(1).reduce((sum, one) => sum + one.cachedTokens, 0);
  ok(cached(loose) < cached(frozen), `${cached(loose)} of ${cached(frozen)} tokens cached`);
});
