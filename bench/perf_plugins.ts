/** What installed and used plugins cost: start, time until one is ready, memory. Part of `bench:perf`. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ScriptedReply } from "../core/model/scripted.ts";

/** One run of the program with a home of its own that stays: `plugins` in it are read in the first run and known in the next. */
export type RunPlugins = (home: string, replies: readonly ScriptedReply[]) => Promise<{
  readonly firstRequestMs: number;
  /** Resident memory in MB at each request. */
  readonly residentMb: readonly number[];
  /** Milliseconds until a sandbox was there, of each that was started. */
  readonly readyMs: readonly number[];
}>;

export interface PluginCost {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "MB";
  readonly aim?: number;
}

/** A tool is counted into the prompt by the model server, which is not the plugin's own cost: those with tools are told apart. */
const SETS = [
  { name: "0 unused plugins", count: 0, part: command },
  { name: "1 unused plugin", count: 1, part: command },
  { name: "10 unused plugins", count: 10, part: command },
  { name: "10 unused plugins with a tool", count: 10, part: tool },
] as const;
const DONE: ScriptedReply = { text: "Nothing was to be done." };

/** Installed in the user's folder and granted for the run; unused, then each called once. */
export async function measurePluginCost(
  runs: number,
  folder: string,
  median: (values: readonly number[]) => number,
  run: RunPlugins,
): Promise<readonly PluginCost[]> {
  const homes = await Promise.all(SETS.map(async ({ count, part }, set) => {
    const home = join(folder, `plugins-${set}`);
    const plugins = join(home, "config", "smallcode", "plugins");
    await mkdir(plugins, { recursive: true });
    for (let i = 1; i <= count; i++) await writeFile(join(plugins, `made-${i}.ts`), pluginText(i, part(i)));
    return home;
  }));
  for (const home of homes) await run(home, [DONE]);
  const idle = homes.map(() => [] as Awaited<ReturnType<RunPlugins>>[]);
  for (let i = 0; i < runs; i++) {
    for (const [at, home] of homes.entries()) idle[at]!.push(await run(home, [DONE]));
  }
  const start = idle.map((seen) => median(seen.map(({ firstRequestMs }) => firstRequestMs)));
  const resident = idle.map((seen) => median(seen.flatMap(({ residentMb }) => residentMb.slice(0, 1))));
  const called = Array.from({ length: 10 }, (_, i) => ({ calls: [{ name: `made_${i + 1}`, args: {} }] }));
  const used = await run(homes[3]!, [...called, DONE]);
  return [
    ...SETS.map(({ name }, i) => ({
      name: `first request, ${name}`,
      value: start[i]!,
      unit: "ms" as const,
    })),
    // In pairs, so that a machine that is busy for a while slows both alike.
    {
      name: "10 unused plugins cost",
      value: median(idle[2]!.map((seen, i) => seen.firstRequestMs - idle[0]![i]!.firstRequestMs)),
      unit: "ms",
      aim: 5,
    },
    { name: "first plugin ready", value: used.readyMs[0] ?? NaN, unit: "ms" },
    { name: "further plugin ready", value: median(used.readyMs.slice(1)), unit: "ms" },
    ...used.residentMb.length === 0 ? [] : [
      { name: "10 unused plugins", value: resident[2]! - resident[0]!, unit: "MB" as const },
      { name: "first used plugin", value: used.residentMb[1]! - used.residentMb[0]!, unit: "MB" as const },
      {
        name: "further used plugin",
        value: (used.residentMb[10]! - used.residentMb[1]!) / 9,
        unit: "MB" as const,
      },
    ],
  ];
}

function pluginText(i: number, part: string): string {
  return `export default { name: "made-${i}", version: "1.0.0", description: "Made for bench:perf", ${part} };\n`;
}

function command(i: number): string {
  return `commands: [{ name: "made-${i}", description: "Say a number.", run(): string { return "${i}"; } }]`;
}

function tool(i: number): string {
  return `tools: [{ name: "made_${i}", description: "Say a number.", parameters: { type: "object" }, example: {},
    run(): string { return "${i}"; } }]`;
}
