import assert from "node:assert/strict";
import fc from "fast-check";
import { compareMeans, estimateMean, estimateRate, median, seededRandom, signTest } from "./statistics.ts";

const outcomes = fc.array(fc.array(fc.constantFrom(0, 1), { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 6,
});
const few = { numRuns: 25, seed: 4 };

Deno.test("estimateMean() gives the mean inside its interval, inside what was sampled", () => {
  fc.assert(
    fc.property(outcomes, (samples) => {
      const estimate = estimateMean(samples);
      assert.ok(estimate);
      assert.ok(0 <= estimate.low && estimate.low <= estimate.mean + 1e-9);
      assert.ok(estimate.mean <= estimate.high + 1e-9 && estimate.high <= 1);
    }),
    few,
  );
});

Deno.test("estimateMean() weighs tasks alike, however many runs each has", () => {
  assert.equal(estimateMean([[1], [0, 0, 0, 0]])?.mean, 0.5);
});

Deno.test("estimateMean() gives a point where nothing varies, and nothing without tasks", () => {
  assert.deepEqual(estimateMean([[1, 1], [1]]), { mean: 1, low: 1, high: 1 });
  assert.equal(estimateMean([]), undefined);
});

Deno.test("estimateMean() gives the same interval for the same seed", () => {
  const samples = [[1, 0], [0, 0], [1, 1], [0, 1]];
  assert.deepEqual(estimateMean(samples, 7), estimateMean(samples, 7));
});

Deno.test("estimateMean() covers the true rate in about 95 of 100 experiments", () => {
  const random = seededRandom(11);
  let covered = 0;
  for (let experiment = 0; experiment < 60; experiment++) {
    const samples = Array.from({ length: 20 }, () => [random() < 0.4 ? 1 : 0]);
    const estimate = estimateMean(samples, experiment);
    if (estimate && estimate.low <= 0.4 && 0.4 <= estimate.high) covered++;
  }
  assert.ok(covered >= 50, `covered ${covered} of 60`);
});

Deno.test("compareMeans() finds no difference between a run and itself", () => {
  fc.assert(
    fc.property(outcomes, (samples) => {
      const difference = compareMeans(samples.map((runs) => [runs, runs] as const));
      assert.ok(difference);
      assert.equal(difference.estimate.mean, 0);
      assert.ok(difference.estimate.low <= 0 && difference.estimate.high >= 0);
      assert.deepEqual([difference.rose, difference.fell, difference.signP], [0, 0, 1]);
    }),
    few,
  );
});

Deno.test("compareMeans() mirrors when A and B change places", () => {
  fc.assert(
    fc.property(outcomes, (samples) => {
      const there = compareMeans(samples.map((runs) => [runs, [1]] as const));
      const back = compareMeans(samples.map((runs) => [[1], runs] as const));
      assert.ok(there && back);
      assert.ok(Math.abs(there.estimate.mean + back.estimate.mean) < 1e-9);
      assert.deepEqual([there.rose, there.fell, there.signP], [back.fell, back.rose, back.signP]);
    }),
    few,
  );
});

Deno.test("compareMeans() sees a clear difference", () => {
  const difference = compareMeans(Array.from({ length: 10 }, () => [[0, 0, 0], [1, 1, 1]] as const));
  assert.deepEqual(difference, {
    estimate: { mean: 1, low: 1, high: 1 },
    rose: 10,
    fell: 0,
    same: 0,
    signP: 2 / 1024,
  });
});

Deno.test("signTest() gives the binomial's tails", () => {
  assert.equal(signTest(0, 0), 1);
  assert.equal(signTest(5, 5), 1);
  assert.equal(signTest(6, 0), 2 / 64);
  assert.ok(Math.abs(signTest(1, 7) - 2 * 9 / 256) < 1e-12);
});

Deno.test("median() takes the middle", () => {
  assert.deepEqual([median([3]), median([5, 1]), median([9, 1, 2])], [3, 3, 2]);
});

for (
  const [samples, expected] of [
    [[[1, 1]], [1, 0.158, 1]],
    [[[1], [1]], [1, 0.158, 1]],
    [[[1, 1], [1, 1]], [1, 0.158, 1]],
    [[[0]], [0, 0, 0.975]],
    [Array.from({ length: 12 }, () => [0]), [0, 0, 0.265]],
  ] as const
) {
  Deno.test(`estimateRate() gives an exact interval where all agree: ${JSON.stringify(samples)}`, () => {
    const { mean, low, high } = estimateRate(samples) ?? { mean: NaN, low: NaN, high: NaN };
    assert.deepEqual([mean, low, high].map((value) => Number(value.toFixed(3))), expected);
  });
}

Deno.test("estimateRate() is the bootstrap where runs differ", () => {
  assert.deepEqual(estimateRate([[0, 1], [1]]), estimateMean([[0, 1], [1]]));
  assert.equal(estimateRate([]), undefined);
});
