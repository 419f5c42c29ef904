/** Loops in a turn's calls: the same round of calls again, calls that show nothing new, reading without end, edits undone and redone. Pure. */

import type { CallRecord, Effect, Message, ToolCall, Turn } from "../types.ts";
import { missedPath } from "./edit_misses.ts";

/** What a turn goes round in; also the reason under which its corrections are counted. */
export type LoopKind = "repetition" | "no_news" | "read_loop" | "spiral";

/** A loop that a reply's calls would go on with. */
export interface Loop {
  readonly kind: LoopKind;
  readonly call: ToolCall;
  /** Rounds, calls or returns so far, with the one that was asked for. */
  readonly times: number;
}

/** A round of calls may have this many different calls (FIELD.md item 46: A-B-A-B is not seen by a count of equal neighbours). */
const LONGEST_PERIOD = 4;
/** A call with the same result each time, wherever it stands: this one is not run. */
const EQUAL_CALLS = 3;
/** Rounds of equal calls whose results differ (FIELD.md item 46). A single call may be a job that is asked how it stands. */
const ROUNDS = 4;
const ROUNDS_OF_ONE = 6;
/** Calls in a row that showed nothing new, after which a further look is not run; the model is told after `STALE_TOLD`. */
const STALE_CALLS = 5;
export const STALE_TOLD = 3;
/** Looks in a row in a task that wants a change, after which a further one is not run. The longest run before a first edit in the bench's reference solutions has 4. */
const LOOKS = 12;
/** Returns of a file to a state that it had before: one is a mistake taken back. */
const RETURNS = 2;

/** The loop that these calls would go on with; `undefined`: they are something new. @param effectOf what a call does, where it is known */
export function findLoop(
  turn: Turn,
  calls: readonly ToolCall[],
  effectOf: (call: ToolCall) => Effect | undefined,
): Loop | undefined {
  return findRepetition(turn.calls, calls) ?? findSpiral(turn, calls) ?? findLooking(turn, calls, effectOf);
}

function findRepetition(records: readonly CallRecord[], calls: readonly ToolCall[]): Loop | undefined {
  for (const call of calls) {
    const times = timesUseless(records, callKey(call)) + 1;
    if (times >= EQUAL_CALLS) return { kind: "repetition", call, times };
  }
  const [call] = calls;
  const times = call ? roundsBefore(records, callKey(call)) + 1 : 0;
  return call && times >= ROUNDS ? { kind: "repetition", call, times } : undefined;
}

/** How often a call was made with its newest result. Writes clear the records: only calls since the last one count. */
function timesUseless(records: readonly CallRecord[], key: string): number {
  const same = records.filter((record) => record.key === key);
  const last = same.at(-1);
  return last ? same.filter((record) => record.result === last.result).length : 0;
}

/** Whole rounds of 1 to 4 calls at the end of the records that `key` would begin again; 0 where there are too few. */
function roundsBefore(records: readonly CallRecord[], key: string): number {
  for (let period = 1; period <= LONGEST_PERIOD; period++) {
    if (records.at(-period)?.key !== key) continue;
    const rounds = countRounds(records, period);
    if (rounds + 1 >= (period === 1 ? ROUNDS_OF_ONE : ROUNDS)) return rounds;
  }
  return 0;
}

function countRounds(records: readonly CallRecord[], period: number): number {
  let at = records.length - 1;
  while (at >= period && records[at]?.key === records[at - period]?.key) at--;
  return Math.floor((records.length - 1 - at + period) / period);
}

function findSpiral(turn: Turn, calls: readonly ToolCall[]): Loop | undefined {
  const allowed = RETURNS + (turn.corrections.spiral ?? 0);
  for (const call of calls) {
    const times = countReturns(turn.states?.[missedPath(call) ?? ""] ?? []);
    if (times >= allowed && isEdit(call)) return { kind: "spiral", call, times };
  }
  return undefined;
}

function isEdit({ args }: ToolCall): boolean {
  return typeof args.content === "string" || typeof args.replace === "string";
}

/** How often a file came back to a state that it had before. @param states hashes in order, the one before the turn first */
export function countReturns(states: readonly string[]): number {
  return states.filter((state, i) => i > 0 && state !== states[i - 1] && states.indexOf(state) < i).length;
}

function findLooking(
  { calls: records, wantsChange }: Turn,
  calls: readonly ToolCall[],
  effectOf: (call: ToolCall) => Effect | undefined,
): Loop | undefined {
  const call = calls.find((one) => isLook(effectOf(one)));
  if (!call || call !== calls[0]) return undefined; // a reply that acts first breaks the run
  const stale = countStale(records);
  if (stale >= STALE_CALLS) return { kind: "no_news", call, times: stale + 1 };
  const looks = countLast(records, ({ effect }) => isLook(effect));
  return wantsChange && looks >= LOOKS ? { kind: "read_loop", call, times: looks + 1 } : undefined;
}

/** Calls at the end that showed nothing new. */
export function countStale(records: readonly CallRecord[]): number {
  return countLast(records, ({ effect, isNews }) => isLook(effect) && isNews === false);
}

function countLast(records: readonly CallRecord[], fits: (record: CallRecord) => boolean): number {
  return records.length - 1 - records.findLastIndex((record) => !fits(record));
}

function isLook(effect: Effect | undefined): boolean {
  return effect === "read" || effect === "none";
}

/**
 * Whether a result holds a line that the model does not have in front of it. Line numbers, lines in brackets (notes of tools) and lines without
 * a word are passed over.
 */
export function isNews(result: string, messages: readonly Message[]): boolean {
  const shown = messages.flatMap((message) => message.role === "assistant" ? [] : [message.content]);
  return result.split("\n")
    .map((line) => line.replace(/^\d+ \| /, "").trim())
    .filter((line) => /\w\w/.test(line) && !line.startsWith("["))
    .some((line) => !shown.some((text) => text.includes(line)));
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
