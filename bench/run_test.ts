import assert from "node:assert/strict";
import { appendFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ProviderError } from "../core/errors.ts";
import type { BenchAgent } from "./bench_agent.ts";
import { NO_COUNTERS } from "./counters.ts";
import { openProgress } from "./progress.ts";
import { openResults, readResults } from "./record.ts";
import { runSuite } from "./run.ts";
import { checkOptions, META, record, SUITES, withFolder } from "./_test_setup.ts";

/** An agent that writes a file into the workspace, and counts its attempts. */
function writer(files: Readonly<Record<string, string>>): BenchAgent & { readonly attempts: string[] } {
  const attempts: string[] = [];
  return {
    name: "writer",
    attempts,
    close: () => Promise.resolve(),
    async attempt({ task, workspace, seed }) {
      attempts.push(`${task.name} seed ${seed}`);
      for (const [path, text] of Object.entries(files)) await writeFile(join(workspace, path), text);
      return {
        counters: { ...NO_COUNTERS, steps: 1, outcome: "unverified", solvedBy: "model" },
        exitCode: 0,
        timedOut: false,
        ms: 5,
      };
    },
  };
}

function options(out: string, agent: BenchAgent, n: number) {
  return {
    suites: SUITES,
    suite: "weak",
    tasks: ["configure-port"],
    model: "m",
    baseUrl: "",
    off: [],
    n,
    jobs: 1,
    seed: 7,
    out,
    simulated: false,
    agent,
    check: checkOptions("none"),
    progress: openProgress({ write: () => {}, isTerminal: false, columns: 80, now: () => 0 }),
    now: () => new Date(0),
  };
}

const RIGHT = '{"name":"inventory","port":8080,"database":{"host":"localhost","pool":5},"debug":false}';

Deno.test("runSuite() records each run with what the hidden check said", () =>
  withFolder(async (folder) => {
    const good = await runSuite(options(join(folder, "a"), writer({ "config.json": RIGHT }), 1));
    const bad = await runSuite(options(join(folder, "b"), writer({}), 1));
    assert.deepEqual(good.records.map(({ passed, solvedBy }) => [passed, solvedBy]), [[true, "model"]]);
    assert.deepEqual(bad.records.map(({ passed, solvedBy }) => [passed, solvedBy]), [[false, "none"]]);
    assert.deepEqual(await readResults(join(folder, "a")), good);
  }));

Deno.test("runSuite() goes on after a kill: done pairs stay, the cut last line is run again", () =>
  withFolder(async (folder) => {
    const first = writer({ "config.json": RIGHT });
    await runSuite(options(folder, first, 2));
    const path = join(folder, "results.jsonl");
    const [line = ""] = (await readFile(path, "utf8")).split("\n");
    await writeFile(path, `${line}\n${line.slice(0, 40)}`);
    const second = writer({ "config.json": RIGHT });
    const { records } = await runSuite(options(folder, second, 3));
    assert.deepEqual(first.attempts, ["configure-port seed 7", "configure-port seed 8"]);
    assert.deepEqual(second.attempts, ["configure-port seed 8", "configure-port seed 9"]);
    assert.deepEqual(records.map(({ run, passed }) => [run, passed]), [[1, true], [2, true], [3, true]]);
    assert.deepEqual((await readResults(folder)).records, records);
  }));

Deno.test("runSuite() records nothing when the server is not there", () =>
  withFolder(async (folder) => {
    const agent: BenchAgent = {
      name: "writer",
      close: () => Promise.resolve(),
      attempt: () => Promise.reject(new ProviderError("unreachable", "no server")),
    };
    await assert.rejects(runSuite(options(folder, agent, 1)), /no server/);
    assert.deepEqual((await readResults(folder)).records, []);
  }));

Deno.test("openResults() refuses a folder of another run", () =>
  withFolder(async (folder) => {
    await openResults(folder, META);
    await assert.rejects(
      openResults(folder, { ...META, model: "other" }),
      /its model is "m", asked is "other"/,
    );
  }));

Deno.test("readResults() names a damaged line in the middle", () =>
  withFolder(async (folder) => {
    await openResults(folder, META);
    const path = join(folder, "results.jsonl");
    await appendFile(
      path,
      `${JSON.stringify({ ...record("a", 1, true), run: 0 })}\n${JSON.stringify(record("a", 2, true))}\n`,
    );
    await assert.rejects(readResults(folder), /results\.jsonl:1: /);
  }));

Deno.test("openProgress() draws a bar with the time left on a terminal", () => {
  const drawn: string[] = [];
  let clock = 0;
  const progress = openProgress({
    write: (text) => drawn.push(text),
    isTerminal: true,
    columns: 100,
    now: () => clock,
  });
  progress.start(4, 2);
  clock = 90_000;
  progress.done(record("a", 1, true));
  assert.equal(
    drawn.at(-1),
    "\r\x1b[K[##################......] 3/4  1 of 1 passed  left 1m 30s  a 1 passed",
  );
});
