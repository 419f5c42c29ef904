/** A terminal that only scrolls: lines, text as it streams in, and below them one status line that is overwritten. */

import { oneLine, type painter } from "./terminal_text.ts";

export interface ScrollOptions {
  readonly write: (text: string) => void;
  readonly columns: number;
  /** The status line is shown: only on a terminal. */
  readonly isLive: boolean;
}

export interface Scroll {
  /** A line of its own. */
  readonly line: (text: string) => void;
  /** Goes on where the text before ended. */
  readonly stream: (text: string) => void;
  /** Ends the line that streamed text left open. */
  readonly endStream: () => void;
  readonly showStatus: (text: string) => void;
  readonly clearStatus: () => void;
}

export function openScroll(options: ScrollOptions, paint: ReturnType<typeof painter>): Scroll {
  const { write, columns, isLive } = options;
  let isOpen = false; // streamed text left its line open
  let status = "";
  const clearStatus = () => {
    if (status === "") return;
    write(`\r${" ".repeat(status.length)}\r`);
    status = "";
  };
  const endStream = () => {
    if (isOpen) write("\n");
    isOpen = false;
  };
  return {
    line(text) {
      clearStatus();
      endStream();
      write(`${text}\n`);
    },
    stream(text) {
      clearStatus();
      write(text);
      isOpen = !text.endsWith("\n");
    },
    endStream,
    showStatus(text) {
      if (!isLive) return;
      clearStatus();
      status = oneLine(text, columns - 1);
      write(paint("dim", status));
    },
    clearStatus,
  };
}
