/**
 * The loop's invariants on a real workspace (issue 6): a hostile model with the real tools, gate, journal and put-back; only the model, the shell and
 * the disk's sync are stand-ins. `--long` (deno task test:long) runs 200,000 seeds in place of 1,000.
 */

import assert from "node:assert/strict";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundle } from "../main.ts";
import patch from "../tools/patch.ts";
import readFile from "../tools/read_file.ts";
import search from "../tools/search.ts";
import writeFile from "../tools/write_file.ts";
import bash from "../tools/bash.ts";
import { runTurn } from "./agent.ts";
import type { AgentDeps } from "./turn/agent_deps.ts";
import { openBaselines, type ProjectChecks } from "./turn/baselines.ts";
import type { Config } from "./config/config.ts";
import { loadProfiles } from "./config/profiles.ts";
import { ProviderError } from "./errors.ts";
import type { EventBody } from "./events.ts";
import { NO_HOOKS } from "./plugins/hooks.ts";
import { EMPTY_LEDGER } from "./guard/ledger.ts";
import { openConstraintTrust } from "./guard/misread.ts";
import { openSeen } from "./guard/seen.ts";
import { openHeads } from "./turn/heads.ts";
import type { Transport } from "./model/transport.ts";
import type { Profile } from "./profile.ts";
import type { ProjectFacts } from "./prompt/project_facts.ts";
import { openWorkspace } from "./sandbox/workspace.ts";
import { openJournal } from "./store/journal.ts";
import { rejectTurn } from "./store/rejected.ts";
import { openScores } from "./store/scores.ts";
import { openStore, type Store } from "./store/store.ts";
import { openSyntax } from "./syntax/syntax.ts";
import type { CommandResult, Shell, Tool } from "./tool.ts";
import type { FileChange, Message, Reply, Turn } from "./types.ts";
import { exitCodeOf } from "./verify/outcome.ts";

const SEEDS = Deno.args.includes("--long") ? 200_000 : 1_000;
const LIMITS = { steps: 12, toolCalls: 8, corrections: 6, outputTokens: 6_000, minutes: 60 };
/** Lines of the file that the check looks at: green exactly with the last one. */
const [BUG, FIX] = ["def add(a, b):\n    return a - b\n", "def add(a, b):\n    return a + b\n"];
const FILES: Readonly<Record<string, string>> = {
  "a.py": BUG,
  "sub/b.py": "import a\n\n\ndef twice(x):\n    return a.add(x, x)\n",
  "notes.txt": "one\ntwo\n",
};
const OUTSIDE = "outside.txt";

/** mulberry32: a small seeded generator of numbers in [0, 1). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const PATHS = [
  ...["a.py", "a.py", "a.py", "sub/b.py", "notes.txt", "new.py", "./a.py", "sub/../a.py", ""],
  ...[`../${OUTSIDE}`, "link/outside.txt", "/etc/hostname", ".git/config", "a.py\u0000", "no/such/deep/c.py"],
];
const TEXTS = [
  ...[
    FIX,
    BUG,
    FIX,
    "def add(a, b):\n    return (a +\n",
    "x = 1\n",
    "# ... rest of the code unchanged\n",
    "",
  ],
  ...["return a + b", "return a - b", "    return a + b\n", "one", "\ud800", "x".repeat(3_000)],
];
const COMMANDS = ["check", "check", "touch made.txt", "false", "write a.py", "rm notes.txt", "hang"];

type Next = () => number;
const pick = <T>(next: Next, from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;

function hostileCall(next: Next): { name: string; args: unknown } {
  const path = pick(next, PATHS);
  const text = () => pick(next, TEXTS);
  switch (pick(next, ["read", "write", "patch", "lines", "bash", "search", "junk"])) {
    case "read":
      return { name: "read_file", args: { path } };
    case "write":
      return { name: "write_file", args: { path, content: text() } };
    case "patch":
      return { name: "patch", args: { path, search: text(), replace: text() } };
    case "lines":
      return { name: "patch", args: { path, search: "", replace: text(), start_line: 2, end_line: 2 } };
    case "bash":
      return { name: "bash", args: { command: pick(next, COMMANDS) } };
    case "search":
      return { name: "search", args: { pattern: pick(next, ["add", "(", "."]) } };
    default:
      return { name: pick(next, ["delete_all", "", "read_fil"]), args: pick(next, [null, {}, "x"]) };
  }
}

function hostileReply(next: Next): Reply {
  const calls = Array.from({ length: next() < 0.75 ? Math.ceil(next() * 3) : 0 }, () => hostileCall(next));
  const isNative = next() < 0.7;
  const prose = pick(next, [
    "",
    "Done.",
    "I will now edit a.py.",
    "Hello! How can I help you?",
    "All tests pass.",
  ]);
  const written = calls.map(({ name, args }) =>
    `<tool_call>\n${JSON.stringify({ name, arguments: args })}\n${next() < 0.9 ? "</tool_call>" : ""}`
  );
  return {
    text: isNative || calls.length === 0 ? prose : [prose, ...written].join("\n"),
    reasoning: next() < 0.1 ? "thinking ".repeat(20) : "",
    calls: isNative
      ? calls.map(({ name, args }) => ({
        id: pick(next, ["", "same"]),
        name,
        arguments: next() < 0.95 ? JSON.stringify(args) : "{",
      }))
      : [],
    finish: pick(next, ["stop", "stop", "tool_calls", "length"]),
    usage: pick(next, [{}, { promptTokens: 300, cachedTokens: 100, outputTokens: 200 }]),
    timings: {},
  };
}

/** Aborts at the nth wait of a turn, before or after what it waits for. */
class Canceller {
  readonly abort = new AbortController();
  #waits = 0;
  constructor(readonly at: number, readonly when: "before" | "after") {}

  async pass<T>(work: () => T | Promise<T>): Promise<T> {
    const isNow = this.#waits++ === this.at;
    if (isNow && this.when === "before") this.cancel();
    const result = await work();
    if (isNow && this.when === "after") this.cancel();
    return result;
  }

  cancel(): void {
    this.abort.abort(new DOMException("test", "AbortError"));
  }
}

const PROFILE = (await loadProfiles(new URL("../profiles/", import.meta.url))).find(({ name }) =>
  name === "default"
)!;
const SYNTAX = openSyntax(bundle().assets);
const TOOLS = [readFile, patch, writeFile, bash, search] as readonly Tool[];

interface Place {
  readonly base: string;
  readonly root: string;
  readonly store: Store;
}

/** What is on the disk below a folder, by path. */
function onDisk(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(root.length + 1)] = readFileSync(path, "utf8");
  }
  return files;
}

/** A shell whose commands do what their words say, at once. */
function fakeShell(root: string, wait: Canceller, log: FileChange[]): Shell {
  const change = (path: string, kind: FileChange["kind"]) =>
    void log.push({ path, kind, linesAdded: 0, linesRemoved: 0, by: "command" });
  const result = (exitCode: number, output = ""): CommandResult => ({
    exitCode,
    output,
    timedOut: false,
    ms: 1,
  });
  const act = (command: string): CommandResult => {
    switch (command) {
      case "check":
        return readFileSync(join(root, "a.py"), "utf8") === FIX
          ? result(0, "1 passed")
          : result(1, "FAILED test_a.py::test_add - assert 1 == 5\n1 failed");
      case "touch made.txt":
        writeFileSync(join(root, "made.txt"), "");
        change("made.txt", "created");
        return result(0);
      case "write a.py":
        writeFileSync(join(root, "a.py"), "y = 2\n");
        change("a.py", "edited");
        return result(0);
      case "rm notes.txt":
        rmSync(join(root, "notes.txt"), { force: true });
        change("notes.txt", "deleted");
        return result(0);
      default:
        return result(1);
    }
  };
  return {
    name: "sh",
    cwd: () => root,
    jobs: () => 0,
    async run(command, { signal }) {
      signal.throwIfAborted();
      const ran = await wait.pass(() => act(command));
      signal.throwIfAborted();
      return command === "hang" ? { ...ran, exitCode: null, timedOut: true } : ran;
    },
    poll: () => result(0),
    stop: () => Promise.resolve(result(0)),
  };
}

interface Seen {
  readonly events: EventBody[];
  saved: readonly Message[];
  /** By path: each content that a tool's write left there. */
  readonly written: Map<string, Set<string>>;
}

async function depsFor(
  next: Next,
  turn: number,
  place: Place,
  wait: Canceller,
  seen: Seen,
): Promise<AgentDeps> {
  const { root, store } = place;
  let id = 0;
  const byCommands: FileChange[] = [];
  const journal = openJournal(store, { session: "hostile", root, turn: () => turn, step: () => 0 });
  const real = await openWorkspace({ root, journal, protectedPaths: [], sync: false });
  const shell = fakeShell(root, wait, byCommands);
  const files: AgentDeps["world"]["files"] = {
    ...real,
    exists: (path) => wait.pass(() => real.exists(path)),
    read: (path) => wait.pass(() => real.read(path)),
    write: async (path, text, expect) => {
      const change = await wait.pass(() => real.write(path, text, expect));
      const known = seen.written.get(change.path) ?? new Set();
      seen.written.set(change.path, known.add(text));
      return change;
    },
  };
  const transport: Transport = {
    facts: {
      ...{ kind: "unknown", baseUrl: "http://127.0.0.1:1/v1", version: "", model: "hostile", models: [] },
      ...{ window: 8_192, windowSource: "test", windowIsLoaded: true },
      can: {
        ...{ nativeTools: true, countTokens: false, constrain: pick(next, [[], ["json_schema"]]) },
        ...{ prefill: false, prefillProgress: false, thinkingSwitch: false },
      },
    },
    async chat(request, { signal, onPart }) {
      signal.throwIfAborted();
      assert.deepEqual(openCalls(request.messages), [], "a request with a call that has no answer");
      const reply = await wait.pass(() => {
        if (next() < 0.02) throw new ProviderError("cut", "the server went away");
        return hostileReply(next);
      });
      signal.throwIfAborted();
      for (let at = 0; at < reply.text.length; at += 500) {
        if (onPart({ type: "text", text: reply.text.slice(at, at + 500) }) === "stop") {
          return { ...reply, text: reply.text.slice(0, at + 500), finish: "stopped" };
        }
      }
      return reply;
    },
    countTokens: ({ messages }) =>
      wait.pass(() => ({ tokens: JSON.stringify(messages).length / 4, exact: false })),
    estimateTokens: (text) => text.length / 4,
    close: () => {},
  };
  const profile: Profile = {
    ...PROFILE,
    dialect: pick(next, ["native", "json", "raw", "hermes"]),
    harness: {
      ...PROFILE.harness,
      ...{ govern: next() < 0.9, compaction: next() < 0.9, verify: next() < 0.9, hardFail: next() < 0.8 },
    },
  };
  const checks: ProjectChecks = {
    find: () => wait.pass(() => [{ kind: "test", command: "check", from: "test" }]),
    known: () => [{ kind: "test", command: "check", from: "test" }],
    paths: () => Promise.resolve(Object.keys(FILES)),
    shell,
    openScratch: () => Promise.resolve(undefined),
    slow: new Set(),
    hasProgram: () => true,
    looks: new Map(),
  };
  const scores = openScores(store, "hostile");
  const facts: ProjectFacts = { paths: Object.keys(FILES), languages: ["Python"], entries: [], fileCount: 3 };
  const heads = openHeads({
    ...{ profile, tools: TOOLS, transport, shell: "sh", facts, scores, pluginText: "" },
    tokensAtRisk: () => 0,
    clock: () => new Date(0),
  });
  return {
    config: {
      limits: LIMITS,
      escalation: { maxPerSession: 0, confirm: true },
      context: { maxBudgetPct: 70, workingMemoryTokens: 0, resultChars: 8_000 },
      tools: { bashTimeoutMs: 1_000 },
      planner: { autoPlan: true, maxRetries: 2, validateAfterEdit: true, bestOf: 1, keepFailed: false },
    } as Config,
    ...{ tier: "default", profile, transport, hooks: NO_HOOKS, heads, scores, checks },
    emit(event) {
      seen.events.push(event);
      openCalls(seen.saved); // valid after every event, open calls of the running reply aside
    },
    tools: new Map(heads.tools.map((tool) => [tool.name, tool])),
    ask: () => wait.pass(() => pick(next, ["once", "no", "session"])),
    rules: () => ({
      ...{ mode: pick(next, ["edits", "auto"]), allow: [], deny: [], sandboxed: next() < 0.8 },
      ...{ sessionAllowed: new Set<string>(), root },
    }),
    remember: () => Promise.resolve(),
    world: {
      ...{ files, shell, seen: openSeen(), results: store.results("hostile"), syntax: SYNTAX },
      switches: profile.harness,
    },
    changesByJobs: () => Promise.resolve({ changes: [], isWhole: true }),
    watchFiles: () => {
      byCommands.length = 0;
      return Promise.resolve(() => wait.pass(() => ({ changes: [...byCommands], isWhole: true })));
    },
    baselines: openBaselines(checks),
    constraints: openConstraintTrust(),
    isKnownFile: (path) => path in FILES,
    putBack: () => rejectTurn({ store, session: "hostile", turn, folder: join(place.base, "data") }),
    newId: () => `own_${id++}`,
    now: () => 0,
    save: (saved) => void (seen.saved = saved.messages),
  };
}

function startOf(deps: AgentDeps, next: Next): Turn {
  const wantsChange = next() < 0.8;
  return {
    ...{ number: 1, task: pick(next, ["fix a.py", "What does a.py do?"]), wantsChange, kind: "write" },
    ...(next() < 0.7 ? { focus: { path: "a.py", line: "    return a - b", isSure: true } } : {}),
    head: deps.heads.openAll({ dialect: deps.profile.dialect, editFormat: "search_replace" }),
    ...{ epoch: 1, messages: [{ role: "user", content: "fix a.py" }], start: 0, step: 0, toolCalls: 0 },
    ...{
      corrections: {},
      calls: [],
      ledger: EMPTY_LEDGER,
      measured: { messages: 0, tokens: 0 },
      startedAt: 0,
    },
    tokens: { prompt: 0, prefilled: 0, output: 0 },
  };
}

/** Each call is answered once, in order, with nothing in between; gives the calls that are still open at the end. */
function openCalls(messages: readonly Message[]): readonly string[] {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") assert.equal(open.shift(), message.callId, "an answer out of order");
    else assert.deepEqual(open, [], "a message between a call and its answer");
    if (message.role === "assistant") open = message.calls.map((call) => call.id);
  }
  return open;
}

async function playSeed(seed: number, place: Place, isCancelled: boolean): Promise<string> {
  const next = random(seed);
  const { root } = place;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, "sub"), { recursive: true });
  for (const [path, text] of Object.entries(FILES)) writeFileSync(join(root, path), text);
  symlinkSync(place.base, join(root, "link"));
  const wait = new Canceller(isCancelled ? Math.floor(next() * 60) : -1, pick(next, ["before", "after"]));
  const seen: Seen = { events: [], saved: [], written: new Map() };
  const deps = await depsFor(next, seed + 1, place, wait, seen);
  const finished = await runTurn(startOf(deps, next), deps, wait.abort.signal).catch((error) => {
    assert.ok(error instanceof ProviderError, String(error?.stack ?? error));
  });
  await deps.baselines.close();
  assert.equal(readFileSync(join(place.base, OUTSIDE), "utf8"), "not yours\n");
  assert.deepEqual(
    readdirSync(place.base).toSorted(),
    ["data", OUTSIDE, "work"],
    "a file outside the workspace",
  );
  const disk = onDisk(root);
  assert.deepEqual(
    Object.keys(disk).filter((path) => path.includes(".smallcode-")),
    [],
    "a temp file was left",
  );
  for (const [path, text] of Object.entries(disk)) {
    const isOld = FILES[path] === text;
    const byCommand = (path === "made.txt" && text === "") || (path === "a.py" && text === "y = 2\n");
    assert.ok(
      isOld || byCommand || seen.written.get(path)?.has(text),
      `${path} is in a state that nobody wrote`,
    );
    if (isOld || byCommand || !path.endsWith(".py")) continue;
    assert.deepEqual(await SYNTAX.parseErrors(path, text), [], `${path} does not parse and did before`);
  }
  if (!finished) return "no reply";
  const { turn, outcome } = finished;
  assert.deepEqual(openCalls(turn.messages), [], "calls without an answer");
  assert.ok(turn.step <= LIMITS.steps && turn.toolCalls <= LIMITS.toolCalls, "over its budgets");
  const corrections = Object.values(turn.corrections).reduce((sum, n) => sum + n, 0);
  assert.ok(corrections <= LIMITS.corrections, "over its corrections");
  if (outcome === "verified") assert.equal(disk["a.py"], FIX, "verified, and the check is red");
  if (outcome === "answered") assert.deepEqual(disk, FILES);
  assert.equal(
    exitCodeOf(outcome, { requireVerified: false }),
    outcome === "cancelled" ? 130 : ["verified", "unverified", "answered"].includes(outcome) ? 0 : 1,
  );
  const ends = seen.events.filter((event) => event.type === "turn_end");
  assert.deepEqual(ends.map((event) => event.outcome), [outcome]);
  // A turn that came to its own end in the same moment may say so.
  const last = seen.events.findLast((event) => event.type === "verdict");
  if (wait.abort.signal.aborted && outcome !== "cancelled") {
    assert.ok(outcome === "stopped" || last?.kind === "finish", `cancelled, and ${outcome}`);
  }
  return outcome;
}

async function playAll(isCancelled: boolean): Promise<Record<string, number>> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "smallcode-hostile-")));
  writeFileSync(join(base, OUTSIDE), "not yours\n");
  const store = await openStore({ folder: join(base, "data"), now: () => 1, sync: "off" });
  const outcomes: Record<string, number> = {};
  try {
    for (let seed = 0; seed < SEEDS; seed++) {
      const outcome = await playSeed(seed, { base, root: join(base, "work"), store }, isCancelled).catch(
        (cause) => {
          throw new Error(`seed ${seed}: ${cause.message}`, { cause });
        },
      );
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    }
  } finally {
    store.close();
    rmSync(base, { recursive: true, force: true });
  }
  return outcomes;
}

Deno.test("runTurn() keeps its promises on a real workspace, whatever the model does", async () => {
  const outcomes = await playAll(false);
  // Without each of these the promises were not put to the test.
  for (const outcome of ["verified", "unverified", "failed", "stopped"]) {
    assert.ok((outcomes[outcome] ?? 0) >= SEEDS / 200, `${outcome}: ${JSON.stringify(outcomes)}`);
  }
});

Deno.test("runTurn() keeps its promises when it is cancelled at any wait", async () => {
  const outcomes = await playAll(true);
  assert.ok((outcomes.cancelled ?? 0) > SEEDS / 4, JSON.stringify(outcomes));
});
