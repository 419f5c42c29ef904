/** What a step probe is made of. */

import type { Recorded } from "./relay.ts";

export interface Situation {
  readonly name: string;
  readonly task: string;
  readonly files: Readonly<Record<string, string>>;
  /** Replies that were given before; the program answers them itself, so the history is its own. */
  readonly history: readonly Recorded[];
  /** What the next reply should be. */
  readonly expect: Expectation;
}

/** An `answer` must match `says`; a call must be of one of the tools, and name a path that matches. */
export type Expectation =
  | { readonly kind: "answer"; readonly says: RegExp }
  | {
    readonly kind: "call";
    readonly tools: readonly string[];
    readonly path?: RegExp;
    /** The file after the call, whole, without regard to white space at line ends; absent: not judged. */
    readonly after?: { readonly path: string; readonly matches: RegExp; readonly lacks?: RegExp };
  };
