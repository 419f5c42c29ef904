/** `smallcode diff`: what a session or a turn changed, from the journal. */

import { diffOf as fileDiffsOf } from "../core/store/diff.ts";
import { changesOf } from "../core/store/journal.ts";
import type { Store } from "../core/store/store.ts";
import { withStored } from "./_stored.ts";
import { painter, plainText } from "./terminal_text.ts";
import type { World } from "./world.ts";

export interface DiffOptions {
  /** The project folder; default: the current one. */
  readonly cwd?: string;
  /** An id or its beginning; default: the newest session of the folder. */
  readonly session?: string;
  /** Default: all turns. */
  readonly turn?: number;
}

/**
 * Prints a unified diff of what was not undone; into a pipe it is a patch that `git apply` takes.
 * @returns exit code 0
 * @throws {RangeError} when there is no such session
 */
export function diffCommand(options: DiffOptions, world: World): Promise<number> {
  return withStored(world, options.cwd, ({ store, root }) => {
    const { id } = store.find(options.session ?? "last", root);
    const diff = diffOf(store, id, options.turn);
    if (diff === "") {
      world.err(`Session ${id} changed no file${options.turn ? ` in turn ${options.turn}` : ""}.\n`);
    } else world.out(world.stdoutIsTerminal ? colourDiff(plainText(diff), world.colour) : diff);
    return 0;
  });
}

/** The unified diff of a session, or of one of its turns; empty where no file differs. */
export function diffOf(store: Store, session: string, turn?: number): string {
  return fileDiffsOf(store, changesOf(store, session, turn)).map(({ text }) => text).join("");
}

function colourDiff(diff: string, colour: boolean): string {
  const paint = painter(colour);
  return diff.split("\n").map((line) => {
    if (line.startsWith("+++") || line.startsWith("---")) return paint("bold", line);
    if (line.startsWith("@@")) return paint("cyan", line);
    if (line.startsWith("+")) return paint("green", line);
    return line.startsWith("-") ? paint("red", line) : line;
  }).join("\n");
}
