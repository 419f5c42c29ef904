/** How often a simulated model of a class does what weak models do. Chances from 0 to 1, each for one reply unless said otherwise. */

export interface Rates {
  /** A call is written as a fenced JSON text although native tools are offered. */
  readonly textCalls: number;
  /** A call cannot be read as it stands, in one of the ways of `malform.ts`. */
  readonly malformed: number;
  /** A parameter or tool has a name of its own. */
  readonly wrongName: number;
  /** The search text of a patch is stale or indented differently. */
  readonly staleSearch: number;
  /** The first version of a file has a real bug (for each task). */
  readonly bug: number;
  /** "Done" before everything is done. */
  readonly earlyDone: number;
  /** A file that is to be changed is forgotten, from the third reply on, unless the newest message names it (for each file). */
  readonly drift: number;
  /** The same call again until told to stop (for each task). */
  readonly loop: number;
  /** The rules of its prompt again, in place of an action. */
  readonly echoesRules: number;
  /** Text up to the output limit. */
  readonly runaway: number;
  /** Reasoning without an answer. */
  readonly onlyThinks: number;
}

export type SimClass = "small" | "medium" | "strong";

/**
 * Orders of magnitude, not measurements of a model. `textCalls` of small: REALMODEL (Qwen2.5-Coder-1.5B) answers nearly always so. `malformed`: Aider's
 * polyglot board, replies not well formed, 28 % for Qwen2.5-Coder-32B with diffs, 16 % Qwen3-32B, 0-2 % for strong ones (FIELD.md C1). `bug`: pass rates of Aider's
 * single-file board, 31.6 % for 1.5B, 69 % for 14B (FIELD.md C2). `echoesRules`: seen with REALMODEL (`shared/corpus/README.md`), its rate is set by hand. The others have no published source and are
 * set by hand, too: so that each part of a harness is met.
 */
export const RATES: Readonly<Record<SimClass, Rates>> = {
  small: {
    textCalls: 0.9,
    malformed: 0.28,
    wrongName: 0.15,
    staleSearch: 0.3,
    bug: 0.68,
    earlyDone: 0.15,
    drift: 0.4,
    loop: 0.2,
    echoesRules: 0.03,
    runaway: 0.04,
    onlyThinks: 0.03,
  },
  medium: {
    textCalls: 0.2,
    malformed: 0.16,
    wrongName: 0.06,
    staleSearch: 0.15,
    bug: 0.31,
    earlyDone: 0.06,
    drift: 0.2,
    loop: 0.08,
    echoesRules: 0.01,
    runaway: 0.01,
    onlyThinks: 0.02,
  },
  strong: {
    textCalls: 0,
    malformed: 0.01,
    wrongName: 0.01,
    staleSearch: 0.03,
    bug: 0.1,
    earlyDone: 0.01,
    drift: 0.05,
    loop: 0.01,
    echoesRules: 0,
    runaway: 0,
    onlyThinks: 0,
  },
};
