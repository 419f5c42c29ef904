/** What goes from one turn of a session to the next; the messages are kept in the store at each change. */

import type { Event } from "../events.ts";
import { carriedCourse } from "../guard/misread.ts";
import { lastContract } from "../plan/contract.ts";
import { lastPlan } from "../plan/plan.ts";
import type { Store, StoredSession } from "../store/store.ts";
import { contextStart } from "../turn/history.ts";
import type { ContractItem, Message, Plan, Turn } from "../types.ts";

/** How the next turn begins. */
export interface Carried {
  /** The messages that the model is shown. */
  readonly history: readonly Message[];
  /** The user's messages so far, oldest first. */
  readonly asked: readonly string[];
  /** How calls and edits are asked for. */
  readonly carried: ReturnType<typeof carriedCourse>;
  /** The plan of the last turn. */
  readonly plan?: Plan;
  /** The definition of done. */
  readonly contract: readonly ContractItem[];
}

export interface SessionState {
  readonly now: () => Carried;
  /** Files that the newest turn changed, relative to the workspace. */
  readonly changedFiles: () => readonly string[];
  /** Takes a turn as it stands. */
  readonly save: (turn: Turn) => void;
  readonly addAsked: (task: string) => void;
  readonly setContract: (items: readonly ContractItem[]) => void;
}

export function openState(store: Store, session: string, resumed: StoredSession | undefined): SessionState {
  const kept = resumed?.messages ?? [];
  /** Where in the store the messages begin that the model is shown. */
  let base = contextStart(kept);
  let state = firstState(kept.slice(base), resumed?.events ?? []);
  let changed: readonly string[] = [];
  return {
    now: () => state,
    changedFiles: () => changed,
    save(turn) {
      const [first] = turn.messages;
      const isAnew = first?.role === "user" && first.startsContext && first !== state.history[0];
      if (isAnew) base += state.history.length;
      const shared = isAnew ? 0 : sharedLength(state.history, turn.messages);
      store.saveMessages(session, base + shared, markStart(base, shared, turn.messages.slice(shared)));
      state = {
        history: turn.messages,
        asked: state.asked,
        carried: turn.away ? state.carried : carriedCourse(turn),
        ...(turn.plan ? { plan: turn.plan } : {}),
        contract: turn.contract ?? [],
      };
      changed = turn.ledger.changes.map(({ path }) => path);
    },
    addAsked: (task) => void (state = { ...state, asked: [...state.asked, task] }),
    setContract: (contract) => void (state = { ...state, contract }),
  };
}

function firstState(history: readonly Message[], events: readonly Event[]): Carried {
  const plan = lastPlan(events);
  return {
    history,
    asked: events.flatMap((event) => event.type === "turn_start" ? [event.task] : []),
    carried: {},
    ...(plan ? { plan } : {}),
    contract: lastContract(events),
  };
}

/** A compaction may drop the message that started the context: what stands first now starts it when the session is resumed. */
function markStart(base: number, from: number, messages: readonly Message[]): readonly Message[] {
  const [first, ...rest] = messages;
  if (base === 0 || from > 0 || first?.role !== "user") return messages;
  return [{ ...first, startsContext: true }, ...rest];
}

/** Leading messages that are the very same; after a compaction the rest is saved anew. */
function sharedLength(before: readonly Message[], after: readonly Message[]): number {
  const differs = before.findIndex((message, i) => message !== after[i]);
  return differs < 0 ? before.length : differs;
}
