/** What fits the window: pure arithmetic on tokens. */

/** Kept free between prompt and output for what the server's template adds and estimates miss. */
const MARGIN = 64;
/** Under this many tokens of output no useful reply can come. */
export const MIN_OUTPUT = 256;
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

/** Tokens that one more result may add: what is left of the budget, at most half the window, never negative. */
export function resultRoom(window: number, maxBudgetPct: number, promptTokens: number): number {
  return Math.max(0, Math.min(budgetTokens(window, maxBudgetPct) - promptTokens, Math.floor(window / 2)));
}
