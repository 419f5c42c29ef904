/** A new session, or one of the folder that goes on; either is locked for this process. */

import { ConfigError } from "../errors.ts";
import type { Store, StoredSession } from "../store/store.ts";
import { missingAnswers } from "../turn/history.ts";

/**
 * Begins or resumes a session and takes its lock.
 * @param about `resume`: id, a unique prefix of it, or `last`; absent: a new session
 * @throws {ConfigError} when there is no such session here, or another process is at work in it
 */
export async function claimSession(
  store: Store,
  about: { readonly root: string; readonly model: string; readonly resume?: string | undefined },
): Promise<{ readonly id: string; readonly resumed?: StoredSession }> {
  const { root, model, resume } = about;
  const resumed = resume === undefined ? undefined : loadSession(store, resume, root);
  const id = resumed?.meta.id ?? store.create({ cwd: root, model });
  if (!await store.lock(id)) {
    throw new ConfigError(
      `Cannot resume session "${id}": another smallcode is at work in it. Leave that one, or begin a new session`,
    );
  }
  return { id, ...(resumed ? { resumed } : {}) };
}

/** A session of this folder: its history speaks of these files and no others. */
function loadSession(store: Store, wanted: string, root: string): StoredSession {
  const { id, cwd } = found(() => store.find(wanted, root));
  if (cwd !== root) {
    throw new ConfigError(
      `Cannot resume session "${id}" in "${root}": it belongs to "${cwd}"; use --cwd "${cwd}"`,
    );
  }
  const session = store.load(id);
  const answers = missingAnswers(session.messages, "Not run: the program was cut off");
  if (answers.length > 0) store.saveMessages(id, session.messages.length, answers);
  return { ...session, messages: [...session.messages, ...answers] };
}

function found<T>(find: () => T): T {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(cause.message, { cause });
  }
}
