/** The user's project as a session works in it: its files and their journal, the sandbox and shell, its facts and checks. */

import { findProjectFacts, type ProjectFacts } from "../prompt/project_facts.ts";
import type { CommandSandbox } from "../sandbox/command_sandbox.ts";
import { type CommandWatch, watchCommands } from "../sandbox/command_watch.ts";
import { openShell } from "../sandbox/shell.ts";
import { openWorkspace } from "../sandbox/workspace.ts";
import { changesOf, type Journal, openJournal } from "../store/journal.ts";
import type { Tool, WorkspaceFiles } from "../tool.ts";
import { type OpenChecks, openProjectChecks } from "../turn/project_checks.ts";
import type { Session } from "./session.ts";

export interface Project {
  readonly files: WorkspaceFiles;
  readonly journal: Journal;
  /** Absolute paths that nothing writes: SmallCode's own folders. */
  readonly protectedPaths: readonly string[];
  /** The environment of commands. */
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: CommandSandbox;
  readonly shell: ReturnType<typeof openShell>;
  readonly facts: ProjectFacts;
  readonly checks: OpenChecks;
  /** What commands change. */
  readonly watch: CommandWatch;
  /** The bundled tools. */
  readonly tools: readonly Tool[];
}

export async function openProject(session: Session): Promise<Project> {
  const { opening, loaded, root, store, id, events, ahead } = session;
  const { bundle, signal } = opening;
  const { config } = loaded;
  const { confine } = ahead;
  const { protectedPaths, platform, env } = confine;
  const turn = () => events.place().turn;
  const journal = openJournal(store, { session: id, root, turn, step: () => events.place().step });
  const files = await openWorkspace({ root, journal, protectedPaths });
  const [sandbox, tools, found] = await Promise.all([
    ahead.sandbox,
    ahead.tools,
    findProjectFacts(files, signal),
  ]);
  const shell = openShell({ root, env, sandbox, platform });
  const checks = openProjectChecks({ files, settings: config.checks, sandbox, temp: shell.temp, confine });
  const [test] = (await checks.find(signal, found.paths)).filter(({ kind }) => kind === "test");
  const facts = test ? { ...found, testCommand: test.command } : found;
  const watch = watchCommands({
    root,
    store,
    journal,
    env: bundle.env,
    jobs: () => shell.jobs(),
    written: (path) => changesOf(store, id, turn()).findLast((entry) => entry.path === path)?.after,
  });
  return { files, journal, protectedPaths, env, sandbox, shell, facts, checks, watch, tools };
}
