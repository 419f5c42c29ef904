/**
 * A turn changes hands: to a stronger tier's model in a context of its own, and back. It goes on in the same loop, with the same
 * permissions, gates, journal and budgets; each tier is offered a turn at most once.
 */

import { sumOf } from "../guard/ladder.ts";
import { courseOf } from "../guard/misread.ts";
import type { AgentDeps, Tiers } from "./agent_deps.ts";
import { ProviderError } from "../errors.ts";
import type { EventBody } from "../events.ts";
import { handoffMessage, handoffRoom, searchText } from "../escalate/handoff.ts";
import { nextTier } from "../escalate/ladder.ts";
import { previewOf } from "../escalate/preview.ts";
import { renderTools } from "../model/wire.ts";
import { answerOpenCalls } from "./history.ts";
import { ranLine } from "../prompt/text/fresh_context.ts";
import { cameBack } from "../prompt/text/hand_over.ts";
import { showFirst } from "./show_first.ts";
import type { FileChange, Ledger, Message, TierName, ToolCall, Turn } from "../types.ts";

/** Whether a stronger tier may still be asked in this turn. */
export function canEscalate(turn: Turn, deps: AgentDeps): boolean {
  return nextOf(turn, deps) !== undefined;
}

function nextOf(turn: Turn, { tier, tiers, config }: AgentDeps): TierName | undefined {
  if (!tiers) return undefined;
  return nextTier(tiers.rungs, {
    at: tier,
    asked: turn.askedTiers ?? [],
    sent: tiers.sent(),
    most: config.escalation.maxPerSession,
  });
}

/** What the loop acts through for the model that has the turn. */
export function depsAt(turn: Turn, home: AgentDeps): AgentDeps {
  const there = turn.away && home.tiers?.opened(turn.away.tier);
  return there ? { ...there, save: home.save, emit: home.emit } : home;
}

/** The turn as its own session keeps it: a stronger model's context is not part of the history. */
export function atHome(turn: Turn): Turn {
  if (!turn.away) return turn;
  const { head, messages, start, measured } = turn.away.home;
  return { ...turn, head, messages, start, measured };
}

/**
 * Hands the turn to the next stronger tier that can be reached, once a person has agreed where something leaves this machine.
 * `isHanded` is false where none could be reached or the person said no; open calls are answered in any case.
 */
export async function handOver(
  given: Turn,
  why: { readonly calls: readonly ToolCall[]; readonly reason: string },
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<{ readonly turn: Turn; readonly isHanded: boolean }> {
  const { tiers } = deps;
  let turn = answerOpenCalls(given, why.calls, `Not run: ${why.reason}`, deps);
  if (!tiers) return { turn, isHanded: false };
  for (let tier = nextOf(turn, deps); tier; tier = nextOf(turn, deps)) {
    turn = { ...turn, askedTiers: [...turn.askedTiers ?? [], tier] };
    const there = await reach(tier, tiers, deps, signal);
    if (!there) continue;
    // What was found for the stronger model is told once it is shown to it.
    const told: EventBody[] = [];
    const composing = { ...there, emit: (body: EventBody) => void told.push(body) };
    const handed = await takeAway(turn, why.reason, tiers, composing, signal);
    if (!await mayLeave(handed, why.reason, { from: deps, to: there, tiers }, signal)) break;
    told.forEach(deps.emit);
    tiers.countSent();
    return { turn: handed, isHanded: true };
  }
  return { turn, isHanded: false };
}

async function reach(
  tier: TierName,
  tiers: Tiers,
  deps: AgentDeps,
  signal: AbortSignal,
): Promise<AgentDeps | undefined> {
  try {
    return await tiers.open(tier, signal);
  } catch (error) {
    signal.throwIfAborted(); // whatever became of the connection: the person does not wait for it
    if (!(error instanceof ProviderError)) throw error;
    deps.emit({
      type: "notice",
      level: "warning",
      text: `The ${tier} tier cannot be asked: ${error.message}`,
    });
    return undefined;
  }
}

/** The turn in the stronger model's own context: its head, and one message that says all. */
async function takeAway(
  turn: Turn,
  reason: string,
  tiers: Tiers,
  there: AgentDeps,
  signal: AbortSignal,
): Promise<Turn> {
  const { transport } = there;
  const head = there.heads.openAll(courseOf({}, there.profile));
  const headTokens = transport.estimateTokens(head.system + renderTools(head.nativeTools));
  const room = handoffRoom(transport.facts.window, headTokens);
  const estimate = (text: string) => transport.estimateTokens(text);
  there.world.seen.forgetAll();
  const paths = [...new Set([...turn.ledger.changes.map(({ path }) => path), ...tiers.facts.paths])];
  const facts = { ...tiers.facts, paths };
  const look = await showFirst({ task: searchText(turn), facts, roomTokens: room.files }, there, signal);
  const content = handoffMessage(turn, { reason, files: look.text, room, estimate });
  const { messages, start, measured, ledger } = turn;
  const strategies = (turn.attempts ?? []).map(({ strategy }) => strategy);
  return {
    ...workOf(turn),
    head,
    epoch: turn.epoch + 1,
    messages: [{ role: "user", content }],
    start: 0,
    corrections: {},
    correctionsBefore: allCorrections(turn),
    ...helpersOf(turn),
    calls: [],
    measured: { messages: 0, tokens: 0 },
    away: {
      tier: there.tier,
      model: transport.facts.model,
      reason,
      home: turn.away?.home ?? { head: turn.head, messages, start, measured, ledger, strategies },
    },
  };
}

/** Asks the person where something would leave this machine, and tells in any case what is sent where. */
async function mayLeave(
  turn: Turn,
  reason: string,
  { from, to, tiers }: { from: AgentDeps; to: AgentDeps; tiers: Tiers },
  signal: AbortSignal,
): Promise<boolean> {
  const { emit, config } = from;
  const { model, baseUrl } = to.transport.facts;
  const host = new URL(baseUrl).origin;
  const hide = to.leaves?.hide ?? ((text: string) => text);
  const first: readonly Message[] = [{ role: "system", content: turn.head.system }, ...turn.messages];
  const messages = first.map((message) => ({ ...message, content: hide(message.content) }));
  const tools = turn.head.nativeTools;
  const preview = previewOf({ host, model, reason, messages, tools, hidden: to.leaves?.hidden() ?? 0 });
  const event = { type: "escalation" as const, from: from.transport.facts.model, to: model, host, reason };
  if (to.leaves && config.escalation.confirm && !tiers.allowed.has(host)) {
    emit({ ...event, answer: "asked", preview });
    const what = `send this task to ${model} at ${host}`;
    const answer = await from.ask({ kind: "escalation", what, why: reason, host, preview }, signal);
    signal.throwIfAborted();
    if (answer === "no") {
      emit({ ...event, answer: "declined", preview });
      return false;
    }
    if (answer !== "once") tiers.allowed.add(host);
  }
  emit({ ...event, answer: "sent", preview });
  const count = `escalation ${tiers.sent() + 1} of ${config.escalation.maxPerSession} in this session`;
  const where = to.leaves ? `at ${host}` : `on this machine, nothing leaves it`;
  emit({ type: "notice", level: "info", text: `${model} takes over (${where}; ${count}): ${reason}` });
  emit({
    type: "epoch",
    epoch: turn.epoch,
    reason: `${to.tier} model takes over`,
    prefixHash: turn.head.hash,
  });
  return true;
}

/** Brings the turn back to the model that began it, with a short account of what was done. */
export function comeBack(
  turn: Turn,
  said: { readonly kind: "finish"; readonly text: string } | {
    readonly kind: "stop";
    readonly reason: string;
  },
  home: AgentDeps,
): Turn {
  const { away } = turn;
  if (!away) return turn;
  const { head, messages, start, measured, ledger, strategies } = away.home;
  const content = cameBack(
    away.model,
    doneSince(ledger, turn.ledger),
    said.kind === "finish" ? said.text.trim().slice(0, MOST_SAID_CHARS) : said.reason,
  );
  const epoch = turn.epoch + 1;
  const how = said.kind === "finish" ? "has ended its work" : `ended: ${said.reason}`;
  home.emit({
    type: "notice",
    level: "info",
    text: `${away.model} ${how}; ${home.transport.facts.model} goes on`,
  });
  home.emit({
    type: "epoch",
    epoch,
    reason: `back to the ${home.tier} model`,
    prefixHash: head.hash,
  });
  const last = messages.at(-1);
  // A result that the model has not read yet carries the account; a user message only after a reply without a call.
  const next: Turn = {
    ...workOf(turn),
    head,
    epoch,
    messages: last?.role === "tool"
      ? [...messages.slice(0, -1), { ...last, content }]
      : [...messages, { role: "user", content }],
    start,
    measured,
    corrections: {},
    correctionsBefore: allCorrections(turn),
    ...helpersOf(turn),
    // Turned round: the last one sets the sampling, and the first ladder rung is the calmest.
    attempts: strategies.toReversed().map((strategy) => ({ strategy, corrections: 0 })),
    calls: [],
  };
  home.save(next);
  return next;
}

const MOST_SAID_CHARS = 600;
const MOST_DONE_LINES = 20;

/** Lines of what was added to a ledger. */
function doneSince(before: Ledger, now: Ledger): readonly string[] {
  const known = new Set<FileChange>(before.changes);
  const changes = now.changes.filter((change) => !known.has(change)).map(({ kind, path }) =>
    `- ${kind} ${path}`
  );
  const commands = now.commands.slice(before.commands.length).map(ranLine);
  return [...changes, ...commands].slice(-MOST_DONE_LINES);
}

/** The turn without what one model's context, and its own attempts, hold. */
function workOf(turn: Turn) {
  const {
    away: _away,
    misread: _misread,
    editFormat: _format,
    merge: _merge,
    attempts: _attempts,
    retry: _retry,
    ...work
  } = turn;
  return work;
}

/** A tier whose model was asked and did not answer is no helper. */
function helpersOf({ away, helpers = [], messages }: Turn): Pick<Turn, "helpers"> {
  const hasReplied = away && messages.some(({ role }) => role === "assistant");
  if (hasReplied) return { helpers: [...helpers, away.tier] };
  return helpers.length === 0 ? {} : { helpers };
}

/** A stronger model that fails ends its own part only: why, in words. @throws what is no fault of its server */
export function problemAway(error: unknown, turn: Turn): { readonly problem: string } {
  if (!turn.away || !(error instanceof ProviderError)) throw error;
  return { problem: error.message };
}

/** Corrections of the whole turn, whoever had it. */
export function allCorrections(turn: Turn): number {
  return sumOf(turn.corrections) + (turn.correctionsBefore ?? 0);
}
