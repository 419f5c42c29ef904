/** The anchor: one line that tells the model where in its plan it is. Pure. */

import type { Plan } from "../types.ts";
import { namedFiles } from "./named_files.ts";
import { kindOfStep } from "./plan.ts";

/** Tokens that an anchor may cost (issue 6). */
export const ANCHOR_TOKENS = 60;
/** An unchanged anchor is repeated after this many steps (DESIGN decision 1). */
export const REPEAT_AFTER = 6;

/** Characters a step may have, tried from wide to narrow. */
const WIDTHS = [100, 70, 48, 32, 24, 16, 0];

/** Where the plan is, in at most `maxTokens`. `replaces`: the update that the model has read last, 0 for none. */
export function anchorLine(
  plan: Plan,
  options: {
    readonly replaces?: number;
    readonly estimate: (text: string) => number;
    readonly maxTokens?: number;
  },
): string {
  const { replaces = 0, estimate, maxTokens = ANCHOR_TOKENS } = options;
  const head = `Plan, update ${plan.update}${
    replaces > 0 && replaces < plan.update ? `, replaces update ${replaces}` : ""
  }`;
  const lines = WIDTHS.map((width) => `${head}: ${describe(plan, width)}`);
  return lines.find((line) => estimate(line) <= maxTokens) ?? lines.at(-1) ?? head;
}

function describe(plan: Plan, width: number): string {
  const { steps } = plan;
  const current = steps.findIndex(({ isDone }) => !isDone);
  const files = plan.files.filter((file) => !steps.some(({ text }) => namedFiles(text).includes(file)));
  const still = files.length === 0
    ? ""
    : width > 24 || files.length < 3
    ? ` Not changed yet: ${files.slice(0, 4).join(", ")}${files.length > 4 ? ", …" : ""}.`
    : ` Not changed yet: ${files.length} files.`;
  const step = steps[current];
  if (!step) return `all ${steps.length} steps are done.${still}`;
  const done = steps.flatMap(({ isDone }, index) => isDone ? [index + 1] : []);
  const left = steps.flatMap(({ text, isDone }, index) =>
    isDone || index === current ? [] : [`${index + 1} ${cut(text, width === 100 ? 60 : width / 2)}`.trim()]
  );
  // The current step is named in any case, and last: a small model does what the last line says.
  return [
    done.length > 0 ? `done: ${done.join(", ")}.` : "none done.",
    ...left.length > 0 ? [`Left: ${left.join("; ")}.`] : [],
    ...still === "" ? [] : [still.trim()],
    nextLine(plan, current, Math.max(24, width)),
  ].join(" ");
}

/** For a plan made of files the very words with which a message ends: the step's own, "change a.py", were copied as a call. */
function nextLine({ steps, by }: Plan, current: number, width: number): string {
  const { text } = steps[current] ?? { text: "" };
  const number = `step ${current + 1} of ${steps.length}`;
  const [file] = namedFiles(text);
  if (by === "code" && file) return `Now ${number}: reply with one tool call that changes ${file}.`;
  const how = kindOfStep(text) === "say" ? "Now" : "Now reply with one tool call for";
  return `${how} ${number}: ${cut(text, width)}`;
}

function cut(text: string, width: number): string {
  const line = text.replace(/[.\s]+$/, "");
  if (line.length <= width) return line;
  if (width < 8) return "";
  return `${line.slice(0, width - 1).trimEnd()}…`;
}
