/** The REPL's `/commands`. Each is one entry: name, what it does, and the function. */

import type { Mode } from "../core/types.ts";
import type { SmallCodeOptions } from "../core/api.ts";
import type { Conversation } from "../core/session/conversation.ts";
import { plainText } from "./terminal_text.ts";
import type { ToolScore } from "../core/guard/scores.ts";
import { budgetText, tokensText } from "./token_meter.ts";
import type { Agent, World } from "./world.ts";

/** What slash commands may do to the conversation. */
export interface Repl {
  readonly world: World;
  readonly conversation: () => Promise<Conversation>;
  readonly agent: () => Agent;
  /** Ends the conversation and begins another with these options over the present ones. */
  readonly restart: (options: SmallCodeOptions) => Promise<void>;
  readonly say: (text: string) => void;
  /** Asks for one line; empty on Ctrl+C. */
  readonly question: (text: string) => Promise<string>;
  /** Gives the terminal away while `work` runs. */
  readonly stepAside: (work: () => Promise<void>) => Promise<void>;
  readonly signal: AbortSignal;
}

interface SlashCommand {
  readonly name: string;
  readonly args: string;
  readonly help: string;
  readonly run: (args: string, repl: Repl) => Promise<void | "quit"> | void | "quit";
}

/** `core/plan/contract.ts` has the forms. */
const CONTRACT_HELP =
  "Write /contract add command: npm test, or /contract add file: README.md contains Usage";

const MODES: readonly Mode[] = ["read-only", "ask", "edits", "auto"];

export const SLASH_COMMANDS: readonly SlashCommand[] = [
  { name: "help", args: "", help: "list these commands", run: help },
  {
    name: "model",
    args: "[name]",
    help: "show the model and what the server offers, or switch to another",
    run: model,
  },
  {
    name: "profile",
    args: "",
    help:
      "show the profile of the model, the parts of the harness in force, and how it gets on with its tools",
    run: profile,
  },
  { name: "budget", args: "", help: "show what fills the window, by part", run: budget },
  { name: "tokens", args: "", help: "show the tokens sent, read, cached and written", run: tokens },
  {
    name: "mode",
    args: "[mode]",
    help: `show or set what may happen without asking: ${MODES.join(", ")}`,
    run: mode,
  },
  { name: "clear", args: "", help: "begin a new session in this folder", run: (_, repl) => repl.restart({}) },
  {
    name: "sessions",
    args: "[id]",
    help: "list the sessions of this folder, or go on with one",
    run: sessions,
  },
  {
    name: "undo",
    args: "[edit|turn|to n]",
    help: "put the files back as they were before the last turn or edit, or after turn n",
    run: undo,
  },
  { name: "diff", args: "", help: "show what the last turn changed", run: diff },
  { name: "plan", args: "", help: "show the plan of the last task, and where it stands", run: plan },
  {
    name: "contract",
    args: "[add|remove|clear]",
    help: "show, add to or take from what must hold before work counts as done",
    run: contract,
  },
  {
    name: "provider",
    args: "[status]",
    help: "set up a model server, or show the present one",
    run: provider,
  },
  {
    name: "tiers",
    args: "",
    help: "show the configured models, and when a stronger one is asked",
    run: tiers,
  },
  {
    name: "trust",
    args: "",
    help: "trust this folder: its plugins, MCP servers and configuration take effect",
    run: trust,
  },
  {
    name: "plugin",
    args: "[action] [name]",
    help: "list the plugins of this folder; info, grant, revoke, disable or enable one",
    run: plugin,
  },
  { name: "mcp", args: "", help: "list the MCP servers of this session and their tools", run: mcp },
  { name: "quit", args: "", help: "leave", run: () => "quit" },
];

/** Runs a line that begins with `/`. */
export async function runSlashCommand(line: string, repl: Repl): Promise<void | "quit"> {
  const [name = "", ...rest] = line.slice(1).trim().split(/\s+/);
  const command = SLASH_COMMANDS.find((command) => command.name === name);
  if (!command) {
    const { commands } = await repl.conversation();
    if (commands.some((command) => command.name === name)) {
      return void await repl.agent().run(line, { signal: repl.signal });
    }
    repl.say(`There is no command /${name}.\n${helpText(commands)}`);
    return;
  }
  return await command.run(rest.join(" "), repl);
}

/** Completes `/na` to `/name` and `@sr` to `@src/a.ts`. Gives readline's pair: candidates, and the part that they replace. `added`: commands of plugins. */
export function completeLine(
  line: string,
  paths: readonly string[],
  added: readonly { readonly name: string }[],
): [string[], string] {
  if (line.startsWith("/") && !line.includes(" ")) {
    const names = [...SLASH_COMMANDS, ...added].map(({ name }) => `/${name}`);
    return [names.filter((name) => name.startsWith(line)), line];
  }
  const typed = /(?:^|\s)(@\S*)$/.exec(line)?.[1];
  if (typed === undefined) return [[], line];
  return [paths.map((path) => `@${path}`).filter((path) => path.startsWith(typed)).slice(0, 50), typed];
}

/** Without a server there is no session, and so no plugin that takes part. */
async function help(_: string, repl: Repl): Promise<void> {
  const commands = await repl.conversation().then((open) => open.commands, () => []);
  repl.say(helpText(commands));
}

function helpText(added: Conversation["commands"]): string {
  return [
    ...SLASH_COMMANDS.map(({ name, args, help }) => `  ${`/${name} ${args}`.padEnd(29)} ${help}`),
    ...added.map(({ name, description, plugin }) =>
      `  ${`/${name}`.padEnd(29)} ${plainText(description)} (plugin ${plugin})`
    ),
  ].join("\n");
}

async function model(name: string, repl: Repl): Promise<void> {
  if (name !== "") return await repl.restart({ model: name });
  const { facts } = (await repl.conversation()).transport;
  const models = facts.models.length > 0 ? `\nOffered: ${facts.models.join(", ")}` : "";
  repl.say(
    `${facts.model} at ${facts.baseUrl} (${facts.kind}), window ${facts.window} tokens (${facts.windowSource})${models}`,
  );
}

async function profile(_: string, repl: Repl): Promise<void> {
  const { describeCheck } = await import("../core/turn/project_checks.ts");
  const { profile, checks, scores } = await repl.conversation();
  const found = await checks();
  const off = Object.entries(profile.harness).filter(([, on]) => !on).map(([part]) => part);
  repl.say([
    `profile   ${profile.name}`,
    `dialect   ${profile.dialect}, edits as ${profile.editFormat}`,
    `sampling  ${JSON.stringify(profile.sampling)}`,
    `thinking  ${profile.thinking.supported ? (profile.thinking.enabled ? "on" : "off") : "not supported"}`,
    `harness   ${off.length === 0 ? "all parts on" : `off: ${off.join(", ")}`}`,
    ...found.length === 0
      ? ["checks    none found"]
      : found.map(describeCheck).map((line) => `checks    ${line}`),
    ...scores().map(scoreLine),
  ].join("\n"));
}

/** `scores    patch (write) 0.36 of 6: fails, offered last or not`: the posterior's mean, and the weight of what was seen. */
function scoreLine({ tool, kind, mean, seen, isFailing }: ToolScore): string {
  const fails = isFailing ? ": fails, offered last or not" : "";
  return `scores    ${tool} (${kind}) ${mean.toFixed(2)} of ${seen.toFixed(0)}${fails}`;
}

async function budget(_: string, repl: Repl): Promise<void> {
  const { usage, transport: { facts: { window } }, loaded, profile } = await repl.conversation();
  const { maxBudgetPct } = loaded.config.context;
  repl.say(budgetText(usage(), { window, maxBudgetPct, maxOutputTokens: profile.maxOutputTokens }));
}

/** Of the whole session, a resumed one's earlier turns too. */
async function tokens(_: string, repl: Repl): Promise<void> {
  const { store, id } = await repl.conversation();
  repl.say(tokensText(store.load(id).events));
}

function mode(wanted: string, repl: Repl): void {
  const agent = repl.agent();
  if (wanted === "") return repl.say(`mode ${agent.mode ?? "not set before the session is open"}`);
  const known = MODES.find((mode) => mode === wanted);
  if (!known) return repl.say(`There is no mode "${wanted}": ${MODES.join(", ")}`);
  agent.mode = known;
  repl.say(`mode ${known}`);
}

async function sessions(id: string, repl: Repl): Promise<void> {
  if (id !== "") return await repl.restart({ resume: id });
  const { store, root } = await repl.conversation();
  const found = store.list({ cwd: root, limit: 20 });
  repl.say(
    found.map((s) =>
      `  ${s.id}  ${new Date(s.updatedAt).toISOString().slice(0, 16)}  ${s.title || "(nothing said)"}  ${
        s.outcome ?? ""
      }`
    )
      .join("\n") || "There is no session of this folder yet.",
  );
}

async function undo(args: string, repl: Repl): Promise<void> {
  const { undoIn } = await import("./undo.ts");
  const after = /^to (\d{1,9})$/.exec(args)?.[1];
  if (after === undefined && !["", "edit", "turn"].includes(args)) {
    return repl.say(`/undo takes edit, turn, or to and the number of a turn; not "${args}"`);
  }
  const scope = after !== undefined ? { afterTurn: Number(after) } : args === "edit" ? "edit" : "turn";
  const conversation = await repl.conversation();
  repl.say(await undoIn(conversation.store, conversation.id, scope));
}

async function diff(_: string, repl: Repl): Promise<void> {
  const { diffOf } = await import("./diff.ts");
  const { changesOf } = await import("../core/store/journal.ts");
  const { store, id } = await repl.conversation();
  const last = changesOf(store, id).at(-1)?.turn;
  repl.say((last === undefined ? "" : diffOf(store, id, last)) || "This session changed no file.");
}

async function plan(_: string, repl: Repl): Promise<void> {
  const { planText } = await import("./_event_lines.ts");
  const { shownSteps } = await import("../core/plan/plan.ts");
  const found = (await repl.conversation()).plan();
  repl.say(found ? planText(shownSteps(found)) : "There is no plan: the last task had one step.");
}

async function contract(args: string, repl: Repl): Promise<void> {
  const { addItem, contractLines, readAssertion } = await import("../core/plan/contract.ts");
  const conversation = await repl.conversation();
  const items = conversation.contract();
  const [, action = "", rest = ""] = /^(\S*)\s*([^]*)$/.exec(args) ?? [];
  const show = (next: typeof items) =>
    repl.say(next.length === 0 ? `The contract is empty. ${CONTRACT_HELP}` : contractLines(next).join("\n"));
  // The face shows the event.
  const change = (next: typeof items) => conversation.setContract(next);
  switch (action) {
    case "":
    case "list":
      return show(items);
    case "add":
      try {
        return change(addItem(items, readAssertion(rest), "user"));
      } catch (error) {
        if (error instanceof RangeError) return repl.say(error.message);
        throw error;
      }
    case "remove":
    case "rm": {
      const left = items.filter(({ id }) => `${id}` !== rest.trim());
      return left.length === items.length ? repl.say(`There is no assertion "${rest.trim()}"`) : change(left);
    }
    case "clear":
      return change([]);
    default:
      return repl.say(`There is no /contract ${action}: list, add, remove, clear. ${CONTRACT_HELP}`);
  }
}

async function provider(args: string, repl: Repl): Promise<void> {
  const { providerCommand } = await import("./provider.ts");
  if (args === "status") return void await providerCommand({ status: true }, repl.world);
  await repl.stepAside(async () => void await providerCommand({ status: false }, repl.world));
  await repl.restart({});
}

async function plugin(args: string, repl: Repl): Promise<void> {
  const { pluginCommand, readAction } = await import("./plugin.ts");
  const [word = "list", name] = args.split(/\s+/).filter(Boolean);
  const action = readAction(word);
  const confirm = async (text: string) => /^y(es)?$/i.test((await repl.question(`${text} [y/N] `)).trim());
  const code = await pluginCommand({ action, ...(name ? { name } : {}), confirm }, repl.world);
  const changes = action === "grant" || action === "revoke" || action === "disable" || action === "enable";
  if (code !== 0 || !changes) return;
  const { id } = await repl.conversation();
  await repl.restart({ resume: id });
}

async function mcp(_: string, repl: Repl): Promise<void> {
  const { serverLines } = await import("./mcp.ts");
  repl.say(serverLines((await repl.conversation()).servers()));
}

async function tiers(_: string, repl: Repl): Promise<void> {
  const { describeTiers } = await import("./tiers.ts");
  repl.say(describeTiers(await repl.conversation()));
}

async function trust(_: string, repl: Repl): Promise<void> {
  const { trustCommand } = await import("./trust.ts");
  await trustCommand({ action: "add" }, repl.world);
  await repl.restart({});
}
