/** Permission questions at a terminal. */

import { createInterface, type Interface } from "node:readline/promises";
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

/** Asks until a known answer comes; an empty line is no. */
export async function askPerson(
  readline: Interface,
  question: Question,
  signal: AbortSignal,
): Promise<Answer> {
  const text = `Allow ${plainText(question.what)}?${
    question.why ? ` (${plainText(question.why)})` : ""
  }\n[y]es, [n]o, for this [s]ession, [a]lways here: `;
  while (true) {
    const answer = ANSWERS[(await readline.question(text, { signal })).trim().toLowerCase()];
    if (answer) return answer;
  }
}

/** Asks one yes-or-no question at the terminal; everything but y is no. */
export async function confirmAt(text: string, signal: AbortSignal): Promise<boolean> {
  const readline = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await readline.question(`${plainText(text)} [y/N] `, { signal })).trim());
  } finally {
    readline.close();
  }
}
