import assert from "node:assert/strict";
import { benchCommand } from "./command.ts";
import type { BenchWorld } from "./bench_world.ts";
import { META, record, withFolder } from "./_test_setup.ts";
import { appendRecord, openResults } from "./record.ts";

/** Runs a command and gives its exit code with what it printed. */
async function bench(cwd: string, ...argv: readonly string[]) {
  let [out, err] = ["", ""];
  const world: BenchWorld = {
    version: "0",
    cwd,
    home: cwd,
    env: {},
    assets: (path) => new URL(path.replace(/^suites/, "../bench/suites"), import.meta.url),
    out: (text) => out += text,
    err: (text) => err += text,
    stdoutIsTerminal: false,
    columns: 80,
    signal: new AbortController().signal,
  };
  return { code: await benchCommand(argv, world), out, err };
}

async function writeRun(folder: string, passed: boolean): Promise<void> {
  const tasks = ["a", "b", "c", "d", "e", "f"];
  await openResults(folder, { ...META, tasks });
  for (const task of tasks) await appendRecord(folder, record(task, 1, passed));
}

Deno.test("benchCommand() exits 0, 1 and 2 from diff as its help says", () =>
  withFolder(async (folder) => {
    await writeRun(`${folder}/good`, true);
    await writeRun(`${folder}/bad`, false);
    const better = await bench(folder, "diff", "bad", "good", "--json");
    assert.deepEqual([better.code, JSON.parse(better.out).verdict], [0, "improved"]);
    assert.equal((await bench(folder, "diff", "good", "good")).code, 0);
    assert.equal((await bench(folder, "diff", "good", "bad")).code, 1);
    assert.equal((await bench(folder, "diff", "good", "bad", "--threshold", "2")).code, 2);
    const missing = await bench(folder, "diff", "good", "nothing");
    assert.deepEqual([missing.code, /meta\.json is missing/.test(missing.err)], [2, true]);
  }));

Deno.test("benchCommand() compares two files of bench:perf", () =>
  withFolder(async (folder) => {
    const perf = (value: number) =>
      JSON.stringify([{ target: "source", scenario: "start", name: "--version / empty", value, unit: "x" }]);
    await Deno.writeTextFile(`${folder}/a.json`, perf(2));
    await Deno.writeTextFile(`${folder}/b.json`, perf(3));
    const worse = await bench(folder, "diff", "a.json", "b.json", "--json");
    assert.deepEqual([worse.code, JSON.parse(worse.out).verdict], [1, "regressed"]);
    assert.equal((await bench(folder, "diff", "b.json", "a.json")).code, 0);
    assert.equal((await bench(folder, "diff", "a.json", "b.json", "--threshold", "0.6")).code, 0);
    assert.equal((await bench(folder, "diff", "a.json", "none.json")).code, 2);
  }));

Deno.test("benchCommand() writes the report's page and prints its Markdown", () =>
  withFolder(async (folder) => {
    await writeRun(`${folder}/good`, true);
    const { code, out } = await bench(folder, "report", "good", "--out", "page.html");
    assert.deepEqual([code, /100\.0 % \[54\.1, 100\.0\]/.test(out)], [0, true]);
    assert.match(await Deno.readTextFile(`${folder}/page.html`), /<svg/);
  }));

for (
  const [argv, says] of [
    [["run", "--suite", "none"], /Unknown suite "none"/],
    [["run", "--suite", "weak", "--off", "magic"], /Unknown part "magic"; there are: freeze_prefix/],
    [["run", "--suite", "weak", "--n", "0"], /--n must be a whole number from 1 on/],
    [["run", "--suite", "weak", "--agent", "tool"], /--agent must contain \{prompt\}/],
    [["sim", "--class", "giant"], /--class must be small, medium or strong/],
    [["probe", "--dialect", "latin"], /Unknown dialect "latin"/],
    [["nothing"], /unknown command/],
  ] as const
) {
  Deno.test(`benchCommand() exits 2 for ${argv.join(" ")}`, () =>
    withFolder(async (folder) => {
      const { code, err } = await bench(folder, ...argv);
      assert.equal(code, 2);
      assert.match(err, says);
    }));
}
