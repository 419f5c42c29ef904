/** The scores of one model in the store: read once, kept in memory, written at a turn's end. */

import { addCall, type Evidence } from "../guard/scores.ts";
import type { Category } from "../types.ts";
import type { Store } from "./store.ts";
import { transact } from "./transact.ts";

/** What is known of a model's calls. */
export interface ScoreBook {
  readonly evidence: () => readonly Evidence[];
  /** One call that was answered, or failed by the tool's or the model's fault. */
  note(call: { readonly tool: string; readonly kind: Category; readonly isGood: boolean }): void;
  /** Writes what was noted since. */
  flush(): void;
}

/** Opens the scores of a model. */
export function openScores(store: Store, model: string): ScoreBook {
  const db = store.durable;
  const known = new Map<string, Evidence>();
  const changed = new Set<string>();
  const keyOf = (tool: string, kind: string) => `${kind} ${tool}`;
  for (const row of db.prepare("SELECT * FROM scores WHERE model = ? ORDER BY tool, kind").all(model)) {
    const { tool, kind, good, bad, at } = row as unknown as Evidence;
    known.set(keyOf(tool, kind), { tool, kind, good, bad, at });
  }
  return {
    evidence: () => [...known.values()],
    note(call) {
      const key = keyOf(call.tool, call.kind);
      known.set(key, addCall(known.get(key), call, store.now()));
      changed.add(key);
    },
    flush() {
      if (changed.size === 0) return;
      transact(db, () => {
        const put = db.prepare(
          "INSERT OR REPLACE INTO scores (model, tool, kind, good, bad, at) VALUES (?, ?, ?, ?, ?, ?)",
        );
        for (const key of changed) {
          const one = known.get(key);
          if (one) put.run(model, one.tool, one.kind, one.good, one.bad, one.at);
        }
      });
      changed.clear();
    },
  };
}
