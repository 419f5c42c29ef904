/** Seeds of the property tests: which of them a run plays, and a generator of numbers from one. */

import process from "node:process";
import { parseArgs } from "node:util";

/** A generator of numbers in [0, 1). */
export type Next = () => number;

/** mulberry32: small and seeded. */
export function random(seed: number): Next {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const pick = <T>(next: Next, from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;

/** Seeds from `from` up to `to`, which is not played. */
export interface SeedRange {
  readonly from: number;
  readonly to: number;
}

/**
 * The seeds that this run plays: `short` of them, with `--long` (`deno task test:long`) `long`; with `--from` and `--to` those of them that lie
 * between, so that a long series can be run in parts.
 * @throws {RangeError} for a number that is none
 */
export function seedRange(short: number, long: number, args: readonly string[] = Deno.args): SeedRange {
  const { values } = parseArgs({
    args: [...args],
    options: { long: { type: "boolean" }, from: { type: "string" }, to: { type: "string" } },
    strict: false,
  });
  const most = values.long ? long : short;
  return { from: Math.min(most, seedIn(values.from) ?? 0), to: Math.min(most, seedIn(values.to) ?? most) };
}

function seedIn(text: string | boolean | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seed = typeof text === "string" && /^\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(seed)) return seed;
  throw new RangeError(`Cannot use "${text}" as a seed: a whole number is expected`);
}

/** Says something to whoever watches the run. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** As many seeds at a time are played beside each other: waits for the disk overlap. */
const LANES = 8;
/** In a long series it is said how far it is after so many seeds, so that one that was cut off can go on there. */
const TELL_EVERY = 5_000;

/**
 * Plays each seed of a range, in lanes.
 * @param play is given a lane from 0, in which nothing else plays at the time
 * @throws {Error} naming the seed, for the first that fails
 */
export async function playSeeds(
  name: string,
  { from, to }: SeedRange,
  play: (seed: number, lane: number) => Promise<void> | void,
): Promise<void> {
  const started = performance.now();
  let next = from;
  let isBroken = false;
  const playLane = async (lane: number) => {
    while (next < to && !isBroken) {
      const seed = next++;
      try {
        await play(seed, lane);
      } catch (cause) {
        isBroken = true;
        const again = `-- --long --from ${seed} --to ${seed + 1}`;
        throw new Error(`seed ${seed} (again: ${again}): ${(cause as Error).message}`, { cause });
      }
      if ((seed + 1) % TELL_EVERY === 0 && to - from > TELL_EVERY) {
        const seconds = Math.round((performance.now() - started) / 1000);
        tell(`${name}: seeds ${from} to ${seed} held, ${seconds} s`);
      }
    }
  };
  const lanes = await Promise.allSettled(
    Array.from({ length: Math.min(LANES, to - from) }, (_, i) => playLane(i)),
  );
  for (const lane of lanes) if (lane.status === "rejected") throw lane.reason;
}
