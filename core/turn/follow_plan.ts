/** The plan of a turn in the loop: begun with the message, read from replies, advanced by what calls do, told at the tail, held to at the end. */

import type { AgentDeps } from "./agent_deps.ts";
import { addedLines } from "../edit/diff_lines.ts";
import { hasCorrections } from "../guard/ladder.ts";
import { anchorLine, REPEAT_AFTER } from "../plan/anchor.ts";
import { detectSteps } from "../plan/detect.ts";
import { filesToChange } from "../plan/named_files.ts";
import {
  advancePlan,
  type Evidence,
  goesOn,
  isFinished,
  layPlan,
  openStep,
  revisePlan,
  shownSteps,
} from "../plan/plan.ts";
import { MAX_STEPS, readPlan, saidDone, trim } from "../plan/read_plan.ts";
import { ifRefused } from "../errors.ts";
import { doFirstStep, filesLeft, stepLeft } from "../prompt/text/plan.ts";
import { unwrapUse } from "../route/menu.ts";
import type { Ran } from "../run_tool.ts";
import type { ToolOutput } from "../tool.ts";
import type { Parsed, Plan, Reply, ToolCall, Turn, Verdict } from "../types.ts";

/** Replies of a turn that may be nothing but a plan without being taken for an answer. */
const BARE_PLANS = 2;

/** What a message begins with. */
export interface PlanStart {
  readonly plan?: Plan;
  /** A plan is asked for in the message. */
  readonly planAsked?: boolean;
  /** The plan goes on from an earlier turn: the model is told where it stands. */
  readonly anchor?: string;
}

/**
 * The plan with which a turn begins: the user's own list; the plan before, where the message goes on with it; asked of the model for a task
 * of several steps; else the files that a message of several names. A plan before that the message leaves is dropped.
 */
export function startPlan(
  message: { readonly task: string; readonly wantsChange: boolean },
  earlier: Plan | undefined,
  deps: AgentDeps,
): PlanStart {
  if (!deps.profile.harness.plan) return {};
  const { task, wantsChange } = message;
  const detected = detectSteps(task);
  if (detected.listed.length > 0) {
    const steps = trim(detected.listed.map((text) => ({ text, isDone: false })));
    const plan = layPlan(steps, { by: "user", files: filesToChange(task), step: 0 });
    emitPlan(plan, deps);
    return { plan };
  }
  if (earlier && goesOn(task, earlier)) {
    const plan = { ...earlier, told: { update: earlier.update, step: 0 } };
    return { plan, anchor: anchorLine(plan, { estimate: estimateWith(deps) }) };
  }
  if (earlier && !isFinished(earlier)) {
    deps.emit({ type: "plan", steps: [], update: earlier.update + 1 });
  }
  if (!wantsChange) return {};
  const asks = deps.profile.harness.askPlan && deps.config.planner.autoPlan;
  if (detected.hasSteps && asks) return { planAsked: true };
  const plan = planOfFiles(task);
  if (plan) emitPlan(plan, deps);
  return plan ? { plan } : {};
}

/** Code makes a plan of the files that a task names, where it names several. */
function planOfFiles(task: string): Plan | undefined {
  const files = filesToChange(task);
  if (files.length < 2) return undefined;
  const steps = trim(files.map((path) => ({ text: `change ${path}`, isDone: false })));
  return layPlan(steps, { by: "code", files, step: 0 });
}

/** Takes what a reply says of the plan: the plan that was asked for, one that comes unasked, a new version, steps that it calls done. */
export function takePlan(turn: Turn, parsed: Parsed, reply: Reply, deps: AgentDeps): Turn {
  if (!deps.profile.harness.plan || !turn.wantsChange) return turn;
  const asked = turn.planAsked === true;
  // A plan that is asked for after a change, by the attempt `replan`, does not tell of it.
  const options = { asked, changed: !asked && turn.ledger.changes.length > 0 };
  const read = readPlan(parsed.text, options) ??
    (asked && reply.reasoning !== "" ? readPlan(reply.reasoning, options) : undefined);
  const isRead = read !== undefined && read.length > 0;
  if (isRead && turn.plan?.by === "model") {
    return withPlan(
      { ...turn, planAsked: false },
      advanceBySaid(revisePlan(turn.plan, read, turn.step), parsed.text),
      deps,
    );
  }
  if (isRead && turn.plan?.by !== "user") {
    const files = turn.plan?.files ?? filesToChange(turn.task);
    const laid = layPlan(read, { by: "model", files, step: turn.step });
    const update = (turn.plan?.update ?? 0) + 1;
    const plan = { ...laid, update, told: { ...laid.told, update }, touched: turn.plan?.touched ?? [] };
    return withPlan({ ...turn, planAsked: false }, plan, deps);
  }
  if (turn.plan) return withPlan(turn, advanceBySaid(turn.plan, parsed.text), deps);
  if (!asked || parsed.kind !== "calls") return turn;
  // It began without one: what code can tell is better than nothing.
  const plan = planOfFiles(turn.task);
  const begun = { ...turn, planAsked: false };
  return plan ? withPlan(begun, plan, deps) : begun;
}

function advanceBySaid(plan: Plan, text: string): Plan {
  return advancePlan(plan, { said: saidDone(text) });
}

/** The answer to a reply that is a plan and nothing else, which is no mistake; `undefined` for any other reply. */
export function answerToPlan(before: Turn, turn: Turn, parsed: Parsed): string | undefined {
  const { plan } = turn;
  if (parsed.kind !== "final" || !plan || plan.by !== "model" || plan === before.plan) return undefined;
  const bare = turn.messages.slice(turn.start).filter((m) => m.role === "assistant" && m.calls.length === 0);
  const index = plan.steps.findIndex(({ isDone }) => !isDone);
  const step = plan.steps[index];
  const isDue = turn.ledger.changes.length === 0 || turn.attempts?.at(-1)?.strategy === "replan";
  if (bare.length >= BARE_PLANS || !isDue || !step) return undefined;
  return doFirstStep(index + 1, step.text);
}

/** Advances the plan by a call that ran. */
export function followCall(turn: Turn, ran: Ran, made: ToolCall, deps: AgentDeps): Turn {
  const { output } = ran;
  if (output?.plan && deps.profile.harness.plan) return takeGivenPlan(turn, output.plan, deps);
  if (!turn.plan || !output) return turn;
  const call = unwrapUse(made, deps.tools);
  const added = addedLines(output.diff ?? "").join("\n");
  const changes = output.changes ?? [];
  const path = call.args.path;
  const evidence: Evidence = {
    changed: changes.map((change) => ({ path: change.path, added })),
    ...(deps.tools.get(call.name)?.effect === "read" && typeof path === "string" ? { read: [path] } : {}),
    ...(output.command ? { ran: turn.ledger.commands.slice(-1).map(runOf) } : {}),
  };
  return withPlan(turn, advancePlan(turn.plan, evidence), deps);
}

/** The plan as the model gave it by a tool. The user's own list stays. */
function takeGivenPlan(turn: Turn, given: NonNullable<ToolOutput["plan"]>, deps: AgentDeps): Turn {
  const steps = given.steps && trim(given.steps.map((text) => ({ text, isDone: false })));
  const said = typeof given.done === "number" ? [given.done] : [];
  if (!steps || turn.plan?.by === "user") {
    return turn.plan ? withPlan(turn, advancePlan(turn.plan, { said }), deps) : turn;
  }
  const files = filesToChange(turn.task);
  const plan = turn.plan
    ? revisePlan(turn.plan, steps, turn.step)
    : layPlan(steps, { by: "model", files, step: turn.step });
  return withPlan({ ...turn, planAsked: false }, advancePlan(plan, { said }), deps);
}

/** Advances the plan by the checks that the harness ran at the end. */
export function followChecks(turn: Turn, deps: AgentDeps): Turn {
  if (!turn.plan) return turn;
  const ran = turn.ledger.commands.filter(({ by }) => by === "harness").map(runOf);
  return withPlan(turn, advancePlan(turn.plan, { ran }), deps);
}

function runOf(run: Turn["ledger"]["commands"][number]): NonNullable<Evidence["ran"]>[number] {
  return { command: run.command, isGreen: run.exitCode === 0, isCheck: run.isCheck };
}

/** The anchor for the newest tool result, when the plan changed or was not told for some steps. */
export function tellPlan(
  turn: Turn,
  deps: AgentDeps,
): { readonly turn: Turn; readonly notes: readonly string[] } {
  const { plan } = turn;
  if (!plan) return { turn, notes: [] };
  const isNew = plan.update > plan.told.update;
  const isDue = !isFinished(plan) && turn.step - plan.told.step >= REPEAT_AFTER;
  if (!isNew && !isDue) return { turn, notes: [] };
  const line = anchorLine(plan, { replaces: plan.told.update, estimate: estimateWith(deps) });
  const told = { update: plan.update, step: turn.step };
  return { turn: { ...turn, plan: { ...plan, told } }, notes: [line] };
}

/** An end is a correction instead where a step of the plan is open and nothing shows that it was done: once for each step. */
export async function holdToPlan(verdict: Verdict, turn: Turn, deps: AgentDeps): Promise<Verdict> {
  const { plan } = turn;
  if (verdict.kind !== "finish" || !plan || turn.ledger.changes.length === 0) return verdict;
  if ((turn.corrections.plan ?? 0) >= MAX_STEPS || !hasCorrections(turn, deps.config.limits)) return verdict;
  const step = openStep(plan);
  const message = step && plan.by !== "code"
    ? stepLeft(step.number, step.text)
    : plan.files.length > 0
    ? filesLeft(plan.files, await firstMissing(plan.files, deps))
    : undefined;
  if (message === undefined || wasTold(message, turn)) return verdict;
  return { kind: "correct", reason: "plan", message };
}

/** The first of these files that is not there. */
async function firstMissing(paths: readonly string[], deps: AgentDeps): Promise<string | undefined> {
  const there = await Promise.all(paths.map((path) => deps.world.files.exists(path).catch(ifRefused)));
  return paths.find((_, i) => there[i] === undefined);
}

/** Whether this turn said so already: a model that insists may know better. */
function wasTold(message: string, { messages, start }: Turn): boolean {
  return messages.slice(start).some(({ role, content }) => role !== "assistant" && content.includes(message));
}

function withPlan(turn: Turn, plan: Plan, deps: AgentDeps): Turn {
  if (plan === turn.plan) return turn;
  if (plan.update !== turn.plan?.update) emitPlan(plan, deps);
  return { ...turn, plan };
}

function emitPlan(plan: Plan, deps: AgentDeps): void {
  deps.emit({ type: "plan", steps: shownSteps(plan), update: plan.update });
}

function estimateWith(deps: AgentDeps): (text: string) => number {
  return (text) => deps.transport.estimateTokens(text);
}
