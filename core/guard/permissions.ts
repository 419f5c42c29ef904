/** Whether a call may run, must be asked for, or is refused (DESIGN decision 10). Pure. */

import type { PermissionRequest } from "../tool.ts";
import type { Mode } from "../types.ts";

export interface PermissionRules {
  readonly mode: Mode;
  /** Command lines allowed without asking; matched whole. */
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  /** Whether commands run inside the operating system's sandbox. */
  readonly sandboxed: boolean;
  /** `what` of requests that the person allowed for the session. */
  readonly sessionAllowed: ReadonlySet<string>;
}

export interface Judgement {
  readonly decision: "allow" | "ask" | "deny";
  readonly by: "mode" | "rule";
  readonly why: string;
}

/** Judges a request: deny rules, then what the session allowed, then allow rules, then the mode. */
export function judge(request: PermissionRequest, rules: PermissionRules): Judgement {
  const { command, effect } = request;
  if (command !== undefined && rules.deny.some((rule) => matches(rule, command))) {
    return { decision: "deny", by: "rule", why: "a deny rule" };
  }
  if (effect === "none" || effect === "read") return { decision: "allow", by: "mode", why: "it only reads" };
  if (rules.mode === "read-only") return { decision: "deny", by: "mode", why: "the mode is read-only" };
  if (rules.sessionAllowed.has(request.what)) {
    return { decision: "allow", by: "rule", why: "allowed for this session" };
  }
  if (command !== undefined && rules.allow.some((rule) => matches(rule, command))) {
    return { decision: "allow", by: "rule", why: "an allow rule" };
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

/** Characters that make a command line more than one simple command. */
const CHAINS = /[;&|<>`\n]|\$\(/;

/** A rule matches the whole command line, and never one that chains, pipes, redirects or substitutes. */
function matches(rule: string, command: string): boolean {
  return !CHAINS.test(command) && rule.trim() === command.trim();
}
