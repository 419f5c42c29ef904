import { deepEqual, rejects, throws } from "node:assert/strict";
import { playSeeds, seedRange } from "./_test_seeds.ts";

Deno.test("seedRange() is the short series, the long one, or a part of either", () => {
  const range = (...args: string[]) => Object.values(seedRange(10, 200, args));
  deepEqual(range(), [0, 10]);
  deepEqual(range("--long"), [0, 200]);
  deepEqual(range("--long", "--from", "40", "--to", "60"), [40, 60]);
  deepEqual(range("--from=4"), [4, 10]);
  // Another file's series is longer.
  deepEqual(range("--long", "--from", "5000", "--to", "6000"), [200, 200]);
  for (const wrong of [["--from", "x"], ["--to", "-1"], ["--from"]]) {
    throws(() => range(...wrong), RangeError);
  }
});

Deno.test("playSeeds() plays each seed once, no two in a lane at a time, and names the one that fails", async () => {
  const busy = new Set<number>();
  const played: number[] = [];
  const play = async (seed: number, lane: number) => {
    deepEqual(busy.has(lane), false);
    busy.add(lane);
    await new Promise((resolve) => setTimeout(resolve));
    busy.delete(lane);
    played.push(seed);
  };
  await playSeeds("test", { from: 3, to: 40 }, play);
  deepEqual(played.toSorted((a, b) => a - b), Array.from({ length: 37 }, (_, i) => i + 3));
  const fail = (seed: number) => {
    if (seed === 7) throw new Error("no");
  };
  await rejects(
    playSeeds("test", { from: 0, to: 40 }, fail),
    /^Error: seed 7 \(again: .*--from 7 --to 8\): no$/,
  );
  await playSeeds("test", { from: 9, to: 9 }, fail);
});
