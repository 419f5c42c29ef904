/** How an edit is asked for in another form, after it was refused twice. */

import { block } from "./shown.ts";

/** After two refused edits of a small file: it is asked for whole, and shown whole. */
export function askWholeFile(path: string, text: string): string {
  return `Edits of ${path} were refused twice. Now write the whole file with write_file: every line, with the change in it. It stands like this:\n${
    block(text)
  }`;
}

/** After two refused edits of a longer file: line numbers in place of a search text. `lines` are numbered; empty where the place is not known. */
export function askLineRange(path: string, lines: string, example: string): string {
  const now = lines === ""
    ? `Read the lines with read_file first; it numbers them.`
    : `These lines stand there now:\n${lines}`;
  return `Edits of ${path} were refused twice. Now give line numbers: patch with start_line and end_line, an empty search, and the new lines as replace. ${now}\nWrite it like this:\n${example}`;
}

/** After two refused edits inside one function or class: it is asked for whole, by its name, and shown as it stands. */
export function askSymbol(path: string, name: string, text: string): string {
  return `Edits of ${path} were refused twice. Now write ${name} whole: patch with symbol ${name}, and its whole new text as replace. It stands like this:\n${
    block(text)
  }`;
}

/** The same where a call holds code as it is: the call that would write it again. */
export function askSymbolLike(path: string, name: string, example: string): string {
  return `Edits of ${path} were refused twice. Now write ${name} whole, with the change in it. This call writes it as it stands:\n${example}`;
}
