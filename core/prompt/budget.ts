/** What fits the window: pure arithmetic on tokens. */

/** Kept free between prompt and output for what the server's template adds and estimates miss. */
const MARGIN = 64;
/** Under this many tokens of output no useful reply can come. */
export const MIN_OUTPUT = 256;
/** Share of the window, in percent, that a compaction comes down to: deep, so that it is rare. */
export const COMPACTED_PCT = 40;
/** Share of the window that is left for the reply where results that the model has not seen yet go over the budget. */
export const LEAST_OUTPUT = 0.1;
/** Below this window, in tokens, the head holds a small core, and rules of the project in brief (DESIGN decision 3, section 5). */
export const SMALL_WINDOW = 16_384;
/** A session needs at least this window: head, one file and one reply (DESIGN decision 2). */
export const MIN_WINDOW = 2_048;

/** Tokens of output to ask for; 0 when the prompt leaves too little. */
export function clampOutput(window: number, promptTokens: number, wanted: number): number {
  const room = window - promptTokens - MARGIN;
  return room < MIN_OUTPUT ? 0 : Math.min(wanted, room);
}

/** Tokens that a request may fill before old results are masked. */
export function budgetTokens(window: number, maxBudgetPct: number): number {
  return Math.floor(window * maxBudgetPct / 100);
}

/**
 * Tokens that one more result may add: what is left of the budget, or, where old results can make room for the next request, what is left after that
 * as far as the window still bears it; at most half the window, never negative.
 */
export function resultRoom(of: {
  readonly window: number;
  readonly maxBudgetPct: number;
  readonly promptTokens: number;
  /** Whether old results are masked. */
  readonly compacts: boolean;
}): number {
  const { window, promptTokens } = of;
  const budget = budgetTokens(window, of.maxBudgetPct);
  const inWindow = Math.floor(window * (1 - LEAST_OUTPUT)) - promptTokens;
  const after = of.compacts ? Math.min(budget - budgetTokens(window, COMPACTED_PCT), inWindow) : 0;
  return Math.max(0, Math.min(Math.max(budget - promptTokens, after), Math.floor(window / 2)));
}
