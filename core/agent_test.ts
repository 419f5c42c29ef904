/** The loop's invariants, with a hostile model: random replies, random failures, cancelled at random. */

import assert from "node:assert/strict";
import { type Next, pick, playSeeds, random, seedRange } from "./_test_seeds.ts";
import { runTurn } from "./agent.ts";
import type { AgentDeps } from "./turn/agent_deps.ts";
import type { Config } from "./config/config.ts";
import { ProviderError, ToolError } from "./errors.ts";
import type { EventBody } from "./events.ts";
import { sumOf } from "./guard/ladder.ts";
import { freshChecks } from "./guard/ledger.ts";
import { openConstraintTrust } from "./guard/misread.ts";
import { openSeen } from "./guard/seen.ts";
import { NO_HOOKS } from "./plugins/hooks.ts";
import { PROFILE } from "./model/_test_setup.ts";
import type { Transport } from "./model/transport.ts";
import type { ProjectFacts } from "./prompt/project_facts.ts";
import type { Profile } from "./profile.ts";
import { defineTool, type Tool } from "./tool.ts";
import type { Message, NativeCall, Reply, Turn } from "./types.ts";
import { NOTHING_DONE } from "./turn/start_turn.ts";
import { exitCodeOf } from "./verify/outcome.ts";

const SEEDS = seedRange(1_000, 200_000);
const LIMITS = { steps: 12, toolCalls: 6, corrections: 5, outputTokens: 4_000, minutes: 60 };

type Pick = <T>(options: readonly T[]) => T;
const pickWith = (next: Next): Pick => (options) => pick(next, options);

const TEXTS = [
  "",
  "Done.",
  "I will now edit a.txt.",
  "```json\n" + '{"name": "note", "arguments": {"text": "x"}}' + "\n```",
  "```json\n" + '{"name": "note", "arguments": {' + "\n```",
  '<tool_call>\n{"name": "write", "arguments": {"path": "a.txt"}}\n</tool_call>',
  '<tool_call>\n{"name": "nothing_of_the_kind", "arguments": {}}\n</tool_call>',
  "<tool_call>".repeat(50),
  "x".repeat(20_000),
  '{"name": "fail", "arguments": {"text": "y"}}',
  "Plan:\n1. Change a.txt\n2. Change b.txt",
  "- [x] Change a.txt\n- [ ] Write b.txt\n\nStep 1 is done.",
];

function hostileReply(next: () => number, pick: Pick): Reply {
  const calls: NativeCall[] = next() < 0.5
    ? Array.from({ length: Math.floor(next() * 4) }, () => ({
      id: pick(["", "same", `id${next()}`]),
      name: pick(["note", "write", "fail", "unknown", "", "note<|channel|>x"]),
      arguments: pick([
        "{}",
        '{"text": "a"}',
        '{"path": "a.txt", "text": "b"}',
        "not json",
        '{"text": ',
        "null",
      ]),
    }))
    : [];
  return {
    text: pick(TEXTS),
    reasoning: pick(["", "thinking", TEXTS[3] ?? ""]),
    calls,
    finish: pick(["stop", "length", "tool_calls", "cut", "stopped"]),
    usage: pick([{}, { promptTokens: 100, cachedTokens: 50, outputTokens: 700 }]),
    timings: {},
  };
}

/** A model that changes a file and says that it is done, again and again: it meets the checks. */
function calmReply(next: () => number): Reply {
  const call = { id: "", name: "write", arguments: `{"path": "a.txt", "text": "${next()}"}` };
  return {
    ...{ reasoning: "", finish: "stop", usage: {}, timings: {} },
    ...(next() < 0.4 ? { text: "", calls: [call] } : { text: "All tests pass.", calls: [] }),
  };
}

function hostileTransport(next: () => number): Transport {
  const pick = pickWith(next);
  const isCalm = next() < 0.3;
  return {
    facts: {
      kind: "unknown",
      baseUrl: "http://127.0.0.1:1/v1",
      version: "",
      model: "hostile",
      models: [],
      window: 8_192,
      windowSource: "test",
      windowIsLoaded: true,
      can: {
        nativeTools: true,
        countTokens: false,
        constrain: pickWith(next)([[], ["grammar"], ["json_schema"]]),
        prefill: false,
        prefillProgress: false,
        thinkingSwitch: false,
      },
    },
    chat(request, { signal, onPart }) {
      signal.throwIfAborted();
      assert.deepEqual(openCalls(request.messages), [], "a request with a call that has no answer");
      if (next() < 0.05) return Promise.reject(new ProviderError("cut", "the server went away"));
      const reply = isCalm ? calmReply(next) : hostileReply(next, pick);
      onPart({ type: "text", text: reply.text });
      return Promise.resolve(reply);
    },
    countTokens: ({ messages }) =>
      Promise.resolve({ tokens: JSON.stringify(messages).length / 4, exact: false }),
    estimateTokens: (text) => text.length / 4,
    close: () => {},
  };
}

function tools(next: () => number): Map<string, Tool> {
  const note = defineTool({
    name: "note",
    category: "read",
    effect: "read",
    description: "",
    parameters: (z) => z.object({ text: z.string().optional() }),
    example: {},
    run: () =>
      Promise.resolve({ text: next() < 0.5 ? "same" : `result ${next()} ${"y".repeat(3000)}`, summary: "" }),
  });
  const write = defineTool({
    name: "write",
    category: "write",
    effect: "write",
    description: "",
    parameters: (z) => z.object({ path: z.string(), text: z.string() }),
    example: { path: "a", text: "b" },
    run: ({ path }) =>
      Promise.resolve({
        text: "written",
        summary: "",
        changes: [{ path, kind: "edited", linesAdded: 1, linesRemoved: 0, by: "tool" as const }],
      }),
  });
  const fail = defineTool({
    name: "fail",
    category: "read",
    effect: "read",
    description: "",
    parameters: (z) => z.object({ text: z.string() }),
    example: { text: "x" },
    run: () =>
      Promise.reject(next() < 0.5 ? new ToolError("Cannot do it") : new TypeError("a bug in a tool")),
  });
  return new Map([note, write, fail].map((tool) => [tool.name, tool]));
}

const TEXT = "def f(a):\n    return a\n";
const CHECK = { command: "python3 -m unittest", kind: "test" as const, from: "test" };

/** A run of the project's tests. */
function hostileRun(next: () => number) {
  const failures = Math.floor(next() * 4);
  const lines = Array.from(
    { length: failures },
    (_, i) =>
      `FAIL: test_${i} (test_a.T.test_${i})\n  File "/a.txt", line ${i + 1}, in f\nAssertionError: 1 != 2`,
  );
  const output = `${lines.join("\n")}\nRan 4 tests in 0.1s\n${failures > 0 ? "FAILED" : "OK"}\n`;
  return { exitCode: failures > 0 ? 1 : 0, output, timedOut: next() < 0.1, ms: 1 };
}

function depsFor(
  next: () => number,
  seen: { events: EventBody[]; saved: (readonly Message[])[] },
): AgentDeps {
  let id = 0;
  const unused = () => Promise.reject(new Error("not used here"));
  const profile: Profile = {
    name: "hostile",
    match: [],
    trainedWindow: 8_192,
    dialect: pickWith(next)(["native", "json", "raw", "hermes"]),
    editFormat: "search_replace",
    envelope: pickWith(next)(["free", "constrained", "prefill"]),
    sampling: {},
    thinking: { supported: false, control: "none", enabled: false, budgetTokens: 0, replay: false },
    roles: { system: "system", toolResult: "tool" },
    maxOutputTokens: 1_000,
    firstLookPct: 25,
    harness: { ...PROFILE.harness, govern: next() < 0.8, compaction: next() < 0.8 },
  };
  const hasCheck = next() < 0.5;
  const mode = pickWith(next)(["edits", "auto"] as const);
  const before = { ...CHECK, failures: [], tests: 2, ms: 1 };
  const baselines = hasCheck ? [{ ...before, exitCode: pickWith(next)([0, 1, null]) }] : [];
  const deps: AgentDeps = {
    config: {
      limits: LIMITS,
      escalation: { maxPerSession: 2, confirm: next() < 0.8 },
      context: { maxBudgetPct: 70, workingMemoryTokens: 0, resultChars: 8_000 },
      tools: { bashTimeoutMs: 1_000 },
      planner: {
        autoPlan: true,
        maxRetries: 2,
        validateAfterEdit: true,
        bestOf: next() < 0.7 ? 1 : 3,
        keepFailed: next() < 0.3,
      },
    } as Config,
    tier: "default",
    profile,
    transport: hostileTransport(next),
    emit: (event) => seen.events.push(event),
    hooks: NO_HOOKS,
    tools: tools(next),
    ask: () => Promise.resolve(next() < 0.5 ? "once" : "no"),
    rules: () => ({ mode, allow: [], deny: [], sandboxed: true, sessionAllowed: new Set() }),
    remember: () => Promise.resolve(),
    world: {
      files: {
        root: "/",
        relative: (path) => Promise.resolve(path),
        exists: () => Promise.resolve(next() < 0.5 ? "file" : undefined),
        read: (path) =>
          next() < 0.5
            ? Promise.reject(new ToolError("There is no such file"))
            : Promise.resolve({ path, text: TEXT, hasBom: false, hash: "h", bytes: TEXT.length }),
        write: unused,
        walk: () => ({ [Symbol.asyncIterator]: () => ({ next: unused }) }),
      },
      shell: {
        name: "sh",
        cwd: () => "/",
        jobs: () => 0,
        run: unused,
        poll: () => ({ exitCode: 0, output: "", timedOut: false, ms: 0 }),
        stop: unused,
      },
      seen: openSeen(),
      results: { keep: () => "result:1", get: () => "" },
      syntax: {
        parseErrors: () => Promise.resolve([]),
        outline: () =>
          Promise.resolve(next() < 0.5 ? undefined : [{ name: "f", kind: "function", from: 1, to: 2 }]),
      },
      switches: PROFILE.harness,
    },
    lookAtFiles: () => Promise.resolve(() => Promise.resolve([])),
    changesByJobs: () => Promise.resolve({ changes: [], isWhole: true }),
    watchFiles: () => Promise.resolve(() => Promise.resolve({ changes: [], isWhole: next() < 0.9 })),
    heads: { next: () => undefined, openAll: () => START.head, renew: () => START.head },
    scores: { note: () => {}, flush: () => {} },
    checks: {
      find: () => Promise.resolve(hasCheck ? [CHECK] : []),
      known: () => hasCheck ? [CHECK] : [],
      paths: () => Promise.resolve([]),
      shell: {
        ...{ name: "sh", cwd: () => "/", jobs: () => 0, poll: unused, stop: unused },
        run: () => Promise.resolve(hostileRun(next)),
      } as never,
      openScratch: () => Promise.resolve(undefined),
      slow: new Set<string>(),
      hung: new Set<string>(),
      confirmed: new Set<string>(),
      hasProgram: () => false,
      looks: new Map(),
    },
    baselines: {
      take: () => Promise.resolve(baselines),
      settle: () => Promise.resolve(baselines),
      originals: () => new Map(),
      close: () => Promise.resolve(),
    },
    constraints: openConstraintTrust(),
    isKnownFile: () => next() < 0.5,
    putBack: () => Promise.resolve({ files: [] }),
    newId: () => `own_${id++}`,
    now: () => 0,
    save: (turn) => seen.saved.push(turn.messages),
  };
  if (next() < 0.5) return deps;
  let sent = 0;
  const strong: AgentDeps = {
    ...deps,
    tier: "strong",
    transport: hostileTransport(next),
    ...(next() < 0.7 ? { leaves: { hide: (text: string) => text, hidden: () => 0 } } : {}),
  };
  const isReachable = next() < 0.8;
  return {
    ...deps,
    tiers: {
      rungs: [{ tier: "default", isLocal: true }, { tier: "strong", isLocal: !strong.leaves }],
      facts: { paths: [] } as unknown as ProjectFacts,
      allowed: new Set(),
      sent: () => sent,
      countSent: () => void sent++,
      open: () =>
        isReachable ? Promise.resolve(strong) : Promise.reject(new ProviderError("unreachable", "gone")),
      opened: (tier) => tier === "strong" ? strong : deps,
    },
  };
}

const START: Turn = {
  number: 1,
  task: "fix it",
  wantsChange: true,
  head: { system: "s", nativeTools: [], shown: ["note"], offered: [], hash: "h" },
  epoch: 1,
  messages: [{ role: "user", content: "fix it" }],
  start: 0,
  ...NOTHING_DONE,
  startedAt: 0,
};

/** Each call is answered once, in order, with nothing in between; `open` are calls still to be answered at the end. */
function openCalls(messages: readonly Message[]): readonly string[] {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") assert.equal(open.shift(), message.callId);
    else assert.deepEqual(open, [], "a message between a call and its answer");
    if (message.role === "assistant") open = message.calls.map((call) => call.id);
  }
  return open;
}

Deno.test("runTurn() ends within its budgets with a valid history, whatever the model says", async () => {
  let handedOver = 0;
  const attempts: string[] = [];
  await playSeeds("loop", SEEDS, async (seed) => {
    const next = random(seed);
    const seen = { events: [] as EventBody[], saved: [] as (readonly Message[])[] };
    const deps = depsFor(next, seen);
    const turn = {
      ...START,
      planAsked: next() < 0.5,
      head: { ...START.head, offered: [...deps.tools.values()].map((tool) => tool.schema) },
    };
    const finished = await runTurn(turn, deps, new AbortController().signal).catch((error) => {
      assert.ok(error instanceof ProviderError, String(error));
    });
    for (const messages of seen.saved) openCalls(messages);
    if (!finished) return;
    const { step, toolCalls, corrections, messages, ledger } = finished.turn;
    assert.deepEqual(openCalls(messages), [], "calls without an answer");
    assert.ok(step <= LIMITS.steps && toolCalls <= LIMITS.toolCalls, "over its budgets");
    assert.ok(sumOf(corrections) <= LIMITS.corrections, "over its corrections");
    const escalations = seen.events.filter((event) => event.type === "escalation" && event.answer === "sent");
    assert.ok(escalations.length <= 1, "a tier was asked twice in a turn");
    handedOver += escalations.length;
    const ids = messages.flatMap((m) => m.role === "assistant" ? m.calls.map((call) => call.id) : []);
    assert.equal(new Set(ids).size, ids.length, "an id twice");
    if (finished.outcome === "verified") {
      const codes = freshChecks(ledger).map(({ exitCode }) => exitCode);
      assert.ok(
        codes.length > 0 && codes.every((code) => code === 0),
        "verified, but not green",
      );
    }
    attempts.push(...(finished.turn.attempts ?? []).map(({ strategy }) => strategy));
    if (finished.outcome === "answered") assert.equal(ledger.changes.length, 0);
    assert.ok([0, 1, 130].includes(exitCodeOf(finished.outcome, { requireVerified: false })));
    assert.equal(seen.events.filter((event) => event.type === "turn_end").length, 1);
  });
  const played = SEEDS.to - SEEDS.from;
  if (played < 500) return;
  assert.ok(attempts.length > played / 20, `only ${attempts.length} attempts`);
  assert.ok(new Set(attempts).size >= 3, `only ${[...new Set(attempts)]}`);
  assert.ok(handedOver > played / 20, `only ${handedOver} turns changed hands`);
});

Deno.test("runTurn() leaves a valid history when it is cancelled at any event", async () => {
  await playSeeds("loop, cancelled", SEEDS, async (seed) => {
    const next = random(seed);
    const abort = new AbortController();
    const seen = { events: [] as EventBody[], saved: [] as (readonly Message[])[] };
    const deps = depsFor(next, seen);
    const stopAt = Math.floor(next() * 12);
    let count = 0;
    const emit = (event: EventBody) => {
      seen.events.push(event);
      if (count++ === stopAt) abort.abort(new DOMException("test", "AbortError"));
    };
    const turn = {
      ...START,
      planAsked: next() < 0.5,
      head: { ...START.head, offered: [...deps.tools.values()].map((tool) => tool.schema) },
    };
    const finished = await runTurn(turn, { ...deps, emit }, abort.signal).catch((error) => {
      assert.ok(error instanceof ProviderError, String(error));
    });
    if (finished) assert.deepEqual(openCalls(finished.turn.messages), []);
  });
});
