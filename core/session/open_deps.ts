/** What the loop acts through in a session: `AgentDeps` of the model that it began with, and the ways to the other tiers. */

import { randomUUID } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { Event } from "../events.ts";
import { openConstraintTrust } from "../guard/misread.ts";
import { openSeen } from "../guard/seen.ts";
import type { OpenServers } from "../mcp/servers.ts";
import type { Transport } from "../model/transport.ts";
import type { Extensions } from "../plugins/extensions.ts";
import type { Profile } from "../profile.ts";
import { findProjectRules } from "../prompt/project_rules.ts";
import { findSecrets } from "../store/mask.ts";
import { rejectTurn } from "../store/rejected.ts";
import { openScores, type ScoreBook } from "../store/scores.ts";
import { openSyntax } from "../syntax/syntax.ts";
import type { Tool } from "../tool.ts";
import type { AgentDeps } from "../turn/agent_deps.ts";
import { openBaselines } from "../turn/baselines.ts";
import { type Heads, openHeads } from "../turn/heads.ts";
import type { Permission } from "./open_permission.ts";
import type { Project } from "./open_project.ts";
import { openTierServer } from "./open_server.ts";
import { type OpenTiers, openTiers } from "./open_tiers.ts";
import { keysOf, type Session } from "./session.ts";

/** The loop's dependencies, with what only the session may do with them. */
export interface OpenDeps {
  readonly deps: AgentDeps;
  readonly heads: Heads;
  readonly scores: ScoreBook;
  /** Absent where one tier is configured. */
  readonly tiers?: OpenTiers;
}

/** What the session's project, rules, plugins and MCP servers are to the loop. */
interface Standing {
  readonly project: Project;
  readonly permission: Permission;
  readonly extensions: Extensions;
  readonly servers: Pick<OpenServers, "tools">;
}

type OpenHeads = (profile: Profile, transport: Transport, scores: ScoreBook) => Promise<Heads>;

export async function openDeps(session: Session, standing: Standing): Promise<OpenDeps> {
  const { opening, loaded: { config }, id, store, transport, profile, events, state } = session;
  const { project, permission, extensions } = standing;
  const { files, shell, checks, watch } = project;
  const headsFor = headsWith(session, standing);
  const scores = openScores(store, transport.facts.model);
  const heads = await headsFor(profile, transport, scores);
  const known = new Set(project.facts.paths);
  const tiers = tiersOf(session, project, headsFor, () => deps);
  const deps: AgentDeps = {
    ...permission,
    config,
    tier: "default",
    ...(tiers ? { tiers } : {}),
    profile,
    transport,
    tools: new Map(heads.tools.map((tool) => [tool.name, tool])),
    heads,
    scores,
    world: {
      files,
      shell,
      seen: openSeen(),
      results: store.results(id),
      syntax: openSyntax(opening.bundle.assets),
      switches: profile.harness,
    },
    watchFiles: watch.around,
    lookAtFiles: watch.look,
    changesByJobs: watch.byJobs,
    hooks: extensions.hooks,
    constraints: openConstraintTrust(),
    isKnownFile: (path) => known.has(path),
    checks,
    baselines: openBaselines(checks),
    putBack: () => rejectTurn({ store, session: id, turn: events.place().turn, folder: config.paths.data }),
    newId: () => `call_${randomUUID().slice(0, 8)}`,
    now: () => performance.now(),
    save: state.save,
  };
  return { deps, heads, scores, ...(tiers ? { tiers } : {}) };
}

/** How the heads of any of the models are opened: the same tools and texts for each. */
function headsWith(session: Session, { project, extensions, servers }: Standing): OpenHeads {
  const { loaded: { config }, store, events } = session;
  const { files, facts, shell } = project;
  const tools = [project, extensions, servers].flatMap((part) => enabledTools(part.tools, config));
  const tellProblem = (text: string) => events.emit({ type: "notice", level: "warning", text });
  return async (profile, transport, scores) => {
    const projectRules = await findProjectRules(files, transport.facts.window, tellProblem);
    return openHeads({
      profile,
      tools,
      transport,
      shell: shell.name,
      facts,
      tokensAtRisk: events.promptTokens,
      scores,
      clock: () => new Date(store.now()),
      pluginText: extensions.text,
      ...(projectRules ? { projectRules } : {}),
    });
  };
}

function enabledTools(tools: readonly Tool[], { tools: { enabled } }: Config): readonly Tool[] {
  return enabled ? tools.filter((tool) => enabled.includes(tool.name)) : tools;
}

function tiersOf(
  session: Session,
  { facts }: Project,
  openHeads: OpenHeads,
  base: () => AgentDeps,
): OpenTiers | undefined {
  const { opening: { bundle }, loaded: { config }, transport, store, plugins } = session;
  return openTiers({
    config,
    first: {
      ...config.endpoints.default ?? { provider: "custom" },
      tier: "default",
      baseUrl: transport.facts.baseUrl,
      model: transport.facts.model,
    },
    facts,
    sentBefore: session.earlier.filter(isSent).length,
    connect: (endpoint, signal) =>
      openTierServer(endpoint, config, { bundle, added: plugins.profiles }, signal),
    openHeads,
    openScores: (model) => openScores(store, model),
    base,
    findSecrets: findSecrets(keysOf(session)),
    nonce: randomUUID().slice(0, 4),
  });
}

function isSent(event: Event): boolean {
  return event.type === "escalation" && event.answer === "sent";
}
