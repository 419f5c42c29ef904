/** What each attempt to mend a red check tells and shows the model. Pure. */

import { joinLines, numbered, splitLines } from "../edit/source_lines.ts";
import { isSmallFile } from "../guard/edit_misses.ts";
import {
  extractFunction,
  failsNow,
  mendIt,
  mendOne,
  OTHER_WAY,
  otherFormSmaller,
  otherFormWhole,
  replan,
  rewriteSection,
  splitFile,
} from "../prompt/text/attempts.ts";
import { stillRed } from "../prompt/text/checks.ts";
import { anewMessage } from "../prompt/text/fresh_context.ts";
import { shownLines, shownParts, shownSection, shownWhole } from "../prompt/text/shown.ts";
import type { FileContent, OutlineEntry } from "../tool.ts";
import type { Attempt, CommandRun, Retry, Strategy, Turn } from "../types.ts";
import { firstFailure } from "./places.ts";

/** What the red check of a final reply tells. */
export interface Red {
  readonly run: CommandRun;
  /** The lines that say what is wrong. */
  readonly excerpt: string;
  readonly failures: readonly string[];
  readonly place?: Place;
}

/** The file at fault as it stands, and the part of it. Lines are 1-based. */
export interface Place {
  readonly file: FileContent;
  readonly lines: number;
  readonly outline: readonly OutlineEntry[];
  readonly part?: OutlineEntry;
  /** The line that the output names. */
  readonly line?: number;
}

/** Lines shown of a part that is too long to show, or where no part is known. */
const SHOWN_LINES = 60;

/** Lines of a file as a message shows them. */
interface Look {
  readonly text: string;
  readonly shown?: NonNullable<Retry["shown"]>;
}

/** What the model is told for a strategy. @throws {RangeError} when nothing is known of the place that the strategy works on */
export function retryFor(strategy: Strategy, red: Red, turn: Turn): Retry {
  switch (strategy) {
    case "cooler": {
      const focus = red.place?.file.path ?? turn.focus?.path;
      return { strategy, isFresh: false, message: stillRed(red.run, red.excerpt, focus) };
    }
    case "other_form":
      return otherForm(red, turn);
    case "replan": {
      const how = replan(turn.plan?.steps ?? []);
      return anew(strategy, { red, turn, look: lookAt(red.place), wrong: red.excerpt, how });
    }
    case "one_error_at_a_time": {
      const { place, failures } = red;
      const how = place ? mendOne(place.file.path) : OTHER_WAY;
      const only = place && onlyIn(place.file.path);
      return anew(strategy, { red, turn, look: lookAt(place), of: failures.length, how, ...only });
    }
    case "rewrite_section":
      return rewrite(red, turn);
    case "extract_function": {
      const { file, part } = partOf(red);
      const how = extractFunction(part, file.path);
      return anew(strategy, { red, turn, look: lookAt(red.place), how, ...onlyIn(file.path) });
    }
    case "best_of": {
      const { place, run } = red;
      const how = place ? mendIt(place.file.path) : OTHER_WAY;
      const look = lookAt(place);
      return { ...anew(strategy, { red, turn, look, wrong: red.excerpt, how }), judge: run.command };
    }
    case "split_file": {
      const { file, lines, outline, part } = placeOf(red);
      const look = lookAt(red.place);
      const parts = outline.length === 0 ? "" : `\n\n${shownParts(file.path, lines, outline)}`;
      return anew(strategy, {
        red,
        turn,
        look: { ...look, text: look.text + parts },
        how: splitFile(file.path, lines, part),
        only: { paths: [file.path], newFiles: true },
      });
    }
  }
}

/** A fresh context: only the first failure is told, unless `wrong` says otherwise. */
function anew(
  strategy: Strategy,
  parts: {
    readonly red: Red;
    readonly turn: Turn;
    readonly look: Look;
    readonly how: string;
    readonly wrong?: string;
    readonly of?: number;
    readonly only?: Attempt["only"];
  },
): Retry {
  const { red, turn, look } = parts;
  const message = anewMessage({
    asked: turn.asked ?? [],
    files: look.text,
    task: turn.task,
    ledger: turn.ledger,
    wrong: failsNow(red.run, parts.wrong ?? firstFailure(red.excerpt, red.failures), parts.of ?? 1),
    how: parts.how,
  });
  return {
    strategy,
    isFresh: true,
    message,
    ...(look.shown ? { shown: look.shown } : {}),
    ...(parts.only ? { only: parts.only } : {}),
  };
}

/** The error again, and the whole file where the last edit was a piece of a small one; else a smaller step. */
function otherForm({ place, run, excerpt }: Red, turn: Turn): Retry {
  const strategy = "other_form";
  const error = failsNow(run, excerpt, 1);
  if (!place) return { strategy, isFresh: false, message: `${error}\n${OTHER_WAY}` };
  const { file, lines } = place;
  if (isSmallFile(file.text) && !wasWritten(file.path, turn)) {
    const shown = { path: file.path, hash: file.hash, from: 1, to: lines, lines };
    return { strategy, isFresh: false, message: `${error}\n${otherFormWhole(file.path, file.text)}`, shown };
  }
  const [from, to] = regionOf(place);
  const shown = { path: file.path, hash: file.hash, from, to, lines };
  const text = numbered(splitLines(file.text), from, to);
  return { strategy, isFresh: false, message: `${error}\n${otherFormSmaller(file.path, text)}`, shown };
}

/** Whether the newest edit of a file gave the whole of it. */
function wasWritten(path: string, { messages, start }: Turn): boolean {
  const calls = messages.slice(start).flatMap((message) => message.role === "assistant" ? message.calls : []);
  return calls.findLast(({ args }) => args.path === path && (args.content ?? args.replace) !== undefined)
    ?.args.content !== undefined;
}

function rewrite(red: Red, turn: Turn): Retry {
  const { file, part, lines } = partOf(red);
  const text = joinLines(splitLines(file.text).slice(part.from - 1, part.to));
  const shown = { path: file.path, hash: file.hash, from: part.from, to: part.to, lines };
  const look = { text: shownSection(file.path, part.from, part.to, text), shown };
  const how = rewriteSection(part.name, file.path, text);
  return {
    ...anew("rewrite_section", { red, turn, look, how, ...onlyIn(file.path) }),
    merge: { path: file.path, region: { from: part.from, to: part.to, text } },
  };
}

function onlyIn(path: string): { readonly only: NonNullable<Attempt["only"]> } {
  return { only: { paths: [path], newFiles: false } };
}

/** A small file whole, of a longer one the part in question. */
function lookAt(place: Place | undefined): Look {
  if (!place) return { text: "" };
  const { file, lines } = place;
  const [from, to] = isSmallFile(file.text) ? [1, lines] : regionOf(place);
  const shown = { path: file.path, hash: file.hash, from, to, lines };
  const text = to - from + 1 >= lines
    ? shownWhole(file.path, lines, file.text)
    : shownLines(file.path, lines, numbered(splitLines(file.text), from, to));
  return { text, shown };
}

/** The part at fault, cut around the line at fault where it is longer than 60 lines. */
function regionOf({ lines, part, line }: Place): readonly [from: number, to: number] {
  const [from, to] = part ? [part.from, part.to] : [1, lines];
  if (to - from < SHOWN_LINES) return [from, to];
  const start = Math.min(Math.max(from, (line ?? from) - SHOWN_LINES / 2), to - SHOWN_LINES + 1);
  return [start, start + SHOWN_LINES - 1];
}

function placeOf({ place }: Red): Place {
  if (!place) throw new RangeError("Cannot take a file apart: it is not known which one is at fault");
  return place;
}

function partOf(red: Red): Place & { readonly part: OutlineEntry } {
  const place = placeOf(red);
  if (!place.part) throw new RangeError(`Cannot work on a part of "${place.file.path}": none is at fault`);
  return { ...place, part: place.part };
}
