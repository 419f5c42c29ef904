/**
 * What a simulated weak model replies. A pure function of the request: it sees what a server sees, messages and tools, and knows the reference
 * solutions; what is no longer in its messages it has forgotten.
 */

import type { ScriptedReply } from "../../core/model/scripted.ts";
import type { DialectName } from "../../core/profile.ts";
import { seededRandom } from "../statistics.ts";
import { writeCall, type WrittenCall } from "../write_call.ts";
import { malform } from "./malform.ts";
import type { Intention } from "./intentions.ts";
import type { Rates } from "./rates.ts";

/** A request as this model sees it. */
export interface Seen {
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  /** Native tools with their parameters' names. */
  readonly tools: readonly { readonly name: string; readonly parameters: readonly string[] }[];
  /** The request's own seed. */
  readonly seed: number;
}

export interface Mind {
  readonly intentions: readonly Intention[];
  readonly rates: Rates;
  readonly seed: number;
}

type Verb = "read" | "write" | "patch" | "run";

/** Names that agents give their tools, by what the tool does. */
const NAMES: Readonly<Record<Verb, RegExp>> = {
  read: /^(read|view|open|cat|get)_?(file|text_file)?$/i,
  write: /^(write|create|write_to|save)_?(file|to_file)?$/i,
  patch: /^(patch|edit|replace|str_replace|search_replace|apply_diff)\w*$/i,
  run: /^(bash|shell|terminal|execute|run)\w*$/i,
};

/** Names that a model makes up for tools. */
const OTHER_TOOLS: Readonly<Record<Verb, string>> = {
  read: "open_file",
  write: "create_new_file",
  patch: "edit_code",
  run: "run_terminal_cmd",
};

/** The same for parameters: those of other agents. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  path: "file_path",
  content: "text",
  command: "cmd",
  search: "old_string",
  replace: "new_string",
};

const FAILURE = /\b(traceback|assert\w*error|\w*error:|failed|failures=|exit code [1-9]|not ok)\b/i;
/** How a tool or a harness begins when a call did nothing. */
const REFUSED =
  /^(?:error\b|.{0,100}\b(?:not changed|no tool|cannot|could not|not understood|not a call)\b)/i;
/** How a harness refuses a file that is broken. */
const GATED = /\b(?:no longer parse|does not parse|syntax ?error)/i;
const STEER = /\b(same|already|repeat\w*|again|do something else|another)\b/i;

/** The next reply. */
export function behave(seen: Seen, mind: Mind): ScriptedReply {
  const own = seen.messages.filter(({ role }) => role === "assistant");
  const shown = seen.messages.filter(({ role }) => role !== "assistant");
  const intention = mind.intentions.find(({ prompt }) =>
    shown.some(({ text }) => text.includes(prompt.trim()))
  );
  if (!intention) return { text: "I am not sure what you mean. Could you say more about the task?" };
  const forTask = seededRandom(hash(`${mind.seed} ${seen.seed} ${intention.prompt}`));
  const drifts = (path: string) =>
    seededRandom(hash(`${mind.seed} ${seen.seed} ${intention.prompt} ${path}`))() < mind.rates.drift;
  const habits = { drifts, bug: forTask() < mind.rates.bug, loops: forTask() < mind.rates.loop };
  const last = shown.at(-1)?.text ?? "";
  // The same messages get the same reply, as at temperature 0; a correction may get another.
  const random = seededRandom(hash(`${mind.seed} ${seen.seed} ${intention.prompt} ${own.length} ${last}`));
  const chance = (rate: number) => random() < rate;
  if (chance(mind.rates.onlyThinks)) {
    return { reasoning: "Let me think about which file this is about. ".repeat(20) };
  }
  const system = systemOf(seen);
  if (chance(mind.rates.echoesRules) && system !== "") return { text: system.slice(0, 600) };
  if (chance(mind.rates.runaway)) return { text: "I will now look at the files. ".repeat(4_000) };
  const next = nextCall(intention, { own, worked: workedOf(seen), shown, last, ...habits });
  if (next === undefined || (own.length > 0 && chance(mind.rates.earlyDone))) {
    return { text: intention.answer };
  }
  const reply = writeReply(next, { seen, rates: mind.rates, random });
  const plan = own.length === 0 && ASKS_PLAN.test(last) ? planOf(intention) : "";
  return plan === "" ? reply : { ...reply, text: `${plan}\n\n${reply.text ?? ""}`.trimEnd() };
}

/** How a harness asks for a plan. */
const ASKS_PLAN = /\b(?:numbered|step.by.step|short|write an?|make an?) (?:plan|lines|list)\b/i;

/** The plan that a model writes when it is asked for one: a line a file. */
function planOf({ files }: Intention): string {
  return files.length < 2 ? "" : files.map(({ path }, index) => `${index + 1}. Change ${path}`).join("\n");
}

/** Own replies after which the task's beginning is far away. */
const DRIFTS_AFTER = 2;

interface Memory {
  readonly own: Seen["messages"];
  /** Its own messages that were not refused. */
  readonly worked: Seen["messages"];
  readonly shown: Seen["messages"];
  readonly last: string;
  readonly bug: boolean;
  /** Whether this file slips its mind. */
  readonly drifts: (path: string) => boolean;
  readonly loops: boolean;
}

type Act = {
  readonly verb: Verb;
  readonly args: Readonly<Record<string, string>>;
  /** Of a patch: the whole file as it is to be. */
  readonly whole?: string;
};

/** The first thing that is not done yet, as far as this model remembers. `undefined`: all is done. */
function nextCall(intention: Intention, memory: Memory): Act | undefined {
  const { own, worked, shown, last, bug, loops, drifts } = memory;
  const sawFailure = own.length > 0 && FAILURE.test(last);
  const wrote = (mark: string) => worked.some(({ text }) => plainOf(text).includes(mark));
  for (const { path, before, after, wrong } of intention.files) {
    // Where the newest message names it, be it a result, a correction or a plan's anchor, it is not forgotten.
    if (own.length >= DRIFTS_AFTER && drifts(path) && !last.includes(path)) continue;
    if (after === undefined) {
      if (!worked.some(({ text }) => text.includes(`rm ${path}`))) {
        return { verb: "run", args: { command: `rm ${path}` } };
      }
      continue;
    }
    const isSeen = before === undefined ||
      shown.some(({ text }) => plainOf(text).includes(longestLine(before)));
    const isLooping = loops && own.length > 0 && own.length < 6 && !STEER.test(last);
    if (!isSeen || isLooping) return { verb: "read", args: { path } };
    const mistake = bug && wrong !== undefined && wrong !== before ? wrong : undefined;
    if (mistake !== undefined) {
      const mark = longestLine(mistake, before, after);
      const isRight = wrote(longestLine(after, before, mistake));
      const isGated = GATED.test(last) && own.some(({ text }) => plainOf(text).includes(mark));
      // A harness that begins anew shows what stands there and what fails.
      const begun = shown.find(({ role }) => role === "user")?.text ?? "";
      const isToldAnew = plainOf(begun).includes(mark) && FAILURE.test(begun);
      if (!isRight && !wrote(mark) && !isGated && !isToldAnew) {
        return { verb: "write", args: { path, content: mistake } };
      }
      if (isRight || !(sawFailure || isGated || isToldAnew)) continue; // it believes that it is done
      return { verb: "write", args: { path, content: after } };
    }
    const piece = before === undefined ? undefined : onePiece(before, after);
    if (wrote(longestLine(after, before)) || (piece && wrote(plainOf(piece.search)))) continue;
    return piece
      ? { verb: "patch", args: { path, ...piece }, whole: after }
      : { verb: "write", args: { path, content: after } };
  }
  const { test } = intention;
  const hasRun = test === undefined || worked.some(({ text }) => text.includes(test));
  return hasRun ? undefined : { verb: "run", args: { command: test } };
}

function workedOf({ messages }: Seen): Seen["messages"] {
  return messages.filter(({ role }, index) => {
    const next = messages[index + 1];
    return role === "assistant" && !(next && next.role !== "assistant" && REFUSED.test(next.text));
  });
}

/** The longest line that none of the others has, or else the longest one; as `plainOf()` writes it. */
function longestLine(text: string, ...others: readonly (string | undefined)[]): string {
  const known = new Set(others.flatMap((other) => plainOf(other ?? "").split("\n")));
  const lines = plainOf(text).split("\n");
  const own = lines.filter((line) => line !== "" && !known.has(line));
  return (own.length > 0 ? own : lines).reduce((most, line) => line.length > most.length ? line : most, "");
}

/** A text so that it is the same inside JSON and outside, however it is indented. */
function plainOf(text: string): string {
  return text.replaceAll("\\n", "\n").replaceAll(/[\\"\t ]/g, "");
}

/** The lines that differ, with a line around them; `undefined` if that is most of the file. */
function onePiece(
  before: string,
  after: string,
): { readonly search: string; readonly replace: string } | undefined {
  const [a, b] = [before.split("\n"), after.split("\n")];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
  const from = Math.max(0, head - 1);
  const search = a.slice(from, a.length - Math.max(0, tail - 1)).join("\n");
  const replace = b.slice(from, b.length - Math.max(0, tail - 1)).join("\n");
  const isUnique = before.split(search).length === 2;
  return search.trim() !== "" && isUnique && search.length < before.length * 0.7
    ? { search, replace }
    : undefined;
}

interface Moment {
  readonly seen: Seen;
  readonly rates: Rates;
  /** From 0 up to 1. */
  readonly random: () => number;
}

function writeReply(wanted: Act, { seen, rates, random }: Moment): ScriptedReply {
  const chance = (rate: number) => random() < rate;
  const system = systemOf(seen);
  const act = fitTool(wanted, seen);
  const name = toolName(act.verb, seen, system);
  let args: Record<string, string> = { ...act.args };
  if (act.verb === "patch" && chance(rates.staleSearch)) {
    args = { ...args, search: damageSearch(args.search ?? "", chance) };
  }
  const tool = seen.tools.find((tool) => tool.name === name);
  if (tool) args = fitNames(args, tool.parameters);
  let call: WrittenCall = { name, args };
  if (chance(rates.wrongName)) {
    call = chance(0.5) ? { name, args: renameOne(args) } : { name: OTHER_TOOLS[act.verb], args };
  }
  const dialect = dialectOf(system);
  const isNative = seen.tools.length > 0 && !chance(rates.textCalls);
  const isSpoiled = chance(!isNative && dialect === "raw" ? rates.malformedRaw : rates.malformed);
  if (isNative) {
    return isSpoiled
      ? { calls: [{ name: call.name, args: malform(JSON.stringify(call.args), "native", random) }] }
      : { calls: [call] };
  }
  const text = writeCall(call, dialect);
  return { text: isSpoiled ? malform(text, "text", random) : text };
}

function systemOf(seen: Seen): string {
  return seen.messages.filter(({ role }) => role === "system").map(({ text }) => text).join("\n");
}

/** The dialect that the prompt asks for, as far as a model can tell; else fenced JSON, as small coder models write unasked. */
function dialectOf(system: string): DialectName {
  if (system.includes("<function=")) return "qwen-xml";
  if (system.includes("<tool_call>")) return "hermes";
  if (system.includes("<<<<<<< SEARCH")) return "raw";
  return "json";
}

function toolName(verb: Verb, seen: Seen, system: string): string {
  const offered = seen.tools.map(({ name }) => name);
  const written: readonly string[] = system.match(/[a-z]\w+/gi) ?? [];
  const fallback = { read: "read_file", write: "write_file", patch: "patch", run: "bash" }[verb];
  if (offered.length === 0 && written.includes(fallback)) return fallback;
  return offered.find((name) => NAMES[verb].test(name)) ?? fallback;
}

/** What parameters are called elsewhere. */
const SYNONYMS: Readonly<Record<string, RegExp>> = {
  path: /path|file/i,
  content: /content|text/i,
  command: /command|cmd/i,
  search: /old|search|find/i,
  replace: /new|replace/i,
};

/** Where the tool that changes a piece takes something else than a text and its replacement, the file is written whole. */
function fitTool(act: Act, { tools }: Seen): Act {
  const tool = tools.find(({ name }) => NAMES[act.verb].test(name));
  const isOdd = tool && !tool.parameters.some((name) => SYNONYMS.search?.test(name));
  if (act.verb !== "patch" || act.whole === undefined || !isOdd) return act;
  return { verb: "write", args: { path: act.args.path ?? "", content: act.whole } };
}

/** Writes the arguments under the names that the tool asks for, where it plainly has others. */
function fitNames(
  args: Readonly<Record<string, string>>,
  parameters: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args).map(([key, value]) => {
      const name = parameters.includes(key) ? key : parameters.find((name) => SYNONYMS[key]?.test(name));
      return [name ?? key, value];
    }),
  );
}

function renameOne(args: Readonly<Record<string, string>>): Record<string, string> {
  const [first] = Object.keys(args);
  return Object.fromEntries(
    Object.entries(args).map((
      [key, value],
    ) => [key === first ? OTHER_NAMES[key] ?? `${key}_name` : key, value]),
  );
}

function damageSearch(search: string, chance: (rate: number) => boolean): string {
  return chance(0.5)
    ? search.split("\n").map((line) => line.trimStart()).join("\n")
    : search.split("\n").map((line, index) => index === 0 ? `${line} // old` : line).join("\n");
}

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const character of text) value = Math.imul(value ^ (character.codePointAt(0) ?? 0), 16_777_619);
  return value >>> 0;
}
