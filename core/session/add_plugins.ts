/** What the plugins add to a session, bound to its project: host functions act through the same files, rules and sandbox as tools. */

import { join } from "node:path";
import type { PluginWorld } from "../plugin_host.ts";
import { type Extensions, openExtensions } from "../plugins/extensions.ts";
import { grantedOf } from "../plugins/roster.ts";
import { MENU, USE } from "../route/menu.ts";
import { isPermitted } from "../run_tool.ts";
import { hashOf } from "../store/journal.ts";
import type { Permission } from "./open_permission.ts";
import type { Project } from "./open_project.ts";
import type { Session } from "./session.ts";

/** Opens those that were granted; from now on they are told of each event. */
export function addPlugins(session: Session, project: Project, permission: Permission): Extensions {
  const { profile, plugins, transport, events } = session;
  const extensions = openExtensions({
    plugins: profile.harness.plugins ? grantedOf(plugins.listed) : [],
    host: plugins.host,
    world: worldOf(session, project, permission),
    taken: [...project.tools.map((tool) => tool.name), MENU, USE],
    languages: project.facts.languages,
    window: transport.facts.window,
    estimate: (text) => transport.estimateTokens(text),
    watchFiles: project.watch.around,
    emit: events.emit,
    now: () => performance.now(),
  });
  events.tellPlugins(extensions.hooks.onEvent);
  return extensions;
}

function worldOf(session: Session, project: Project, permission: Permission): PluginWorld {
  const { opening: { bundle }, loaded: { config }, root, state, events } = session;
  const { facts, protectedPaths, journal, env, sandbox } = project;
  const folderName = hashOf(new TextEncoder().encode(root)).slice(0, 16);
  return {
    root,
    home: bundle.home,
    language: facts.languages[0]?.toLowerCase() ?? "unknown",
    changedFiles: state.changedFiles,
    protectedPaths,
    permit: (request, signal) => isPermitted("plugin", request, signal, permission),
    record: (entry) => journal.record(entry),
    onChange: () => {},
    storeFolder: join(config.paths.data, "plugins", "values", folderName),
    env,
    confine: (argv, folders) => sandbox.kind === "none" ? argv : sandbox.wrap(argv, folders),
    emit: events.emit,
  };
}
