/** The beginning of a turn: what the message asks for, which tools and files go with it. */

import type { AgentDeps } from "./agent_deps.ts";
import { startPlan } from "./follow_plan.ts";
import { EMPTY_LEDGER } from "../guard/ledger.ts";
import { courseOf } from "../guard/misread.ts";
import type { Heads } from "./heads.ts";
import { unsettle } from "../plan/contract.ts";
import { focusOf } from "../prompt/first_look.ts";
import type { ProjectFacts } from "../prompt/project_facts.ts";
import { userMessage } from "../prompt/text/task.ts";
import { asksForChange } from "../route/asks_for_change.ts";
import { meantBy } from "../route/go_on.ts";
import { showFirst } from "./show_first.ts";
import type { ContractItem, Message, Plan, Turn } from "../types.ts";

/** What a turn has done and spent at its beginning. */
export const NOTHING_DONE = {
  step: 0,
  toolCalls: 0,
  corrections: {},
  calls: [],
  ledger: EMPTY_LEDGER,
  tokens: { prompt: 0, prefilled: 0, output: 0 },
  measured: { messages: 0, tokens: 0 },
} as const satisfies Partial<Turn>;

/** The turn with its user message: the files that the message is about, then the task. */
export async function startTurn(
  start: {
    task: string;
    asked: readonly string[];
    number: number;
    heads: Heads;
    epoch: number;
    history: readonly Message[];
    facts: ProjectFacts;
    /** What the turn before came to in how calls and edits are asked for. */
    carried?: Pick<Turn, "misread" | "editFormat">;
    /** The plan of the turn before. */
    plan?: Plan;
    /** The session's definition of done. */
    contract?: readonly ContractItem[];
    /** Files of the history that were put back since its end. */
    undone?: readonly string[];
  },
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  const startedAt = deps.now();
  const meant = meantBy(start.task, start.asked, lastAnswer(start.history));
  const wantsChange = asksForChange(meant, start.heads.readers);
  deps.emit({ type: "turn_start", task: start.task, wantsChange });
  const before = start.heads.current().hash;
  const course = courseOf(start.carried ?? {}, deps.profile);
  const { head, kind, event } = start.heads.select(meant, course);
  deps.emit(event);
  const isNew = start.history.length > 0 && head.hash !== before;
  const epoch = isNew ? start.epoch + 1 : start.epoch;
  if (isNew) {
    deps.emit({ type: "epoch", epoch, reason: "another tool list for this message", prefixHash: head.hash });
  }
  const roomTokens = Math.floor(deps.transport.facts.window * deps.profile.firstLookPct / 100);
  const look = deps.profile.harness.firstLook
    ? await showFirst({ ...start, roomTokens }, deps, signal)
    : { text: "", shown: [] };
  const focus = focusOf(start.task, look.shown, start.facts.paths);
  const example = look.shown.find(({ path }) => path === focus) ?? look.shown[0];
  const said = await deps.hooks.onPrompt(start.task, signal);
  const { anchor, ...planned } = startPlan({ task: start.task, wantsChange }, start.plan, deps);
  const message = {
    task: start.task,
    files: look.text,
    wantsChange,
    ...(focus ? { focus } : {}),
    ...(anchor ? { anchor } : {}),
    ...(planned.planAsked ? { planAsked: true } : {}),
    ...(start.undone && start.history.length > 0 ? { undone: start.undone } : {}),
  };
  return {
    number: start.number,
    task: start.task,
    asked: start.asked,
    wantsChange,
    kind,
    ...start.carried,
    ...(example
      ? { focus: { path: example.path, line: example.sample, isSure: example.path === focus } }
      : {}),
    head,
    epoch,
    messages: [...start.history, { role: "user", content: [userMessage(message), ...said.add].join("\n\n") }],
    start: start.history.length,
    ...NOTHING_DONE,
    ...planned,
    ...(start.contract && start.contract.length > 0 ? { contract: unsettle(start.contract) } : {}),
    startedAt,
    ...(said.stop === undefined ? {} : { refused: said.stop }),
  };
}

/** The newest text of the model. */
function lastAnswer(history: readonly Message[]): string {
  return history.findLast(({ role, content }) => role === "assistant" && content !== "")?.content ?? "";
}
