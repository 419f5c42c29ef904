/** A command of a message that runs a file which the turn changed: the message shows how it is run. Pure. */

import { executesCode } from "../guard/ledger.ts";

/** What a command may be in a sentence without marks: the program and its file; what follows may be prose. */
const BARE =
  /\b(?:python3?|node|deno run|go run|ruby|php|bash|sh) [\w./-]{1,200}\.(?:py|[cm]?js|ts|go|rb|php|sh)\b/g;
const MAX_CHARS = 300;

/**
 * The first command that a message shows and that runs one of these files: in backticks, behind `$ `, or a program with its file.
 * @param changed paths of files that were changed
 */
export function shownCommand(task: string, changed: readonly string[]): string | undefined {
  const marked = [
    ...[...task.matchAll(/`([^`\n]{1,300})`/g)].map(([, text = ""]) => text),
    ...task.split("\n").flatMap((line) => /^\s*\$ (\S.*)$/.exec(line)?.[1] ?? []),
  ];
  const bare = [...task.matchAll(BARE)].map(([text]) => text);
  return [...marked, ...bare].map((text) => text.trim()).find((text) =>
    text.length <= MAX_CHARS && / /.test(text) && executesCode(text, changed)
  );
}
