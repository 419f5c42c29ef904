/** Where a hostile model works: a real workspace with the real tools, gate, journal, watch and put-back; the shell, the server and the disk's sync are stand-ins. */

import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { bundle } from "../main.ts";
import { BUG, FIX, openHostileModel, OUTSIDE } from "./_test_hostile_model.ts";
import { type Next, pick } from "./_test_seeds.ts";
import type { Config } from "./config/config.ts";
import { loadProfiles } from "./config/profiles.ts";
import { DiskFullError, ProviderError, ToolError } from "./errors.ts";
import type { EventBody } from "./events.ts";
import { openConstraintTrust } from "./guard/misread.ts";
import { openSeen } from "./guard/seen.ts";
import type { StreamPart, Transport } from "./model/transport.ts";
import { NO_HOOKS } from "./plugins/hooks.ts";
import type { HarnessSwitches, Profile } from "./profile.ts";
import type { ProjectFacts } from "./prompt/project_facts.ts";
import { watchCommands } from "./sandbox/command_watch.ts";
import { openWorkspace } from "./sandbox/workspace.ts";
import { changesOf, type Journal, openJournal } from "./store/journal.ts";
import { rejectTurn } from "./store/rejected.ts";
import { openScores } from "./store/scores.ts";
import type { Store } from "./store/store.ts";
import { openSyntax } from "./syntax/syntax.ts";
import { type CommandResult, defineTool, type Shell, type Tool } from "./tool.ts";
import type { AgentDeps, Tiers } from "./turn/agent_deps.ts";
import { openBaselines, type ProjectChecks } from "./turn/baselines.ts";
import { type Heads, openHeads } from "./turn/heads.ts";
import type { Message, Reply, Turn } from "./types.ts";

/** The folders and the store of one lane: seeds play in it one after the other. */
export interface Place {
  /** Holds `work`, `data`, the file outside, and nothing else. */
  readonly base: string;
  /** The workspace. */
  readonly root: string;
  readonly store: Store;
  /** The id of the session that plays, one a seed: the journal is read by it. */
  readonly session: string;
}

/** What goes wrong in a turn beside the model. */
export interface Trouble {
  /** The wait, from 0, at which the person cancels; `event`: the event. -1: never. */
  readonly cancelAt: number;
  readonly at: "before" | "after" | "event";
  /** The write to the store, from 0, that finds its disk full; -1: none. */
  readonly fullAt: number;
  /** The moment at which a person changes a file in an editor, from 0: a request, or right before a tool's write; -1: none. */
  readonly editAt: number;
}

/** What was seen of a turn. */
export interface Witness {
  readonly events: EventBody[];
  /** The newest history. */
  saved: readonly Message[];
  /** By path: each content that a tool, a command or a person left there. */
  readonly written: Map<string, Set<string>>;
  /** Paths that somebody other than a tool changed. */
  readonly touched: Set<string>;
  /** What the person wrote last, where no one wrote since. */
  readonly own: Map<string, string>;
  /** Edits of a person that a write went over. */
  readonly lost: string[];
  /** Requests to models. */
  calls: number;
}

/** Files that every seed begins with, but for the text of `a.py`. */
export const FILES: Readonly<Record<string, string>> = {
  "a.py": BUG,
  "sub/b.py": "import a\n\n\ndef twice(x):\n    return a.add(x, x)\n",
  "notes.txt": "one\r\ntwo\r\n",
  "log.txt": Array.from({ length: 400 }, (_, i) => `line ${i} of a log that is long enough\n`).join(""),
};
export const SYNTAX = openSyntax(bundle().assets);

const PROFILE = (await loadProfiles(new URL("../profiles/", import.meta.url))).find(({ name }) =>
  name === "default"
)!;
const TOOLS: readonly Tool[] = [...await bundle().tools(), ...pluginTools()];

/** What is on the disk below a folder, by path. */
export function onDisk(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(root.length + 1)] = readFileSync(path, "utf8");
  }
  return files;
}

/** The workspace as a seed finds it. @returns the texts of its files */
export function layFiles({ base, root }: Place, next: Next): Readonly<Record<string, string>> {
  const files = { ...FILES, "a.py": pick(next, [BUG, BUG, FIX]) };
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, "sub"), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  symlinkSync(base, join(root, "link"));
  symlinkSync(join(base, OUTSIDE), join(root, "up.txt"));
  symlinkSync("a.py", join(root, "alias.py"));
  symlinkSync(join(base, "nowhere.py"), join(root, "dangling.py"));
  return files;
}

export function openWitness(): Witness {
  return {
    events: [],
    saved: [],
    written: new Map(),
    touched: new Set(),
    own: new Map(),
    lost: [],
    calls: 0,
  };
}

/** Every wait of a turn passes here: at one of them the person cancels, and jobs work on meanwhile. */
export class Waits {
  readonly abort = new AbortController();
  /** Called at each wait. */
  onWait: () => void = () => {};
  /** Whether what a person changes now is told from what commands change. */
  mayEdit: () => boolean = () => true;
  #waits = 0;
  #events = 0;
  #moments = 0;

  /** @param edit changes a file as a person, and gives its path */
  constructor(readonly trouble: Trouble, readonly edit: () => string) {}

  async pass<T>(work: () => T | Promise<T>): Promise<T> {
    const { cancelAt, at } = this.trouble;
    const wait = this.#waits++;
    this.onWait();
    if (wait === cancelAt && at === "before") this.#cancel();
    const result = await work();
    if (wait === cancelAt && at === "after") this.#cancel();
    return result;
  }

  /** A person may use the editor now. @returns what was changed */
  moment(): string | undefined {
    return this.#moments++ === this.trouble.editAt && this.mayEdit() ? this.edit() : undefined;
  }

  event(): void {
    if (this.trouble.at === "event" && this.#events++ === this.trouble.cancelAt) this.#cancel();
  }

  #cancel(): void {
    this.abort.abort(new DOMException("test", "AbortError"));
  }
}

/** A shell whose commands do what their words say, at once; those in the background at one of the next waits. */
function openFakeShell(root: string, waits: Waits, note: (path: string, text: string | null) => void) {
  const jobs = new Map<string, { command: string; isOver: boolean }>();
  const result = (exitCode: number, output = ""): CommandResult => ({
    exitCode,
    output,
    timedOut: false,
    ms: 1,
  });
  const write = (
    path: string,
    text: string,
  ) => (writeFileSync(join(root, path), text), note(path, text), result(0));
  const remove = (path: string) => (rmSync(join(root, path), { force: true }), note(path, null), result(0));
  const textOf = (path: string) => {
    try {
      return readFileSync(join(root, path), "utf8");
    } catch {
      return undefined; // it was removed
    }
  };
  const act = (command: string): CommandResult => {
    switch (command) {
      case "check":
        return textOf("a.py") === FIX ? result(0, "1 passed") : result(
          1,
          `FAILED test_a.py::${textOf("a.py") === BUG ? "test_add" : "test_other"} - assert 1 == 5\n1 failed`,
        );
      case "touch made.txt":
        return write("made.txt", "");
      case "write a.py":
        return write("a.py", "y = 2\n");
      case "fix a.py":
        return write("a.py", FIX);
      case "rm notes.txt":
        return remove("notes.txt");
      case "mv notes.txt moved.txt": {
        const text = textOf("notes.txt");
        if (text === undefined) return result(1);
        remove("notes.txt");
        return write("moved.txt", text);
      }
      case "loud":
        return result(0, "\u001b[31mloud\u0007\n".repeat(4_000));
      default:
        return result(1);
    }
  };
  const workOn = () => {
    for (const job of jobs.values()) {
      if (job.isOver || job.command === "serve") continue;
      const late = /^late (a\.py|notes\.txt|made\.txt)$/.exec(job.command)?.[1];
      if (late !== undefined) write(late, "z = 3\n");
      job.isOver = true;
    }
  };
  const jobOf = (id: string) => {
    const job = jobs.get(id);
    if (!job) throw new ToolError(`There is no background job "${id}"`);
    return job;
  };
  const shell: Shell = {
    name: "sh",
    cwd: () => root,
    jobs: () => [...jobs.values()].filter(({ isOver }) => !isOver).length,
    async run(command, { signal, background }) {
      signal.throwIfAborted();
      if (background) {
        const id = `job${jobs.size + 1}`;
        jobs.set(id, { command, isOver: false });
        return { ...result(0), exitCode: null, job: id };
      }
      const ran = await waits.pass(() => act(command));
      signal.throwIfAborted();
      return command === "hang" ? { ...ran, exitCode: null, timedOut: true } : ran;
    },
    poll: (id) => jobOf(id).isOver ? result(0) : { ...result(0), exitCode: null, job: id },
    stop(id) {
      jobOf(id).isOver = true;
      return Promise.resolve(result(0));
    },
  };
  return { shell, workOn, hadJobs: () => jobs.size > 0 };
}

/** A tool as plugins bring it, and one whose write is made once a turn. */
function pluginTools(): readonly Tool[] {
  return [
    defineTool(z, {
      name: "plugin_write",
      category: "write",
      effect: "write",
      description: "Write a file in the plugin's way.",
      parameters: z.object({ path: z.string(), text: z.string() }),
      example: { path: "a.py", text: "x" },
      async run({ path, text }, { files }) {
        if (text.length % 5 === 0) throw new TypeError("a fault of the plugin");
        if (path.endsWith(".py")) throw new ToolError("plugin: no Python");
        const found = await files.exists(path);
        const hash = found === "file" ? (await files.read(path)).hash : null;
        const change = await files.write(path, text, hash);
        return { text: "written", summary: "written", changes: [change] };
      },
    }),
    defineTool(z, {
      name: "remember",
      category: "write",
      effect: "write",
      isIdempotent: true,
      description: "Keep a note.",
      parameters: z.object({ text: z.string() }),
      example: { text: "x" },
      run: ({ text }) => Promise.resolve({ text: `kept ${text}`, summary: "kept" }),
    }),
  ];
}

/** A server that says what its model says, in pieces, and at times fails before, in the middle or after. */
function openHostileServer(next: Next, waits: Waits, witness: Witness, window: number): Transport {
  const model = openHostileModel(next);
  const estimateTokens = (text: string) => Math.ceil(text.length / 4);
  return {
    facts: {
      ...{
        kind: pick(next, ["unknown", "llamacpp", "ollama"]),
        baseUrl: "http://127.0.0.1:1/v1",
        version: "",
      },
      ...{ model: "hostile", models: [], window, windowSource: "test", windowIsLoaded: true },
      can: {
        ...{
          nativeTools: true,
          countTokens: false,
          constrain: pick(next, [[], ["json_schema"], ["grammar"]]),
        },
        ...{ prefill: next() < 0.5, prefillProgress: false, thinkingSwitch: next() < 0.5 },
      },
    },
    async chat({ messages }, { signal, onPart }) {
      signal.throwIfAborted();
      witness.calls++;
      waits.moment();
      const open = openCalls(messages);
      if (open.length > 0) throw new Error(`a request with calls that have no answer: ${open}`);
      const reply = await waits.pass(() => {
        if (next() < 0.01) throw new ProviderError("unreachable", "the server went away");
        return model.reply();
      });
      signal.throwIfAborted();
      const dies = next() < 0.02;
      const sent = sendParts(reply, onPart);
      if (dies) throw new ProviderError("cut", "the server died in the middle");
      return sent;
    },
    countTokens: ({ messages }) =>
      waits.pass(() => ({ tokens: estimateTokens(JSON.stringify(messages)), exact: false })),
    estimateTokens,
    close: () => {},
  };
}

function sendParts(reply: Reply, onPart: (part: StreamPart) => "stop" | void): Reply {
  for (const type of ["reasoning", "text"] as const) {
    const whole = reply[type];
    for (let at = 0; at < whole.length; at += 400) {
      if (onPart({ type, text: whole.slice(at, at + 400) }) !== "stop") continue;
      const rest = type === "reasoning"
        ? { reasoning: whole.slice(0, at + 400), text: "" }
        : { text: whole.slice(0, at + 400) };
      return { ...reply, calls: [], ...rest, finish: "stopped" };
    }
  }
  return reply;
}

/** The profile with some of its parts switched the other way. */
function hostileProfile(next: Next): Profile {
  const isKept = (name: string) => name === "syntaxGate" || name === "plugins";
  const harness = Object.fromEntries(
    Object.entries(PROFILE.harness).map(([name, on]) => [name, isKept(name) || next() > 0.06 ? on : !on]),
  ) as unknown as HarnessSwitches;
  const supported = next() < 0.3;
  return {
    ...PROFILE,
    dialect: pick(next, ["native", "json", "raw", "hermes"]),
    editFormat: pick(next, ["search_replace", "whole_file", "line_range"]),
    envelope: pick(next, ["free", "free", "constrained", "prefill"]),
    thinking: { supported, control: "template", enabled: supported, budgetTokens: 150, replay: next() < 0.5 },
    maxOutputTokens: 1_000,
    harness,
  };
}

/** What a session keeps from turn to turn. */
export interface HostileSession {
  readonly deps: AgentDeps;
  readonly heads: Heads;
  readonly facts: ProjectFacts;
  /** Before each turn. */
  readonly begin: () => Promise<void>;
}

/** Everything that a turn acts through. @param turn its number in the journal */
export async function openHostileSession(
  next: Next,
  turn: () => number,
  place: Place,
  waits: Waits,
  witness: Witness,
): Promise<HostileSession> {
  const { root, store, session } = place;
  let id = 0;
  let writes = 0;
  const fill = () => {
    if (writes++ === waits.trouble.fullAt) throw new DiskFullError("database or disk is full");
  };
  const kept = openJournal(store, { session, root, turn, step: () => 0 });
  const journal: Journal = { record: (entry) => (fill(), kept.record(entry)) };
  const real = await openWorkspace({
    root,
    journal,
    protectedPaths: [join(place.base, "data")],
    sync: false,
  });
  const note = (path: string, text: string) => {
    witness.written.set(path, (witness.written.get(path) ?? new Set()).add(text));
    witness.own.delete(path);
  };
  const { shell, workOn, hadJobs } = openFakeShell(root, waits, (path, text) => {
    witness.touched.add(path);
    witness.own.delete(path);
    if (text !== null) note(path, text);
  });
  waits.onWait = workOn;
  waits.mayEdit = () => !hadJobs();
  const files: AgentDeps["world"]["files"] = {
    ...real,
    exists: (path) => waits.pass(() => real.exists(path)),
    read: (path) => waits.pass(() => real.read(path)),
    write: async (path, text, expect) => {
      let edited: string | undefined;
      const change = await waits.pass(() => {
        if (next() < 0.02) {
          throw new ToolError(`Cannot write "${path}": the disk is full; nothing was changed`);
        }
        edited = waits.moment();
        return real.write(path, text, expect);
      });
      if (edited === change.path) witness.lost.push(edited);
      note(change.path, readFileSync(join(root, change.path), "utf8"));
      return change;
    },
  };
  const profile = hostileProfile(next);
  const window = pick(next, [4_096, 8_192, 8_192, 32_768]);
  const transport = openHostileServer(next, waits, witness, window);
  const check = { kind: "test", command: "check", from: "test" } as const;
  const hasCheck = next() < 0.9;
  const checks: ProjectChecks = {
    find: () => waits.pass(() => hasCheck ? [check] : []),
    known: () => hasCheck ? [check] : [],
    paths: () => Promise.resolve(Object.keys(FILES)),
    shell,
    openScratch: () => waits.pass(() => openScratch(place, waits)),
    slow: new Set(next() < 0.1 ? ["check"] : []),
    hasProgram: () => true,
    looks: new Map(),
  };
  const scores = openScores(store, "hostile");
  const facts: ProjectFacts = {
    paths: Object.keys(FILES),
    languages: ["Python"],
    entries: [],
    fileCount: 4,
    testCommand: "check",
  };
  const headsFor = (at: Transport) =>
    openHeads({
      ...{ profile, tools: TOOLS, transport: at, shell: "sh", facts, scores, pluginText: "" },
      tokensAtRisk: () => 0,
      clock: () => new Date(0),
    });
  const heads = headsFor(transport);
  const written = (path: string) =>
    changesOf(store, session, turn()).findLast((entry) => entry.path === path)?.after;
  const watch = watchCommands({
    ...{ root, store, journal, env: { PATH: "" }, jobs: () => shell.jobs(), written },
  });
  const isLong = next() < 0.25;
  const mode = pick(next, ["edits", "auto", "auto"] as const);
  const deps: AgentDeps = {
    config: {
      limits: {
        ...{ steps: isLong ? 24 : 12, toolCalls: isLong ? 20 : 10, corrections: isLong ? 12 : 6 },
        ...{ outputTokens: 12_000, minutes: 60 },
      },
      escalation: { maxPerSession: 2, confirm: next() < 0.5 },
      context: { maxBudgetPct: 70, workingMemoryTokens: 0, resultChars: 8_000 },
      tools: { bashTimeoutMs: 1_000 },
      planner: {
        ...{ autoPlan: true, maxRetries: 2, validateAfterEdit: true, keepFailed: false },
        bestOf: next() < 0.5 ? 1 : 3,
      },
    } as Config,
    ...{ tier: "default", profile, transport, hooks: NO_HOOKS, heads, scores, checks },
    emit(event) {
      witness.events.push(event);
      openCalls(witness.saved); // valid after every event, open calls of the running reply aside
      waits.event();
    },
    tools: new Map(heads.tools.map((tool) => [tool.name, tool])),
    ask: (_question, signal) =>
      waits.pass(() => {
        signal.throwIfAborted();
        return pick(next, ["once", "no", "session"] as const);
      }),
    rules: () => ({ mode, allow: [], deny: [], sandboxed: true, sessionAllowed: new Set<string>(), root }),
    remember: () => Promise.resolve(),
    world: {
      ...{ files, shell, seen: openSeen(), results: store.results(session), syntax: SYNTAX },
      switches: profile.harness,
    },
    changesByJobs: () => waits.pass(watch.byJobs),
    watchFiles: (signal) =>
      waits.pass(async () => {
        const compare = await watch.around(signal);
        return () => waits.pass(compare);
      }),
    baselines: openBaselines(checks),
    constraints: openConstraintTrust(),
    isKnownFile: (path) => path in FILES,
    putBack: () =>
      waits.pass(() =>
        rejectTurn({ store, session, turn: turn(), folder: join(place.base, "data"), sync: "off" })
      ),
    newId: () => `own_${id++}`,
    now: () => 0,
    save(saved: Turn) {
      fill();
      witness.saved = saved.messages;
    },
  };
  const tiers = next() < 0.25 ? openTier(next, deps, { waits, witness, facts, heads: headsFor }) : undefined;
  return { deps: tiers ? { ...deps, tiers } : deps, heads, facts, begin: watch.begin };
}

/** A stronger model, as hostile. */
function openTier(
  next: Next,
  base: AgentDeps,
  from: { waits: Waits; witness: Witness; facts: ProjectFacts; heads: (at: Transport) => Heads },
): Tiers {
  const { waits, witness, facts } = from;
  const transport = openHostileServer(next, waits, witness, pick(next, [8_192, 65_536]));
  const isElsewhere = next() < 0.5;
  const strong: AgentDeps = {
    ...base,
    ...{ tier: "strong", transport, heads: from.heads(transport) },
    world: { ...base.world, seen: openSeen() },
    ...(isElsewhere ? { leaves: { hide: (text: string) => text, hidden: () => 0 } } : {}),
  };
  const isThere = next() < 0.9;
  let sent = 0;
  return {
    rungs: [{ tier: "default", isLocal: true }, { tier: "strong", isLocal: !isElsewhere }],
    facts,
    allowed: new Set(),
    sent: () => sent,
    countSent: () => void sent++,
    open: () =>
      waits.pass(() => {
        if (!isThere) throw new ProviderError("unreachable", "no strong server");
        return strong;
      }),
    opened: (tier) => tier === "strong" ? strong : base,
  };
}

/** A copy of the workspace with a shell in it. */
function openScratch({ base, root }: Place, waits: Waits) {
  const copy = join(base, "data", "copy");
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(join(copy, "sub"), { recursive: true });
  for (const [path, text] of Object.entries(onDisk(root))) {
    if (path in FILES) writeFileSync(join(copy, path), text);
  }
  return {
    root: copy,
    shell: openFakeShell(copy, waits, () => {}).shell,
    close: () => Promise.resolve(),
  };
}

/**
 * Each call is answered once, in order, with nothing in between.
 * @returns the calls that are still open at the end
 * @throws {Error} where a history is not so
 */
export function openCalls(messages: readonly Message[]): readonly string[] {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      const expected = open.shift();
      if (expected !== message.callId) {
        throw new Error(`an answer to ${message.callId} in place of ${expected}`);
      }
    } else if (open.length > 0) throw new Error(`a message between ${open} and the answer`);
    if (message.role === "assistant") open = message.calls.map((call) => call.id);
  }
  return open;
}
