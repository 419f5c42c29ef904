/** Tokens where the server cannot count: an estimate by bytes per token, learned from what the server reports. */

/**
 * Bytes per token before anything was learned. Qwen2.5-Coder's vocabulary, by llama.cpp's `/tokenize`, 2026-11: 4.0 to 4.2 on TypeScript of
 * this project, 3.9 on its prose, 2.6 on a shell script; a little under the mean of 3.86, so that the estimate errs to the safe side.
 */
export const STARTING_RATIO = 3.6;

const LOWEST_RATIO = 2;
const HIGHEST_RATIO = 6;
/** Weight of the newest observation. */
const LEARNING = 0.3;

/** What is known about a model's tokens; replaced at each observation. */
export interface TokenMemory {
  readonly bytesPerToken: number;
  /** The last request whose tokens the server told. */
  readonly last?: { readonly rendered: string; readonly tokens: number };
}

export const FRESH_MEMORY: TokenMemory = { bytesPerToken: STARTING_RATIO };

const encoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** As much of a text from its start as has at most so many bytes in UTF-8; no character is cut. */
export function sliceBytes(text: string, maxBytes: number): string {
  const { read } = encoder.encodeInto(text, new Uint8Array(Math.max(0, Math.floor(maxBytes))));
  return text.slice(0, read);
}

/** Tokens of a text, rounded up. */
export function estimateTokens(memory: TokenMemory, text: string): number {
  return Math.ceil(byteLength(text) / memory.bytesPerToken);
}

/** Tokens of a rendered request: what the server told of its beginning, plus an estimate of what was added. */
export function estimateRequest(memory: TokenMemory, rendered: string): number {
  const { last } = memory;
  if (last && rendered.startsWith(last.rendered)) {
    return last.tokens + estimateTokens(memory, rendered.slice(last.rendered.length));
  }
  return estimateTokens(memory, rendered);
}

/** Takes in what the server counted for a rendered request; below 32 tokens the template outweighs the text and only the count is kept. */
export function learnTokens(memory: TokenMemory, rendered: string, tokens: number): TokenMemory {
  if (tokens < 1) return memory;
  const last = { rendered, tokens };
  if (tokens < 32) return { ...memory, last };
  const seen = Math.min(HIGHEST_RATIO, Math.max(LOWEST_RATIO, byteLength(rendered) / tokens));
  return { bytesPerToken: memory.bytesPerToken + LEARNING * (seen - memory.bytesPerToken), last };
}
