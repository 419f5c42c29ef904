/** Whether a message asks for a change of files; decides between `answered` and `failed` when none was made. */

import { type Clause, readClauses } from "./clauses.ts";
import { readProse } from "./prose.ts";

/**
 * A message asks for a change unless every clause of it is a question, wants something shown, found, run or planned, or only talks. In
 * doubt it does: a wrong `failed` is seen, a wrong `answered` is not.
 */
export function asksForChange(task: string): boolean {
  return wantsChange(readClauses(readProse(task)));
}

/** The same of a message that was read already. What is only pasted, with no word about it, is to be mended. */
export function wantsChange(clauses: readonly Clause[]): boolean {
  if (clauses.some((clause) => clause.mood === "change")) return true;
  const isPaste = (clause: Clause) => /^(?:TRACE|CODE|QUOTE|FILE|NAME| )+$/.test(clause.text);
  return clauses.length > 0 && clauses.every(isPaste);
}
