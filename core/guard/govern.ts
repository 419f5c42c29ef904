/**
 * The governor: decides what follows from a reply. Pure; each correction is counted by its reason, and their sum is bounded by
 * `limits.corrections`, so no model can keep the loop going.
 */

import type { Limits } from "../config/config.ts";
import {
  ANNOUNCED_NOT_DONE,
  EMPTY_REPLY,
  LEFT_OUT,
  LENGTH_CUT,
  NOTHING_CHANGED,
  notSo,
  repeated,
  RUNAWAY,
  stillRed,
} from "../prompt/text.ts";
import type { CallRecord, Finish, Parsed, ToolCall, Turn, Verdict } from "../types.ts";
import { redChecks } from "./red_checks.ts";

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
  readonly unsupported?: (text: string) => readonly { readonly said: string; readonly why: string }[];
  /** Whether a stronger tier may still be asked: what would stop or fail the turn is then `escalate`. Default: no. */
  readonly canEscalate?: boolean;
}

/** Same call, same result, this many times: it is a loop. */
const SAME_CALL_LIMIT = 3;
/** Malformed calls in a row after which the turn ends. */
const MALFORMED_LIMIT = 4;

/** Why the stream was closed before the model had ended. */
export type CutFor = "complete" | "repetition" | "elision";

interface Said {
  readonly parsed: Parsed;
  readonly finish: Finish;
  readonly calls: readonly ToolCall[];
  readonly cutFor?: CutFor;
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
    return correct(turn, cutFor, cutFor === "elision" ? LEFT_OUT : RUNAWAY, options);
  }
  switch (parsed.kind) {
    case "calls":
      return governCalls(turn, reply.calls, options);
    case "malformed":
      return governMalformed(turn, parsed, options);
    case "final":
      return governFinal(turn, parsed.text, reply.finish, options);
  }
}

function governCalls(turn: Turn, calls: readonly ToolCall[], options: GovernOptions): Verdict {
  if (!options.govern) return { kind: "run", calls };
  const looping = calls.find((call) => timesUseless(turn.calls, callKey(call)) >= SAME_CALL_LIMIT - 1);
  if (!looping) return { kind: "run", calls };
  const times = timesUseless(turn.calls, callKey(looping)) + 1;
  if (count(turn, "repetition") >= 2) {
    return { kind: "stop", reason: `the same ${looping.name} call was made again and again` };
  }
  return correct(turn, "repetition", repeated(looping.name, times), options);
}

/** How often this call was made since the last write with the same result each time. */
function timesUseless(records: readonly CallRecord[], key: string): number {
  const same = records.filter((record) => record.key === key);
  const last = same.at(-1);
  return last ? same.filter((record) => record.result === last.result).length : 0;
}

function governMalformed(
  turn: Turn,
  parsed: Extract<Parsed, { kind: "malformed" }>,
  options: GovernOptions,
): Verdict {
  if (count(turn, "malformed") >= MALFORMED_LIMIT) {
    return { kind: "stop", reason: `the model's calls could not be understood (${parsed.problem.why})` };
  }
  return correct(turn, "malformed", options.describe(parsed), options);
}

function governFinal(turn: Turn, text: string, finish: Finish, options: GovernOptions): Verdict {
  const asked = (reason: string, most: number) => options.govern && count(turn, reason) < most;
  const claimed = () => {
    const claims = asked("claim", 1) ? options.unsupported?.(text) ?? [] : [];
    return claims.length > 0 ? notSo(claims) : undefined;
  };
  if (text.trim() === "") {
    if (asked("empty", 2)) return correct(turn, "empty", EMPTY_REPLY, options);
    // What was done is judged by itself: many models say nothing once they are done.
    if (turn.ledger.changes.length === 0) return { kind: "stop", reason: "the model's reply was empty" };
  }
  if (finish === "length" && asked("cut", 2)) return correct(turn, "cut", LENGTH_CUT, options);
  if (turn.wantsChange && turn.ledger.changes.length === 0) {
    if (announces(text) && asked("announced", 1)) {
      return correct(turn, "announced", ANNOUNCED_NOT_DONE, options);
    }
    if (asked("unchanged", 1)) {
      const claim = claimed();
      return correct(turn, claim ? "claim" : "unchanged", claim ?? NOTHING_CHANGED, options);
    }
  }
  const red = redChecks(turn).find(({ kind }) => kind !== "aside");
  if (red && options.govern && options.improve) {
    return turn.retry && hasCorrections(turn, options)
      ? { kind: "correct", reason: "red", message: turn.retry.message }
      : { kind: "finish", text };
  }
  if (red && asked("red", options.maxRetries) && hasCorrections(turn, options)) {
    const excerpt = turn.checks?.find(({ command }) => command === red.run.command)?.excerpt ?? "";
    return correct(turn, "red", stillRed(red.run, excerpt, turn.focus?.path), options);
  }
  // What a red check says has been said often enough: the report tells it.
  const claim = !red && hasCorrections(turn, options) ? claimed() : undefined;
  return claim ? { kind: "correct", reason: "claim", message: claim } : { kind: "finish", text };
}

const ANNOUNCEMENT = /\b(I will|I'll|I am going to|I'm going to|let me|let's|next,? I)\b/i;

/** Whether a reply without a call says what it will do. Only the last 300 characters count: plans end with it. */
export function announces(text: string): boolean {
  return ANNOUNCEMENT.test(text.slice(-300));
}

function correct(turn: Turn, reason: string, message: string, options: GovernOptions): Verdict {
  if (!hasCorrections(turn, options)) {
    return { kind: "stop", reason: `${options.limits.corrections} corrections did not help` };
  }
  return { kind: "correct", reason, message };
}

function hasCorrections(turn: Turn, options: GovernOptions): boolean {
  return Object.values(turn.corrections).reduce((sum, n) => sum + n, 0) < options.limits.corrections;
}

function count(turn: Turn, reason: string): number {
  return turn.corrections[reason] ?? 0;
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

/** Name and arguments as canonical JSON: equal calls have equal keys, whatever the order of their arguments. */
export function callKey(call: { name: string; args: Readonly<Record<string, unknown>> }): string {
  return `${call.name} ${canonical(call.args)}`;
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, v]) => v !== undefined).sort(([a], [b]) => a < b ? -1 : 1);
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`).join(",")}}`;
}
