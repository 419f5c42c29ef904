/** `bench escape`: the escape suite on this machine, from source or in the binary, as a table. */

import { ATTEMPTS, CONTROLS, runEscapes } from "../core/sandbox/escape/escape_suite.ts";
import type { Tried } from "../core/sandbox/escape/run_attempt.ts";
import type { BenchWorld } from "./bench_world.ts";

/** @returns 0 when nothing escaped, each attempt got to its point and each control was found out; else 1 */
export async function escapeCommand(
  flags: { readonly only: string; readonly json?: boolean },
  world: Pick<BenchWorld, "assets" | "out">,
): Promise<number> {
  const attempts = ATTEMPTS.filter(({ group, name }) => `${group}: ${name}`.includes(flags.only));
  if (attempts.length === 0) throw new RangeError(`No attempt holds "${flags.only}"`);
  const tried: Tried[] = [];
  for await (const one of runEscapes(attempts, world.assets)) {
    tried.push(one);
    world.out(flags.json ? `${JSON.stringify(one)}\n` : row(one));
  }
  const blind: string[] = [];
  for await (const one of runEscapes(CONTROLS, world.assets)) {
    if (one.escaped.length === 0) blind.push(one.name);
  }
  const escaped = tried.filter((one) => one.escaped.length > 0);
  const unproven = tried.filter((one) => one.unproven.length > 0);
  const isHeld = escaped.length === 0 && unproven.length === 0 && blind.length === 0;
  if (!flags.json) {
    world.out(`${tried.length} attempts, ${escaped.length} escapes, ${unproven.length} not proved\n`);
    world.out(`${CONTROLS.length} controls, ${CONTROLS.length - blind.length} found out by the canaries\n`);
  }
  return isHeld ? 0 : 1;
}

function row({ group, name, ended, ms, escaped, unproven, said }: Tried): string {
  const verdict = escaped.length > 0 ? "ESCAPED" : unproven.length > 0 ? "UNPROVEN" : "held";
  const cells = [
    verdict.padEnd(8),
    group.padEnd(8),
    ended.padEnd(9),
    `${Math.round(ms)} ms`.padStart(8),
    name,
  ];
  const why = [...escaped, ...unproven].map((line) => `    ${line}\n`).join("");
  return `${cells.join("  ")}\n${why}${why === "" ? "" : `    it said: ${said.slice(0, 300)}\n`}`;
}
