/**
 * The governor: decides what follows from a reply. Pure; each correction is counted by its reason, and their sum is bounded by
 * `limits.corrections`, so no model can keep the loop going.
 */

import type { Limits } from "../config/config.ts";
import { namesLost, stillRed } from "../prompt/text/checks.ts";
import { loopNote, otherWay, stuckWith } from "../prompt/text/loops.ts";
import {
  ANNOUNCED_NOT_DONE,
  callAgain,
  emptyReply,
  GREETED,
  LEFT_OUT,
  LENGTH_CUT,
  nothingChanged,
  notSo,
  RUNAWAY,
  THOUGHT_ONLY,
} from "../prompt/text/replies.ts";
import type { Effect, Finish, Parsed, ToolCall, Turn, Unsupported, Verdict } from "../types.ts";
import { climb, correct, count, hasCorrections } from "./ladder.ts";
import { echoes } from "./echo.ts";
import { redChecks } from "./red_checks.ts";
import { findLoop, type Loop, type LoopKind } from "./repetition.ts";

export interface GovernOptions {
  readonly limits: Limits;
  /** Off: only calls, answers and malformed calls are told apart. */
  readonly govern: boolean;
  /** A red check sends the model back as `Turn.retry` says; off: `maxRetries` times with the error. Default: off. */
  readonly improve?: boolean;
  readonly maxRetries: number;
  /** The corrective message for a malformed call. */
  readonly describe: (parsed: Extract<Parsed, { kind: "malformed" }>) => string;
  /** What a final text claims that did not happen; absent: claims are not looked at. */
  readonly unsupported?: (text: string) => readonly Unsupported[];
  /** What a call does, where its tool is known. */
  readonly effectOf: (call: ToolCall) => Effect | undefined;
  /** Whether a stronger tier may still be asked: what would stop or fail the turn is then `escalate`. Default: no. */
  readonly canEscalate?: boolean;
}

/** Malformed calls that are answered in the running context; the last of these corrections may constrain the reply. */
const MALFORMED_LIMIT = 4;
/** Loops share one ladder: a model that leaves one for another is as stuck as before. */
const LOOPS: readonly LoopKind[] = ["repetition", "no_news", "read_loop", "spiral"];

/** Why the stream was closed before the model had ended. */
export type CutFor = "complete" | "repetition" | "elision";

interface Said {
  readonly parsed: Parsed;
  readonly finish: Finish;
  readonly calls: readonly ToolCall[];
  readonly cutFor?: CutFor;
  /** The reply had reasoning. */
  readonly hasThought?: boolean;
}

/** What follows from a reply. `calls` are the parsed calls with their ids, in order. */
export function govern(turn: Turn, reply: Said, options: GovernOptions): Verdict {
  const verdict = decide(turn, reply, options);
  if (!options.canEscalate) return verdict;
  if (verdict.kind === "stop") return { kind: "escalate", reason: verdict.reason, otherwise: verdict };
  const failure = verdict.kind === "finish" ? failureOf(turn) : undefined;
  if (verdict.kind !== "finish" || failure === undefined) return verdict;
  return { kind: "escalate", reason: failure, otherwise: verdict };
}

/** Why a turn that ended now would have failed; `undefined` where it would not. */
function failureOf(turn: Turn): string | undefined {
  if (turn.wantsChange && turn.ledger.changes.length === 0) return "no file was changed";
  const red = redChecks(turn).find(({ kind }) => kind !== "aside");
  return red && `\`${red.run.command}\` is still red`;
}

function decide(turn: Turn, reply: Said, options: GovernOptions): Verdict {
  const { parsed, cutFor } = reply;
  if (parsed.kind !== "calls" && (cutFor === "repetition" || cutFor === "elision")) {
    return correct(turn, cutFor, cutFor === "elision" ? LEFT_OUT : RUNAWAY, options.limits);
  }
  switch (parsed.kind) {
    case "calls":
      return governCalls(turn, reply.calls, options);
    case "malformed":
      return governMalformed(turn, parsed, options);
    case "final":
      return governFinal(turn, parsed.text, reply, options);
  }
}

function governCalls(turn: Turn, calls: readonly ToolCall[], options: GovernOptions): Verdict {
  const loop = options.govern ? findLoop(turn, calls, options.effectOf) : undefined;
  if (!loop) return { kind: "run", calls };
  return climb(turn, {
    reason: loop.kind,
    counts: LOOPS,
    notes: [loopNote(loop), otherWay(loop, turn)],
    failures: stuckWith(loop),
    stop: loopAsReason(loop),
  }, options.limits);
}

function loopAsReason({ kind, call }: Loop): string {
  switch (kind) {
    case "repetition":
      return `the same ${call.name} call was made again and again`;
    case "no_news":
      return "calls were made again and again that showed nothing new";
    case "read_loop":
      return "the model only looked and changed nothing";
    case "spiral":
      return `edits of ${call.args.path} were undone and redone`;
  }
}

function governMalformed(
  turn: Turn,
  parsed: Extract<Parsed, { kind: "malformed" }>,
  options: GovernOptions,
): Verdict {
  const stop = `the model's calls could not be understood (${parsed.problem.why})`;
  const message = options.describe(parsed);
  if (!options.govern) {
    return count(turn, "malformed") < MALFORMED_LIMIT
      ? correct(turn, "malformed", message, options.limits)
      : { kind: "stop", reason: stop };
  }
  const notes = Array<string>(MALFORMED_LIMIT).fill(message);
  const rungs = { reason: "malformed", counts: ["malformed"], notes, failures: message, stop };
  return climb(turn, rungs, options.limits);
}

function governFinal(turn: Turn, text: string, reply: Said, options: GovernOptions): Verdict {
  const asked = (reason: string, most: number) => options.govern && count(turn, reason) < most;
  const claimed = () => {
    const claims = asked("claim", 1) ? options.unsupported?.(text) ?? [] : [];
    return claims.length > 0 ? notSo(claims) : undefined;
  };
  if (text.trim() === "") {
    if (reply.hasThought && asked("thought", 1)) {
      return correct(turn, "thought", THOUGHT_ONLY, options.limits);
    }
    const notes = [emptyReply(turn), callAgain(turn)];
    const stop = "the model's reply was empty";
    const isDone = turn.ledger.changes.length > 0;
    if (options.govern && !(isDone && count(turn, "empty") >= notes.length)) {
      const failures = stuckWith("empty");
      return climb(turn, { reason: "empty", counts: ["empty"], notes, failures, stop }, options.limits);
    }
    // What was done is judged by itself: many models say nothing once they are done.
    if (!isDone) return { kind: "stop", reason: stop };
  }
  if (asked("echo", 1) && echoes(text, turn.messages, turn.start)) {
    const verdict = correct(turn, "echo", stuckWith("echo"), options.limits);
    return verdict.kind === "correct" ? { ...verdict, isFresh: true } : verdict;
  }
  const isUndone = turn.ledger.changes.length === 0 && (turn.toolCalls > 0 || turn.wantsChange);
  const nothing = (reason: string) =>
    forgetting(correct(turn, reason, nothingChanged(turn.focus?.path), options.limits));
  if (greets(text) && isUndone && asked("greeting", 1)) {
    return turn.wantsChange ? nothing("greeting") : correct(turn, "greeting", GREETED, options.limits);
  }
  if (reply.finish === "length" && asked("cut", 2)) return correct(turn, "cut", LENGTH_CUT, options.limits);
  if (turn.wantsChange && turn.ledger.changes.length === 0) {
    if (announces(text) && asked("announced", 1)) {
      return correct(turn, "announced", ANNOUNCED_NOT_DONE, options.limits);
    }
    if (asked("unchanged", 1)) return nothing(claimed() ? "claim" : "unchanged");
  }
  if (turn.lost?.length && asked("lost", 2)) {
    return correct(turn, "lost", namesLost(turn.lost), options.limits);
  }
  const red = redChecks(turn).find(({ kind }) => kind !== "aside");
  if (red && options.govern && options.improve) {
    return turn.retry && hasCorrections(turn, options.limits)
      ? { kind: "correct", reason: "red", message: turn.retry.message }
      : { kind: "finish", text };
  }
  if (red && asked("red", options.maxRetries) && hasCorrections(turn, options.limits)) {
    const excerpt = turn.checks?.find(({ command }) => command === red.run.command)?.excerpt ?? "";
    return correct(turn, "red", stillRed(red.run, excerpt, turn.focus?.path), options.limits);
  }
  // What a red check says has been said often enough: the report tells it.
  const claim = !red && hasCorrections(turn, options.limits) ? claimed() : undefined;
  return claim ? { kind: "correct", reason: "claim", message: claim } : { kind: "finish", text };
}

function forgetting(verdict: Verdict): Verdict {
  return verdict.kind === "correct" ? { ...verdict, forgets: true } : verdict;
}

const ANNOUNCEMENT =
  /\b(?:I will|I'll|I am going to|I'm going to|let me|let's|next,? I|ich werde|als nächstes|lass mich|je vais|laissez-moi|voy a|vamos a|déjame|vou|vamos|deixe-me)\b|我将|我会|我来|让我|接下来/i;

/** Whether a reply without a call says what it will do. Only the last 300 characters count: plans end with it. */
export function announces(text: string): boolean {
  return ANNOUNCEMENT.test(text.slice(-300));
}

const GREETING =
  /^(?:(?:hi|hello|hey|greetings|good (?:morning|day|evening))\b[^.!?\n]{0,40}[.!?,\s]*)?(?:how (?:can|may) i (?:help|assist)|what (?:can i do|would you like|do you (?:need|want))|i(?:'m| am) (?:ready|here) to (?:help|assist)|(?:please )?let me know (?:how|what) (?:i|you)|(?:hi|hello|hey|greetings)\b)/i;

/** Whether a reply only offers help, as small models do when they lost the task (`Hello! How can I help you today?`). */
export function greets(text: string): boolean {
  return text.length <= 300 && GREETING.test(text.trim());
}

/** The budget that a turn has used up, or what keeps it from beginning, in words, or `undefined`. */
export function spentBudget(turn: Turn, limits: Limits, now: number): string | undefined {
  if (turn.refused !== undefined) return turn.refused;
  if (turn.step >= limits.steps) return `${limits.steps} steps are used up`;
  if (turn.toolCalls >= limits.toolCalls) return `${limits.toolCalls} tool calls are used up`;
  if (turn.tokens.output >= limits.outputTokens) return `${limits.outputTokens} output tokens are used up`;
  if (now - turn.startedAt >= limits.minutes * 60_000) return `${limits.minutes} minutes are used up`;
  return undefined;
}
