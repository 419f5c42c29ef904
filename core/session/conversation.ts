/** One conversation: a model server, a workspace and a session, opened together; and what a face may ask of them. */

import { realpath, stat } from "node:fs/promises";
import type { RunResult } from "../api.ts";
import type { Loaded } from "../config/config.ts";
import { checkToolNames } from "../config/tool_names.ts";
import { ConfigError } from "../errors.ts";
import { listScores, type ToolScore } from "../guard/scores.ts";
import type { ListedServer } from "../mcp/servers.ts";
import type { Transport } from "../model/transport.ts";
import type { PluginCommandEntry } from "../plugins/extensions.ts";
import type { Listed } from "../plugins/roster.ts";
import type { Profile } from "../profile.ts";
import type { ProjectFacts } from "../prompt/project_facts.ts";
import { measureUsage, type WindowUsage } from "../prompt/usage.ts";
import { maskSecrets } from "../store/mask.ts";
import { openStore, type Store } from "../store/store.ts";
import type { ContractItem, Plan } from "../types.ts";
import type { ProjectCheck } from "../verify/project_check.ts";
import { addPlugins } from "./add_plugins.ts";
import { addServers, isServerTool } from "./add_servers.ts";
import { claimSession } from "./claim_session.ts";
import { openDeps } from "./open_deps.ts";
import { openPermission } from "./open_permission.ts";
import { findSessionPlugins } from "./open_plugins.ts";
import { beginProject } from "./begin_project.ts";
import { openProject } from "./open_project.ts";
import { configure, openServer } from "./open_server.ts";
import { type Opened, openMessages } from "./run_message.ts";
import { type Ground, keysOf, type Opening, type Session } from "./session.ts";
import { openEvents } from "./session_events.ts";
import { openState } from "./session_state.ts";
import { settleTurns } from "./settle_turns.ts";
import { tellStart } from "./tell_start.ts";

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
  /** Every MCP server of the configuration with its state and tools. */
  readonly servers: () => readonly ListedServer[];
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

/** Opens everything in the order in which a user can be wrong: folder, configuration, server, window, store. @throws {ConfigError | ProviderError} */
export async function openConversation(opening: Opening): Promise<Conversation> {
  const { options, bundle, signal } = opening;
  const root = await findFolder(options.cwd);
  const loaded = await configure(options, bundle);
  const { config } = loaded;
  const found = await findSessionPlugins(config, root, { options, bundle }, signal);
  const ahead = beginProject(loaded, root, bundle);
  const { transport, profile, problems } = await openServer(config, bundle, found.profiles, signal)
    .catch(async (error) => {
      await Promise.allSettled([ahead.sandbox, ahead.tools]);
      throw error;
    });
  const store = await openStore({ folder: config.paths.data, now: Date.now });
  try {
    const plugins = { ...found, notices: [...found.notices, ...problems] };
    const session = await openSession({ opening, root, loaded, transport, profile, store, plugins, ahead });
    return await converse(session);
  } catch (error) {
    store.close();
    transport.close();
    found.host.close();
    throw error;
  }
}

async function findFolder(path: string): Promise<string> {
  const root = await realpath(path).catch((cause: Error) => {
    throw new ConfigError(`Cannot work in "${path}": ${cause.message}`, { cause });
  });
  if ((await stat(root)).isDirectory()) return root;
  throw new ConfigError(`Cannot work in "${path}": it is not a folder`);
}

async function openSession(ground: Ground): Promise<Session> {
  const { opening: { options, publish }, root, store, transport } = ground;
  const about = { root, model: transport.facts.model, resume: options.resume };
  const { id, resumed } = await claimSession(store, about);
  const mask = maskSecrets(keysOf(ground));
  return {
    ...ground,
    id,
    isResumed: resumed !== undefined,
    earlier: resumed?.events ?? [],
    events: openEvents({ session: id, turns: resumed?.meta.turns ?? 0, store, publish, mask }),
    state: openState(store, id, resumed),
  };
}

/** The project, then what acts in it; then the person is told. */
async function converse(session: Session): Promise<Conversation> {
  const { loaded, store, plugins } = session;
  const project = await openProject(session);
  const toolNames = project.tools.map((tool) => tool.name);
  const enabled = loaded.config.tools.enabled ?? [];
  const idle = checkToolNames(enabled.filter((name) => !isServerTool(name)), toolNames);
  const permission = await openPermission(session, project);
  const extensions = addPlugins(session, project, permission);
  const taken = [...toolNames, ...extensions.tools.map((tool) => tool.name)];
  const servers = await addServers(session, project, { permission, taken });
  try {
    const open = await openDeps(session, { project, permission, extensions, servers });
    const notices = [plugins, extensions, servers].flatMap((part) => part.notices);
    tellStart(session, {
      sandbox: project.sandbox,
      notices: [...loaded.warnings, ...store.notices, ...notices],
      idle,
      servers: servers.listed(),
    });
    servers.tell();
    await settleTurns(session);
    return faceOf({ session, project, extensions, servers, open });
  } catch (error) {
    await servers.close();
    throw error;
  }
}

/** What a face sees of it. */
function faceOf(opened: Opened): Conversation {
  const { session, project, extensions, servers, open } = opened;
  const { opening, id, root, loaded, profile, transport, store, plugins, state, events } = session;
  return {
    id,
    root,
    loaded,
    profile,
    facts: project.facts,
    checks: () => project.checks.all(opening.signal),
    transport,
    store,
    plugins: plugins.listed,
    servers: servers.listed,
    commands: extensions.commands,
    escalations: () => open.tiers?.sent() ?? 0,
    usage: () =>
      measureUsage(open.heads.current(), state.now().history, (text) => transport.estimateTokens(text)),
    scores: () => listScores(open.scores.evidence(), store.now()),
    plan: () => state.now().plan,
    contract: () => state.now().contract,
    setContract(items) {
      state.setContract(items);
      events.emit({ type: "contract", items });
    },
    runTurn: openMessages(opened),
    async close() {
      await extensions.close();
      plugins.host.close();
      await servers.close();
      await project.checks.close();
      await project.shell.close();
      open.tiers?.close();
      transport.close();
      store.close();
    },
  };
}
