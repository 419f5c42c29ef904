/** Permission questions at a terminal. */

import { createInterface } from "node:readline/promises";
import process from "node:process";
import type { Answer, Question } from "../core/types.ts";
import { plainText } from "./terminal_text.ts";

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

/** Asks by `ask` until a known answer comes; an empty line is no. */
export async function askPerson(ask: (text: string) => Promise<string>, question: Question): Promise<Answer> {
  const text = `Allow ${plainText(question.what)}?${
    question.why ? ` (${plainText(question.why)})` : ""
  }\n[y]es, [n]o, for this [s]ession, [a]lways here: `;
  while (true) {
    const answer = ANSWERS[(await ask(text)).trim().toLowerCase()];
    if (answer) return answer;
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
