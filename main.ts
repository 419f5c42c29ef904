/** The one wiring place: argv to command. Each command is imported only when it is asked for. Exports the programmatic API. */

import { homedir } from "node:os";
import process from "node:process";
import type { Command } from "commander";
import type { TraceOptions } from "./cli/trace.ts";
import type { World } from "./cli/world.ts";
import type { Assets } from "./core/assets.ts";
import { ConfigError, ProviderError } from "./core/errors.ts";
import type { Bundle } from "./core/api.ts";
import { bindSmallCode } from "./core/smallcode.ts";
import type { Tool } from "./core/tool.ts";

export type { RunResult, SmallCodeOptions } from "./core/api.ts";
export type { Event } from "./core/events.ts";
export type { Answer, Mode, Outcome, Question } from "./core/types.ts";

export const VERSION = "0.1.0";

/**
 * From source the files lie in the checkout, in the binary beside the bundle, where `.ci/make_bundle.ts` stores a file
 * that `deno compile` would take for a module packed as `name.gz`; `readAsset()` reads both.
 */
const assets: Assets = (path) => {
  const here = new URL(".", import.meta.url);
  if (here.pathname.endsWith("/bundle/")) {
    return new URL(`assets/${path.replace(/\.(?:[cm]?[jt]sx?|json|wasm)$/, "$&.gz")}`, here);
  }
  const [folder = "", ...rest] = path.split("/");
  const source: Readonly<Record<string, string>> = {
    grammars: "node_modules/@vscode/tree-sitter-wasm/wasm",
    suites: "bench/suites",
    wasm: "node_modules/@jitl/quickjs-wasmfile-release-sync/dist",
    workers: "core/sandbox",
    contract: "core",
  };
  return new URL([source[folder] ?? folder, ...rest].join("/"), here);
};

async function bundledTools(): Promise<readonly Tool[]> {
  const files = await Promise.all([
    import("./tools/read_file.ts"),
    import("./tools/write_file.ts"),
    import("./tools/patch.ts"),
    import("./tools/bash.ts"),
    import("./tools/search.ts"),
    import("./tools/find_files.ts"),
    import("./tools/list_files.ts"),
    import("./tools/plan.ts"),
    import("./tools/contract_create.ts"),
    import("./tools/contract_check.ts"),
    import("./tools/contract_status.ts"),
  ]);
  return files.map((file) => file.default);
}

function platform(): "linux" | "darwin" | "windows" {
  return process.platform === "win32" ? "windows" : process.platform === "darwin" ? "darwin" : "linux";
}

function environment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** What this program brings along: tools, assets, and the process it runs in. */
export function bundle(): Bundle {
  return {
    version: VERSION,
    assets,
    tools: bundledTools,
    env: environment(),
    home: homedir(),
    platform: platform(),
  };
}

/** The agent with the bundled tools and profiles: `await new SmallCode({ baseUrl, model }).run("task")`. */
export const SmallCode = bindSmallCode(bundle);
export type SmallCode = InstanceType<typeof SmallCode>;

function openWorld(signal: AbortSignal): World {
  const env = environment();
  const stdoutIsTerminal = process.stdout.isTTY === true;
  return {
    version: VERSION,
    cwd: process.cwd(),
    home: homedir(),
    platform: platform(),
    env,
    assets,
    newAgent: (options) => new SmallCode(options),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readStdin: async () => {
      const { text } = await import("node:stream/consumers");
      return await text(process.stdin);
    },
    stdinIsTerminal: process.stdin.isTTY === true,
    stdoutIsTerminal,
    colour: stdoutIsTerminal && !env.NO_COLOR,
    columns: process.stdout.columns ?? 100,
    signal,
  };
}

type Options = Record<string, unknown>;

const PLUGIN_ACTIONS = "list, info, grant, revoke, disable, enable, test, new";

/** Options that choose model, folder and permissions; each command that runs the agent has them. */
function withAgentOptions(command: Command): Command {
  return command
    .option("--model <name>", "model, as the server writes its name")
    .option("--base-url <url>", "address of the model server, e.g. http://localhost:11434/v1")
    .option("--cwd <folder>", "the project folder (default: this one)")
    .option("--window <tokens>", "tokens of the window; overrides what the server says")
    .option("--tools <names>", "tools that are offered, separated by commas")
    .option("--plugins <names>", "plugins that take part, separated by commas, bundled ones too")
    .option(
      "--set <key=value>",
      "any key of smallcode.toml, e.g. limits.steps=10",
      (v: string, all: string[] = []) => [...all, v],
    )
    .option("--mode <mode>", "what may happen without asking: read-only, ask, edits, auto")
    .option("--yes", "answer permission questions with yes; what would leave this machine is still asked")
    .option("--trust", "trust this folder for this run")
    .option("--resume [id]", "go on with a session: its id, or the newest of this folder");
}

function agentOptions(options: Options): Options {
  return { ...options, ...(options.resume === true ? { resume: "last" } : {}) };
}

function traceOptions(action: string, id: string | undefined, options: Options): TraceOptions {
  if (action === "list") return { action, ...options };
  if (action !== "show" && action !== "export") {
    throw new ConfigError(`There is no "trace ${action}": list, show, export`);
  }
  return { action, id: id ?? "last", ...options };
}

/** The command line: every command with its options; each gives its exit code to `exit`. */
export async function openProgram(world: World, exit: (code: number) => void): Promise<Command> {
  const { Command } = await import("commander");
  const program = new Command("smallcode");
  program
    .description("A coding agent for small local models. Without a command: a conversation in this folder.")
    .version(VERSION, "-v, --version")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: world.out, writeErr: world.err });
  withAgentOptions(program)
    .action(async (options: Options) => {
      const { replCommand } = await import("./cli/repl.ts");
      exit(await replCommand(agentOptions(options), world));
    });
  withAgentOptions(program.command("run [task]"))
    .description("do one task and exit with its outcome (the task may come on standard input)")
    .option("--json", "write one event a line")
    .option("--require-verified", "exit 1 unless a check that runs the code passed")
    .action(async (task: string | undefined, options: Options) => {
      const { runCommand } = await import("./cli/run.ts");
      exit(await runCommand(task, agentOptions(options), world));
    });
  withAgentOptions(program.command("config"))
    .description("print every setting with where it comes from")
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { configCommand } = await import("./cli/config.ts");
      exit(await configCommand({ flags: options, json: options.json === true }, world));
    });
  withAgentOptions(program.command("doctor"))
    .description("try the model server, a tool call and this machine; each failure with its fix")
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { doctorCommand } = await import("./cli/doctor.ts");
      exit(await doctorCommand({ flags: options, json: options.json === true }, world));
    });
  program.command("provider [status]")
    .description("choose a model server, try it and save the choice; status: show the present one")
    .option(
      "--provider <name>",
      "ollama, lmstudio, llamacpp, vllm, openrouter, openai, anthropic, deepseek, custom",
    )
    .option("--base-url <url>", "address of the model server")
    .option("--model <name>", "model, as the server writes its name")
    .option(
      "--api-key <key>",
      "key of the server; better typed when asked, for other users see command lines",
    )
    .option("--scope <scope>", "global: for all folders; project: for this one")
    .option("--fast-base-url <url>", "address of the fast model; default: the same server")
    .option("--fast-model <name>", "a smaller model for small steps")
    .option("--strong-base-url <url>", "address of the strong model; default: the same server")
    .option("--strong-model <name>", "a stronger model that is asked when the model fails")
    .option("--yes", "ask nothing and write")
    .action(async (status: string | undefined, options: Options) => {
      if (status !== undefined && status !== "status") {
        throw new ConfigError(`Unknown word "${status}": smallcode provider [status]`);
      }
      const { providerCommand } = await import("./cli/provider.ts");
      exit(await providerCommand({ ...options, status: status === "status" }, world));
    });
  program.command("trust [folder]")
    .description("trust a folder: its plugins, MCP servers and configuration take effect")
    .option("--remove", "take it off the list")
    .option("--list", "print the list")
    .action(async (dir: string | undefined, options: Options) => {
      const { trustCommand } = await import("./cli/trust.ts");
      const action = options.list ? "list" : options.remove ? "remove" : "add";
      exit(await trustCommand({ ...(dir ? { dir } : {}), action }, world));
    });
  program.command("plugin <action> [name]")
    .description(`what plugins there are and what they may do: ${PLUGIN_ACTIONS}`)
    .option("--cwd <folder>", "the project folder (default: this one)")
    .option("--json", "list: as JSON")
    .option("--run", "test: also call each tool with its example")
    .option("--trust", "trust this folder for this run")
    .option("--yes", "do not ask")
    .action(async (action: string, name: string | undefined, options: Options) => {
      const { pluginCommand, readAction } = await import("./cli/plugin.ts");
      const { confirmAt } = await import("./cli/ask_person.ts");
      const asks = world.stdinIsTerminal ? { confirm: (text: string) => confirmAt(text, world.signal) } : {};
      const named = name === undefined ? {} : { name };
      exit(await pluginCommand({ ...options, ...named, action: readAction(action), ...asks }, world));
    });
  program.command("mcp <action>")
    .description("start the MCP servers of this folder and list them with their tools: list")
    .option("--cwd <folder>", "the project folder (default: this one)")
    .option("--json", "as JSON")
    .option("--mode <mode>", "what may happen without asking: read-only, ask, edits, auto")
    .option("--trust", "trust this folder for this run")
    .option("--yes", "do not ask")
    .action(async (action: string, options: Options) => {
      const { mcpCommand } = await import("./cli/mcp.ts");
      const { json, ...flags } = options;
      exit(await mcpCommand(action, { flags, json: json === true }, world));
    });
  program.command("bench [args...]")
    .description("measure: run, verify, diff, report, ablate, probe, sim (see smallcode bench --help)")
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (args: string[]) => {
      const { benchCommand } = await import("./bench/command.ts");
      exit(await benchCommand(args, world));
    });
  program.command("sessions")
    .description("list the sessions of this folder")
    .option("--all", "of all folders")
    .option("--limit <n>", "how many", Number)
    .option("--json", "as JSON")
    .action(async (options: Options) => {
      const { sessionsCommand } = await import("./cli/sessions.ts");
      exit(await sessionsCommand(options, world));
    });
  program.command("undo")
    .description("put the files back as they were before the last turn")
    .option("--edit", "only the last edit")
    .option("--turn <n>", "a certain turn", Number)
    .option("--to <n>", "every turn after this one; 0 for all", Number)
    .option("--session <id>", "of a certain session (default: the newest of this folder)")
    .option("--yes", "do not ask")
    .action(async (options: Options) => {
      const { undoCommand } = await import("./cli/undo.ts");
      const { confirmAt } = await import("./cli/ask_person.ts");
      const asks = world.stdinIsTerminal ? { confirm: (text: string) => confirmAt(text, world.signal) } : {};
      exit(await undoCommand({ ...options, ...asks }, world));
    });
  program.command("diff")
    .description("show what the last turn, or a session, changed")
    .option("--session <id>", "of a certain session (default: the newest of this folder)")
    .option("--turn <n>", "of a certain turn", Number)
    .action(async (options: Options) => {
      const { diffCommand } = await import("./cli/diff.ts");
      exit(await diffCommand(options, world));
    });
  program.command("trace <action> [id]")
    .description("list sessions, show one as a timeline, or export its events: list, show, export")
    .option("--all", "list: of all folders")
    .option("--json", "list: as JSON")
    .option("--out <file>", "export: the file to write (default: standard output)")
    .action(async (action: string, id: string | undefined, options: Options) => {
      const { traceCommand } = await import("./cli/trace.ts");
      exit(await traceCommand(traceOptions(action, id, options), world));
    });
  program.command("demo")
    .description("see a small project repaired by a scripted model; needs no model server")
    .action(async () => {
      const { demoCommand } = await import("./cli/demo.ts");
      exit(await demoCommand(world));
    });
  return program;
}

/** Runs the command line. Exit codes: DESIGN decision 8. */
async function runCommandLine(argv: readonly string[]): Promise<number> {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-v")) {
    process.stdout.write(`${VERSION}\n`);
    return 0;
  }
  const abort = new AbortController();
  const cancel = () => abort.abort(new DOMException("Cancelled", "AbortError"));
  process.on("SIGINT", () => abort.signal.aborted ? process.exit(130) : cancel());
  process.on("SIGTERM", cancel);
  const world = openWorld(abort.signal);
  let code = 0;
  try {
    const program = await openProgram(world, (exitCode) => code = exitCode);
    await program.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    return explain(error, world);
  }
}

function explain(error: unknown, world: World): number {
  if (error instanceof Error && "exitCode" in error && error.constructor.name === "CommanderError") {
    return error.exitCode === 0 ? 0 : 2; // commander has said it already
  }
  if (world.signal.aborted) return 130;
  world.err(`smallcode: ${error instanceof Error ? error.message : String(error)}\n`);
  if (error instanceof ConfigError) return 2;
  if (error instanceof ProviderError) return 3;
  return 1;
}

if (import.meta.main) {
  process.exitCode = await runCommandLine(process.argv.slice(2));
  await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
  // A pooled connection or a terminal listener must not keep a finished command alive.
  process.exit();
}
