/** Turns of the folder that a crash cut off: what becomes of their files, at the next start. */

import type { SmallCodeOptions } from "../api.ts";
import { openJournalFiles } from "../store/journal_files.ts";
import type { Store } from "../store/store.ts";
import { keepTurn, type OpenTurn, openTurns, restoreTurn } from "../store/turns.ts";
import type { Session } from "./session.ts";
import { nameList } from "../name_list.ts";

/** Settles each and tells it. The files are kept, unless a person wants them put back. */
export async function settleTurns({ id, root, store, events, opening }: Session): Promise<void> {
  const { options: { recover }, signal } = opening;
  for (const open of await openTurns(store, root, id)) {
    const text = await settle(open, store, recover, signal);
    events.emit({ type: "notice", level: "warning", text });
  }
}

/** @returns what was done, for the person */
async function settle(
  open: OpenTurn,
  store: Store,
  recover: SmallCodeOptions["recover"],
  signal: AbortSignal,
): Promise<string> {
  const what = `Turn ${open.turn} of session ${open.session} was cut off`;
  const files = openJournalFiles();
  const rest = unknownOf(open);
  if (open.paths.length === 0) {
    await keepTurn(store, open, files);
    return `${what}; no change of its tools stands${rest}`;
  }
  if (recover && await recover(open, signal) === "restore") {
    const undone = await restoreTurn(store, open, files);
    const told = undone.map(({ path, kind, reason }) => `${path} (${kind}${reason ? `: ${reason}` : ""})`);
    return `${what}; put back: ${told.join(", ")}${rest}`;
  }
  await keepTurn(store, open, files);
  const how = `\`smallcode undo --session ${open.session} --turn ${open.turn}\` puts them back`;
  return `${what}; it had changed ${nameList(open.paths, MOST_NAMED)}. ${how}${rest}`;
}

/** What nobody can put back, in words; empty where there is none. */
function unknownOf({ unkept, command }: OpenTurn): string {
  const changed = unkept.length === 0
    ? ""
    : `; its commands changed ${nameList(unkept, MOST_NAMED)}, which stay as they are`;
  return command === undefined
    ? changed
    : `${changed}; \`${firstLine(command)}\` was running: what it changed is not known`;
}

const MOST_NAMED = 10;

function firstLine(text: string): string {
  return text.split("\n", 1)[0]?.slice(0, 80) ?? "";
}
