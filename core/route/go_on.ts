/** A bare "yes" or "continue" says what it asks for by what stands before it. Pure. */

import { asksForChange } from "./asks_for_change.ts";
import { CHANGE } from "./mood_words.ts";
import { phrases } from "./phrases.ts";
import { readProse } from "./prose.ts";

/** Says yes to what was offered, or wants more of what was done. */
const GO_ON = phrases(`
  y, yes, yep, yeah, yup, sure, of course, absolutely, definitely, continue, go on, carry on, keep going, next, more, resume, and
  ja, jo, klar, genau, gerne, weiter, mach weiter, oui, ouais, d accord, bien sur, continue+r, la suite, si, claro, dale, sigue, continua+r
  sim, isso, pode, pode ser, pode continuar, segue, да, 是, 好, 好的, 继续, はい, 続けて
`);

/** Says yes, or only that something was heard. */
const HEARD = phrases(
  `ok, okay, k, kk, alright, all right, fine, good, great, vale, bom, gut, in ordnung, cool`,
);
const POLITE = phrases(`please, pls, plz, bitte, s il te plait, por favor, thanks, thank you, now, then`);

/** Characters of an answer that may hold an offer. */
const END = 600;
const OFFER =
  /\b(?:(?:shall|should|may|can|could) (?:i|we)(?: also)?|(?:do you |would you |if you |youd )?(?:want|like)(?: me)? to|(?:let me know|tell me) if i should|soll ich|mochtest du dass ich|veux tu que je|voulez vous que je|quieres que|quer que eu) ([^.!?\n]{2,200})/g;

/** Said of what one is able to do: an offer where it is a change, and manners otherwise ("I can help with anything else"). */
const ABLE = /\bi (?:can|could)(?: also)? ([^.!?\n]{2,200})/g;

/**
 * The text by which a message is routed and judged: itself, but for a bare "yes" or "continue". That means what the newest answer offers, if it
 * offers something; else the message before it. An offer of a change is never read as less than that.
 * @param asked the session's earlier messages of the user, oldest first
 * @param answer the newest answer of the model; empty where there is none
 */
export function meantBy(task: string, asked: readonly string[], answer: string): string {
  const kind = goesOn(task);
  if (!kind || asked.length === 0) return task;
  const end = readProse(answer.slice(-END));
  const able = [...end.matchAll(ABLE)].filter(([, what = ""]) => CHANGE.leads(what.trim().split(" ")) > 0);
  const offers = [...end.matchAll(OFFER), ...able].map(([, what = ""]) =>
    what.trim().replace(/\byou\b/g, "me")
  );
  const offer = offers.find((one) => asksForChange(one)) ?? offers.at(-1);
  if (offer) return asksForChange(offer) ? "do it" : offer;
  const questions = end.match(/[^.!?\n]+\?/g) ?? [];
  if (questions.some(mayOffer)) return "do it";
  if (kind === "heard" && questions.length === 0) return task;
  return asked.findLast((before) => !goesOn(before)) ?? task;
}

/** A question with a verb of change in it, or in a script whose verbs are not known. */
function mayOffer(question: string): boolean {
  return /(?!\p{sc=Latin})\p{L}/u.test(question) ||
    CHANGE.stands(question.replace("?", "").trim().split(" "));
}

/** Whether a message is nothing but a "yes" or a "continue" (`on`), or an "ok" that may be neither (`heard`). */
function goesOn(task: string): "on" | "heard" | undefined {
  if (task.length > 60) return undefined;
  let words = readProse(task).replace(/[.!?,;:\n]+/g, " ").trim().split(" ").filter(Boolean);
  let kind: "on" | "heard" | undefined;
  while (words.length > 0) {
    const on = GO_ON.leads(words);
    const heard = HEARD.leads(words);
    const polite = kind ? POLITE.leads(words) : 0;
    if (on + heard + polite === 0) return undefined;
    if (on > 0) kind = "on";
    else if (heard > 0) kind ??= "heard";
    words = words.slice(Math.max(on, heard, polite));
  }
  return kind;
}
