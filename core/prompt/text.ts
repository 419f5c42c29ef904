/** Every sentence the model reads that does not belong to a tool or a dialect. Change one only with step probes before and after. */

import type { EditFormat } from "../profile.ts";
import type { CommandRun, Ledger, LostName, ToolCall } from "../types.ts";

/** Identity and rules: the start of the system message. */
export function rules(shell: string, editFormat: EditFormat): string {
  return [
    "You are SmallCode, a coding agent. You work in the user's project folder with tools.",
    "Do the task by calling tools; do not only describe it. Paths are relative to the project folder.",
    "Read a file before you change it, unless it is shown already.",
    editRule(editFormat),
    `After a change, run it or its tests with bash (the shell is ${shell}).`,
    "When the task is done, answer in one or two plain sentences. Say only what the tools showed.",
  ].join("\n");
}

/** The start of the system message where only an answer is wanted. */
export const RULES_WITHOUT_TOOLS =
  "You are SmallCode, a coding agent in the user's project folder. Answer in a few plain sentences.";

/** After NEED_TOOLS: the head has the tools now. */
export const TOOLS_OPENED = "You have tools now. Reply with one tool call.";

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

export const FIRST_LOOK_HEADER = "Files of the project that this may be about:";

/**
 * The user's message: the files that were found for it, the task, and how to begin. Measured with Qwen2.5-Coder-1.5B, raw dialect, one call
 * each at temperature 0, 2026-11-24: on ten small tasks 7 were done with the last line and 2 without it; on three failing tests 2 were mended
 * when it named the file to change and 0 when it did not (the model changed the test).
 * @param focus the file that the task is most likely to change
 */
export function userMessage(
  message: {
    task: string;
    files: string;
    wantsChange: boolean;
    focus?: string;
    planAsked?: boolean;
    anchor?: string;
  },
): string {
  const { files, focus, anchor } = message;
  const task = anchor ? `${message.task}\n\n${anchor}` : message.task;
  const look = files === "" ? task : `${FIRST_LOOK_HEADER}\n\n${files}\n\nTask: ${task}`;
  if (!message.wantsChange) return look;
  return `${look}\n\n${message.planAsked ? `${ASK_PLAN}\n` : ""}${
    focus ? `Reply with one tool call that changes ${focus}.` : "Reply with one tool call."
  }`;
}

/**
 * For a task of several steps, once, in front of the line that asks for the call. Step probes with Qwen2.5-Coder-1.5B, raw dialect, four tasks,
 * temperature 0, one call each, 2026-11-25: "write a numbered plan" 1 understood, 0 right (it wrote `plan(1, 2, 3)`); these words 3 and 1;
 * nothing asked 3 and 3. So profiles of that size ask for none (`harness.ask_plan`); no larger model could be measured.
 */
const ASK_PLAN =
  "This task has several steps. First list them: 2 to 8 numbered lines, each with the file it changes. Below the list comes the tool call for step 1.";

/** After a reply that is a plan and nothing else. */
export function doFirstStep(number: number, text: string): string {
  return `Good. Now do step ${number}: ${text}\nReply with one tool call.`;
}

/** After a final answer while a step of the plan is open and nothing shows that it was done. */
export function stepLeft(number: number, text: string): string {
  return `Step ${number} of the plan is still open: ${text}\nDo it now: reply with one tool call. If it is done already, answer "step ${number} is done".`;
}

/** After a final answer while files that the task names were not changed. */
export function filesLeft(files: readonly string[]): string {
  return `Not changed yet: ${
    files.join(", ")
  }. If the task needs a change there, reply with one tool call that makes it. If it does not, say why in one sentence.`;
}

/** After a final answer while assertions of the contract fail; each line is one, with why. */
export function contractOpen(lines: readonly string[]): string {
  return `Not done: these checks were agreed and fail.\n${
    lines.join("\n")
  }\nReply with one tool call that mends the first.`;
}

/** The note under a project's own instructions file. */
export function projectRules(path: string, text: string): string {
  return `Instructions of this project (${path}):\n${text}`;
}

/** The text of one plugin. */
export function pluginText(name: string, text: string): string {
  return `Note (${name}): ${text}`;
}

export const EMPTY_REPLY = "Your reply was empty. Call a tool, or answer in plain words if the task is done.";

/** After a final answer to a task that asked for a change, with no file changed. */
export function nothingChanged(focus: string | undefined): string {
  return `No file was changed yet. If the task needs no change, say why in one sentence. Else reply with one tool call${
    focus ? ` that changes ${focus}` : ""
  }.`;
}

export const ANNOUNCED_NOT_DONE = "You said what you will do, but called no tool. Do it now: call the tool.";

/** After a final answer that claims what did not happen. `why` is a clause. */
export function notSo(claims: readonly { readonly said: string; readonly why: string }[]): string {
  const lines = claims.slice(0, 3).map(({ said, why }) => `You wrote "${said}", but ${why}.`);
  return `${lines.join("\n")}\nDo it now with a tool call, or answer again and say only what happened.`;
}

/** What a model that goes round in circles does. */
interface Looping {
  readonly kind: "repetition" | "no_news" | "read_loop" | "spiral";
  readonly call: { readonly name: string; readonly args: Readonly<Record<string, unknown>> };
  readonly times: number;
}

/** First: what was seen, and that it leads nowhere. */
export function loopNote({ kind, call, times }: Looping): string {
  switch (kind) {
    case "repetition":
      return `You made this same ${call.name} call ${times} times and its result does not change. Do something else: use another tool, other arguments, or finish.`;
    case "no_news":
      return `Not run: your last ${
        times - 1
      } calls showed nothing that was not shown above. Use what you have: act, or finish.`;
    case "read_loop":
      return `Not run: you have looked ${times - 1} times and changed nothing. Make the change now.`;
    case "spiral":
      return `Not run: your edits bring ${call.args.path} back to what it was before, ${times} times now. Decide on one version: read the file as it stands, then make one edit that differs from all before.`;
  }
}

/** Second: the way that is left, by name. */
export function otherWay(
  { kind, call }: Looping,
  turn: { readonly wantsChange: boolean; readonly focus?: { readonly path: string } },
): string {
  const file = turn.focus?.path;
  if (kind === "spiral") {
    return `Not run: ${call.args.path} goes back and forth. Do not patch it again. Write the whole file with write_file, or run its test with bash to see which version is right.`;
  }
  const way = !turn.wantsChange
    ? "Answer the question now from what was shown, in plain words."
    : file === undefined
    ? "Make the change now, with patch or write_file."
    : `Change ${file} now, with patch or write_file.`;
  return `Not run: do not call ${call.name} again. ${way}`;
}

/** Third, in a fresh context: what went wrong before. */
export function stuckWith(loop: Looping | "empty" | "echo"): string {
  if (loop === "empty") return "Before, the replies were empty.";
  if (loop === "echo") return "Before, a reply only said again what it was told.";
  const { kind, call } = loop;
  switch (kind) {
    case "repetition":
      return `Before, the same ${call.name} call was made again and again (${
        shortArgs(call)
      }). It leads nowhere.`;
    case "no_news":
      return "Before, files were read and searched again and again without anything new.";
    case "read_loop":
      return "Before, files were only read, and nothing was changed.";
    case "spiral":
      return `Before, edits of ${call.args.path} were undone and redone. It stands as the last one left it.`;
  }
}

/** How to go on in a fresh context after a loop. */
export function goOn(wantsChange: boolean): string {
  return wantsChange
    ? "Go another way now. Reply with one tool call that brings the task forward."
    : "Go another way now. Call one tool, or answer in plain words.";
}

/** In the tail of a result, when the last ones showed nothing new. */
export const NOTHING_NEW = "(Your last calls showed nothing new. Use what is shown above.)";

/** After a second empty reply. */
export function callAgain(
  turn: { readonly task: string; readonly wantsChange: boolean; readonly focus?: { readonly path: string } },
): string {
  return `Your reply was empty again. Task: ${turn.task}\n\n${
    turn.wantsChange && turn.focus
      ? `Reply with one tool call that changes ${turn.focus.path}.`
      : "Reply with one tool call, or with the answer."
  }`;
}

/** After a reply that thought and said nothing; the next reply is asked for without thinking. */
export const THOUGHT_ONLY = "You thought, but gave no answer. Reply now with one tool call, or the answer.";

/** After an offer of help in place of work. */
export const GREETED = "The task is not done. Go on with it: call a tool, or answer it in plain words.";

/** After a final answer while a check is red. `excerpt` is what the check said; `focus` the file that is most likely at fault. */
export function stillRed(
  run: { readonly command: string; readonly exitCode: number | null },
  excerpt: string,
  focus: string | undefined,
): string {
  return `Not done: ${redCheck(run, excerpt)}\n${
    focus ? `Reply with one tool call that mends ${focus}.` : "Reply with one tool call that mends it."
  }`;
}

/** At the end of a turn whose change was rejected; it stands in front of the next message. */
export function filesPutBack(paths: readonly string[], command: string): string {
  return `Note: \`${command}\` was red after your change, so the change was taken back. These files are as they were before it: ${
    paths.join(", ")
  }.`;
}

/** The last line of an excerpt that is not all of what a check said. */
export function allOfIt(handle: string): string {
  return `[all of it: read_file {"path": "${handle}"}]`;
}

/** Below the result of an edit: what is wrong with the file and was not before. */
export function newProblems(lines: readonly string[]): string {
  return `Wrong since your change:\n${lines.join("\n")}`;
}

/** A check that runs fewer tests than before the change. */
export function fewerTests(now: number, before: number): string {
  return `It runs ${now} tests now; before your change it ran ${before}.`;
}

/** Above the failures of tests that the model had changed and that were run as they were. */
export function testsAsTheyWere(paths: readonly string[]): string {
  const [they, are] = paths.length === 1 ? ["It was", "it is"] : ["They were", "they are"];
  return `You changed ${
    paths.join(", ")
  }. ${they} run here as ${are} without your change: put the old text back and mend the code.`;
}

/** What a red check says, at the head of an attempt in the running context. */
function redCheck(
  run: { readonly command: string; readonly exitCode: number | null },
  excerpt: string,
): string {
  return `\`${run.command}\` ends with exit code ${run.exitCode} after your change.${
    excerpt && `\n${excerpt}`
  }`;
}

/** Second attempt: the whole file in place of another patch. */
export function otherFormWhole(path: string, text: string): string {
  return `Patching did not mend it. Now write ${path} whole with write_file: every line, with the mistake corrected. It stands like this:\n${
    block(text)
  }`;
}

/** Second attempt: a smaller step. `lines` are numbered; empty where the place is not known. */
export function otherFormSmaller(path: string, lines: string): string {
  const now = lines === "" ? "" : ` They stand like this now:\n${lines}`;
  return `That did not mend it. Take another way and a smaller step: change only the lines of ${path} that are wrong.${now}\nReply with one patch call for ${path}.`;
}

/** Second attempt where no file is known to be at fault. */
export const OTHER_WAY =
  "That did not mend it. Look for another cause: read the test that fails, then change something else.";

/** A fresh context: what fails, with its heading. `of` is the number of failures where only the first is told. */
export function failsNow(
  run: { readonly command: string; readonly exitCode: number | null },
  excerpt: string,
  of: number,
): string {
  const one = of > 1 ? ` It has ${of} failures. Only the first counts now:` : "";
  return `\`${run.command}\` ends with exit code ${run.exitCode}.${one}${excerpt && `\n${excerpt}`}`;
}

/** A fresh context in which the rest of the plan is made anew. */
export function replan(steps: readonly { readonly text: string; readonly isDone: boolean }[]): string {
  const lines = steps.map(({ text, isDone }, i) => `${i + 1}. ${text} (${isDone ? "done" : "open"})`);
  return `The plan so far:\n${
    lines.join("\n")
  }\n\nIts open steps did not lead there. Write the steps that are left anew, a numbered list of 2 to 5 short lines, made from what fails above. Then call the tool for the first one.`;
}

export function mendIt(path: string): string {
  return `Reply with one tool call that mends ${path}.`;
}

export function mendOne(path: string): string {
  return `Mend only this failure. Reply with one tool call that changes ${path}; no other file can be changed now.`;
}

export function rewriteSection(name: string, path: string, text: string): string {
  const what = name === path ? path : `\`${name}\` of ${path}`;
  return `Write ${what} anew, so that this does not fail any more. Reply with all of these lines, changed, in one ${
    fenceFor(text)
  } block and nothing else.`;
}

export function extractFunction(part: { name: string; from: number; to: number }, path: string): string {
  return `\`${part.name}\` has ${
    part.to - part.from + 1
  } lines (${part.from}-${part.to} of ${path}), too many to mend at once. Make the lines that fail a new function of their own above it, mended, with one patch call; then put a call of it in their place with a second patch call. No other file can be changed now.`;
}

export function splitFile(
  path: string,
  lines: number,
  part: { name: string; from: number; to: number } | undefined,
): string {
  const what = part ? `\`${part.name}\` (lines ${part.from}-${part.to})` : "the part that fails";
  return `${path} has ${lines} lines, too many to see at once. Make ${what} a new file beside it with write_file, mended; then take it out of ${path} with patch and import it there. No other file can be changed now.`;
}

/** Lines of a file, as they are shown in a fresh context. `lines` are numbered. */
export function shownLines(path: string, total: number, lines: string): string {
  return `${path} (${total} lines), the part in question:\n${lines}`;
}

/** Lines of a file that are to come back changed: as they stand, without numbers. */
export function shownSection(path: string, from: number, to: number, text: string): string {
  return `Lines ${from}-${to} of ${path} stand like this:\n${block(text)}`;
}

/** A file in full, in a fresh context. */
export function shownWhole(path: string, lines: number, text: string): string {
  return `${path} (${lines} lines, whole):\n${block(text)}`;
}

/** The names of a long file's parts, in a fresh context. */
export function shownParts(
  path: string,
  lines: number,
  parts: readonly { name: string; from: number; to: number }[],
): string {
  return `${path} (${lines} lines), its parts with line ranges:\n${
    parts.slice(0, 60).map(({ name, from, to }) => `  ${name} ${from}-${to}`).join("\n")
  }`;
}

/** An edit outside the running attempt. */
export function outsideAttempt(path: string, only: readonly string[]): string {
  return `Not changed: ${path} is not part of this step. Change ${only.join(" or ")}.`;
}

function block(text: string): string {
  const fence = fenceFor(text);
  return `${fence}\n${text.replace(/\r?\n$/, "")}\n${fence}`;
}

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
    ...parts.ledger.changes.map(({ kind, path, linesAdded, linesRemoved }) =>
      `- ${kind} ${path} (+${linesAdded} -${linesRemoved})`
    ),
    ...newestRuns(parts.ledger).slice(-5).map(({ command, exitCode }) =>
      `- ran ${firstLine(command, 100)} (${exitCode === null ? "killed" : `exit ${exitCode}`})`
    ),
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

/** The last run of each command, oldest first. */
function newestRuns({ commands }: Ledger): readonly CommandRun[] {
  return commands.filter(({ command }, i) =>
    !commands.slice(i + 1).some((later) => later.command === command)
  );
}

function firstLine(text: string, most: number): string {
  return text.trim().split("\n", 1)[0]?.slice(0, most) ?? "";
}

/**
 * To a stronger model that takes a task over: what came before it.
 * @param before `check`: failing checks with their output, or empty; `plan`: its steps in order; `contract`: what must hold at the end, in words
 */
export function handedOver(before: {
  readonly reason: string;
  readonly check: string;
  readonly plan: readonly { readonly text: string; readonly isDone: boolean }[];
  readonly contract: readonly string[];
}): string {
  const { reason, check, plan, contract } = before;
  const steps = plan.map(({ text, isDone }, i) => `${i + 1}. ${text} (${isDone ? "done" : "open"})`);
  return [
    `A smaller model worked on this task and did not finish it: ${reason}.`,
    check,
    steps.length === 0 ? "" : `Its plan:\n${steps.join("\n")}`,
    contract.length === 0
      ? ""
      : `At the end these must hold:\n${contract.map((one) => `- ${one}`).join("\n")}`,
  ].filter((part) => part !== "").join("\n");
}

export const HANDED_OVER =
  "Do the whole task now, beginning with one tool call. What was changed so far may be wrong: change it as you see fit.";

/** To the model that a task comes back to. `done` are lines of what a stronger model did; `said` its last words, or why it ended. */
export function cameBack(model: string, done: readonly string[], said: string): string {
  return [
    `A stronger model (${model}) was asked for help and worked on the task.`,
    done.length === 0 ? "It changed no file." : `What it did:\n${done.join("\n")}`,
    said === "" ? "" : `It ended with: ${said}`,
    "Files may differ from what you saw. If the task is done, answer in one or two plain sentences. If not, reply with one tool call.",
  ].filter((part) => part !== "").join("\n");
}

export const RUNAWAY =
  "Your reply repeated itself and was stopped; nothing of it was run. Reply with one tool call, or finish.";

export const LEFT_OUT =
  'Your reply left code out (a line like "rest unchanged") and was stopped; nothing of it was run. Write every line, or use patch for the piece that changes.';

export const LENGTH_CUT =
  "Your reply was cut off at the output limit, so nothing of it was run. Send less at once: a smaller edit, or the file in parts.";

/**
 * Before a reply that the server constrains to a call: the task again and no example. Tried on one task with Qwen2.5-Coder-1.5B,
 * 2026-11-24: with an example here, or with earlier examples that name the task's own new file, it filled the grammar with a copy; like this
 * it wrote the right file. Temperature 0, so repeated runs are one sample: a sign, not a rate.
 */
export function askConstrained(why: string, task: string): string {
  return `The call was not run: ${why}.\nTask: ${task}\n\nReply with one tool call.`;
}

/** After a call's header, where the server cannot go on with a reply that was begun: the body alone, as text. */
export function askBody(name: string, path: string): string {
  return name === "write_file"
    ? `Now write the whole content of ${path} in one fence, and nothing else.`
    : `Now write the change of ${path} and nothing else: the old lines between <<<<<<< SEARCH and =======, the new lines between ======= and >>>>>>> REPLACE.`;
}

/** Below the example of a correction, where the same fault came twice. */
export const OTHER_FORM = "Write calls in this form from now on.";

/** After two refused edits of a small file: it is asked for whole, and shown whole. */
export function askWholeFile(path: string, text: string): string {
  const fence = fenceFor(text);
  return `Edits of ${path} were refused twice. Now write the whole file with write_file: every line, with the change in it. It stands like this:\n${fence}\n${
    text.replace(/\n$/, "")
  }\n${fence}`;
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
  const fence = fenceFor(text);
  return `Edits of ${path} were refused twice. Now write ${name} whole: patch with symbol ${name}, and its whole new text as replace. It stands like this:\n${fence}\n${
    text.replace(/\n$/, "")
  }\n${fence}`;
}

/** The same where a call holds code as it is: the call that would write it again. */
export function askSymbolLike(path: string, name: string, example: string): string {
  return `Edits of ${path} were refused twice. Now write ${name} whole, with the change in it. This call writes it as it stands:\n${example}`;
}

/** After an edit that imports a file of the project that does not exist. */
export function importNotThere(path: string, line: number, name: string): string {
  return `Line ${line} of ${path} imports "${name}", which is not there. Create it, or correct the import.`;
}

/** After an edit that took names away which are still used; at most three are told. Also after a final answer that left it so. */
export function namesLost(lost: readonly LostName[]): string {
  const told = lost.slice(0, 3).map(({ name, from, path, line }) =>
    path === from
      ? `${name} is gone from ${from}, but line ${line} still uses it.`
      : `${name} is gone from ${from}, but ${path} still takes it from there (line ${line}).`
  );
  return `${told.join(" ")} Reply with one tool call that changes ${lost[0]?.path}.`;
}

/** A fence longer than any run of backticks in the text. */
function fenceFor(text: string): string {
  return "`".repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)));
}

/** In place of a result that stands above, word for word. @param resultsSince results that came after it */
export function sameResult(name: string, content: string, resultsSince: number): string {
  const where = resultsSince === 0 ? "the last result" : `the result ${resultsSince + 1} back`;
  const begins = content.split("\n")[0]?.slice(0, 80);
  return `Nothing changed: this ${name} call gives the same as before. It stands above, ${where}, beginning with: ${begins}`;
}

/** In place of a write that was made already in this turn. */
export const DONE_ALREADY = "This was done already in this turn. Go on.";

/** The tail line that tells how much room is left, given when it becomes scarce. */
export function roomLeft(tokens: number): string {
  return `(About ${tokens} tokens of room are left: read only what you need.)`;
}

/** The line that ends a result cut for length. */
export function cutResult(shown: number, total: number, handle: string): string {
  return `[${shown} of ${total} characters shown; the rest: read_file with path "${handle}" and a line range]`;
}

/** What stands in place of an old result: what it was, and that the same call gives it again. */
export function maskedResult(call: ToolCall | undefined, name: string, content: string): string {
  const lines = content.split("\n").length;
  return `[Old result of ${name} ${shortArgs(call)}, ${lines} lines, left out to save room. Its first line: ${
    content.split("\n")[0]?.slice(0, 80)
  }. Call it again if you need it.]`;
}

/** What stands in place of the oldest part of a session. */
export function digestOf(asked: readonly string[], done: readonly (readonly [ToolCall, string])[]): string {
  const lines = done.slice(-40).map(([call, result]) =>
    `- ${call.name} ${shortArgs(call)}: ${result.split("\n")[0]?.slice(0, 100)}`
  );
  return [
    ...asked.slice(-5).map((task) => `The user asked before: ${task.slice(0, 200)}`),
    "Done so far (older results are left out to save room):",
    ...lines,
  ].join("\n");
}

function shortArgs(call: Pick<ToolCall, "args"> | undefined): string {
  const args = call?.args ?? {};
  const main = args.path ?? args.command ?? args.pattern ?? "";
  return String(main).split("\n")[0]?.slice(0, 80) ?? "";
}
