/** Which of several tried replies is taken. Pure. */

/** What came of a reply's edits in a copy of the workspace. */
export interface Tried {
  /** `no_edit`: it changed nothing; `not_run`: the check could not judge it. */
  readonly state: "green" | "red" | "no_edit" | "not_run";
  /** Failures that the check names. */
  readonly failures: number;
  /** Lines added and removed. */
  readonly lines: number;
}

/**
 * The best by the check, then by the smallest change, then the first; only one that is better than what stands.
 * @param now failures that the check names now
 */
export function bestOf<T extends Tried>(
  candidates: readonly T[],
  now: { readonly failures: number },
): T | undefined {
  const better = candidates.filter(({ state, failures }) =>
    state === "green" || state === "red" && failures > 0 && failures < now.failures
  );
  const rank = ({ state, failures }: Tried) => state === "green" ? 0 : failures;
  return better.toSorted((a, b) => rank(a) - rank(b) || a.lines - b.lines)[0];
}
