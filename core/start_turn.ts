/** The beginning of a turn: what the message asks for, which tools and files go with it. */

import type { AgentDeps } from "./agent_deps.ts";
import { EMPTY_LEDGER } from "./guard/ledger.ts";
import type { Heads } from "./heads.ts";
import { type FirstLook, focusOf, lookFirst } from "./prompt/first_look.ts";
import type { ProjectFacts } from "./prompt/project_facts.ts";
import { userMessage } from "./prompt/text.ts";
import { asksForChange } from "./route/asks_for_change.ts";
import type { Message, Turn } from "./types.ts";

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
  },
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  const startedAt = deps.now();
  const wantsChange = asksForChange(start.task);
  deps.emit({ type: "turn_start", task: start.task, wantsChange });
  const before = start.heads.current().hash;
  const { head, event } = start.heads.select(start.task);
  deps.emit(event);
  const isNew = start.history.length > 0 && head.hash !== before;
  const epoch = isNew ? start.epoch + 1 : start.epoch;
  if (isNew) {
    deps.emit({ type: "epoch", epoch, reason: "another tool list for this message", prefixHash: head.hash });
  }
  const look = deps.profile.harness.firstLook
    ? await showFirst(start.task, start.facts, deps, signal)
    : { text: "", shown: [] };
  const focus = focusOf(start.task, look.shown, start.facts.paths);
  const example = look.shown.find(({ path }) => path === focus) ?? look.shown[0];
  const message = { task: start.task, files: look.text, wantsChange, ...(focus ? { focus } : {}) };
  return {
    number: start.number,
    task: start.task,
    asked: start.asked,
    wantsChange,
    ...(example
      ? { focus: { path: example.path, line: example.sample, isSure: example.path === focus } }
      : {}),
    head,
    epoch,
    messages: [...start.history, { role: "user", content: userMessage(message) }],
    start: start.history.length,
    step: 0,
    toolCalls: 0,
    corrections: {},
    calls: [],
    ledger: EMPTY_LEDGER,
    tokens: { prompt: 0, prefilled: 0, output: 0 },
    measured: { messages: 0, tokens: 0 },
    startedAt,
  };
}

async function showFirst(
  task: string,
  facts: ProjectFacts,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<FirstLook> {
  const { transport, profile, world } = deps;
  const look = await lookFirst({
    task,
    facts,
    files: world.files,
    syntax: world.syntax,
    roomTokens: Math.floor(transport.facts.window * profile.firstLookPct / 100),
    estimate: (text) => transport.estimateTokens(text),
    signal,
  }).catch((error: unknown): FirstLook => {
    if (!signal.aborted) throw error;
    return { text: "", shown: [] }; // the loop ends the turn as cancelled
  });
  if (look.shown.length === 0) return look;
  for (const { path, hash, lines, content, regions = [] } of look.shown) {
    for (const [from, to] of regions) world.seen.note(path, hash, from, to, lines);
    if (content === undefined) continue;
    world.seen.note(path, hash, 1, lines, lines);
    world.seen.show(path, { hash, text: content });
  }
  deps.emit({
    type: "first_look",
    files: look.shown.map(({ path, reason, how }) => ({ path, reason, shown: how })),
    tokens: transport.estimateTokens(look.text),
  });
  return look;
}
