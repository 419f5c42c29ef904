/**
 * Measures start, memory, harness time and prompt size of the program, from source and as binary.
 *
 *     deno task bench:perf [--json] [--runs 11] [--binary dist/smallcode]
 *
 * Times are medians, and ratios to an empty program that was started in turn with it: compiled by the same compiler for the
 * binary, run by the same Deno for the source. The model is the scripted server, so no number here is a model's. What could not be
 * measured is missing, never guessed. Memory is read from `/proc`, so on Linux only. Aims: DESIGN section 5.
 */

import { readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Event } from "../core/events.ts";
import { type ScriptedReply, type ScriptedRequest, startScriptedServer } from "../core/model/scripted.ts";
import { measurePluginCost } from "./perf_plugins.ts";

interface Measure {
  readonly target: "source" | "binary";
  readonly scenario: "start" | "create" | "create_ollama" | "fix" | "thirty_steps" | "plugins" | "parser";
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "x" | "MB" | "tokens" | "%";
  /** At most (`%`: at least) this; absent where no aim was set. */
  readonly aim?: number;
}

/** A way to start the program, and the empty program to compare it with. */
interface Target {
  readonly name: Measure["target"];
  readonly command: readonly string[];
  readonly empty: readonly string[];
  /** `floor.ts`, for the binary. */
  readonly floor?: readonly string[];
}

/** One run of a scenario, seen from outside. */
interface Seen {
  readonly firstRequestMs: number;
  readonly lastRequestMs: number;
  /** Resident memory in MB at each request. */
  readonly residentMb: readonly number[];
  readonly requests: readonly ScriptedRequest[];
  readonly harnessMs: readonly number[];
  /** Time until each sandbox of a plugin was there. */
  readonly readyMs: readonly number[];
}

/** The scripted server speaks both protocols; the provider's name decides which is used. */
const PROVIDERS = { openai: "llamacpp", ollama: "ollama" } as const;
type Protocol = keyof typeof PROVIDERS;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** A scenario that takes longer hangs. */
const PATIENCE_MS = 120_000;
const PARTS = 28;

const CREATE: readonly ScriptedReply[] = [
  { calls: [{ name: "write_file", args: { path: "hello.py", content: 'print("hello world")\n' } }] },
  { text: "hello.py prints hello world." },
];

/** Read, edit, check, answer: what most turns are. */
const FIX: readonly ScriptedReply[] = [
  { calls: [{ name: "read_file", args: { path: "part_1.txt" } }] },
  { calls: [{ name: "write_file", args: { path: "add.sh", content: "echo $(($1 + $2))\n" } }] },
  { calls: [{ name: "bash", args: { command: "sh add.sh 2 3" } }] },
  { text: "add.sh adds now." },
];

/** Of each hostile pattern. */
const HOSTILE_CHARACTERS = 1_000_000;

/** Four times six parts read and a note written, one more write, the answer: a model that only reads on is corrected and stopped. */
const THIRTY_STEPS: readonly ScriptedReply[] = [
  ...[1, 2, 3, 4].flatMap((quarter) => [
    ...[1, 2, 3, 4, 5, 6].map((i) => ({
      calls: [{ name: "read_file", args: { path: `part_${(quarter - 1) * 6 + i}.txt` } }],
    })),
    { calls: [{ name: "write_file", args: { path: `note_${quarter}.txt`, content: "6 parts\n" } }] },
  ]),
  { calls: [{ name: "write_file", args: { path: "all.txt", content: "24 parts\n" } }] },
  { text: "all.txt says how many parts there are." },
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      json: { type: "boolean", default: false },
      runs: { type: "string", default: "11" },
      binary: {
        type: "string",
        default: join(ROOT, "dist", process.platform === "win32" ? "smallcode.exe" : "smallcode"),
      },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) {
    throw new RangeError(`--runs must be a whole number of at least 1, not "${values.runs}"`);
  }
  const folder = await mkdtemp(join(tmpdir(), "smallcode-perf-"));
  try {
    const measures: Measure[] = [];
    for (const target of await findTargets(resolve(values.binary), folder)) {
      measures.push(...await measureStart(target, runs, folder));
      measures.push(...await measureCreate(target, runs, folder));
      measures.push(...await measureCreate(target, runs, folder, "ollama"));
      measures.push(...await measureFix(target, runs, folder));
      measures.push(...await measureThirtySteps(target, folder));
      measures.push(...await measurePlugins(target, runs, folder));
    }
    measures.push(await measureParser());
    process.stdout.write(values.json ? `${JSON.stringify(measures, null, 2)}\n` : toTable(measures));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The source always; the binary where it stands and an empty program can be compiled beside it. */
async function findTargets(binary: string, folder: string): Promise<readonly Target[]> {
  const emptySource = join(folder, "empty.js");
  await writeFile(emptySource, "");
  const deno = [Deno.execPath(), "run", "-A", "--no-prompt"];
  const source: Target = {
    name: "source",
    command: [...deno, join(ROOT, "main.ts")],
    empty: [...deno, "--no-config", emptySource],
  };
  if (!await stat(binary).then(() => true, () => false)) {
    complain(`no binary at ${binary}: only the source is measured (deno task compile makes it)`);
    return [source];
  }
  const empty = await compilePlain(emptySource, join(folder, "empty"));
  const floor = await compilePlain(join(ROOT, "bench", "floor.ts"), join(folder, "floor"));
  if (!empty || !floor) return [source];
  return [source, { name: "binary", command: [binary], empty: [empty], floor: [floor] }];
}

/** `undefined` where it cannot be compiled; why was said. */
async function compilePlain(entry: string, output: string): Promise<string | undefined> {
  const program = process.platform === "win32" ? `${output}.exe` : output;
  const compile = [join(ROOT, ".ci", "compile.ts"), "--entry", entry, "--output", program];
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", ...compile],
  }).output();
  if (success) return program;
  complain(`nothing to compare the binary with: ${new TextDecoder().decode(stderr)}`);
  return undefined;
}

/** In turn, so that a busy machine slows both alike; the first pair only warms the caches. */
async function measureStart(target: Target, runs: number, folder: string): Promise<readonly Measure[]> {
  const times: { readonly empty: number; readonly version: number }[] = [];
  for (let i = 0; i <= runs; i++) {
    const empty = await timeOf(target.empty, folder);
    const version = await timeOf([...target.command, "--version"], folder);
    if (i > 0) times.push({ empty, version });
  }
  const empty = median(times.map((time) => time.empty));
  const version = median(times.map((time) => time.version));
  const row = { target: target.name, scenario: "start" } as const;
  return [
    { ...row, name: "empty program", value: empty, unit: "ms" },
    { ...row, name: "--version", value: version, unit: "ms" },
    { ...row, name: "--version / empty", value: version / empty, unit: "x", ...aimOf(target, 1.5) },
  ];
}

async function measureCreate(
  target: Target,
  runs: number,
  folder: string,
  protocol: Protocol = "openai",
): Promise<readonly Measure[]> {
  const seen: { readonly empty: number; readonly floor: number | undefined; readonly run: Seen }[] = [];
  const task = "Create hello.py that prints hello world";
  // The floor speaks one protocol.
  const floorTarget = protocol === "openai" && target.floor
    ? { ...target, command: target.floor }
    : undefined;
  for (let i = 0; i <= Math.min(runs, 5); i++) {
    const empty = await timeOf(target.empty, folder);
    const floor = floorTarget && (await runScenario(floorTarget, [{ text: "Done." }], task, folder));
    const run = await runScenario(target, CREATE, task, folder, { protocol });
    if (i > 0) seen.push({ empty, floor: floor?.firstRequestMs, run });
  }
  const first = median(seen.map(({ run }) => run.firstRequestMs));
  const empty = median(seen.map(({ empty }) => empty));
  const floors = seen.flatMap(({ floor }) => floor ?? []);
  const scenario = protocol === "ollama" ? "create_ollama" : "create";
  const row = { target: target.name, scenario } as const;
  return [
    { ...row, name: "first request", value: first, unit: "ms" },
    {
      ...row,
      name: "first request / empty",
      value: first / empty,
      unit: "x",
      ...aimOf(target, 4),
    },
    ...floors.length === 0 ? [] : [
      {
        ...row,
        name: "the same without our code / empty",
        value: median(floors) / empty,
        unit: "x",
      } as const,
    ],
    ...memory(
      row,
      "resident at the first request",
      seen.map(({ run }) => run.residentMb[0]),
      aimOf(target, 90),
    ),
    {
      ...row,
      name: "first request, by the scripted server's count of 4 bytes a token",
      value: seen[0]?.run.requests[0]?.promptTokens ?? NaN,
      unit: "tokens",
      aim: 1000,
    },
  ];
}

/** A whole turn with an edit and a sandboxed command. */
async function measureFix(target: Target, runs: number, folder: string): Promise<readonly Measure[]> {
  const seen: Seen[] = [];
  for (let i = 0; i <= Math.min(runs, 5); i++) {
    const run = await runScenario(target, FIX, "Fix add.sh so that it adds two numbers", folder);
    if (i > 0) seen.push(run);
  }
  const row = { target: target.name, scenario: "fix" } as const;
  return [
    {
      ...row,
      name: "start to last request",
      value: median(seen.map((run) => run.lastRequestMs)),
      unit: "ms",
    },
    {
      ...row,
      name: "harness and its tools a step",
      value: median(seen.flatMap((run) => run.harnessMs.slice(1))),
      unit: "ms",
    },
  ];
}

/** The slowest of the hostile texts, in this process. */
async function measureParser(): Promise<Measure> {
  const { measureHostile } = await import("./parse_hostile.ts");
  const parameters = {
    type: "object",
    properties: { path: { type: "string" }, content: { type: "string" } },
  };
  const tools = [{ name: "write_file", description: "Writes a file", parameters }];
  measureHostile(tools, 1_000);
  const value = Math.max(...measureHostile(tools, HOSTILE_CHARACTERS).map(({ ms }) => ms));
  return {
    target: "source",
    scenario: "parser",
    name: "worst MB of hostile text",
    value,
    unit: "ms",
    aim: 100,
  };
}

async function measureThirtySteps(target: Target, folder: string): Promise<readonly Measure[]> {
  const seen = await runScenario(
    target,
    THIRTY_STEPS,
    "Read each part, note how long it is, and create all.txt",
    folder,
  );
  const { requests } = seen;
  const row = { target: target.name, scenario: "thirty_steps" } as const;
  const read = sum(requests.map((request) => request.promptTokens - request.cachedTokens));
  // Nothing is taken out of a session that fits, so what is new in all requests together is the last request.
  const fresh = requests.at(-1)?.promptTokens ?? NaN;
  const again = requests.slice(1).map((request, i) =>
    request.cachedTokens / (requests[i]?.promptTokens ?? NaN)
  );
  return [
    { ...row, name: "harness time a step", value: median(seen.harnessMs.slice(1)), unit: "ms", aim: 6 },
    { ...row, name: "tokens read / tokens that are new", value: read / fresh, unit: "x", aim: 1.15 },
    {
      ...row,
      name: "least share of a request found again in the next",
      value: 100 * Math.min(...again),
      unit: "%",
      aim: 99,
    },
    { ...row, name: "last request", value: fresh, unit: "tokens" },
    ...memory(row, "resident after 30 steps", [seen.residentMb.at(-1)], aimOf(target, 120)),
  ];
}

/** Times and memory are promised for the binary. */
async function measurePlugins(target: Target, runs: number, folder: string): Promise<readonly Measure[]> {
  const base = join(folder, target.name);
  const costs = await measurePluginCost(Math.min(runs, 11), base, median, async (home, replies) => {
    return await runScenario(target, replies, "What is two times two?", folder, { home });
  });
  return costs.map(({ aim, ...cost }) => ({
    target: target.name,
    scenario: "plugins",
    ...cost,
    ...(aim === undefined ? {} : aimOf(target, aim)),
  }));
}

function aimOf(target: Target, aim: number): { readonly aim?: number } {
  return target.name === "binary" ? { aim } : {};
}

function memory(
  row: Pick<Measure, "target" | "scenario">,
  name: string,
  values: readonly (number | undefined)[],
  aim: { readonly aim?: number },
): readonly Measure[] {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? [] : [{ ...row, name, value: median(known), unit: "MB", ...aim }];
}

/**
 * Runs the program on a task, in a workspace and with settings of its own.
 * @throws if the program does not send all requests of the script, with what it printed
 */
async function runScenario(
  target: Target,
  replies: readonly ScriptedReply[],
  task: string,
  folder: string,
  options: { readonly protocol?: Protocol; readonly home?: string } = {},
): Promise<Seen> {
  const { protocol = "openai", home = await mkdtemp(join(folder, "run-")) } = options;
  const workspace = join(home, "workspace");
  await mkdir(workspace, { recursive: true });
  for (let i = 1; i <= PARTS; i++) {
    await writeFile(join(workspace, `part_${i}.txt`), `Part ${i} of ${PARTS}\n`.repeat(20));
  }
  const residentMb: number[] = [];
  const started = performance.now();
  let firstRequestMs = NaN;
  let lastRequestMs = NaN;
  let pid = 0;
  const server = await startScriptedServer({
    replies: ({ index }) => {
      lastRequestMs = performance.now() - started - pauseMs;
      if (index === 0) firstRequestMs = lastRequestMs;
      const resident = residentOf(pid);
      if (resident !== undefined) residentMb.push(resident);
      return replies[index] ?? { text: "Done." };
    },
  });
  const pauseMs = performance.now() - started; // starting the server is not the program's time
  try {
    const [program = "", ...args] = target.command;
    const child = new Deno.Command(program, {
      args: [
        ...args,
        "run",
        task,
        "--json",
        "--base-url",
        server.url,
        "--model",
        "scripted",
        "--yes",
        "--set",
        `model.provider=${PROVIDERS[protocol]}`,
      ],
      cwd: workspace,
      env: { XDG_CONFIG_HOME: join(home, "config"), XDG_DATA_HOME: join(home, "data") },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).spawn();
    pid = child.pid;
    const { stdout, stderr } = await child.output();
    const decoder = new TextDecoder();
    if (server.requests.length !== replies.length) {
      throw new Error(
        `"${task}" took ${server.requests.length} requests instead of ${replies.length}: ${
          decoder.decode(stderr)
        }`,
      );
    }
    const events = decoder.decode(stdout).split("\n").filter((line) => line !== "").map((line) =>
      JSON.parse(line) as Event
    );
    const harnessMs = events.flatMap((event) => event.type === "step_start" ? [event.harnessMs] : []);
    const readyMs = events.flatMap((event) =>
      event.type === "plugin" && event.action === "started" ? [event.ms] : []
    );
    return { firstRequestMs, lastRequestMs, residentMb, requests: [...server.requests], harnessMs, readyMs };
  } finally {
    await server.close();
  }
}

/** Resident memory in MB of a running process; `undefined` where there is no `/proc`. */
function residentOf(pid: number): number | undefined {
  if (process.platform !== "linux") return undefined;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}

/** @throws if the program fails, with what it printed */
async function timeOf(command: readonly string[], cwd: string): Promise<number> {
  const [program = "", ...args] = command;
  const started = performance.now();
  const { success, stderr } = await new Deno.Command(program, { args, cwd, stdin: "null" }).output();
  const ms = performance.now() - started;
  if (!success) throw new Error(`Cannot measure "${command.join(" ")}": ${new TextDecoder().decode(stderr)}`);
  return ms;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function toTable(measures: readonly Measure[]): string {
  const rows = measures.map(({ target, scenario, name, value, unit, aim }) => {
    const aimed = aim === undefined ? "" : `${unit === "%" ? ">=" : "<="} ${aim}`;
    const isMet = aim === undefined || (unit === "%" ? value >= aim : value <= aim);
    return [
      target,
      scenario,
      name,
      `${value.toFixed(unit === "tokens" ? 0 : 2)} ${unit}`,
      aimed,
      isMet ? "" : "MISSED",
    ];
  });
  const all = [["target", "scenario", "what", "measured", "aim", ""], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ").trimEnd()}\n`).join(
    "",
  );
}

function complain(text: string): void {
  process.stderr.write(`${text.trimEnd()}\n`);
}

await main();
