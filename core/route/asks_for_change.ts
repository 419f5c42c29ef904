/** Whether a message asks for a change of files; decides between `answered` and `failed` when none was made. */

import { type Clause, readClauses } from "./clauses.ts";
import { readProse } from "./prose.ts";

/**
 * A message asks for a change unless every clause of it is a question, wants something shown, found, run or planned, or only talks. In
 * doubt it does: a wrong `failed` is seen, a wrong `answered` is not.
 * @param readers names of tools that change nothing: "use word_count on a.txt" asks for no change
 */
export function asksForChange(task: string, readers: readonly string[] = []): boolean {
  return wantsChange(readClauses(readProse(task, readers)));
}

/** The same of a message that was read already. What is only pasted, with no word about it, is to be mended. */
export function wantsChange(clauses: readonly Clause[]): boolean {
  const changes = clauses.filter((clause) => clause.mood === "change");
  const isForbidden = clauses.some(({ text, isOnlyTold }) => isOnlyTold || BAN.test(text));
  if (isForbidden && changes.every(isMild)) return false;
  const isOnlyWished = changes.every((clause) => clause.isWish) && clauses.some(asksForWay);
  if (changes.length > 0) return !isOnlyWished;
  const isPaste = (clause: Clause) => /^(?:TRACE|CODE|QUOTE|FILE|NAME| )+$/.test(clause.text);
  return clauses.length > 0 && clauses.every(isPaste);
}

/** Forbids every change, not only one of some part. */
const BAN =
  /^(?:(?:please )?(?:change|edit|modify|touch|write) nothing|(?:dont|do not|without) (?:change|changing|edit|editing|modify|modifying|touch|touching) (?:anything|any (?:files?|code))|(?:make )?no (?:code )?changes|read only|(?:andere|verandere) nichts|nichts (?:andern|verandern)|ne (?:change|modifie) rien|sans rien (?:changer|modifier)|no cambies nada|sin cambiar nada|nao (?:altere|mude) nada|sem (?:alterar|mudar) nada)(?: (?:please|bitte|yet|for now|now|at all|just|in any file))*$/;

/** Taken for a change in doubt only, or because something is to be used: a ban of every change outweighs it. */
function isMild({ isExplicit, text }: Clause): boolean {
  return !isExplicit || /^(?:use|using|benutze|verwende|nutze|utilise|usa) (?:the )?NAME\b/.test(text);
}

/** "We want to add payments. How would you go about it?" asks for a way, not for the work. */
function asksForWay({ text, mood }: Clause): boolean {
  if (mood === "look") {
    return /\b(?:plan|plano|roadmap|steps|approach|strategy|etapes|pasos|passos|schritte)\b/.test(text);
  }
  return mood === "question" &&
    /^(?:how (?:would|should|do|could)|what (?:are the |would be the )?(?:steps|approach)|what would|where (?:do|should|would)|whats the best|what is the best|which (?:approach|way|steps)|wie (?:wurdest|sollten?|gehe|gehen|konnten)|comment (?:faire|tu|on|devrait)|como (?:lo |eu |voce )?(?:harias|abordarias|faria|devo|debo|deberia))\b/
      .test(text);
}
