/** What stands at the head of every request: who the model is, how it works, what the project and the plugins add. */

import type { EditFormat } from "../../profile.ts";

const READ_FIRST = "Read a file before you change it, unless it is shown already.";
const SAY_ONLY =
  "When the task is done, answer in one or two plain sentences. Say only what the tools showed.";

/** Identity and rules: the start of the system message. */
export function rules(shell: string, editFormat: EditFormat): string {
  return [
    "You are SmallCode, a coding agent. You work in the user's project folder with tools.",
    "Do the task by calling tools; do not only describe it. Paths are relative to the project folder.",
    READ_FIRST,
    editRule(editFormat),
    `After a change, run it or its tests with bash (the shell is ${shell}).`,
    SAY_ONLY,
  ].join("\n");
}

/** The same for a small window with native calls, where the schemas say the rest: nothing is said twice. */
export function briefRules(shell: string, editFormat: EditFormat): string {
  return [
    "You are SmallCode, a coding agent. Do the task by calling tools; do not only describe it. Paths are relative to the user's project folder.",
    READ_FIRST,
    briefEditRule(editFormat),
    `After a change, run it or its tests with bash${shell === "bash" ? "" : ` (the shell is ${shell})`}.`,
    SAY_ONLY,
  ].join("\n");
}

function briefEditRule(format: EditFormat): string {
  switch (format) {
    case "search_replace":
      return "Change a file with patch: search is copied exactly from it, replace is the new text. Create one with write_file.";
    case "whole_file":
      return "Create or change a file with write_file: give every line of it.";
    case "line_range":
      return "Change a file with patch: give the line range and the new lines. Create one with write_file.";
    case "symbol":
      return "Change a function or class with patch: symbol is its name, replace its whole new text. Create a file with write_file.";
  }
}

/** The start of the system message where only an answer is wanted. */
export const RULES_WITHOUT_TOOLS =
  "You are SmallCode, a coding agent in the user's project folder. Answer in a few plain sentences.";

function editRule(format: EditFormat): string {
  switch (format) {
    case "search_replace":
      return "Change an existing file with patch: search is copied exactly from the file, replace is the new text. Create a file with write_file.";
    case "whole_file":
      return "Create or change a file with write_file: give the whole new file, every line of it.";
    case "line_range":
      return "Change an existing file with patch: give the line range and the new lines. Create a file with write_file.";
    case "symbol":
      return "Change a function or class with patch: symbol is its name, replace its whole new text. Create a file with write_file.";
  }
}

/** The note under a project's own instructions file. */
export function projectRules(path: string, text: string): string {
  return `Instructions of this project (${path}):\n${text}`;
}

/** The text of one plugin. */
export function pluginText(name: string, text: string): string {
  return `Note (${name}): ${text}`;
}
