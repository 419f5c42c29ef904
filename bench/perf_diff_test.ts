import assert from "node:assert/strict";
import { diffPerf, perfDiffMarkdown, type PerfMeasure, readPerf } from "./perf_diff.ts";
import { withFolder } from "./_test_setup.ts";

function measure(unit: PerfMeasure["unit"], value: number, aim?: number): PerfMeasure {
  return {
    target: "source",
    scenario: "start",
    name: unit,
    value,
    unit,
    ...(aim === undefined ? {} : { aim }),
  };
}

for (
  const [claim, a, b, verdict] of [
    ["a ratio up by more than a tenth", measure("x", 2), measure("x", 2.3), "regressed"],
    ["a ratio up by a tenth", measure("x", 10), measure("x", 11), "same"],
    ["memory down", measure("MB", 100), measure("MB", 80), "improved"],
    ["tokens up", measure("tokens", 600), measure("tokens", 700), "regressed"],
    ["a share down", measure("%", 100), measure("%", 80), "regressed"],
    ["a share up", measure("%", 80), measure("%", 100), "improved"],
    ["milliseconds twice as many", measure("ms", 100), measure("ms", 200), "not compared"],
    ["milliseconds that now miss their aim", measure("ms", 5, 6), measure("ms", 7, 6), "regressed"],
    ["a ratio that now meets its aim", measure("x", 1.55, 1.5), measure("x", 1.5, 1.5), "improved"],
    ["an aim that was met and still is", measure("%", 99.5, 99), measure("%", 99, 99), "same"],
    ["nothing before", measure("MB", 0), measure("MB", 5), "same"],
  ] as const
) {
  Deno.test(`diffPerf() says ${verdict} for ${claim}`, () => {
    assert.equal(diffPerf([a], [b]).rows[0]?.verdict, verdict);
  });
}

Deno.test("diffPerf() regresses with one number, takes a threshold, and names what only one has", () => {
  const a = [measure("x", 2), measure("MB", 100)];
  const b = [measure("x", 1), measure("MB", 115), measure("tokens", 3)];
  assert.deepEqual(
    [diffPerf(a, b).verdict, diffPerf(a, b, 0.2).verdict, diffPerf(a, a).verdict],
    ["regressed", "improved", "no difference shown"],
  );
  assert.deepEqual(diffPerf(a, b).alone, ["source, start: tokens"]);
  assert.match(perfDiffMarkdown(diffPerf(a, b)), /MB \| 100\.00 MB \| 115\.00 MB \| \+15\.0 % \| regressed/);
  assert.throws(() => diffPerf(a, []), /no number in common/);
});

Deno.test("readPerf() refuses a file that is something else", () =>
  withFolder(async (folder) => {
    const path = `${folder}/perf.json`;
    await Deno.writeTextFile(path, JSON.stringify([measure("x", 1, 2)]));
    assert.deepEqual(await readPerf(path), [measure("x", 1, 2)]);
    await Deno.writeTextFile(path, '{"all":1}');
    await assert.rejects(readPerf(path), /Cannot read ".*perf\.json" as bench:perf --json/);
    await assert.rejects(readPerf(`${folder}/none.json`), /there is no such file/);
  }));
