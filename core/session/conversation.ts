/** One conversation: a model server, a workspace and a session, opened together; and the way of one message through them. */

import { randomUUID } from "node:crypto";
import { realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle, RunResult, SmallCodeOptions } from "../api.ts";
import { runTurn } from "../agent.ts";
import type { AgentDeps } from "../turn/agent_deps.ts";
import type { Config, Loaded } from "../config/config.ts";
import { checkToolNames } from "../config/tool_names.ts";
import { addPermit, readPermits } from "../config/permits.ts";
import { ConfigError, DiskFullError, ProviderError } from "../errors.ts";
import { RECENT_TURNS } from "../escalate/start.ts";
import type { Event, EventBody } from "../events.ts";
import { carriedCourse, openConstraintTrust } from "../guard/misread.ts";
import { listScores, type ToolScore } from "../guard/scores.ts";
import { openSeen } from "../guard/seen.ts";
import type { Transport } from "../model/transport.ts";
import { contextStart, missingAnswers } from "../turn/history.ts";
import { openHeads } from "../turn/heads.ts";
import type { Profile } from "../profile.ts";
import { lastContract } from "../plan/contract.ts";
import { lastPlan } from "../plan/plan.ts";
import { openBaselines } from "../turn/baselines.ts";
import { openProjectChecks } from "../turn/project_checks.ts";
import { findProjectFacts, type ProjectFacts } from "../prompt/project_facts.ts";
import { findProjectRules } from "../prompt/project_rules.ts";
import { measureUsage, type WindowUsage } from "../prompt/usage.ts";
import { type CommandSandbox, findSandbox } from "../sandbox/command_sandbox.ts";
import { configure, openServer, openTierServer } from "./open_server.ts";
import { type OpenTier, openTiers } from "./open_tiers.ts";
import { findSessionPlugins, type FoundPlugins } from "./open_plugins.ts";
import { openExtensions, type PluginCommandEntry } from "../plugins/extensions.ts";
import { NO_HOOKS } from "../plugins/hooks.ts";
import { grantedOf, type Listed } from "../plugins/roster.ts";
import { MENU, USE } from "../route/menu.ts";
import { runPluginCommand } from "./run_command.ts";
import { isPermitted } from "../run_tool.ts";
import { collectCalls, resultOf } from "./run_result.ts";
import { startTurn } from "../turn/start_turn.ts";
import { watchCommands } from "../sandbox/command_watch.ts";
import { openShell } from "../sandbox/shell.ts";
import { openWorkspace } from "../sandbox/workspace.ts";
import { openEventMask } from "../store/event_mask.ts";
import { changesOf, hashOf, openJournal } from "../store/journal.ts";
import { openJournalFiles } from "../store/journal_files.ts";
import { findSecrets, maskSecrets } from "../store/mask.ts";
import { rejectTurn } from "../store/rejected.ts";
import { openScores, type ScoreBook } from "../store/scores.ts";
import { openStore, type Store, type StoredSession } from "../store/store.ts";
import { beginTurn, endTurn, keepTurn, type OpenTurn, openTurns, restoreTurn } from "../store/turns.ts";
import { openSyntax } from "../syntax/syntax.ts";
import type { Tool } from "../tool.ts";
import type { ProjectCheck } from "../verify/checks.ts";
import type { ContractItem, Message, Mode, Outcome, Plan, TierName } from "../types.ts";

/** What lives from the first run to `close`. */
export interface Conversation {
  readonly id: string;
  readonly root: string;
  readonly loaded: Loaded;
  readonly profile: Profile;
  readonly facts: ProjectFacts;
  /** Every check of the project as it stands, those that cannot be run here too. */
  readonly checks: () => Promise<readonly ProjectCheck[]>;
  readonly transport: Transport;
  readonly store: Store;
  /** Every plugin of this folder with its state. */
  readonly plugins: readonly Listed[];
  /** Commands that plugins add. */
  readonly commands: readonly PluginCommandEntry[];
  /** What a next request would be filled with. */
  readonly usage: () => WindowUsage;
  /** Times that a stronger tier was asked in the session. */
  readonly escalations: () => number;
  /** How this model got on with its tools and edit forms so far, the worst first; those that were never called are left out. */
  readonly scores: () => readonly ToolScore[];
  /** The plan of the last turn. */
  readonly plan: () => Plan | undefined;
  /** The definition of done, which the user may change between turns; it is kept with the session. */
  readonly contract: () => readonly ContractItem[];
  readonly setContract: (items: readonly ContractItem[]) => void;
  readonly runTurn: (task: string, signal: AbortSignal) => Promise<RunResult>;
  readonly close: () => Promise<void>;
}

export interface Opening {
  readonly options: SmallCodeOptions & { readonly cwd: string };
  readonly bundle: Bundle;
  readonly publish: (event: Event) => void;
  /** The mode in force, given the configured one. */
  readonly mode: (configured: Mode) => Mode;
  readonly signal: AbortSignal;
}

/** Opens everything in the order in which a user can be wrong: folder, configuration, server, window, store. @throws {ConfigError | ProviderError} */
export async function openConversation(opening: Opening): Promise<Conversation> {
  const { options, bundle, signal } = opening;
  const root = await findFolder(options.cwd);
  const loaded = await configure(options, bundle);
  const { config } = loaded;
  const found = await findSessionPlugins(config, root, { options, bundle }, signal);
  const { transport, profile, problems } = await openServer(config, bundle, found.profiles, signal);
  const store = await openStore({ folder: config.paths.data, now: Date.now });
  try {
    const plugins = { ...found, notices: [...found.notices, ...problems] };
    return await openSession({ opening, loaded, transport, profile, store, root, plugins });
  } catch (error) {
    store.close();
    transport.close();
    found.host.close();
    throw error;
  }
}

function keysOf({ endpoints }: Config): readonly string[] {
  return Object.values(endpoints).flatMap(({ apiKey }) => apiKey ? [apiKey] : []);
}

function isSent(event: Event): boolean {
  return event.type === "escalation" && event.answer === "sent";
}

async function findFolder(path: string): Promise<string> {
  const root = await realpath(path).catch((cause: Error) => {
    throw new ConfigError(`Cannot work in "${path}": ${cause.message}`, { cause });
  });
  if ((await stat(root)).isDirectory()) return root;
  throw new ConfigError(`Cannot work in "${path}": it is not a folder`);
}

interface Opened {
  readonly opening: Opening;
  readonly loaded: Loaded;
  readonly transport: Transport;
  readonly profile: Profile;
  readonly store: Store;
  readonly root: string;
  readonly plugins: FoundPlugins;
}

async function openSession(opened: Opened): Promise<Conversation> {
  const { opening, loaded, transport, profile, store, root, plugins } = opened;
  const { options, bundle, signal } = opening;
  const { config } = loaded;
  const resumed = options.resume === undefined ? undefined : loadSession(store, options.resume, root);
  const id = resumed?.meta.id ?? store.create({ cwd: root, model: transport.facts.model });
  if (!await store.lock(id)) {
    throw new ConfigError(
      `Cannot resume session "${id}": another smallcode is at work in it. Leave that one, or begin a new session`,
    );
  }
  const place = { turn: resumed?.meta.turns ?? 0, step: 0 };
  let tokensAtRisk = 0;
  let epoch = 1;
  const kept = resumed?.messages ?? [];
  /** Where in the store the messages begin that the model is shown. */
  let base = contextStart(kept);
  let history: readonly Message[] = kept.slice(base);
  let asked = (resumed?.events ?? []).flatMap((event) => event.type === "turn_start" ? [event.task] : []);
  let carried: ReturnType<typeof carriedCourse> = {};
  let plan = resumed && lastPlan(resumed.events);
  let contract = lastContract(resumed?.events ?? []);
  let hooks = NO_HOOKS;
  let changed: readonly string[] = [];
  const maskEvent = openEventMask(maskSecrets(keysOf(config)));
  const emit = (body: EventBody) => maskEvent(body).forEach(tell);
  const tell = (body: EventBody) => {
    if (body.type === "step_start") {
      place.step++;
      tokensAtRisk = body.promptTokens;
    }
    if (body.type === "epoch") epoch = body.epoch;
    const event = { at: Date.now(), session: id, ...place, ...body };
    store.append(event);
    opening.publish(event);
    hooks.onEvent(event);
  };
  const journal = openJournal(store, { session: id, root, turn: () => place.turn, step: () => place.step });
  const protectedPaths = [config.paths.config, config.paths.data];
  const files = await openWorkspace({ root, journal, protectedPaths });
  // The sandbox is tried in a process of its own, so the rest is loaded and read meanwhile.
  // Python tells a stale .pyc by second and size: an edit within the same second would not be seen by the next test run.
  const env = { PYTHONDONTWRITEBYTECODE: "1", ...bundle.env };
  const { network } = config.permissions;
  const confine = { root, protectedPaths, platform: bundle.platform, env, network };
  const [sandbox, bundled, found] = await Promise.all([
    findSandbox(confine),
    bundle.tools(),
    findProjectFacts(files, signal),
  ]);
  const shell = openShell({ root, env, sandbox, platform: bundle.platform });
  const checks = openProjectChecks({ files, settings: config.checks, sandbox, temp: shell.temp, confine });
  const [test] = (await checks.find(signal)).filter(({ kind }) => kind === "test");
  const facts = test ? { ...found, testCommand: test.command } : found;
  const idle = checkToolNames(config.tools.enabled ?? [], bundled.map((tool) => tool.name));
  const watch = watchCommands({
    root,
    store,
    journal,
    env: bundle.env,
    jobs: () => shell.jobs(),
    written: (path) => changesOf(store, id, place.turn).findLast((entry) => entry.path === path)?.after,
  });
  const added = openExtensions({
    plugins: profile.harness.plugins ? grantedOf(plugins.listed) : [],
    host: plugins.host,
    world: {
      root,
      home: bundle.home,
      language: facts.languages[0]?.toLowerCase() ?? "unknown",
      changedFiles: () => changed,
      protectedPaths,
      permit: (request, callSignal) => isPermitted("plugin", request, callSignal, deps),
      record: (entry) => journal.record(entry),
      onChange: () => {},
      storeFolder: join(
        config.paths.data,
        "plugins",
        "values",
        hashOf(new TextEncoder().encode(root)).slice(0, 16),
      ),
      env,
      confine: (argv, folders) => sandbox.kind === "none" ? argv : sandbox.wrap(argv, folders),
      emit,
    },
    taken: [...bundled.map((tool) => tool.name), MENU, USE],
    languages: facts.languages,
    window: transport.facts.window,
    estimate: (text) => transport.estimateTokens(text),
    watchFiles: watch.around,
    emit,
    now: () => performance.now(),
  });
  hooks = added.hooks;
  const tools = [...enabledTools(bundled, config), ...enabledTools(added.tools, config)];
  const headsFor = async (profile: Profile, transport: Transport, scores: ScoreBook) =>
    openHeads({
      profile,
      tools,
      transport,
      shell: shell.name,
      facts,
      tokensAtRisk: () => tokensAtRisk,
      scores,
      clock: () => new Date(store.now()),
      pluginText: added.text,
      ...await withProjectRules(files, transport.facts.window),
    });
  const scores = openScores(store, transport.facts.model);
  const heads = await headsFor(profile, transport, scores);
  const granted = new Set(await readPermits(config.paths.config, root));
  const known = new Set(facts.paths);
  const mode = () => opening.mode(config.permissions.mode ?? (options.ask ? "ask" : "edits"));
  const tiers = openTiers({
    config,
    first: {
      ...config.endpoints.default ?? { provider: "custom" },
      tier: "default",
      baseUrl: transport.facts.baseUrl,
      model: transport.facts.model,
    },
    facts,
    sentBefore: (resumed?.events ?? []).filter(isSent).length,
    connect: (endpoint, signal) =>
      openTierServer(endpoint, config, { bundle, added: plugins.profiles }, signal),
    openHeads: headsFor,
    openScores: (model) => openScores(store, model),
    base: () => deps,
    findSecrets: findSecrets(keysOf(config)),
    nonce: randomUUID().slice(0, 4),
  });
  const deps: AgentDeps = {
    config,
    tier: "default",
    ...(tiers ? { tiers } : {}),
    profile,
    transport,
    emit,
    tools: new Map(heads.tools.map((tool) => [tool.name, tool])),
    heads,
    scores,
    world: {
      files,
      shell,
      seen: openSeen(),
      results: store.results(id),
      syntax: openSyntax(bundle.assets),
      switches: profile.harness,
    },
    ask: options.ask ?? (() => Promise.resolve("no")),
    rules: () => ({
      mode: mode(),
      allow: config.permissions.allow,
      deny: config.permissions.deny,
      sandboxed: sandbox.kind !== "none",
      sessionAllowed: granted,
      root,
    }),
    remember: async ({ what }, answer) => {
      granted.add(what);
      if (answer === "always") await addPermit(config.paths.config, root, what);
    },
    watchFiles: watch.around,
    changesByJobs: watch.byJobs,
    hooks: added.hooks,
    constraints: openConstraintTrust(),
    isKnownFile: (path) => known.has(path),
    checks,
    baselines: openBaselines(checks),
    putBack: () => rejectTurn({ store, session: id, turn: place.turn, folder: config.paths.data }),
    newId: () => `call_${randomUUID().slice(0, 8)}`,
    now: () => performance.now(),
    save: (turn) => {
      const [first] = turn.messages;
      const isAnew = first?.role === "user" && first.startsContext && first !== history[0];
      if (isAnew) base += history.length;
      const shared = isAnew ? 0 : sharedLength(history, turn.messages);
      store.saveMessages(id, base + shared, markStart(base, shared, turn.messages.slice(shared)));
      history = turn.messages;
      plan = turn.plan;
      if (!turn.away) carried = carriedCourse(turn);
      contract = turn.contract ?? [];
      changed = turn.ledger.changes.map(({ path }) => path);
    },
  };
  let beganAt: TierName = "default";
  const beginAt = async (turnSignal: AbortSignal): Promise<OpenTier | undefined> => {
    if (!tiers || !config.escalation.adaptive) return undefined;
    const began = await tiers.begin((model) => store.turnRecord(model, RECENT_TURNS), turnSignal)
      .catch((error: unknown) => {
        if (!(error instanceof ProviderError)) throw error;
        emit({ type: "notice", level: "warning", text: `The default model begins: ${error.message}` });
        return undefined;
      });
    const { tier, transport: { facts: { model } } } = began?.deps ?? deps;
    if (tier === beganAt) return began;
    beganAt = tier;
    const reason = `the ${tier} model begins`;
    emit({ type: "notice", level: "info", text: `${model} begins: ${reason} (escalation.adaptive)` });
    const prefixHash = (began?.heads ?? heads).current().hash;
    if (history.length > 0) emit({ type: "epoch", epoch: epoch + 1, reason, prefixHash });
    return began;
  };
  emit({
    type: "session_start",
    cwd: root,
    model: transport.facts.model,
    baseUrl: transport.facts.baseUrl,
    server: `${transport.facts.kind} ${transport.facts.version}`.trim(),
    profile: profile.name,
    window: transport.facts.window,
    windowSource: transport.facts.windowSource,
    mode: mode(),
    resumed: resumed !== undefined,
    version: bundle.version,
  });
  for (const text of [...loaded.warnings, ...store.notices, ...plugins.notices, ...added.notices]) {
    emit({ type: "notice", level: "warning", text });
  }
  if (idle.length > 0) {
    emit({ type: "notice", level: "warning", text: `tools.enabled: ${idle.join(", ")} have no effect yet` });
  }
  emit(sandboxNotice(sandbox, mode(), config.permissions.network));
  const inForce = profile.harness.plugins
    ? grantedOf(plugins.listed).map(({ manifest }) => manifest.name)
    : [];
  if (inForce.length > 0) emit({ type: "notice", level: "info", text: `Plugins: ${inForce.join(", ")}` });
  for (const open of await openTurns(store, root, id)) {
    emit({ type: "notice", level: "warning", text: await settle(open, store, options.recover, signal) });
  }
  return {
    id,
    root,
    loaded,
    profile,
    facts,
    checks: () => checks.all(signal),
    transport,
    store,
    plugins: plugins.listed,
    commands: added.commands,
    escalations: () => tiers?.sent() ?? 0,
    usage: () => measureUsage(heads.current(), history, (text) => transport.estimateTokens(text)),
    scores: () => listScores(scores.evidence(), store.now()),
    plan: () => plan,
    contract: () => contract,
    setContract(items) {
      contract = items;
      emit({ type: "contract", items });
    },
    async runTurn(message, turnSignal) {
      place.turn++;
      place.step = 0;
      beginTurn(store, { session: id, turn: place.turn, root, snapshot: "" });
      await watch.begin();
      const calls = collectCalls();
      const turnDeps = { ...deps, emit: (body: EventBody) => (calls.take(body), emit(body)) };
      let outcome: Outcome = "stopped";
      try {
        const command = await runPluginCommand(
          { task: message, number: place.turn, epoch, history, head: heads.current() },
          added,
          turnDeps,
          turnSignal,
        );
        const task = command.task ?? message;
        if (command.finished) {
          outcome = command.finished.outcome;
          return resultOf(command.finished, calls.list(), {
            session: id,
            durationMs: deps.now() - command.finished.turn.startedAt,
            requireVerified: options.requireVerified ?? false,
          });
        }
        const began = await beginAt(turnSignal);
        const beginDeps = began ? { ...began.deps, emit: turnDeps.emit } : turnDeps;
        const turn = await startTurn(
          {
            task,
            asked,
            number: place.turn,
            heads: began?.heads ?? heads,
            epoch,
            history,
            facts,
            contract,
            carried,
            ...(plan ? { plan } : {}),
          },
          beginDeps,
          turnSignal,
        );
        asked = [...asked, task];
        turnDeps.save(turn);
        const finished = await runTurn(turn, beginDeps, turnSignal);
        outcome = finished.outcome;
        return resultOf(finished, calls.list(), {
          session: id,
          durationMs: deps.now() - turn.startedAt,
          requireVerified: options.requireVerified ?? false,
        });
      } catch (error) {
        // It cannot be kept, but it can be told.
        if (error instanceof DiskFullError) {
          const { name, message } = error;
          opening.publish({ at: Date.now(), session: id, ...place, type: "error", name, message });
        }
        throw error;
      } finally {
        scores.flush();
        await deps.baselines.close();
        endTurn(store, { session: id, turn: place.turn, outcome });
      }
    },
    async close() {
      await added.close();
      plugins.host.close();
      await checks.close();
      await shell.close();
      tiers?.close();
      transport.close();
      store.close();
    },
  };
}

/** A session of this folder: its history speaks of these files and no others. */
function loadSession(store: Store, wanted: string, root: string): StoredSession {
  const { id, cwd } = found(() => store.find(wanted, root));
  if (cwd !== root) {
    throw new ConfigError(
      `Cannot resume session "${id}" in "${root}": it belongs to "${cwd}"; use --cwd "${cwd}"`,
    );
  }
  const session = store.load(id);
  const answers = missingAnswers(session.messages, "Not run: the program was cut off");
  if (answers.length > 0) store.saveMessages(id, session.messages.length, answers);
  return { ...session, messages: [...session.messages, ...answers] };
}

function found<T>(find: () => T): T {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(cause.message, { cause });
  }
}

/** What becomes of a turn that a crash cut off: its files are kept, unless a person wants them put back. @returns what was done, for them */
async function settle(
  open: OpenTurn,
  store: Store,
  recover: SmallCodeOptions["recover"],
  signal: AbortSignal,
): Promise<string> {
  const what = `Turn ${open.turn} of session ${open.session} was cut off`;
  const files = openJournalFiles();
  if (open.paths.length === 0) {
    await keepTurn(store, open, files);
    return `${what} before it changed a file`;
  }
  if (recover && await recover(open, signal) === "restore") {
    const undone = await restoreTurn(store, open, files);
    const told = undone.map(({ path, kind, reason }) => `${path} (${kind}${reason ? `: ${reason}` : ""})`);
    return `${what}; put back: ${told.join(", ")}`;
  }
  await keepTurn(store, open, files);
  const how = `\`smallcode undo --session ${open.session} --turn ${open.turn}\` puts them back`;
  return `${what}; it had changed ${open.paths.join(", ")}. ${how}`;
}

/** What holds commands, said at every start. */
function sandboxNotice(sandbox: CommandSandbox, mode: Mode, network: boolean): EventBody {
  if (sandbox.kind === "none") {
    const text = `Commands run unconfined (${sandbox.reason})${mode === "auto" ? "" : "; each is asked for"}`;
    return { type: "notice", level: "warning", text };
  }
  const reach = network ? "with network" : "no network (permissions.network)";
  return {
    type: "notice",
    level: "info",
    text: `Commands run in ${sandbox.kind}: they write this folder and temp only, ${reach}`,
  };
}

function enabledTools(tools: readonly Tool[], config: Config): readonly Tool[] {
  const { enabled } = config.tools;
  return enabled ? tools.filter((tool) => enabled.includes(tool.name)) : tools;
}

async function withProjectRules(files: Parameters<typeof findProjectRules>[0], window: number) {
  const projectRules = await findProjectRules(files, window);
  return projectRules ? { projectRules } : {};
}

/** A compaction may drop the message that started the context: what stands first now starts it when the session is resumed. */
function markStart(base: number, from: number, messages: readonly Message[]): readonly Message[] {
  const [first, ...rest] = messages;
  if (base === 0 || from > 0 || first?.role !== "user") return messages;
  return [{ ...first, startsContext: true }, ...rest];
}

/** Leading messages that are the very same; after a compaction the rest is saved anew. */
function sharedLength(before: readonly Message[], after: readonly Message[]): number {
  const differs = before.findIndex((message, i) => message !== after[i]);
  return differs < 0 ? before.length : differs;
}
