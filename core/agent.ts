/**
 * The loop: one user message up to its outcome, readable as the specification of a turn. It owns a readonly `Turn` that is replaced at
 * each change; every way around the loop consumes a bounded budget; the history is valid at every moment.
 */

import { ProviderError } from "./errors.ts";
import { govern, spentBudget } from "./guard/govern.ts";
import { courseOf, noteMisread } from "./guard/misread.ts";
import type { Layout } from "./prompt/shared_prefix.ts";
import { TOOLS_OPENED } from "./prompt/text/replies.ts";
import { needsTools } from "./route/need_tools.ts";
import type { AgentDeps } from "./turn/agent_deps.ts";
import { askModel, changeHead } from "./turn/ask_model.ts";
import { askSeveral } from "./turn/ask_several.ts";
import { prepareRetry } from "./turn/attempt.ts";
import { checkWork } from "./turn/check_changes.ts";
import { holdToContract } from "./turn/check_contract.ts";
import { askHooks } from "./turn/finish_hooks.ts";
import { answerToPlan, holdToPlan, takePlan } from "./turn/follow_plan.ts";
import { claimsAgainst, governOptions } from "./turn/govern_options.ts";
import { atHome, comeBack, depsAt, handOver, problemAway } from "./turn/hand_over.ts";
import { addMessages, answerOpenCalls, missingAnswers } from "./turn/history.ts";
import { noteJobs } from "./turn/note_changes.ts";
import { putBackIfBroken } from "./turn/put_back.ts";
import { makeRoom } from "./turn/make_room.ts";
import { answerReply, callsOf, countReply, keptReply, readReply } from "./turn/read_reply.ts";
import { runCalls } from "./turn/run_calls.ts";
import { scoreMisread } from "./turn/score_calls.ts";
import { sendBack } from "./turn/start_anew.ts";
import { type Finished, tellEnd } from "./turn/tell_end.ts";
import type { Turn } from "./types.ts";
import { judgeOutcome } from "./verify/outcome.ts";

/** Runs a turn to its outcome. @throws {ProviderError} when no first reply can be had. */
export async function runTurn(start: Turn, given: AgentDeps, signal: AbortSignal): Promise<Finished> {
  let turn = start;
  // What was saved is what stands when an abort comes between two calls of a reply.
  const save = (next: Turn) => given.save(atHome(turn = next));
  const home = { ...given, save };
  let before: Layout | undefined;
  let text = "";
  let replyEnded = 0;
  try {
    while (true) {
      const deps = depsAt(turn, home);
      const spent = spentBudget(turn, deps.config.limits, deps.now());
      if (spent) return await stop(turn, spent, text, home, signal);
      turn = await makeRoom(changeHead(turn, deps.heads.next(courseOf(turn, deps.profile)), deps), deps);
      const asked = await askModel(turn, before, replyEnded, deps, signal)
        .catch((error: unknown) => problemAway(error, turn));
      if ("problem" in asked) {
        if (!turn.away) return await stop(turn, asked.problem, text, home, signal);
        turn = comeBack(turn, { kind: "stop", reason: asked.problem }, home);
        continue;
      }
      replyEnded = deps.now();
      before = { head: turn.head, messages: turn.messages };
      const { reply } = asked;
      const parsed = await readReply(turn, reply, deps);
      turn = countReply(turn, reply, asked.promptTokens);
      if (parsed.kind === "malformed") {
        scoreMisread(turn, parsed.problem, deps);
        turn = noteMisread(turn, parsed.problem);
      }
      if (parsed.kind === "final" && turn.head.shown.length === 0 && needsTools(parsed.text)) {
        // Asking for tools is no mistake: it counts as no correction.
        turn = changeHead(turn, deps.heads.openAll(courseOf(turn, deps.profile)), deps);
        turn = answerReply(turn, { reply, parsed, answer: TOOLS_OPENED }, deps);
        continue;
      }
      const planned = takePlan(turn, parsed, reply, deps);
      const firstStep = answerToPlan(turn, planned, parsed);
      turn = planned;
      if (firstStep !== undefined) {
        turn = answerReply(turn, { reply, parsed, answer: firstStep }, deps);
        continue;
      }
      if (parsed.kind === "final") turn = await prepareRetry(await checkWork(turn, deps, signal), deps);
      const calls = callsOf(parsed, turn, deps);
      const said = {
        ...{ parsed, finish: reply.finish, calls, hasThought: reply.reasoning !== "" },
        ...(asked.cutFor ? { cutFor: asked.cutFor } : {}),
      };
      const governed = govern(turn, said, governOptions(turn, deps));
      const held = await holdToPlan(holdToContract(governed, turn, deps), turn, deps);
      const heard = await askHooks(turn, held, deps, signal);
      turn = heard.turn;
      const judged = heard.verdict;
      deps.emit({ type: "verdict", kind: judged.kind, reason: "reason" in judged ? judged.reason : "" });
      turn = addMessages(turn, keptReply(judged, { reply, parsed, calls }, deps), deps);
      text = parsed.kind === "final" ? parsed.text : text;
      if (judged.kind === "escalate") {
        const handed = await handOver(turn, { calls, reason: judged.reason }, deps, signal);
        turn = handed.turn;
        if (handed.isHanded) continue;
      }
      const verdict = judged.kind === "escalate" ? judged.otherwise : judged;
      switch (verdict.kind) {
        case "run":
          turn = await runCalls(turn, verdict.calls, parsed, deps, signal);
          break;
        case "correct":
          turn = await askSeveral(await sendBack(turn, calls, verdict, deps), deps, signal);
          break;
        case "finish":
        case "stop":
          if (verdict.kind === "stop") {
            turn = answerOpenCalls(turn, calls, `Stopped: ${verdict.reason}`, deps);
          }
          if (turn.away) turn = comeBack(turn, verdict, home);
          else if (verdict.kind === "finish") return await finish(turn, verdict.text, deps);
          else return await stop(turn, verdict.reason, text, deps, signal);
      }
    }
  } catch (error) {
    const why = signal.aborted ? "Cancelled by the user" : "Not run: the program failed";
    turn = addMessages(await noteJobs(turn, home), missingAnswers(turn.messages, why), home);
    if (signal.aborted) {
      const reason = "cancelled by the user";
      const back = comeBack(turn, { kind: "stop", reason }, home);
      return tellEnd(back, { outcome: "cancelled", reason, text, notes: [] }, home);
    }
    if (!(error instanceof ProviderError) || turn.step === 0) throw error;
    home.emit({ type: "error", name: error.name, message: error.message, fault: error.fault });
    return await stop(turn, error.message, text, home, signal);
  }
}

/** The end that the model gave the turn; judged from what happened. */
async function finish(turn: Turn, text: string, deps: AgentDeps): Promise<Finished> {
  const { outcome, reason } = judgeOutcome(turn);
  const claims = claimsAgainst(text, turn, deps).map(({ said, why }) => `not so: "${said}" (${why})`);
  const left = await putBackIfBroken(turn, deps);
  return tellEnd(left.turn, { outcome, reason, text, notes: [...left.notes, ...claims] }, deps);
}

/** A turn that something else ends leaves nothing broken behind either. */
async function stop(
  turn: Turn,
  reason: string,
  text: string,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Finished> {
  const home = comeBack(turn, { kind: "stop", reason }, deps);
  const checked = await checkWork(home, deps, signal).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    return home;
  });
  const left = await putBackIfBroken(checked, deps);
  return tellEnd(left.turn, { outcome: "stopped", reason, text, notes: left.notes }, deps);
}
