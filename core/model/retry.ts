/** Asking again: when, how often, after which wait. */

import type { ProviderError } from "../errors.ts";
import type { ChatOptions } from "./transport.ts";

/** Waits of a transport; tests pass their own. */
export interface Pacing {
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Silence allowed once a reply has begun. Before its first byte there is no limit: prefill may take minutes (FIELD.md item 29). */
  readonly idleMs: number;
}

/** A failure that may pass; `waitMs` is what the server asked for. */
export class TryAgain extends Error {
  override readonly name = "TryAgain";
  constructor(readonly error: ProviderError, readonly waitMs?: number) {
    super(error.message, { cause: error });
  }
}

/** A server's error as it is thrown: an overloaded one may pass. @param waitMs what the server asked for */
export function toThrow(error: ProviderError, waitMs?: number): ProviderError | TryAgain {
  return error.fault === "overloaded" ? new TryAgain(error, waitMs) : error;
}

/** Milliseconds before each further attempt; a server that is being restarted is back within these. */
export const WAITS_MS: readonly number[] = [500, 1_000, 2_000, 4_000];

/** A reply that breaks off costs its whole time each time, so it is asked for again twice at most. */
const MAX_CUTS = 2;

/** Longest wait that a server's `Retry-After` can ask for. */
export const MAX_WAIT_MS = 60_000;

/**
 * Runs `attempt` until it succeeds; each further one is announced first.
 *
 * @throws {ProviderError} the last failure when the attempts are used up, or at once one that would not pass
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  { signal, onPart }: ChatOptions,
  { sleep }: Pick<Pacing, "sleep">,
): Promise<T> {
  let cuts = 0;
  for (let failures = 0;; failures++) {
    try {
      return await attempt();
    } catch (problem) {
      signal.throwIfAborted();
      if (!(problem instanceof TryAgain)) throw problem;
      const backOff = WAITS_MS[failures];
      if (problem.error.fault === "cut") cuts++;
      if (backOff === undefined || cuts > MAX_CUTS) throw problem.error;
      const waitMs = Math.min(MAX_WAIT_MS, Math.max(backOff, problem.waitMs ?? 0));
      onPart({ type: "retry", attempt: failures + 1, waitMs, reason: problem.error.message });
      await sleep(waitMs, signal);
    }
  }
}

/** Milliseconds of a `Retry-After` header, which is seconds or a date. */
export function retryAfterMs(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(MAX_WAIT_MS, Math.max(0, ms)) : undefined;
}

/** Sleeps by the clock. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
