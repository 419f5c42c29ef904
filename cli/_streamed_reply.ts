/** A reply as it streams in: an answer is shown at once, a call that is written as text is not. */

import type { Scroll } from "./_scroll.ts";
import { plainText } from "./terminal_text.ts";

/** What a call written as text begins with; such text is held back until it is known to be an answer. */
const CALL_START =
  /^\s*(```|~~~|<|\{|\[|(write_file|patch|read_file|bash|search|find_files|list_files)(\s|$))/;

/** A line's beginning shorter than this may still become a call's header. */
const UNDECIDED_CHARS = 24;

export interface StreamedReply {
  readonly add: (text: string) => void;
  /** Characters that are held back as a call; 0 while the reply is shown. */
  readonly heldChars: () => number;
  /** Ends the reply. What is held back is shown if it was an answer; a last short line also where calls followed it in a field of their own. */
  readonly end: (as: "answer" | "before calls" | "no answer") => void;
}

export function openReply({ stream, endStream }: Pick<Scroll, "stream" | "endStream">): StreamedReply {
  let pending = ""; // text that is not yet shown
  let isHeld = false;
  return {
    add(text) {
      pending += plainText(text);
      if (isHeld) return;
      const end = pending.lastIndexOf("\n") + 1;
      for (const part of end > 0 ? pending.slice(0, end).split(/(?<=\n)/) : []) {
        isHeld ||= CALL_START.test(part);
        if (isHeld) return;
        stream(part);
        pending = pending.slice(part.length);
      }
      if (CALL_START.test(pending) || pending.trim().length < UNDECIDED_CHARS) return;
      stream(pending);
      pending = "";
    },
    heldChars: () => isHeld ? pending.length : 0,
    end(as) {
      const isShown = as === "answer" || as === "before calls" && !isHeld;
      if (isShown && pending.trim() !== "") stream(pending);
      pending = "";
      isHeld = false;
      endStream();
    },
  };
}
