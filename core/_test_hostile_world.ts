/** Where a hostile model works: a real workspace with the real tools, gate, journal, watch and put-back; the shell, the server and the disk's sync are stand-ins. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundle } from "../main.ts";
import { openHostileServer } from "./_test_hostile_server.ts";
import { openFakeShell, pluginTools } from "./_test_hostile_tools.ts";
import { FILES, onDisk, openCalls, type Place, type Waits, type Witness } from "./_test_hostile_witness.ts";
import { type Next, pick } from "./_test_seeds.ts";
import type { Config } from "./config/config.ts";
import { loadProfiles } from "./config/profiles.ts";
import { DiskFullError, ProviderError, ToolError } from "./errors.ts";
import { openConstraintTrust } from "./guard/misread.ts";
import { openSeen } from "./guard/seen.ts";
import type { Transport } from "./model/transport.ts";
import { NO_HOOKS } from "./plugins/hooks.ts";
import type { HarnessSwitches, Profile } from "./profile.ts";
import type { ProjectFacts } from "./prompt/project_facts.ts";
import { watchCommands } from "./sandbox/command_watch.ts";
import { openWorkspace } from "./sandbox/workspace.ts";
import { changesOf, type Journal, openJournal } from "./store/journal.ts";
import { rejectTurn } from "./store/rejected.ts";
import { openScores } from "./store/scores.ts";
import { openSyntax } from "./syntax/syntax.ts";
import type { Tool } from "./tool.ts";
import type { AgentDeps, Tiers } from "./turn/agent_deps.ts";
import { openBaselines, type ProjectChecks } from "./turn/baselines.ts";
import { type Heads, openHeads } from "./turn/heads.ts";
import type { Turn } from "./types.ts";

export const SYNTAX = openSyntax(bundle().assets);
const PROFILE = (await loadProfiles(new URL("../profiles/", import.meta.url))).find(({ name }) =>
  name === "default"
)!;
const TOOLS: readonly Tool[] = [...await bundle().tools(), ...pluginTools()];

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
    hung: new Set(),
    confirmed: new Set(),
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
    lookAtFiles: (signal) => waits.pass(() => watch.look(signal)),
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
