/** Terminal input in which a pasted text of several lines is one line: its line breaks become a visible mark until the line is read. */

import { Transform } from "node:stream";
import type { ReadStream } from "node:tty";

/** Stands for a line break inside a pasted text. */
const BREAK = "⏎";
const START = "\x1b[200~";
const END = "\x1b[201~";
/** What a mark may look like when a chunk ends inside it. */
// deno-lint-ignore no-control-regex -- the escape character is what is looked for
const PARTIAL = /\x1b(?:\[(?:2(?:0[01]?)?)?)?$/;

/** Turns bracketed paste on at the terminal, and off again. */
export const PASTE_ON = "\x1b[?2004h";
export const PASTE_OFF = "\x1b[?2004l";

/** Gives the text that was typed or pasted: marks become line breaks again. */
export function unfoldPaste(line: string): string {
  return line.replaceAll(BREAK, "\n");
}

/** Folds line breaks between the marks of a bracketed paste; everything else passes as it is. */
export function foldPaste(): (chunk: string) => string {
  let held = "";
  let isPasting = false;
  return (chunk) => {
    let text = held + chunk;
    // A lone Escape key must not wait for more.
    const partial = text.length > 1 ? PARTIAL.exec(text)?.[0] ?? "" : "";
    held = partial;
    text = text.slice(0, text.length - partial.length);
    let folded = "";
    for (let at = 0; at < text.length;) {
      const mark = text.indexOf(isPasting ? END : START, at);
      const part = text.slice(at, mark < 0 ? undefined : mark);
      folded += isPasting ? part.replace(/\r\n|\r|\n/g, BREAK) : part;
      if (mark < 0) break;
      isPasting = !isPasting;
      at = mark + START.length;
    }
    return folded;
  };
}

/** A terminal's input behind `foldPaste`, for readline: raw mode is passed on to the terminal. `release` lets the terminal go. */
export function pasteInput(stdin: ReadStream): { input: NodeJS.ReadableStream; release: () => void } {
  const fold = foldPaste();
  const decoder = new TextDecoder();
  const folding = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      done(null, fold(decoder.decode(chunk, { stream: true })));
    },
  });
  stdin.pipe(folding);
  const input = Object.assign(folding, { isTTY: true, setRawMode: (on: boolean) => stdin.setRawMode(on) });
  return { input, release: () => void stdin.unpipe(folding) };
}
