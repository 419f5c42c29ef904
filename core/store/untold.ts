/** Files that were put back while the model looked away: its history speaks of them as it left them, until it is told. */

import type { Store } from "./store.ts";

export interface UntoldUndos {
  /** Relative to the workspace, each once, in the order in which they were put back. */
  readonly paths: readonly string[];
  /** The model is told of them: they are not given again. */
  readonly tell: () => void;
}

/** What was put back in a session, by whatever process, since the model was told last. */
export function untoldUndos(store: Store, session: string): UntoldUndos {
  const rows = store.durable.prepare(
    "SELECT seq, path FROM undos WHERE session = ? AND told_at IS NULL ORDER BY seq",
  ).all(session);
  const newest = rows.at(-1)?.seq;
  return {
    paths: [...new Set(rows.map(({ path }) => String(path)))],
    tell() {
      if (newest === undefined) return;
      const update = store.durable.prepare(
        "UPDATE undos SET told_at = ? WHERE session = ? AND told_at IS NULL AND seq <= ?",
      );
      store.write(() => update.run(store.now(), session, Number(newest)));
    },
  };
}
