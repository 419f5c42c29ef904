/** Prose -> clauses, each with what its speaker does: asks, wants something looked at or run, wants a change, or only talks. */

import { CHANGE, CHANGING, FILLER, LOOK, NEGATED, POLITE, QUESTION, TALK } from "./mood_words.ts";
import type { Phrases } from "./phrases.ts";

export type Mood = "question" | "look" | "change" | "talk";

export interface Clause {
  /** Folded, without fillers and polite openings. */
  readonly text: string;
  readonly mood: Mood;
  /** A verb of change stands in it: not only taken for a request in doubt. */
  readonly isExplicit: boolean;
  /** The speaker says what he himself wants to do. */
  readonly isWish: boolean;
  /** "Just tell me …": nothing but words is wanted. */
  readonly isOnlyTold: boolean;
}

/** Opens like a question; without a question mark it tells what is wrong or what is wanted. */
const STATEMENT_OPENING =
  /^(?:when (?!(?:do|does|did|is|are|was|were|should|will|can|would)\b)|do (?:the|these|those|all)\b|what (?:i|we) (?:want|need)|have (?:the|an?|it|them)\b|which (?:is|are|was) (?:wrong|not|broken|bad|too|incorrect)\b|(?:is|are) (?:broken|wrong|not|missing|too|still|failing)\b|whats (?:missing|wrong|needed|left) is\b|(?:isnt|arent|doesnt|cant|is not|are not|does not|wasnt)\b|(?:cuando|quando|quand|hay|ha|tem|es|esta|estan|ist|hat|haben|muss|darf|should (?!(?:i|we|you|it|this|that|the|they)\b))\b)/;

/** Says after a question what ought to be. */
const MUST = /^(?:(?:it|this|that|they|there) )?(?:must|should|needs?|has to|have to)\b/;

/** A thing that is named by a verb (search, build, test) and said to be wrong. */
const COMPLAINT =
  /^(?:\w+ ){1,3}(?:should|must|shouldnt|doesnt|isnt|fails?|crashes|returns|wont|needs? to|never|still|dont|is (?:broken|wrong|missing|too|not)|are (?:broken|wrong|missing|not|too|red))\b/;
const SUBORDINATE =
  /\b(?:why|what|whether|if|how|when|which|where|that|who|warum|wieso|was|wie|ob|pourquoi|por que)\b/;

/** What is wished for is words. */
const WORDS_WISHED =
  /^(?:(?:an?|the|some|your|einen?|eine|un|une|um|uma) )?(?:\w+ ){0,3}(?:plan|roadmap|overview|summary|explanation|outline|strategy|proposal|breakdown|advice|opinion|uberblick|erklarung|explication|resume|apercu|resumen|explicacion|resumo|explicacao|plano)\b(?! (?:page|view|tab|column|field|table|button|box|section|endpoint|component|screen))/;

/** A verb whose object is a plan. */
const PLAN_OBJECT =
  /^\w+ (?:me |mir |moi |uns |nous |nos )?(?:an?|the|um|uma|une?|una|einen?|eine) (?:\w+ ){0,2}(?:plan|plano|roadmap|roteiro|strategy|strategie|estrategia|konzept|fahrplan|feuille de route)\b(?! (?:page|view|tab|column|field|table|button|box|section|endpoint|component|screen))/;

const WISH =
  /^(?:(?:i|we|im|were) (?:want|need|would like|d like|plan|planning|intend|have|are going|am going|going|thinking (?:of|about))|id like|wed like|ich (?:will|mochte)|wir (?:wollen|mochten|mussen)|je (?:veux|voudrais)|nous voulons|on veut|(?:quiero|queremos|necesitamos|quero|queremos|precisamos))(?: to)?\b(?! (?:you|that you|que tu|que voce|que|dass))/;

const ONLY_TOLD =
  /^(?:(?:please|and|so|but) )?(?:just|only) (?:tell|show|explain|answer|report|say)(?: (?:me|us|it))?(?: (?:the|why|what|whats|how|which|where|if|whether|about)(?: .*)?)?$/;

/** What is shown, listed or explained is to stand somewhere in the program or its files. */
const INTO_PLACE =
  /^(?:show|list|display|print|view|count|search|explain|describe|summari[sz]e|tell)\b.*\b(?:(?:on|in|at|below|above|next to|under) (?:the |a |an |my |our )?(?:\w+ )?(?:page|dashboard|header|footer|sidebar|navbar|modal|dialog|cart|screen|homepage|menu|form|tooltip|toolbar|title bar|tab|panel|popup|ui|docstrings?|comments?)|(?:to|into) (?:a |an |the )?(?:FILE|file|readme|docs))\b/;

const PROGRAMMED = new RegExp([
  "\\b(?:instead of|rather than|statt|anstatt|au lieu d|en lugar de|en vez de|em vez de|ao inves)\\b",
  "\\bbefore (?!coding|starting|implementing|writing|changing|doing|merging|committing|touching)\\w+ing\\b|\\bbevor\\b|\\bvor dem \\w+n\\b|\\bavant d|\\bantes de \\w+r\\b",
  "^(?:show|display|tell|give|zeige?|affiche[rz]?|muestra|mostre|mostra|gib) (?:an?|une?|eine[nr]?|una|uma?) (?:\\w+ ){0,2}(?:message|fehlermeldung|mensaje|mensagem|warning|warnung|error|alert|spinner|button|toast|badge|icon|hint|tooltip|notification|dialog|popup|placeholder|link|progress|hinweis|aviso)\\b",
  "^(?:tell|ask|show|notify|warn|give|let) (?:the |all |our )?(?:users?|admins?|customers?|caller|players?)\\b",
  "^(?:list|show|display|search|count) only\\b",
  "^(?:read|load|lies|lese|lis|lire|lee|leer|leia|ler) .*\\b(?:from|aus|depuis|desde|de) (?:an? |einer? |einem |une? |uma? |the )?(?:yaml|json|toml|csv|env\\w*|file|datei|fichier|archivo|arquivo|stdin|argv)\\b",
  "^\\w+ (?:auch|also|aussi|tambien|tambem)\\b|\\btoo$",
  "\\b(?:every|each) (?:night|hour|day|minute|week|second|time|\\d+)\\b",
  "^(?:describe|document|summari[sz]e|explain) .* in the (?:readme|docs|wiki|FILE)$\\b",
].join("|"));
const IN_CASE =
  /\b(?:when|whenever|once|after|erst|sobald|wenn|falls|if|si|se|cuando|quando|quand|lorsque) (?:\w+ ){0,2}(?:users?|field|feld|champ|campo|input|button|upload|game|timer|form|click|klick|nothing|empty|leer|vide|vacio|vazio|fails|ends|begins|unique|unico)\b/;
const ASKS_WHAT =
  /\b(?:what|why|how|where|which|was|warum|wie|wo|ce que|comment|pourquoi|que pasa|por que|como|o que|me|mir|moi|us|tests?|code|FILE|NAME)\b/;

/** A wish in one noun phrase, without a verb. */
const BARE_WISH =
  /^(?:an? |the )?(?:\w+ ){0,3}(?:plan|roadmap|overview|summary|explanation|outline|breakdown)(?: (?:for|of|on|how|please)\b.*)?$/;

/** Questions in form, requests in sense. */
const SUGGESTION =
  /^(?:why (?:dont|not)|why cant|why couldnt|how about|what about|what if|pourquoi ne pas|por que no|warum nicht)\b/;

/** What a speaker says of the situation, unless it tells of a fault. */
const CONTEXT =
  /^(?:assume|imagine|suppose|(?:im|i am|were|we are) (?:using|on|working|running|learning|new|trying to understand|wondering|a |coming)|(?:i|we) (?:use|have|work|heard|read|learned|inherited|just (?:cloned|joined|started))|for context|context|background|ich (?:nutze|verwende|habe|bin)|wir (?:nutzen|verwenden|haben)|j utilise|nous utilisons|on utilise|uso|usamos|estou usando|estoy usando)\b/;
const FAULT =
  /\b(?:bugs?|errors?|fail\w*|crash\w*|wrong|broken|issues?|problems?|dont|doesnt|not|isnt|cant|wont|missing|slow|should|must|stuck|leak\w*|TRACE|fehler|falsch|kaputt|nicht|probleme?|erreurs?|marche pas|ne|falla|fallo|roto|no|nao|falta|mas|erro|quebrad\w*)\b/;

/** "Never log the password" is about the program, "don't change anything" about the work. */
const FORBIDS =
  /^(?:please )?(?:dont|do not|never) (?:add|write|create|delete|remove|log|store|save|send|print|use|allow|show)\b/;
const FORBIDS_CHANGE =
  /\b(?:anything|any|code|it|nothing|yet|files?|now|this|something|stuff|changes?|one|them)\b|^(?:please )?(?:dont|do not|never) \w+$/;

/** After a question: what is to be done about it. */
const AND_FIX =
  /^(?:fix|repair|solve|mend|resolve|correct|behebe|fixe|repariere|corrige|arregla|corrija|conserte|repare)\b/;

/** How something is mended, of one's own project: asked of an agent, it is a request. */
const HOW_TO_MEND =
  /^(?:how (?:do|can|could|would|should) (?:i|we|you)|how to|wie (?:kann|konnte) (?:ich|man)|wie behebe ich|comment (?:puis je )?|como (?:puedo|posso|se)) ?(?:fix|solve|resolve|get rid of|repair|das|diesen?|corriger|reparer|resoudre|arreglar|arreglo|solucionar|resolver|corrigir|consertar|beheben) (?:this|that|it|the|these|my|FILE|NAME|TRACE|\S* ?(?:beheben|losen)|le|la|ce|cette|este|esta|esto|el|isso|o|a)\b/;

/** Reads a folded text clause by clause; a part without a verb of its own goes on as the part before. */
export function readClauses(prose: string): readonly Clause[] {
  const clauses: Clause[] = [];
  for (const sentence of prose.match(/[^.!?;\n]+[.!?;\n]*/g) ?? []) {
    const isAsked = /\?/.test(sentence);
    let before: Mood | undefined;
    for (const part of splitSentence(sentence)) {
      const clause = readClause(part, isAsked, before);
      if (!clause) continue;
      clauses.push(clause);
      before = clause.mood;
    }
  }
  return clauses;
}

function splitSentence(sentence: string): readonly string[] {
  return sentence.replace(/[.!?;\n]+/g, " ").split(
    /[,:]| (?:and then|and|then|but|so that|und dann|und|dann|aber|et|puis|y|luego|pero|e|depois) /,
  );
}

function readClause(part: string, isAsked: boolean, before: Mood | undefined): Clause | undefined {
  const bare = strip(part.trim(), FILLER);
  const text = strip(stripOne(bare, POLITE), FILLER);
  if (!/[\p{L}\p{N}]/u.test(text)) return undefined;
  const unmarked = text.replace(/^(?:(?:URL|FILE|TRACE|CODE|QUOTE) ?)+/, "");
  const isPolite = text !== bare && leads(POLITE, bare);
  const clause = (mood: Mood, isExplicit = false): Clause => ({
    text,
    mood,
    isExplicit,
    isWish: WISH.test(bare),
    isOnlyTold: mood === "look" && ONLY_TOLD.test(part.trim()),
  });
  if (FORBIDS.test(bare) && !FORBIDS_CHANGE.test(bare)) return clause("change");
  // "It should round instead of cutting off" says what the program is to do.
  const isContrast = COMPLAINT.test(text) && /\b(?:instead of|rather than)\b/.test(text);
  if (stands(NEGATED, bare) && !isContrast && !/\b(?:else|other|anything but)\b/.test(bare)) {
    return leadsChange(text) && !leads(LOOK, text) &&
        !/^(?:dont|do not|no|never|without)\b|\b(?:nothing|nichts|keinen?|rien|pas|nada)\b/.test(bare)
      ? clause("change", true)
      : clause("look");
  }
  if (/^(?:TRACE|CODE|QUOTE|URL|FILE|NAME|COMMAND| )+$/.test(text)) {
    return clause(/COMMAND/.test(text) ? "look" : before ?? "talk");
  }
  if (!isPolite && !leads(QUESTION, text) && COMPLAINT.test(text) && !SUBORDINATE.test(text)) {
    return clause("change", leadsChange(text));
  }
  if (isAsked && /^(?:can|could) (?:the|this|that|it|we) (?:\w+ ){1,2}(?:be|have|include)\b/.test(bare)) {
    return clause("change");
  }
  if (
    !isAsked && (before === "question" || before === "look") && !leads(QUESTION, text) && MUST.test(text)
  ) return clause("change");
  if (!isAsked && STATEMENT_OPENING.test(bare)) return clause("change");
  if (isGreeting(part.trim(), text)) return clause("talk");
  if (!isPolite && (leads(TALK, text) || CONTEXT.test(text) && !FAULT.test(text))) return clause("talk");
  if (leads(LOOK, text) && (INTO_PLACE.test(text) || isProgrammed(text))) return clause("change", true);
  if (SUGGESTION.test(bare)) return clause("change", stands(CHANGE, bare));
  if (HOW_TO_MEND.test(bare)) return clause("change", true);
  if (
    leads(LOOK, text) || leads(LOOK, unmarked) || isVerbLast(text) ||
    BARE_WISH.test(text) && !leadsChange(text) ||
    PLAN_OBJECT.test(text) && !leadsChange(text)
  ) {
    return clause("look");
  }
  if (
    (leadsChange(text) || leadsChange(unmarked)) &&
    (!isAsked || isPolite || before !== "question" || AND_FIX.test(text))
  ) {
    return clause("change", true);
  }
  if (isPolite && (isExplained(text) || WORDS_WISHED.test(text))) return clause("look");
  if (isPolite) return clause("change", stands(CHANGE, text));
  if (leads(QUESTION, text)) return clause("question");
  if (isAsked) return clause(before === "look" ? "look" : "question");
  if (before && (before !== "talk" || isAside(text))) return clause(before);
  return clause("change", stands(CHANGE, text));
}

/** Verbs of looking that tell what the program is to do: where to read from, what to show to whom, in which case. */
function isProgrammed(text: string): boolean {
  return PROGRAMMED.test(text) || IN_CASE.test(text) && !ASKS_WHAT.test(text);
}

/** What goes on with thanks: "you helped me a lot", "that was it". */
function isAside(text: string): boolean {
  return /^(?:you|u|it|that|thats|works|worked|funciona|funcionou|funktioniert|marche|this|everything|all|i|we|du|das|es|tu|c|eso|todo|isso|tudo|very|really|much|so)\b/
    .test(text) && !FAULT.test(text);
}

/** A short part that opens with a greeting or thanks and wants nothing. */
function isGreeting(part: string, text: string): boolean {
  return leads(TALK, part) && part.split(" ").length <= 4 && !leadsChange(text) && !leads(LOOK, text) &&
    !leads(QUESTION, text) && !FAULT.test(text);
}

/** Verb-last languages: "mir die Funktion erklären", "das Projekt starten". */
const LAST_VERB =
  /\b(?:erklaren|erklart|zeigen|zeigst|beschreiben|sagen|zusammenfassen|lesen|suchen|finden|prufen|ausfuhren|starten|testen|laufen lassen|installieren|planen|nachschauen|anschauen|ansehen|auflisten|recherchieren|wissen|verstehen|nachsehen|herunterladen)\b/;

function isExplained(text: string): boolean {
  return LAST_VERB.test(text) && !stands(CHANGE, text);
}

function isVerbLast(text: string): boolean {
  return isExplained(text) && /[a-z]{5,}(?:en|st|rt)$/.test(text) &&
    new RegExp(`${LAST_VERB.source}$`).test(text);
}

function wordsOf(text: string): readonly string[] {
  return text.split(" ").filter((word) => word !== "");
}

function leads(table: Phrases, text: string): boolean {
  return table.leads(wordsOf(text)) > 0;
}

function stands(table: Phrases, text: string): boolean {
  return table.stands(wordsOf(text));
}

function leadsChange(text: string): boolean {
  const words = wordsOf(text);
  const verb = words[0] === "re" ? words.slice(1) : words;
  return CHANGE.leads(verb) > 0 || CHANGING.leads(verb) > 0;
}

/** Without the phrase at its beginning, unless that is all of it. */
function stripOne(text: string, table: Phrases): string {
  const words = wordsOf(text);
  return words.slice(table.leads(words)).join(" ") || text;
}

/** Without all the phrases at its beginning, unless they are all of it. */
function strip(text: string, table: Phrases): string {
  let words = wordsOf(text);
  for (let n = table.leads(words); n > 0; n = table.leads(words)) words = words.slice(n);
  return words.join(" ") || text;
}
