/** The way of one message through a session: a plugin's command or a turn of the model, recorded from its beginning to its end. */

import { runTurn } from "../agent.ts";
import type { RunResult } from "../api.ts";
import { DiskFullError } from "../errors.ts";
import type { EventBody } from "../events.ts";
import type { OpenServers } from "../mcp/servers.ts";
import type { Extensions } from "../plugins/extensions.ts";
import { beginTurn, endTurn } from "../store/turns.ts";
import { untoldUndos } from "../store/untold.ts";
import type { AgentDeps } from "../turn/agent_deps.ts";
import type { Finished } from "../turn/tell_end.ts";
import { startTurn } from "../turn/start_turn.ts";
import type { Outcome } from "../types.ts";
import { openTierChoice } from "./choose_tier.ts";
import type { OpenDeps } from "./open_deps.ts";
import type { Project } from "./open_project.ts";
import { runPluginCommand } from "./run_command.ts";
import { collectCalls, resultOf } from "./run_result.ts";
import type { Session } from "./session.ts";

/** A session with all that was opened for it. */
export interface Opened {
  readonly session: Session;
  readonly project: Project;
  readonly extensions: Extensions;
  readonly servers: OpenServers;
  readonly open: OpenDeps;
}

type Answer = (message: string, deps: AgentDeps, signal: AbortSignal) => Promise<Finished>;

/** Gives the function that runs one message after the other. */
export function openMessages(opened: Opened): (message: string, signal: AbortSignal) => Promise<RunResult> {
  const { session: { id, root, store, events, opening }, project, open: { deps, scores } } = opened;
  const answer = answerWith(opened);
  return async (message, signal) => {
    events.beginTurn();
    const { turn } = events.place();
    beginTurn(store, { session: id, turn, root, snapshot: "" });
    await project.watch.begin();
    const calls = collectCalls();
    const emit = (body: EventBody) => (calls.take(body), events.emit(body));
    let outcome: Outcome = "stopped";
    try {
      const finished = await answer(message, { ...deps, emit }, signal);
      outcome = finished.outcome;
      return resultOf(finished, calls.list(), {
        session: id,
        durationMs: deps.now() - finished.turn.startedAt,
        requireVerified: opening.options.requireVerified ?? false,
      });
    } catch (error) {
      // It cannot be kept, but it can be told.
      if (error instanceof DiskFullError) events.publishUnstored(error);
      throw error;
    } finally {
      scores.flush();
      await deps.baselines.close();
      endTurn(store, { session: id, turn, outcome });
    }
  };
}

/** A command of a plugin gives its answer, or the task that the model is asked instead. */
function answerWith({ session, project, extensions, open }: Opened): Answer {
  const { id, store, events, state } = session;
  const chooseTier = openTierChoice(session, open);
  return async (message, deps, signal) => {
    const { turn: number } = events.place();
    const start = { number, epoch: events.epoch(), history: state.now().history };
    const head = open.heads.current();
    const command = await runPluginCommand({ ...start, task: message, head }, extensions, deps, signal);
    if (command.finished) return command.finished;
    const task = command.task ?? message;
    const began = await chooseTier(signal);
    const tierDeps = began ? { ...began.deps, emit: deps.emit } : deps;
    const heads = began?.heads ?? open.heads;
    const { facts } = project;
    const undone = untoldUndos(store, id);
    const turn = await startTurn(
      { ...state.now(), task, number, heads, epoch: events.epoch(), facts, undone: undone.paths },
      tierDeps,
      signal,
    );
    state.addAsked(task);
    deps.save(turn);
    undone.tell();
    return await runTurn(turn, tierDeps, signal);
  };
}
