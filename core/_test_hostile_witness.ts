/** What happens around a hostile model: its folder, what goes wrong beside it, and what is seen. */

import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BUG, FIX, OUTSIDE } from "./_test_hostile_model.ts";
import { type Next, pick } from "./_test_seeds.ts";
import type { EventBody } from "./events.ts";
import type { Store } from "./store/store.ts";
import type { Message } from "./types.ts";

/** The folders and the store of one lane: seeds play in it one after the other. */
export interface Place {
  /** Holds `work`, `data`, the file outside, and nothing else. */
  readonly base: string;
  /** The workspace. */
  readonly root: string;
  readonly store: Store;
  /** The id of the session that plays, one a seed: the journal is read by it. */
  readonly session: string;
}

/** What goes wrong in a turn beside the model. */
export interface Trouble {
  /** The wait, from 0, at which the person cancels; `event`: the event. -1: never. */
  readonly cancelAt: number;
  readonly at: "before" | "after" | "event";
  /** The write to the store, from 0, that finds its disk full; -1: none. */
  readonly fullAt: number;
  /** The moment at which a person changes a file in an editor, from 0: a request, or right before a tool's write; -1: none. */
  readonly editAt: number;
}

/** What was seen of a turn. */
export interface Witness {
  readonly events: EventBody[];
  /** The newest history. */
  saved: readonly Message[];
  /** By path: each content that a tool, a command or a person left there. */
  readonly written: Map<string, Set<string>>;
  /** Paths that somebody other than a tool changed. */
  readonly touched: Set<string>;
  /** What the person wrote last, where no one wrote since. */
  readonly own: Map<string, string>;
  /** Edits of a person that a write went over. */
  readonly lost: string[];
  /** Requests to models. */
  calls: number;
}

/** Files that every seed begins with, but for the text of `a.py`. */
export const FILES: Readonly<Record<string, string>> = {
  "a.py": BUG,
  "sub/b.py": "import a\n\n\ndef twice(x):\n    return a.add(x, x)\n",
  "notes.txt": "one\r\ntwo\r\n",
  "log.txt": Array.from({ length: 400 }, (_, i) => `line ${i} of a log that is long enough\n`).join(""),
};

/** What is on the disk below a folder, by path. */
export function onDisk(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) files[path.slice(root.length + 1)] = readFileSync(path, "utf8");
  }
  return files;
}

/** The workspace as a seed finds it. @returns the texts of its files */
export function layFiles({ base, root }: Place, next: Next): Readonly<Record<string, string>> {
  const files = { ...FILES, "a.py": pick(next, [BUG, BUG, FIX]) };
  rmSync(root, { recursive: true, force: true });
  mkdirSync(join(root, "sub"), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(root, path), text);
  symlinkSync(base, join(root, "link"));
  symlinkSync(join(base, OUTSIDE), join(root, "up.txt"));
  symlinkSync("a.py", join(root, "alias.py"));
  symlinkSync(join(base, "nowhere.py"), join(root, "dangling.py"));
  return files;
}

export function openWitness(): Witness {
  return {
    events: [],
    saved: [],
    written: new Map(),
    touched: new Set(),
    own: new Map(),
    lost: [],
    calls: 0,
  };
}

/** Every wait of a turn passes here: at one of them the person cancels, and jobs work on meanwhile. */
export class Waits {
  readonly abort = new AbortController();
  /** Called at each wait. */
  onWait: () => void = () => {};
  /** Whether what a person changes now is told from what commands change. */
  mayEdit: () => boolean = () => true;
  #waits = 0;
  #events = 0;
  #moments = 0;

  /** @param edit changes a file as a person, and gives its path */
  constructor(readonly trouble: Trouble, readonly edit: () => string) {}

  async pass<T>(work: () => T | Promise<T>): Promise<T> {
    const { cancelAt, at } = this.trouble;
    const wait = this.#waits++;
    this.onWait();
    if (wait === cancelAt && at === "before") this.#cancel();
    const result = await work();
    if (wait === cancelAt && at === "after") this.#cancel();
    return result;
  }

  /** A person may use the editor now. @returns what was changed */
  moment(): string | undefined {
    return this.#moments++ === this.trouble.editAt && this.mayEdit() ? this.edit() : undefined;
  }

  event(): void {
    if (this.trouble.at === "event" && this.#events++ === this.trouble.cancelAt) this.#cancel();
  }

  #cancel(): void {
    this.abort.abort(new DOMException("test", "AbortError"));
  }
}

/**
 * Each call is answered once, in order, with nothing in between.
 * @returns the calls that are still open at the end
 * @throws {Error} where a history is not so
 */
export function openCalls(messages: readonly Message[]): readonly string[] {
  let open: string[] = [];
  for (const message of messages) {
    if (message.role === "tool") {
      const expected = open.shift();
      if (expected !== message.callId) {
        throw new Error(`an answer to ${message.callId} in place of ${expected}`);
      }
    } else if (open.length > 0) throw new Error(`a message between ${open} and the answer`);
    if (message.role === "assistant") open = message.calls.map((call) => call.id);
  }
  return open;
}
