/** Changes that no undo can take back: a command made them, and nobody has the old content. */

import type { Event } from "../events.ts";
import type { FileChange } from "../types.ts";
import type { Store } from "./store.ts";

/** A file of a turn. */
export interface Unkept {
  readonly turn: number;
  /** Relative to the workspace. */
  readonly path: string;
  readonly kind: FileChange["kind"];
}

/** Those of a session, each file of a turn once, as it was told first; the oldest first. */
export function unkeptChanges(store: Store, session: string): readonly Unkept[] {
  const keyOf = (turn: unknown, path: unknown) => `${turn} ${path}`;
  const kept = new Set(
    store.durable.prepare("SELECT DISTINCT turn, path FROM edits WHERE session = ?").all(session)
      .map(({ turn, path }) => keyOf(turn, path)),
  );
  const found = new Map<string, Unkept>();
  for (const { turn, change: { path, kind, by } } of store.load(session).events.filter(isEdit)) {
    const key = keyOf(turn, path);
    if (by === "command" && !kept.has(key) && !found.has(key)) found.set(key, { turn, path, kind });
  }
  return [...found.values()];
}

function isEdit(event: Event): event is Extract<Event, { type: "edit" }> {
  return event.type === "edit";
}

/** The command of a turn that was running when its process was killed: what it changed is not known. */
export function cutOffCommand(store: Store, session: string, turn: number): string | undefined {
  const events = store.load(session).events.filter((event) => event.turn === turn);
  const started = events.findLast((event) => event.type === "tool_start");
  if (started?.type !== "tool_start" || started.effect !== "run") return undefined;
  const hasEnded = events.some((event) => event.type === "tool_end" && event.id === started.id);
  return hasEnded || typeof started.args.command !== "string" ? undefined : started.args.command;
}
