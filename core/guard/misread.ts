/** What follows when a model's calls cannot be understood again and again: another dialect, then a constrained reply. Pure. */

import type { DialectName, EditFormat, Profile } from "../profile.ts";
import type { Malformed, Turn } from "../types.ts";

/** Calls of a turn that could not be understood after which the next reply is constrained, where the server can. */
const CONSTRAIN_AFTER = 3;

/** The turn with a misread call counted: the same fault twice changes the dialect that corrections show. */
export function noteMisread(turn: Turn, problem: Malformed): Turn {
  const fault = `${problem.kind} ${problem.tool ?? ""}`;
  const otherDialect = turn.misread?.otherDialect === true || turn.misread?.fault === fault;
  const tool = problem.tool === undefined ? {} : { tool: problem.tool };
  return { ...turn, misread: { fault, otherDialect, step: turn.step, ...tool } };
}

/** The dialect that corrections show now. */
export function dialectNow(turn: Pick<Turn, "misread">, asked: DialectName): DialectName {
  return turn.misread?.otherDialect ? otherDialect(asked) : asked;
}

/** How calls and edits are asked for in the head of a next epoch: as the profile says, or as the turn came to. */
export interface Course {
  readonly dialect: DialectName;
  readonly editFormat: EditFormat;
}

/** The course that a turn has come to. Announced at the tail when it changed, it enters the head with the next epoch (DESIGN decision 1). */
export function courseOf(turn: Pick<Turn, "misread" | "editFormat">, profile: Profile): Course {
  if (!profile.harness.govern) return { dialect: profile.dialect, editFormat: profile.editFormat };
  return {
    dialect: dialectNow(turn, profile.dialect),
    editFormat: turn.editFormat ?? profile.editFormat,
  };
}

/** What of that goes on into the next turn of a session. */
export function carriedCourse({ misread, editFormat }: Turn): Pick<Turn, "misread" | "editFormat"> {
  return {
    ...(misread?.otherDialect ? { misread: { ...misread, step: -1 } } : {}),
    ...(editFormat ? { editFormat } : {}),
  };
}

/** What to try when a dialect does not work: text for native calls, raw blocks for JSON, JSON for raw blocks. */
export function otherDialect(name: DialectName): DialectName {
  switch (name) {
    case "native":
    case "raw":
      return "json";
    case "hermes":
    case "json":
    case "qwen-xml":
    case "pythonic":
      return "raw";
  }
}

/** Whether the next reply is to be constrained: the last one was misread, and it was not the first. */
export function needsConstraint(turn: Turn): boolean {
  return turn.misread?.step === turn.step && (turn.corrections.malformed ?? 0) >= CONSTRAIN_AFTER;
}

/** What is remembered of a server for a session: one that ignores constraints is not asked again. */
export interface ConstraintTrust {
  isTrusted(): boolean;
  distrust(): void;
}

/** Trust, until it is lost. */
export function openConstraintTrust(): ConstraintTrust {
  let trusted = true;
  return {
    isTrusted: () => trusted,
    distrust: () => void (trusted = false),
  };
}
