/** `smallcode bench …`: the benchmark's commands. Each part is imported only when it is asked for. */

import { resolve } from "node:path";
import type { Command } from "commander";
import { ConfigError } from "../core/errors.ts";
import { type BenchWorld, suitesFolder } from "./bench_world.ts";
import type { CheckOptions } from "./check.ts";
import { DIFF_RULE } from "./diff.ts";
import { PERF_DIFF_RULE } from "./perf_diff.ts";
import type { RunOptions } from "./run.ts";

/** Options as commander gives them. */
interface RunFlags {
  readonly suite: string;
  readonly task: readonly string[];
  readonly model: string;
  readonly baseUrl: string;
  readonly n: number;
  readonly jobs: number;
  readonly seed: number;
  readonly out?: string;
  readonly json?: boolean;
  readonly off: readonly string[];
  readonly set: readonly string[];
  readonly agent?: string;
  readonly simulated?: boolean;
}

interface DiffFlags {
  readonly json?: boolean;
  readonly threshold?: number;
}

/**
 * Runs a bench command.
 * @param argv what follows `bench`
 * @returns 0; 1 for a regression, a task that is not proved; 2 for wrong usage
 * @throws {ProviderError} when the model server is not there
 */
export async function benchCommand(argv: readonly string[], world: BenchWorld): Promise<number> {
  const { CommanderError } = await import("commander");
  let code = 0;
  const program = await openBenchProgram(world, (exitCode) => code = exitCode);
  try {
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof ConfigError) {
      world.err(`smallcode bench: ${error.message}\n`);
      return 2;
    }
    throw error;
  }
}

/** The commands below `bench`, with their options; each gives its exit code to `exit`. */
export async function openBenchProgram(world: BenchWorld, exit: Exit): Promise<Command> {
  const { Command } = await import("commander");
  const program = new Command("smallcode bench")
    .description(
      "A benchmark that can be repeated: executed hidden checks, statistics, ablations, other agents.",
    );
  addRunCommands(program, world, exit);
  addReadCommands(program, world, exit);
  addModelCommands(program, world, exit);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeOut: world.out, writeErr: world.err });
  }
  return program;
}

type Exit = (code: number) => void;

function withRunOptions(command: Command): Command {
  return command
    .requiredOption("--suite <name>", "weak, smoke, tools, steps, polyglot")
    .option("--task <names>", "only these tasks, separated by commas", splitNames, [])
    .option("--model <name>", "model, as the server writes its name", "")
    .option("--base-url <url>", "address of the model server", "")
    .option("--n <runs>", "runs of each task", (v: string) => wholeNumber("--n", v, 1), 5)
    .option("--jobs <count>", "runs at a time", (v: string) => wholeNumber("--jobs", v, 1), 1)
    .option(
      "--seed <number>",
      "sampling seed of the first run; the others count on",
      (v: string) => wholeNumber("--seed", v, 0),
      1,
    )
    .option("--set <key=value>", "any key of smallcode.toml, for every run", collect, [])
    .option("--out <folder>", "where results go; a run that was cut is gone on with there")
    .option("--simulated", "say in every report that the server is `bench sim`")
    .option("--json", "print the summary as JSON");
}

function addRunCommands(program: Command, world: BenchWorld, exit: Exit): void {
  withRunOptions(program.command("run"))
    .description("run a suite's tasks and check what comes out")
    .option("--off <parts>", "parts of the harness to switch off, separated by commas", splitNames, [])
    .option("--agent <template>", "another agent's command with {prompt}, {model} and {url} in it")
    .action(async (flags: RunFlags) => {
      const { runSuite } = await import("./run.ts");
      const { summarize, summaryMarkdown } = await import("./summary.ts");
      const { options, close } = await openRun(flags, world);
      try {
        const results = await runSuite(options);
        const summary = summarize(results);
        world.out(flags.json ? `${JSON.stringify(summary)}\n` : summaryMarkdown(summary));
        world.err(`results: ${results.folder}\n`);
        exit(0);
      } finally {
        await close();
      }
    });
  withRunOptions(program.command("ablate"))
    .description("run a suite with each part of the harness off in turn, and say what the part is worth")
    .requiredOption("--off <parts>", "parts, separated by commas, e.g. first_look,repair_calls", splitNames)
    .action(async (flags: RunFlags) => {
      const { ablate, ablationMarkdown } = await import("./ablate.ts");
      const out = outFolder(flags, world);
      const ablation = await ablate(await knownParts(flags.off), async (off, name) => {
        const { runSuite } = await import("./run.ts");
        const { options, close } = await openRun({ ...flags, off, out: `${out}/${name}` }, world);
        return await runSuite(options).finally(close);
      });
      world.out(flags.json ? `${JSON.stringify(ablation)}\n` : ablationMarkdown(ablation));
      exit(0);
    });
  program.command("verify")
    .description("prove of each task that its solution passes, and its start and wrong results fail")
    .option("--suite <name>", "only this suite")
    .option("--task <names>", "only these tasks, separated by commas", splitNames, [])
    .option("--json", "print the result as JSON lines")
    .action(async (flags: { suite?: string; task: readonly string[]; json?: boolean }) =>
      exit(await verifySuites(flags, world))
    );
}

function addReadCommands(program: Command, world: BenchWorld, exit: Exit): void {
  program.command("diff <a> <b>")
    .description(
      "compare two result folders, or two files of bench:perf --json: exit 0 no difference or improved, 1 regressed, 2 usage",
    )
    .option("--json", "print the comparison as JSON")
    .option("--threshold <share>", "least difference that counts, 0 to 1", Number)
    .addHelpText("after", `\n${DIFF_RULE}\n\n${PERF_DIFF_RULE}`)
    .action(async (a: string, b: string, flags: DiffFlags) => {
      const { threshold } = flags;
      if (threshold !== undefined && !(threshold >= 0 && threshold <= 1)) {
        throw new RangeError(`--threshold must be a share from 0 to 1, not ${threshold}`);
      }
      const compare = [a, b].every((path) => path.endsWith(".json")) ? comparePerf : compareResults;
      const { verdict, json, markdown } = await compare([inside(world, a), inside(world, b)], threshold);
      world.out(flags.json ? `${json}\n` : markdown);
      exit(verdict === "regressed" ? 1 : 0);
    });
  program.command("escape")
    .description(
      "let plugins that mean ill try to leave the sandbox on this machine: exit 0 none did, 1 otherwise",
    )
    .option("--only <text>", "attempts whose group and name hold this", "")
    .option("--json", "one attempt a line, as JSON")
    .action(async (flags: { only: string; json?: boolean }) => {
      const { escapeCommand } = await import("./escape.ts");
      exit(await escapeCommand(flags, world));
    });
  program.command("report <folders...>")
    .description("one HTML page with charts, and the same as Markdown on stdout")
    .option("--out <file>", "the page", "report.html")
    .option("--timeline <task#run>", "the run whose events are drawn; default: the slowest")
    .action(async (folders: readonly string[], flags: { out: string; timeline?: string }) => {
      const { reportHtml, reportMarkdown, readTimeline } = await import("./report.ts");
      const { readResults, writeAtomic } = await import("./record.ts");
      const all = await Promise.all(folders.map((folder) => readResults(inside(world, folder))));
      const timeline = await readTimeline(all, flags.timeline);
      await writeAtomic(inside(world, flags.out), reportHtml(all, timeline));
      world.out(reportMarkdown(all));
      world.err(`page: ${inside(world, flags.out)}\n`);
      exit(0);
    });
}

function addModelCommands(program: Command, world: BenchWorld, exit: Exit): void {
  program.command("probe")
    .description(
      "one model call in each of some fifty recorded situations: understood, right call, code intact",
    )
    .option("--model <name>", "model, as the server writes its name", "")
    .option("--base-url <url>", "address of the model server", "http://127.0.0.1:8080/v1")
    .option(
      "--dialect <names>",
      "native, hermes, json, raw, qwen-xml, pythonic, constrained, prefill; several are compared",
      splitNames,
      [],
    )
    .option("--only <names>", "only these situations, separated by commas", splitNames, [])
    .option(
      "--n <calls>",
      "calls of each situation, each with its own seed",
      (v: string) => wholeNumber("--n", v, 1),
      1,
    )
    .option("--seed <number>", "sampling seed", (v: string) => wholeNumber("--seed", v, 0), 1)
    .option("--set <key=value>", "any key of smallcode.toml, for every call", collect, [])
    .option(
      "--off <parts>",
      "the situations again without each of these parts of the harness, in pairs",
      splitNames,
      [],
    )
    .option("--json", "one JSON line for each call")
    .action(async (flags) => {
      const { probeCommand } = await import("./probe.ts");
      exit(await probeCommand({ ...flags, off: await knownParts(flags.off) }, world));
    });
  program.command("sim")
    .description("serve a simulated weak model, OpenAI- and Ollama-compatible; its numbers are no model's")
    .option("--port <number>", "port on this machine", (v: string) => wholeNumber("--port", v, 0), 8099)
    .option("--class <name>", "small, medium, strong", "small")
    .option("--window <tokens>", "tokens of its window", (v: string) => wholeNumber("--window", v, 512), 8192)
    .option(
      "--truncate",
      "leave out the oldest messages of a longer request silently, as Ollama can; default: refuse it",
    )
    .option("--seed <number>", "seed of its mistakes", (v: string) => wholeNumber("--seed", v, 0), 1)
    .action(async (flags) => {
      const { simCommand } = await import("./sim.ts");
      exit(await simCommand(flags, world));
    });
}

/** A comparison, whatever was compared. */
interface Compared {
  readonly verdict: string;
  readonly json: string;
  readonly markdown: string;
}

async function compareResults(
  [a, b]: readonly [string, string],
  threshold: number | undefined,
): Promise<Compared> {
  const { diffMarkdown, diffResults } = await import("./diff.ts");
  const { readResults } = await import("./record.ts");
  const diff = diffResults(await readResults(a), await readResults(b), threshold);
  return { verdict: diff.verdict, json: JSON.stringify(diff), markdown: diffMarkdown(diff) };
}

async function comparePerf(
  [a, b]: readonly [string, string],
  threshold: number | undefined,
): Promise<Compared> {
  const { diffPerf, perfDiffMarkdown, readPerf } = await import("./perf_diff.ts");
  const diff = diffPerf(await readPerf(a), await readPerf(b), threshold);
  return { verdict: diff.verdict, json: JSON.stringify(diff), markdown: perfDiffMarkdown(diff) };
}

async function checkOptions(world: BenchWorld): Promise<CheckOptions> {
  const { findIsolation } = await import("./check.ts");
  const { env, home, signal } = world;
  return { env, home, signal, isolation: await findIsolation({ env, home, signal }) };
}

async function openRun(
  flags: RunFlags,
  world: BenchWorld,
): Promise<{ readonly options: RunOptions; readonly close: () => Promise<void> }> {
  const { openProgress } = await import("./progress.ts");
  const off = await knownParts(flags.off);
  const agent = flags.agent === undefined
    ? (await import("./bench_agent.ts")).openOwnAgent({ ...flags, off }, world)
    : await (await import("./agent_command.ts")).openOtherAgent({ ...flags, template: flags.agent }, world);
  const options: RunOptions = {
    suites: suitesFolder(world),
    suite: flags.suite,
    tasks: flags.task,
    model: flags.model,
    baseUrl: flags.baseUrl,
    off,
    n: flags.n,
    jobs: flags.jobs,
    seed: flags.seed,
    out: outFolder(flags, world),
    simulated: flags.simulated === true || flags.model.startsWith("sim-"),
    agent,
    check: await checkOptions(world),
    progress: openProgress({
      write: world.err,
      isTerminal: world.stdoutIsTerminal,
      columns: world.columns,
      now: () => performance.now(),
    }),
    now: () => new Date(),
  };
  return { options, close: () => agent.close() };
}

function outFolder(flags: RunFlags, world: BenchWorld): string {
  const model = flags.model === "" ? "model" : flags.model.replaceAll(/[^\w.-]+/g, "-");
  return inside(world, flags.out ?? `bench-results/${flags.suite}-${model}-${flags.seed}`);
}

function inside(world: BenchWorld, path: string): string {
  return resolve(world.cwd, path);
}

/** Names of switches as smallcode.toml writes them in `[harness]`. @throws {RangeError} for one that is not known */
async function knownParts(parts: readonly string[]): Promise<readonly string[]> {
  const { KEYS } = await import("../core/config/keys.ts");
  const known = KEYS.filter(({ name }) => name.startsWith("harness.")).map(({ name }) =>
    name.slice("harness.".length)
  );
  const unknown = parts.find((part) => !known.includes(part));
  if (unknown === undefined) return parts;
  throw new RangeError(`Unknown part "${unknown}"; there are: ${known.join(", ")}`);
}

async function verifySuites(
  flags: { readonly suite?: string; readonly task: readonly string[]; readonly json?: boolean },
  world: BenchWorld,
): Promise<number> {
  const { listSuites, loadSuite } = await import("./task.ts");
  const { verifyTask } = await import("./verify.ts");
  const suites = suitesFolder(world);
  const options = await checkOptions(world);
  const counts = { proved: 0, broken: 0, skipped: 0 };
  for (const suite of flags.suite === undefined ? await listSuites(suites) : [flags.suite]) {
    for (const task of await loadSuite(suites, suite, flags.task)) {
      const verified = await verifyTask(task, options);
      counts[verified.state]++;
      const lines = [
        `${verified.state} ${suite}/${verified.task}`,
        ...verified.problems.map((p) => `  ${p}`),
      ];
      world.out(flags.json ? `${JSON.stringify(verified)}\n` : `${lines.join("\n")}\n`);
    }
  }
  const isolation = options.isolation === "none"
    ? "NOT kept from the network"
    : `no network (${options.isolation})`;
  world.err(
    `${counts.proved} proved, ${counts.broken} broken, ${counts.skipped} skipped; checks ran with ${isolation}\n`,
  );
  return counts.broken === 0 ? 0 : 1;
}

function wholeNumber(option: string, text: string, least: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least) return value;
  throw new RangeError(`${option} must be a whole number from ${least} on, not "${text}"`);
}

function splitNames(text: string): readonly string[] {
  return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

function collect(text: string, all: readonly string[]): readonly string[] {
  return [...all, text];
}
