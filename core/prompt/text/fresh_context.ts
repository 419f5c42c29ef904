/** The message of a context that starts anew. */

import type { CommandRun, Ledger } from "../../types.ts";

/**
 * The one message of a context that starts anew. In the order of the first message: files, task, then how to go on; measured there.
 * @param parts `asked`: earlier tasks of the session, whole or their first line; `files`: as they stand now, or empty; `wrong`: what fails
 * or did not work, with its own heading; `how`: the next step, one sentence
 */
export function anewMessage(parts: {
  readonly asked: readonly string[];
  readonly files: string;
  readonly task: string;
  readonly ledger: Ledger;
  readonly wrong: string;
  readonly how: string;
}): string {
  const before = parts.asked.slice(-5).map((task) => `The user asked before: ${firstLine(task, 200)}`);
  const done = [
    ...changeLines(parts.ledger),
    ...newestRuns(parts.ledger).slice(-5).map(ranLine),
  ];
  return [
    before.join("\n"),
    parts.files,
    `Task: ${parts.task}`,
    done.length === 0 ? "" : `Done so far:\n${done.join("\n")}`,
    parts.wrong,
    parts.how,
  ].filter((part) => part !== "").join("\n\n");
}

/** Of a generator's files only the first are told, after those that the model wrote itself. */
const MOST_CHANGES = 10;

function changeLines({ changes }: Ledger): readonly string[] {
  const own = changes.toSorted((a, b) => Number(a.by === "command") - Number(b.by === "command"));
  const lines = own.slice(0, MOST_CHANGES).map(({ kind, path, linesAdded, linesRemoved }) =>
    `- ${kind} ${path} (+${linesAdded} -${linesRemoved})`
  );
  const left = changes.length - MOST_CHANGES;
  return left > 0 ? [...lines, `- changed ${left} more files by commands`] : lines;
}

/** A command and how it ended. */
export function ranLine(run: CommandRun): string {
  return `- ran ${firstLine(run.command, 100)} (${howEnded(run)})`;
}

/** How a command ended, in two words. */
export function howEnded({ exitCode, isJob }: Pick<CommandRun, "exitCode" | "isJob">): string {
  if (exitCode !== null) return `exit ${exitCode}`;
  return isJob ? "in the background" : "killed";
}

/** The last run of each command, oldest first. */
function newestRuns({ commands }: Ledger): readonly CommandRun[] {
  return commands.filter(({ command }, i) =>
    !commands.slice(i + 1).some((later) => later.command === command)
  );
}

function firstLine(text: string, most: number): string {
  return text.trim().split("\n", 1)[0]?.slice(0, most) ?? "";
}
