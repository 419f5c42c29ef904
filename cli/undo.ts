/** `smallcode undo`: takes back what the agent changed, and nothing else. */

import { diffOf } from "../core/store/diff.ts";
import { entriesIn, type JournalEntry, undo, type Undone, type UndoScope } from "../core/store/journal.ts";
import { openJournalFiles } from "../core/store/journal_files.ts";
import { isSessionLocked } from "../core/store/session_lock.ts";
import { hasOpenTurn } from "../core/store/turns.ts";
import { ConfigError } from "../core/errors.ts";
import type { Store } from "../core/store/store.ts";
import { unkeptChanges } from "../core/store/unkept.ts";
import { withStored } from "./_stored.ts";
import { plainText } from "./terminal_text.ts";
import type { World } from "./world.ts";
import { nameList } from "../core/name_list.ts";

export interface UndoOptions {
  /** The project folder; default: the current one. */
  readonly cwd?: string;
  /** Only the last edit; default: the last turn that changed a file. */
  readonly edit?: boolean;
  readonly turn?: number;
  /** Every turn after this one; 0 takes back all. */
  readonly to?: number;
  /** An id or its beginning; default: the newest session of the folder. */
  readonly session?: string;
  readonly yes?: boolean;
  /** Asks a person; absent where there is none. */
  readonly confirm?: (question: string) => Promise<boolean>;
}

/**
 * Shows what will be taken back, asks, and does it.
 * @returns exit code 0; 1 when there was nothing to undo, or a file was left alone, or the answer was no; 2 when nobody can be asked
 * @throws {RangeError} when there is no such session
 */
export function undoCommand(options: UndoOptions, world: World): Promise<number> {
  return withStored(world, options.cwd, async ({ store, root }) => {
    const session = store.find(options.session ?? "last", root);
    if (await isAtWork(store, session.id)) {
      world.err(`Session ${session.id} is at work in another smallcode: stop it, or use /undo there\n`);
      return 1;
    }
    const scope = scopeOf(options);
    const entries = entriesIn(store, session.id, scope);
    const notLast = scope === "turn"
      ? noLastTurn(store, session.id, entries, (turn) => `smallcode undo --turn ${turn}`)
      : undefined;
    const stays = stayLines(store, session.id, scope, entries);
    if (entries.length === 0 || notLast !== undefined) {
      world.out(`${notLast ?? (stays.join("\n") || NOTHING)}\n`);
      return 1;
    }
    const where = session.cwd === root ? "" : ` in ${session.cwd}`;
    const turns = [...new Set(entries.map(({ turn }) => turn))];
    const which = turns.length > 1 ? `turns ${turns.join(", ")}` : `turn ${turns[0]}`;
    world.out(`session ${session.id}, ${which}${where}:\n`);
    for (const { path, kind, added, removed } of diffOf(store, entries)) {
      world.out(`  ${kind.padEnd(7)}  ${plainText(path)}  +${added} -${removed}\n`);
    }
    for (const line of stays) world.out(`  ${line}\n`);
    if (!options.yes) {
      if (!options.confirm) {
        world.err("Cannot ask whether to take this back: no terminal; --yes does it\n");
        return 2;
      }
      if (!await options.confirm("Take this back?")) return 1;
    }
    const undone = await undo(store, { session: session.id, scope }, openJournalFiles());
    world.out(`${linesOf(undone)}\n`);
    return undone.some(({ kind }) => kind === "left") ? 1 : 0;
  });
}

function scopeOf({ turn, to, edit }: UndoOptions): UndoScope {
  if (to !== undefined) return { afterTurn: wholeNumber("--to", to) };
  if (turn !== undefined) return { turn: wholeNumber("--turn", turn) };
  return edit ? "edit" : "turn";
}

function wholeNumber(option: string, value: number): number {
  if (Number.isInteger(value) && value >= 0) return value;
  throw new ConfigError(`Cannot use ${option}: expected the number of a turn`);
}

/** Whether a turn of the session runs in another process. */
async function isAtWork(store: Store, session: string): Promise<boolean> {
  return hasOpenTurn(store, session) && await isSessionLocked(store.folder, session);
}

/** Undoes without asking. @returns what became of each file, in lines for a person */
export async function undoIn(store: Store, session: string, scope: UndoScope): Promise<string> {
  const entries = entriesIn(store, session, scope);
  const notLast = scope === "turn"
    ? noLastTurn(store, session, entries, (turn) => `/undo to ${turn - 1}`)
    : undefined;
  if (notLast !== undefined) return notLast;
  const undone = linesOf(await undo(store, { session, scope }, openJournalFiles()));
  return [undone, ...stayLines(store, session, scope, entries)].filter(Boolean).join("\n") || NOTHING;
}

/** What the commands of the turns that are meant changed, and stays, in lines. An edit is taken back by itself. */
function stayLines(
  store: Store,
  session: string,
  scope: UndoScope,
  entries: readonly JournalEntry[],
): readonly string[] {
  const isMeant = (turn: number) => {
    if (scope === "edit") return false;
    if (scope === "turn") return entries.some((entry) => entry.turn === turn);
    return "turn" in scope ? turn === scope.turn : turn > scope.afterTurn;
  };
  const stays = unkeptChanges(store, session).filter(({ turn }) => isMeant(turn));
  const lines = stays.slice(0, MOST_STAYING).map(({ path, kind }) =>
    `not taken back: ${plainText(path)} (${kind} by a command)`
  );
  return stays.length > MOST_STAYING ? [...lines, `and ${stays.length - MOST_STAYING} more`] : lines;
}

const MOST_STAYING = 10;

/**
 * Where commands have changed files since, which cannot be taken back, an earlier turn is not what "the last" means: what is said then.
 * @param command takes back a turn
 */
function noLastTurn(
  store: Store,
  session: string,
  entries: readonly JournalEntry[],
  command: (turn: number) => string,
): string | undefined {
  const newest = entries.at(-1)?.turn;
  const later = unkeptChanges(store, session).filter(({ turn, kind }) =>
    turn > (newest ?? 0) && kind !== "created"
  );
  const turn = later.at(-1)?.turn;
  if (turn === undefined) return undefined;
  const files = later.filter((one) => one.turn === turn).map(({ path, kind }) =>
    `${plainText(path)} (${kind})`
  );
  const how = newest === undefined ? "" : ` ${command(newest)} takes turn ${newest} back.`;
  return `Commands of turn ${turn} changed files that cannot be taken back: ${
    nameList(files, MOST_STAYING)
  }.${how}`;
}

const NOTHING = "There is nothing to undo.";

const WORDS: Readonly<Record<Undone["kind"], string>> = {
  restored: "restored",
  recreated: "made again",
  deleted: "deleted",
  unchanged: "was as before",
  left: "left alone",
};

function linesOf(undone: readonly Undone[]): string {
  return undone.map(({ path, kind, reason }) =>
    `${WORDS[kind]}: ${plainText(path)}${reason === undefined ? "" : ` (${reason})`}`
  ).join("\n");
}
