/** Questions at a terminal: permissions, and whether a task may leave this machine. */

import { createInterface } from "node:readline/promises";
import process from "node:process";
import type { OpenTurn } from "../core/store/turns.ts";
import type { Answer, Question } from "../core/types.ts";
import { oneLine, plainText } from "./terminal_text.ts";

const ANSWERS: Readonly<Record<string, Answer>> = {
  y: "once",
  yes: "once",
  s: "session",
  session: "session",
  a: "always",
  always: "always",
  n: "no",
  no: "no",
  "": "no",
};

/** Lines of a preview that are shown at once; the rest comes on request. */
const PREVIEW_LINES = 24;

/** A terminal as questions use it. */
export interface Asking {
  /** Asks for one line. */
  readonly ask: (text: string) => Promise<string>;
  /** Writes a text as it is. */
  readonly show: (text: string) => void;
}

/** Asks until a known answer comes; an empty line is no. */
export async function askPerson(asking: Asking, question: Question): Promise<Answer> {
  switch (question.kind) {
    case "permission":
      return await askPermission(asking, question);
    case "escalation":
      return await askEscalation(asking, question);
    case "plugin":
      return await askAboutPlugin(asking, question);
  }
}

async function askPermission(
  { ask }: Asking,
  question: Extract<Question, { kind: "permission" }>,
): Promise<Answer> {
  const text = `Allow ${plainText(question.what)}?${
    question.why ? ` (${plainText(question.why)})` : ""
  }\n[y]es, [n]o, for this [s]ession, [a]lways here: `;
  while (true) {
    const answer = ANSWERS[(await ask(text)).trim().toLowerCase()];
    if (answer) return answer;
  }
}

/** The preview scrolls: its first lines, then as many more each time they are asked for. */
async function askEscalation(
  { ask, show }: Asking,
  question: Extract<Question, { kind: "escalation" }>,
): Promise<Answer> {
  const what = plainText(question.what);
  show(`This would leave your machine:\n`);
  let left = showPart(plainText(question.preview).split("\n"), show);
  while (true) {
    const more = left.length > 0 ? ", show [m]ore" : "";
    const text = `${what.slice(0, 1).toUpperCase()}${
      what.slice(1)
    }?\n[y]es, [n]o, for this [s]ession${more} (default no): `;
    const typed = (await ask(text)).trim().toLowerCase();
    if (typed === "m" || typed === "more") left = showPart(left, show);
    else if (ANSWERS[typed] && ANSWERS[typed] !== "always") return ANSWERS[typed];
  }
}

/** Shows the next lines; gives those that are left. */
function showPart(lines: readonly string[], show: (text: string) => void): readonly string[] {
  const left = lines.slice(PREVIEW_LINES);
  show(lines.slice(0, PREVIEW_LINES).map((line) => `  │ ${line}\n`).join(""));
  if (left.length > 0) show(`  … ${left.length} more lines\n`);
  return left;
}

const MOST_STAYING = 10;

/** Asks what becomes of a turn that a crash cut off; an empty line keeps the files. */
export async function askRecovery(
  { ask, show }: Asking,
  turn: Pick<OpenTurn, "turn" | "session" | "paths" | "unkept" | "command">,
): Promise<"keep" | "restore"> {
  show(`Turn ${turn.turn} of session ${turn.session} was cut off. It had changed, or was about to change:\n`);
  show(turn.paths.map((path) => `  ${plainText(path)}\n`).join(""));
  const stays = turn.unkept.slice(0, MOST_STAYING);
  show(stays.map((path) => `  ${plainText(path)} (by a command; it stays as it is)\n`).join(""));
  if (stays.length < turn.unkept.length) {
    show(`  and ${turn.unkept.length - stays.length} more by commands\n`);
  }
  if (turn.command !== undefined) {
    show(`  ${oneLine(turn.command, 80)} was running; what it changed is not known\n`);
  }
  while (true) {
    const typed = (await ask("[k]eep these files as they are, or [r]estore them (default keep): ")).trim()
      .toLowerCase();
    if (["", "k", "keep"].includes(typed)) return "keep";
    if (["r", "restore"].includes(typed)) return "restore";
  }
}

/**
 * What answers under `--yes`: permissions and plugins with yes, for this run. What would leave this machine is asked of a person, or refused where there is none:
 * only `escalation.confirm = false` sends it unasked.
 */
export function answerYes(
  person: ((question: Question, signal: AbortSignal) => Promise<Answer>) | undefined,
): (question: Question, signal: AbortSignal) => Promise<Answer> {
  return async (question, signal) => {
    if (question.kind !== "escalation") return "once";
    return person ? await person(question, signal) : "no";
  };
}

/** A yes or a no is kept, so that nobody is asked twice about the same content. */
async function askAboutPlugin(
  { ask }: Asking,
  { what, why }: Extract<Question, { kind: "plugin" }>,
): Promise<Answer> {
  const text = `Plugin ${plainText(what)}\n${
    why === "" ? "" : `  ${plainText(why)}\n`
  }Grant it? [y]es, [n]o, for this [s]ession: `;
  while (true) {
    const answer = ANSWERS[(await ask(text)).trim().toLowerCase()];
    if (answer) return answer === "once" ? "always" : answer;
  }
}

/** Asks one yes-or-no question at the terminal; everything but y is no. */
export async function confirmAt(text: string, signal: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test((await askLine(`${plainText(text)} [y/N] `, signal)).trim());
}

/** Asks for one line at the terminal, where no line editor is open; a closed input (Ctrl+D) is an empty line. */
export async function askLine(text: string, signal: AbortSignal): Promise<string> {
  const readline = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const closed = new Promise<string>((resolve) => readline.once("close", () => resolve("")));
    return await Promise.race([readline.question(text, { signal }), closed]);
  } finally {
    readline.close();
  }
}
