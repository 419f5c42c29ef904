/** Whether a call may run, must be asked for, or is refused (DESIGN decision 10). Pure. */

import type { PermissionRequest } from "../tool.ts";
import type { Mode } from "../types.ts";
import { type CommandLine, parseCommandLine, type SimpleCommand } from "./command_line.ts";
import { innerCommands, programName, riskOf, runsArguments } from "./command_risk.ts";

export interface PermissionRules {
  readonly mode: Mode;
  /** Starts of commands allowed without asking, e.g. `npm test`; each part of a command line must match one. */
  readonly allow: readonly string[];
  /** Starts of commands refused; one part of a command line that matches is enough. */
  readonly deny: readonly string[];
  /** Whether commands run inside the operating system's sandbox. */
  readonly sandboxed: boolean;
  /** `what` of requests that the person allowed for the session. */
  readonly sessionAllowed: ReadonlySet<string>;
  /** Absolute path of the workspace; without it every absolute path counts as outside. */
  readonly root?: string;
}

export interface Judgement {
  readonly decision: "allow" | "ask" | "deny";
  readonly by: "mode" | "rule";
  readonly why: string;
}

/** Judges a request: what would be ruinous, deny rules, what the session allowed, what reaches outside, allow rules, the mode. */
export function judge(request: PermissionRequest, rules: PermissionRules): Judgement {
  const { command, effect } = request;
  const line = command === undefined ? undefined : parseCommandLine(command);
  const risk = line?.kind === "commands" ? riskOf(line.commands, rules.root) : undefined;
  if (risk?.level === "fatal") return { decision: "deny", by: "rule", why: risk.why };
  const denied = line && rules.deny.find((rule) => isDenied(rule, line, command ?? ""));
  if (denied !== undefined) return { decision: "deny", by: "rule", why: `the deny rule "${denied}"` };
  if (effect === "none" || effect === "read") return { decision: "allow", by: "mode", why: "it only reads" };
  if (rules.mode === "read-only") return { decision: "deny", by: "mode", why: "the mode is read-only" };
  if (rules.sessionAllowed.has(request.what)) {
    return { decision: "allow", by: "rule", why: "allowed for this session" };
  }
  if (request.changedBy !== undefined) {
    return {
      decision: "ask",
      by: "rule",
      why: `plugin ${request.changedBy} changed what the model asked for`,
    };
  }
  if (!line || effect !== "run") return byMode(effect, rules);
  if (risk?.level === "outside") return { decision: "ask", by: "rule", why: risk.why };
  if (line.kind === "commands" && risk?.level === "none" && isAllowed(line.commands, rules)) {
    return { decision: "allow", by: "rule", why: "an allow rule" };
  }
  const isUnsure = line.kind === "complex" || risk?.level === "unknown";
  if (isUnsure && rules.deny.length > 0) {
    return { decision: "ask", by: "rule", why: "it cannot be told whether a deny rule is meant" };
  }
  return byMode(effect, rules);
}

function byMode(effect: PermissionRequest["effect"], rules: PermissionRules): Judgement {
  if (effect === "write" && rules.mode !== "ask") {
    return { decision: "allow", by: "mode", why: "edits are free" };
  }
  if (effect === "run" && rules.mode === "auto" && rules.sandboxed) {
    return { decision: "allow", by: "mode", why: "it runs inside the sandbox" };
  }
  return { decision: "ask", by: "mode", why: `the mode is ${rules.mode}` };
}

/** Builtins that do no more than their words say; a chain may hold them beside what a rule allows. */
const HARMLESS = new Set([
  "cd",
  "pwd",
  "true",
  "false",
  ":",
  "echo",
  "printf",
  "test",
  "[",
  "sleep",
  "exit",
  "wait",
]);
/** Variables in front of a command that change how it reports, not what it runs. */
const HARMLESS_VARIABLE =
  /^(?:CI|DEBUG|NODE_ENV|FORCE_COLOR|NO_COLOR|LANG|LC_\w+|TZ|RUST_BACKTRACE|RUST_LOG|PYTHONDONTWRITEBYTECODE|PYTHONUNBUFFERED)$/;

function isAllowed(commands: readonly SimpleCommand[], rules: PermissionRules): boolean {
  const allowed = rules.allow.map((rule) => parseCommandLine(rule))
    .flatMap((rule) => rule.kind === "commands" && rule.commands.length === 1 ? rule.commands : []);
  const byRule = (command: SimpleCommand) => allowed.some((rule) => isCovered(rule, command));
  const editsAreFree = rules.mode === "edits" || rules.mode === "auto";
  return commands.some(byRule) &&
    commands.every((command) =>
      command.assignments.every((name) => HARMLESS_VARIABLE.test(name)) &&
      (editsAreFree || command.redirections.every(({ operator, target }) =>
        /^\d*</.test(operator) || /&$/.test(operator) || target.text === "/dev/null"
      )) &&
      (byRule(command) || HARMLESS.has(programName(command) ?? ""))
    );
}

/** Whether the rule's words start the command; programs that run their arguments must be the rule's to the last word. */
function isCovered(rule: SimpleCommand, command: SimpleCommand): boolean {
  const isPrefix = rule.words.length > 0 && rule.words.every((word, i) => {
    const own = command.words[i];
    return own?.kind === "plain" && own.text === word.text;
  });
  const name = programName(command) ?? "";
  return isPrefix && (!runsArguments(name) || command.words.length === rule.words.length && !command.isPiped);
}

/** A deny rule looks through folders of programs, wrappers and inner shells; of a line that is not understood, at its text. */
function isDenied(rule: string, line: CommandLine, text: string): boolean {
  const parsed = parseCommandLine(rule);
  if (line.kind === "complex" || parsed.kind === "complex") return squeeze(text).includes(squeeze(rule));
  const [denied] = parsed.commands;
  return denied !== undefined && line.commands.some((command) => startsWith(denied, command, 0));
}

function startsWith(rule: SimpleCommand, command: SimpleCommand, depth: number): boolean {
  const isSame = rule.words.length > 0 &&
    rule.words.every((word, i) =>
      i === 0 ? programName(command) === programName(rule) : command.words[i]?.text === word.text
    );
  if (isSame || depth > 8) return isSame;
  const inner = innerCommands(command);
  return inner !== "unknown" && inner.some((one) => startsWith(rule, one, depth + 1));
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
